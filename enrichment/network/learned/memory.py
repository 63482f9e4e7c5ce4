"""Holds the learned map in memory, and judges anew only where the evidence changed (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_network

from enrichment.network.addresses import Address
from enrichment.network.learned.observation import Observation, area_of, host_of
from enrichment.network.learned.rule import MAPPED, Around, Corrected, Line, judge_area

_Area = tuple[int, int]
"""IP version, and the area's number."""

_NOTICED = 0.02
"""A strength that changed by less is no other answer."""


class LearnedMemory:
    """The evidence by area, and what the rule says of it."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._evidence: dict[_Area, dict[str, Observation]] = defaultdict(dict)
        self._lines: dict[_Area, tuple[Line, ...]] = {}
        self._networks: dict[_Area, tuple[Line, ...]] = {}
        self._mapped: dict[_Area, dict[str, Line]] = {}

    def __len__(self) -> int:
        """How many pieces of evidence are held."""
        return sum(map(len, self._evidence.values()))

    def replace(self, found: Iterable[Observation], now: datetime, around: Around, corrected: Corrected) -> bool:
        """Hold just this evidence; True when an answer changed."""
        touched = set(self._evidence)
        self._evidence = defaultdict(dict)
        return self._judge(touched | self._put(found), now, around, corrected)

    def change(
        self, new: Iterable[Observation], oldest: datetime | None, now: datetime, around: Around, corrected: Corrected
    ) -> bool:
        """Hold this evidence too, let go of what is older than `oldest`; True when an answer changed."""
        touched = self._put(new)
        for area, found in self._evidence.items() if oldest else ():
            if gone := [key for key, one in found.items() if oldest and one.at < oldest]:
                touched.add(area)
                for key in gone:
                    del found[key]
        return self._judge(touched, now, around, corrected)

    def judge_again(self, now: datetime, around: Around, corrected: Corrected) -> bool:
        """Judge all areas as of `now`; True when an answer changed."""
        return self._judge(set(self._evidence), now, around, corrected)

    def find(self, address: Address) -> Line | None:
        """Return what is mapped for an address: its own line, else the network around it."""
        area = _number(address)
        own = self._mapped.get(area)
        if own is None:
            return None
        if (line := own.get(host_of(self._secret, address))) is not None:
            return line
        networks = self._networks.get(area, ())
        return next((line for line in networks if address in ip_network(line.block)), None)

    def lines(self) -> Iterator[Line]:
        """Yield the word on every line and network, shared ones and those with too little evidence too."""
        for area in sorted(self._lines):
            yield from self._networks.get(area, ())
            yield from self._lines[area]

    def _put(self, found: Iterable[Observation]) -> set[_Area]:
        touched = set()
        for one in found:
            area = _area_of_block(one.block)
            self._evidence[area][one.id] = one
            touched.add(area)
        return touched

    def _judge(self, areas: Iterable[_Area], now: datetime, around: Around, corrected: Corrected) -> bool:
        changed = False
        for area in areas:
            before = (self._mapped.get(area, {}), self._networks.get(area, ()))
            lines, networks = judge_area(self._evidence.get(area, {}).values(), now, around, corrected)
            mapped = {line.host: line for line in lines if line.status in MAPPED}
            if not self._evidence.get(area):
                self._evidence.pop(area, None)
                self._lines.pop(area, None)
            else:
                self._lines[area] = lines
            self._networks[area] = networks
            self._mapped[area] = mapped
            if not mapped:
                del self._networks[area], self._mapped[area]
            changed |= _differs(before, (mapped, networks))
        return changed


@lru_cache(maxsize=20_000)
def _area_of_block(block: str) -> _Area:
    return _number(ip_network(block).network_address)


def _number(address: Address) -> _Area:
    area = area_of(address)
    return area.version, int(area.network_address)


def _differs(before: tuple[dict[str, Line], tuple[Line, ...]], after: tuple[dict[str, Line], tuple[Line, ...]]) -> bool:
    """Whether answers to visitors change: other lines, other accounts, or another strength."""
    old, new = before[0] | {line.block: line for line in before[1]}, after[0] | {line.block: line for line in after[1]}
    return old.keys() != new.keys() or any(
        line.accounts != new[key].accounts or abs(line.strength - new[key].strength) > _NOTICED
        for key, line in old.items()
    )
