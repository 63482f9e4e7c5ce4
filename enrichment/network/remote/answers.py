"""Reads a registry's record: the range, the organisation that uses it, and never a person (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, summarize_address_range

from enrichment.network.addresses import Address, Prefix, parse_address
from enrichment.network.owners import cleaned, fits, is_placeholder, is_private, looks_like_person

_MOST_TEXT = 1_500
_MOST_LINES = 30
_PERSONS_RANGE = 16
"""Addresses: in a range of at most this many, a name that reads as a person's is taken for one."""
_WIDEST = {4: 8, 6: 12}
"""Prefix lengths: what is wider is a block of IANA's, not a network."""
_MAINTAINER = re.compile(r"(^MNT-|-MNT(-|$)|^MAINT-|-MAINT$)", re.IGNORECASE)
_HANDLE = re.compile(
    r"^(ORG|IRT|NET|AS|PERSON|ROLE)-[\w-]+$|^[\w]+-(RIPE|AP|AFRINIC|ARIN|LACNIC|NICAT)$", re.IGNORECASE
)
_CONTACT = re.compile(r"@|https?://|\bwhois\b|\btel\b|\bphone\b|\bfax\b|\babuse\b|\+\d{2}|[*=#-]{5,}", re.IGNORECASE)
_REGISTRY = re.compile(
    r"^(Japan Network Information Cent|Korea (Network Information|Internet)|(Asia Pacific|RIPE|African) Network"
    r"|American Registry for Internet|Latin American and Caribbean IP|Internet Assigned Numbers)",
    re.IGNORECASE,
)
_NATIONAL = (("jpnic", re.compile(r"-JPNIC-|Japan Network Information Center|whois\.nic\.ad\.jp", re.IGNORECASE)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody whom a record names."""

    handle: str
    name: str
    kind: str
    """`org`, `group`, `individual` or empty."""
    roles: tuple[str, ...]
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Lines of a record, with their title; RIPE's descriptions have none."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """What a vendor's reader found in an answer, before anybody judged it."""

    first: str
    last: str
    netname: str = ""
    status: str = ""
    country: str = ""
    remarks: tuple[Remark, ...] = ()
    parties: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAnswer:
    """What a registry says of a range, as it may be kept: no person, no contact."""

    registry: str
    first: str
    last: str
    organisation: str | None = None
    """Whoever uses the range, in the registry's own spelling."""
    is_person: bool = False
    """The registry names a private person; then nothing that names them is kept."""
    netname: str | None = None
    status: str | None = None
    country: str | None = None
    domain: str | None = None
    """An e-mail domain of the record that fits the organisation's name."""
    text: str = ""
    """The record's lines on network and organisation, as `key: value`."""
    ask_also: str | None = None
    """A national registry that knows who got which part."""

    def prefix_of(self, ip: str) -> str:
        """Return the CIDR of the range that holds the address."""
        address = ip_address(ip)
        for network in self.networks():
            if address.version == network.version and address in network:
                return str(network)
        raise ValueError("the address isn't in the range")

    def networks(self) -> tuple[Prefix, ...]:
        """Return the range as CIDRs."""
        return tuple(_networks(ip_address(self.first), ip_address(self.last)))


class RefusedError(ValueError):
    """The record can't be about the address that was asked for."""


def read_record(record: RawRecord, registry: str, ip: str, registrable: Callable[[str], str | None]) -> RegistryAnswer:
    """Judge the record of a registry about the address `ip`. `registrable` returns a domain's registrable part.

    Raises RefusedError when the range doesn't hold the address, isn't a range, or is IANA's whole block.
    """
    first, last = _range(record, ip)
    size = int(last) - int(first) + 1
    described = tuple(_described(record.remarks))
    organisation, is_person = _user(record, registry, described, size)
    base = RegistryAnswer(
        registry=registry,
        first=str(first),
        last=str(last),
        status=_short(record.status, 60),
        country=_short(record.country, 2) if len(record.country.strip()) == 2 else None,
        ask_also=_national(record, registry, described),
    )
    if is_person:
        return RegistryAnswer(
            registry=registry,
            first=base.first,
            last=base.last,
            is_person=True,
            status=base.status,
            country=base.country,
        )
    return RegistryAnswer(
        registry=registry,
        first=base.first,
        last=base.last,
        organisation=organisation,
        netname=_short(record.netname, 120),
        status=base.status,
        country=base.country,
        domain=_domain(record, organisation, registrable),
        text=_text(record, organisation, described),
        ask_also=base.ask_also,
    )


def _range(record: RawRecord, ip: str) -> tuple[Address, Address]:
    asked = ip_address(ip)
    first, last = (parse_address(text.partition("/")[0].strip()) for text in (record.first, record.last))
    if first is None or last is None or first.version != last.version or int(first) > int(last):
        raise RefusedError("the record has no range of addresses")
    if first.version != asked.version or not int(first) <= int(asked) <= int(last):
        raise RefusedError("the record is about other addresses than asked for")
    if max(network.prefixlen for network in _networks(first, last)) < _WIDEST[first.version]:
        raise RefusedError("the record is about a whole block of IANA's")
    return first, last


def _networks(first: Address, last: Address) -> Iterator[IPv4Network | IPv6Network]:
    yield from summarize_address_range(first, last)


# Who uses it


def _user(record: RawRecord, registry: str, described: Sequence[str], size: int) -> tuple[str | None, bool]:
    """Return (the organisation, whether it is a person). Where a part was assigned, its description comes first."""
    registrants = [party for party in record.parties if "registrant" in party.roles and not _is_maintainer(party)]
    named = [party.name for party in registrants if party.kind != "individual" and _names(party.name)]
    bodies = [party.name for party in record.parties if party.kind == "org" and _names(party.name)]
    lines = [line for line in described if _names(line)]
    allocated = "alloc" in record.status.lower()
    if registry in ("ripencc", "apnic", "jpnic", "krnic") and not allocated:
        candidates = [*lines[:1], *named, *bodies]
    else:
        candidates = [*named, *bodies, *lines[:1]]
    if registry == "lacnic" and _names(record.netname) and " " in record.netname.strip():
        candidates.append(record.netname)  # LACNIC shows the owner's name there
    for name in candidates:
        if is_private(name) or (_fits_a_person(size, record.first) and looks_like_person(cleaned(name))):
            return None, True
        return " ".join(name.split())[:300], False
    return None, any(party.kind == "individual" for party in registrants)


def _fits_a_person(size: int, first: str) -> bool:
    return size <= (_PERSONS_RANGE if ":" not in first else 1 << 80)


def _is_maintainer(party: Party) -> bool:
    return bool(_MAINTAINER.search(party.handle) or _MAINTAINER.search(party.name))


def _names(text: str) -> bool:
    """Say whether a line names somebody: no code, no handle, no stock phrase, no contact."""
    name = cleaned(text)
    if (
        not name
        or _HANDLE.match(text.strip())
        or _MAINTAINER.search(text)
        or _CONTACT.search(text)
        or _REGISTRY.search(text)
    ):
        return False
    return is_private(name) or not is_placeholder(name)


def _described(remarks: Sequence[Remark]) -> Iterator[str]:
    for remark in remarks:
        if remark.title.strip().lower() in ("", "description", "descr"):
            yield from (" ".join(line.split()) for line in remark.lines if line.strip())


# The rest


def _national(record: RawRecord, registry: str, described: Sequence[str]) -> str | None:
    """Return the national registry that gives out parts of this range, where ours shows only the whole."""
    if registry != "apnic":
        return None
    shown = " ".join((record.netname, *described, *(line for remark in record.remarks for line in remark.lines)))
    for name, pattern in _NATIONAL:
        if pattern.search(shown):
            return name
    return "krnic" if record.country.strip().upper() == "KR" and "alloc" in record.status.lower() else None


def _domain(record: RawRecord, organisation: str | None, registrable: Callable[[str], str | None]) -> str | None:
    """Return the first e-mail domain that fits the organisation; most are the carrier's."""
    if organisation is None:
        return None
    for party in record.parties:
        for email in party.emails:
            domain = registrable(email.rpartition("@")[2].strip().lower())
            if domain and fits(domain, cleaned(organisation)):
                return domain
    return None


def _text(record: RawRecord, organisation: str | None, described: Sequence[str]) -> str:
    lines = [("netname", record.netname), ("status", record.status), ("country", record.country)]
    lines += [("descr", line) for line in described if not _CONTACT.search(line)]
    if organisation and organisation not in described:
        lines.insert(1, ("org-name", organisation))
    shown = [f"{key}: {' '.join(value.split())[:200]}" for key, value in lines if value.strip()]
    return "\n".join(shown[:_MOST_LINES])[:_MOST_TEXT].replace("\x00", "")


def _short(text: str, length: int) -> str | None:
    return " ".join(text.replace("\x00", "").split())[:length] or None
