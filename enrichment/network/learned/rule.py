"""START HERE: when several pieces of evidence make a mapping of an address to an account, and how sure it is (pure).

The rule in plain words, for one line (an address, or a /64 for IPv6) and the evidence of the last 90 days:

1. The same person on the same day is one event. At least 3 events are needed: so there are two people or two days.
2. Two accounts on one line: it is shared (a café, a coworking floor, a carrier's NAT), and never mapped.
3. A /24 (IPv6: /48) is the pool of a NAT or proxy, and never mapped, where the same people of two accounts are seen on
   several of its lines, or where two lines and at least 3 in 10 (of those with two pieces of evidence) are shared.
4. Mobile networks, hosters, VPNs and content networks are shared by what they are: never mapped.
5. On a line of an internet provider with fewer than 3 people somebody is probably at home: mapped for 30 days after
   the last evidence, and never sure enough for an alert.
6. Every event counts half after 30 days. With `w` such counts together, the strength is `w / (w + 0.4)` of what the
   kind of line allows: 0.95 for a business's, 0.9 where the kind is unknown, 0.85 for an office on a provider's line,
   0.6 at home. Not sure enough for an alert, at most 0.75, are a line of unknown kind with fewer than 3 people, which
   may be a home too, and one known by forms alone: what somebody types was never proved.
7. A registry that names another customer halves the strength; one that names this account halves the doubt.
8. Three mapped lines of one account in one /24 (/48), no other account ever seen there, no provider's network: the
   smallest network around them is the account's too, at 0.85 of the weakest of the three strongest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_network

from core.domain import AccountId, NetworkKind
from enrichment.network.addresses import Prefix
from enrichment.network.learned.observation import Observation

ENOUGH = 3
KEPT = timedelta(days=90)
HALF_LIFE = timedelta(days=30)
HALF_SURE = 0.4
HOME_LIVES = timedelta(days=30)
OFFICE_PEOPLE = 3
"""So many people of one account on a provider's line are an office."""
SHARED_OF_POOL = 0.3
LINES_OF_A_NETWORK = 3
NEIGHBOURS_SHARE = 0.85

_CAPS = {"business": 0.95, "unknown": 0.9, "office": 0.85, "home": 0.6, "doubtful": 0.75}
_SHARED_KINDS = (NetworkKind.MOBILE, NetworkKind.HOSTING, NetworkKind.VPN, NetworkKind.CONTENT)


class Status(StrEnum):
    """What the rule says of a line."""

    MAPPED = "mapped"
    HOME = "home"
    SHARED = "shared"
    SHARED_KIND = "shared_kind"
    POOL = "pool"
    TOO_LITTLE = "too_little"
    STALE = "stale"
    CORRECTED = "corrected"


