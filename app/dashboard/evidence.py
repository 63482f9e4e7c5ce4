"""What each source said of a visit's network, in words for the card "Why we believe it" (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.dashboard.queries_rows import NAMELESS_DROPS
from enrichment.network.addresses import addresses_in

_NAMES: Mapping[str, str] = {
    "declared": "Set down by you",
    "corrected": "Said by a person",
    "learned": "Learned from sign-ins and clicks",
    "discovered": "Found in the registries in advance",
    "rdns": "The address's own host name",
    "clue": "The visitor",
}
_REGISTRIES: Mapping[str, str] = {
    "ripencc": "RIPE NCC",
    "ripe": "RIPE NCC",
    "arin": "ARIN",
    "apnic": "APNIC",
    "lacnic": "LACNIC",
    "afrinic": "AFRINIC",
    "jpnic": "JPNIC",
    "krnic": "KRNIC",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What one source stated about the address."""

    source: str
    """Its name, such as `rdap:ripencc`."""
    label: str
    """The same in words."""
    prefix: str
    organisation: str
    domain: str
    text: str
    """Its own sentence, where it gives one."""
    size: int | None
    """How many addresses the network holds; None for IPv6 and where it isn't known."""
    at: datetime | None
    """When the source learned it."""
    speaks: str
    """`for` the account, `against` it, or empty."""
    accounts: tuple[str, ...] = ()
    """The ids of the accounts that it names itself, as a declared network does."""


def sources(evidence: object, drop: str | None = None) -> tuple[Source, ...]:
    """Return what each source stated, as it was kept with the judgement; nothing of what could name a person."""
    if not isinstance(evidence, list | tuple) or drop in NAMELESS_DROPS:
        return ()
    return tuple(_source(item) for item in evidence if isinstance(item, Mapping))


def _source(item: Mapping[str, object]) -> Source:
    name, prefix = str(item.get("source") or ""), str(item.get("prefix") or "")
    at = item.get("at")
    size = addresses_in(prefix) if prefix and ":" not in prefix else None
    return Source(
        source=name,
        label=label(name),
        prefix=prefix,
        organisation=str(item.get("organisation") or ""),
        domain=str(item.get("domain") or ""),
        text=str(item.get("text") or ""),
        size=size,
        at=datetime.fromisoformat(at) if isinstance(at, str) else None,
        speaks=str(item.get("speaks", "for") or ""),
        accounts=tuple(str(each) for each in named) if isinstance(named := item.get("accounts"), list) else (),
    )


def label(name: str) -> str:
    """Return a source's name in words: `Registry RIPE NCC`."""
    room, _, rest = name.partition(":")
    if room == "rdap":
        return f"Registry {_REGISTRIES.get(rest, rest.upper())}".strip()
    if room == "mmdb":
        return f"Network database {rest}".strip()
    return _NAMES.get(room, name)
