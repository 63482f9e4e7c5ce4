"""What a learned model looks at in a network's names, domains and size (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from enrichment.network import words
from enrichment.network.addresses import addresses_in
from enrichment.network.known import known_networks
from enrichment.network.owners import cleaned, is_placeholder, looks_like_person, same_name

_LISTS = (
    ("vpn", words.VPN),
    ("edu", words.EDUCATION),
    ("gov", words.GOVERNMENT),
    ("content", words.CONTENT),
    ("hosting", words.HOSTING),
    ("carrier", words.CARRIER),
    ("mobile", words.MOBILE),
    ("business", words.BUSINESS),
    ("legal", words.LEGAL_FORM),
)


def of_system(
    *,
    asn: int | None,
    name: str | None,
    handle: str | None,
    domain: str | None,
    country: str | None,
    addresses: int | None,
    prefixes: int | None,
    opinion: str,
) -> tuple[str, ...]:
    """Return the features of an AS and its owner; `opinion` is what words and lists say, `none` if nothing."""
    found = [f"op {opinion}"]
    if name:
        found += _of_name(name, "w")
    if handle:
        found += _of_name(handle, "h")
    if domain:
        found += _of_domain(domain, "d")
        if name and _squeezed(domain.partition(".")[0]) in _squeezed(name):
            found.append("domain in name")
    if country:
        found.append(f"cc {country.upper()}")
    if asn:
        found += (f"asn {asn.bit_length()}", f"named by {known_networks().named_by.get(asn, 'none')}")
    if addresses and prefixes:
        size, count = addresses.bit_length(), prefixes.bit_length()
        found += (
            f"size {size}",
            f"count {count}",
            f"shape {size} {count}",
            f"each {(addresses // prefixes).bit_length()}",
        )
    return tuple(dict.fromkeys(found))


def of_range(
    *,
    owner: str | None,
    domain: str | None,
    span: str | None,
    as_name: str | None,
    as_domain: str | None,
    system: str,
    country: str | None,
) -> tuple[str, ...]:
    """Return the features of a range and whoever the registry names; `system` is the judgement on the AS's owner."""
    found = [f"as {system}"]
    name = cleaned(owner) if owner else ""
    if name:
        found += _of_name(name, "w")
        found.append("placeholder" if is_placeholder(name) else "name")
        if name != " ".join((owner or "").split()):
            found.append("name was cleaned")
        if looks_like_person(name):
            found.append("like a person")
        if as_name and same_name(name, as_name):
            found += ("own as", f"own as {system}")
    if domain:
        found += _of_domain(domain, "d")
        found += _of_fit(domain, name, as_name, as_domain, system)
    else:
        found.append("no domain")
    if span and (size := addresses_in(span)):
        family = "6" if ":" in span else "4"
        found += (f"span {family} {size.bit_length()}", f"span {family} {size.bit_length()} {system}")
    if country:
        found.append(f"cc {country.upper()}")
    return tuple(dict.fromkeys(found))


def _of_fit(domain: str, name: str, as_name: str | None, as_domain: str | None, system: str) -> Iterator[str]:
    """How the range's domain fits the range's owner and the AS's."""
    brand = _squeezed(domain.partition(".")[0])
    if as_domain:
        same = domain.lower() == as_domain.lower()
        yield f"as's domain {same}"
        yield f"as's domain {same} {system}"
        if not same and brand and brand == _squeezed(as_domain.partition(".")[0]):
            yield "as's brand"
    if as_name and len(brand) > 2 and brand in _squeezed(as_name):
        yield "domain in as's name"
    squeezed = _squeezed(name)
    if len(brand) > 2 and squeezed:
        yield f"domain fits {brand in squeezed or squeezed in brand or brand[:4] == squeezed[:4]}"


def _of_name(name: str, mark: str) -> Iterator[str]:
    text = words.plain(name)
    parts = text.split()
    for part in parts:
        yield f"{mark} {part}"
    for label, found in _LISTS:
        if found.find(text):
            yield f"{mark} list {label}"
    if parts:
        yield f"{mark} last {parts[-1]}"
        yield f"{mark} words {min(len(parts), 6)}"
    if words.COINED.search(text):
        yield f"{mark} coined"


def _of_domain(domain: str, mark: str) -> Iterator[str]:
    labels = domain.strip().lower().strip(".").split(".")
    yield f"{mark} tld {labels[-1]}"
    if len(labels) > 2:
        yield f"{mark} tld {'.'.join(labels[-2:])}"
    yield from _of_name(labels[0], mark)


def _squeezed(text: str) -> str:
    return words.plain(text).replace(" ", "")