MAPPED = (Status.MAPPED, Status.HOME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the other sources say of the block around a line."""

    kind: NetworkKind = NetworkKind.UNKNOWN
    organisation: str | None = None
    agrees: bool | None = None
    """Whether the organisation that uses the block is the account, or another one; None where it is no account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The rule's word on one line, or (without a host) on a network between mapped lines."""

    host: str
    block: str
    """Its block; of a network, the network."""
    status: Status
    accounts: tuple[AccountId, ...]
    strength: float
    kind: NetworkKind
    events: int
    people: int
    days: int
    first_at: datetime
    last_at: datetime
    by_kind: tuple[tuple[str, int], ...]
    """How many events of each kind, most frequent first."""
    why: str
    """Why it isn't mapped, or what speaks against it; empty otherwise."""


Around = Callable[[str, AccountId], Surroundings]
"""A block and an account → what other sources say."""

Corrected = Callable[[str], Collection[AccountId]]
"""A block → the accounts that people said it is not."""


def judge_area(
    found: Iterable[Observation], now: datetime, around: Around, corrected: Corrected
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the word on each line of one area (/24, or /48), and on networks between lines that agree."""
    by_host: dict[str, list[Observation]] = defaultdict(list)
    for one in found:
        if now - KEPT < one.at <= now + timedelta(days=1):
            by_host[one.host].append(one)
    pooled = _is_pool(by_host)
    lines = tuple(_line(host, seen, now, around, corrected, pooled) for host, seen in sorted(by_host.items()))
    return lines, _networks(lines)


def _line(
    host: str, seen: Sequence[Observation], now: datetime, around: Around, corrected: Corrected, pooled: bool
) -> Line:
    events = independent(seen)
    accounts = tuple(sorted({one.account for one in seen}))
    people = _people(seen)
    line = Line(
        host=host,
        block=seen[0].block,
        status=Status.TOO_LITTLE,
        accounts=accounts,
        strength=0.0,
        kind=NetworkKind.UNKNOWN,
        events=len(events),
        people=people,
        days=len({one.at.date() for one in seen}),
        first_at=min(one.at for one in seen),
        last_at=max(one.at for one in seen),
        by_kind=tuple(Counter(one.kind for one in events).most_common()),
        why=f"{len(events)} of {ENOUGH} events that are needed",
    )
    if len(accounts) > 1:
        return replace(line, status=Status.SHARED, why=f"{len(accounts)} accounts were seen here")
    if accounts[0] in corrected(line.block):
        return replace(line, status=Status.CORRECTED, why="somebody said that it isn't this account's network")
    if pooled:
        return replace(line, status=Status.POOL, why="several accounts wander over this network's addresses")
    if len(events) < ENOUGH:
        return line
    near = around(line.block, accounts[0])
    line = replace(line, kind=near.kind, why="")
    if near.kind in _SHARED_KINDS:
        return replace(line, status=Status.SHARED_KIND, why=f"many share a network of the kind {near.kind}")
    is_home = near.kind is NetworkKind.ISP and people < OFFICE_PEOPLE
    if is_home and now - line.last_at > HOME_LIVES:
        return replace(line, status=Status.STALE, why="a home line without evidence for a month")
    cap = _CAPS[_use(near.kind, is_home, people, events)]
    strength = _strength(events, now, cap)
    why = "probably somebody's home" if is_home else ""
    if near.agrees is False:
        strength, why = strength / 2, f"the registry names {near.organisation or 'another company'}"
    elif near.agrees:
        strength = 1 - (1 - strength) / 2
    if cap <= _CAPS["doubtful"]:
        strength = min(strength, cap)
    return replace(line, status=Status.HOME if is_home else Status.MAPPED, strength=round(strength, 3), why=why)


def independent(seen: Iterable[Observation]) -> tuple[Observation, ...]:
    """Return one piece of evidence for each person and day, the latest of the most telling kind."""
    best: dict[tuple[str, object], Observation] = {}
    for one in sorted(seen, key=lambda item: (item.kind, item.at)):
        best[one.person, one.at.date()] = one
    return tuple(sorted(best.values(), key=lambda one: (one.at, one.id)))


def _people(seen: Sequence[Observation]) -> int:
    """How many people at least. A visitor without a name is another one every day, so days can't be added up."""
    users = {one.person for one in seen if one.person.startswith("u")}
    of_day: dict[object, set[str]] = defaultdict(set)
    for one in seen:
        if not one.person.startswith("u"):
            of_day[one.at.date()].add(one.person)
    return max(len(users), max((len(persons) for persons in of_day.values()), default=0))


def _strength(events: Sequence[Observation], now: datetime, cap: float) -> float:
    weight: float = sum(0.5 ** (max(now - one.at, timedelta(0)) / HALF_LIFE) for one in events)
    return cap * weight / (weight + HALF_SURE)


def _use(kind: NetworkKind, is_home: bool, people: int, events: Sequence[Observation]) -> str:
    if is_home:
        return "home"
    if all(one.kind == "form" for one in events) or (kind is NetworkKind.UNKNOWN and people < OFFICE_PEOPLE):
        return "doubtful"
    if kind is NetworkKind.ISP:
        return "office"
    return "unknown" if kind is NetworkKind.UNKNOWN else "business"


def _is_pool(by_host: Mapping[str, Sequence[Observation]]) -> bool:
    """Whether the area's lines belong together, and to many: people wander over them, or too many are shared."""
    some = [seen for seen in by_host.values() if len(seen) > 1]
    shared = sum(len({one.account for one in seen}) > 1 for seen in some)
    if shared > 1 and shared >= SHARED_OF_POOL * len(some):
        return True
    hosts: dict[tuple[AccountId, str], set[str]] = defaultdict(set)
    for host, seen in by_host.items():
        for one in seen:
            if one.person.startswith("u"):
                hosts[one.account, one.person].add(host)
    return len({account for (account, _), found in hosts.items() if len(found) > 1}) > 1


def _networks(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The network around the mapped lines of an area, where several agree and nobody else was ever seen."""
    everybody = {account for line in lines for account in line.accounts}
    mapped = [line for line in lines if line.status is Status.MAPPED]
    if len(everybody) != 1 or len(mapped) < LINES_OF_A_NETWORK or len(mapped) < len(lines) / 2:
        return ()
    if any(line.kind is NetworkKind.ISP or line.status is Status.CORRECTED for line in lines):
        return ()
    strongest = sorted(mapped, key=lambda line: -line.strength)[:LINES_OF_A_NETWORK]
    counts: Counter[str] = Counter()
    for line in mapped:
        counts.update(dict(line.by_kind))
    return (
        replace(
            strongest[-1],
            host="",
            block=str(_around(ip_network(line.block) for line in mapped)),
            strength=round(strongest[-1].strength * NEIGHBOURS_SHARE, 3),
            events=sum(line.events for line in mapped),
            people=max(line.people for line in mapped),
            days=max(line.days for line in mapped),
            first_at=min(line.first_at for line in mapped),
            last_at=max(line.last_at for line in mapped),
            by_kind=tuple(counts.most_common()),
            why=f"{len(mapped)} addresses of it agree",
        ),
    )


def _around(blocks: Iterable[Prefix]) -> Prefix:
    """The smallest network that holds all blocks."""
    found = list(blocks)
    whole = found[0]
    while not all(block.subnet_of(whole) for block in found):  # type: ignore[arg-type]
        whole = whole.supernet()
    return whole
