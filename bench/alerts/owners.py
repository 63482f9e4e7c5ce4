"""Reads the labelled range owners, and says which of them name a company clearly enough to be a customer."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.alerts.spelling import tidy, without_form, words_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ORGANISED = ("business", "education", "government")
_EMPTY_WORDS = frozenset(
    ("THE", "OF", "AND", "FOR", "DE", "STATIC", "IP", "CUSTOMER", "CLIENT", "NETWORK", "INTERNET", "ENTERPRISE")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A range of addresses and whoever is registered for it."""

    first: str
    last: str
    registered: str
    name: str
    """The registered name without codes."""
    domain: str
    kind: str
    asn: int | None
    as_name: str
    as_domain: str
    country: str

    @property
    def half(self) -> int:
        return half(self.registered)


def half(name: str) -> int:
    """Return 0 (for fitting) or 1 (for reporting): the same split as in bench/network_kinds.py."""
    return hashlib.sha1(name.strip().lower().encode()).digest()[0] & 1


def owners() -> list[Owner]:
    """Read all labelled ranges."""
    with (DATA / "network" / "ip_range_owner_train.csv").open(encoding="utf-8", newline="") as file:
        return [
            Owner(
                first=row["start_ip"],
                last=row["end_ip"],
                registered=row["registered_name"],
                name=tidy(row["registered_name"]),
                domain=row["domain"],
                kind=row["network_type"],
                asn=int(row["asn"]) if row["asn"] else None,
                as_name=row["as_name"],
                as_domain=row["as_domain"],
                country=row["country"],
            )
            for row in csv.DictReader(file)
        ]


def names_a_company(owner: Owner) -> bool:
    """Say whether the label can be trusted to name the range's user.

    Then it has a domain of its own, and its name tells of the same company or has a legal form.

    A hand check found one label in six wrong, so the rest is left out. The rule is the bench's own; the product's
    judgement of names has no part in it.
    """
    if owner.kind not in ORGANISED or not owner.domain or owner.domain == owner.as_domain:
        return False
    if len(words_of(owner.name)) > 1 and without_form(owner.name) != owner.name.replace(",", " ").strip():
        return True
    brand = "".join(words_of(owner.domain.partition(".")[0]))
    parts = [word for word in words_of(without_form(owner.name)) if word not in _EMPTY_WORDS]
    if len(brand) < 3 or not parts:
        return False
    joined = "".join(parts)
    initials = "".join(word[0] for word in parts)
    return (
        joined.startswith(brand)
        or brand.startswith(joined)
        or (len(parts) > 2 and brand == initials)
        or (len(parts[0]) > 3 and brand.startswith(parts[0]))
    )


def distinct(rows: Sequence[Owner]) -> list[Owner]:
    """Return one range for each name and each domain."""
    seen: set[str] = set()
    kept = []
    for row in rows:
        keys = {row.domain.lower(), " ".join(words_of(without_form(row.name)))}
        if not keys & seen:
            kept.append(row)
        seen |= keys
    return kept
