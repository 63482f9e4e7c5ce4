"""Turns a record of any vendor's MMDB layout into evidence (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain import Evidence, NetworkKind

Record = Mapping[str, Any]  # a vendor's file: its values are checked where they are read

_KINDS: Mapping[str, NetworkKind] = {
    # IPinfo `type`, `as_type`; DB-IP `userType`
    "isp": NetworkKind.ISP,
    "business": NetworkKind.BUSINESS,
    "corporate": NetworkKind.BUSINESS,
    "hosting": NetworkKind.HOSTING,
    "education": NetworkKind.EDUCATION,
    "government": NetworkKind.GOVERNMENT,
    "consumer": NetworkKind.ISP,
    # MaxMind `user_type`
    "cellular": NetworkKind.MOBILE,
    "college": NetworkKind.EDUCATION,
    "school": NetworkKind.EDUCATION,
    "library": NetworkKind.EDUCATION,
    "military": NetworkKind.GOVERNMENT,
    "residential": NetworkKind.ISP,
    "dialup": NetworkKind.ISP,
    "cafe": NetworkKind.ISP,
    "traveler": NetworkKind.ISP,
    "router": NetworkKind.ISP,
    "content_delivery_network": NetworkKind.CONTENT,
    "search_engine_spider": NetworkKind.CONTENT,
    "consumer_privacy_network": NetworkKind.VPN,
    # MaxMind `connection_type`; "Cable/DSL" is left out: offices have it too
    "corporate connection": NetworkKind.BUSINESS,
    "cellular connection": NetworkKind.MOBILE,
    "satellite connection": NetworkKind.ISP,
    "dialup connection": NetworkKind.ISP,
}

_FLAGS: tuple[tuple[NetworkKind, tuple[str, ...]], ...] = (
    (
        NetworkKind.VPN,
        (
            "is_anonymous_vpn",
            "is_public_proxy",
            "is_residential_proxy",
            "is_tor_exit_node",
            "is_anonymous_proxy",
            "is_vpn",
            "is_proxy",
            "is_tor",
            "is_relay",
            "vpn",
            "proxy",
            "tor",
            "relay",
        ),
    ),
    (NetworkKind.HOSTING, ("is_hosting_provider", "is_hosting", "hosting")),
    (NetworkKind.VPN, ("is_anonymous",)),
    (NetworkKind.MOBILE, ("is_mobile",)),
)


def evidence_from(record: object, *, source: str, prefix: str, database_type: str) -> Evidence | None:
    """Return what a record says, or None when it says nothing about the owner or kind of the network.

    Known: MaxMind's GeoLite2 and GeoIP2 ASN, ISP, Domain, Enterprise, Anonymous-IP, Connection-Type; IPinfo's ASN,
    company, privacy, carrier and Lite files; DB-IP's; and those made by `networks build`. A file that uses the same
    keys under another type name is understood too.
    """
    if not isinstance(record, Mapping):
        return None
    flat = _flattened(record)
    asn, as_name = _as_number(flat), _text(flat, "as_name", "autonomous_system_organization")
    as_domain = _text(flat, "as_domain")
    organisation = _text(flat, "organization", "company_name")
    domain = _text(flat, "company_domain")
    if isinstance(flat.get("asn"), str) and as_name is None and "as_domain" not in flat:
        as_name, as_domain = _text(flat, "name"), _text(flat, "domain")  # IPinfo's ASN file: name is the AS's own
    else:
        organisation = organisation or _text(flat, "name")
        domain = domain or _text(flat, "domain")
    if as_name is None:
        as_name = _text(flat, "isp", "carrier")
    kind = _kind(flat, database_type)
    if asn is None and kind is None and not any((as_name, organisation, domain)):
        return None
    return Evidence(
        source=source,
        prefix=prefix,
        organisation=organisation if organisation != as_name else None,
        domain=domain,
        asn=asn,
        as_name=as_name,
        as_domain=as_domain,
        kind=kind,
        country=_country(flat),
        as_handle=_text(flat, "as_handle"),
        as_addresses=_number(flat, "as_addresses"),
        as_prefixes=_number(flat, "as_prefixes"),
    )


def _flattened(record: Record) -> Record:
    """Return the record with what the Enterprise and newer layouts keep one floor down."""
    flat: dict[str, Any] = dict(record)
    if isinstance(traits := flat.pop("traits", None), Mapping):
        flat.update(traits)
    if isinstance(anonymous := flat.pop("anonymous", None), Mapping):
        flat.update(anonymous)
    if isinstance(system := flat.pop("as", None), Mapping):
        flat.update({key if key == "asn" else f"as_{key}": value for key, value in system.items()})
    if isinstance(company := flat.pop("company", None), Mapping):
        flat.update({f"company_{key}": value for key, value in company.items()})
    return flat


def _text(flat: Record, *keys: str) -> str | None:
    for key in keys:
        value = flat.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _number(flat: Record, key: str) -> int | None:
    value = flat.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _as_number(flat: Record) -> int | None:
    for key in ("autonomous_system_number", "asn"):
        value = flat.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value or None
        if isinstance(value, str):
            digits = value.strip().upper().removeprefix("AS")
            if digits.isascii() and digits.isdigit():
                return int(digits) or None
    return None


def _country(flat: Record) -> str | None:
    if code := _text(flat, "country_code"):
        return code
    for key in ("country", "registered_country"):
        value = flat.get(key)
        if isinstance(value, Mapping):
            value = value.get("iso_code")
        if isinstance(value, str) and value:
            return value
    return None


def _is_true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in ("true", "1", "yes")) or value == 1


def _kind(flat: Record, database_type: str) -> NetworkKind | None:
    for kind, flags in _FLAGS:
        if any(_is_true(flat.get(flag)) for flag in flags):
            return kind
    if "Anonymous" in database_type:
        return None
    if _text(flat, "mcc", "mnc", "mobile_country_code", "mobile_network_code"):
        return NetworkKind.MOBILE
    for key in ("user_type", "type", "company_type", "as_type", "asn_type"):
        if (value := _text(flat, key)) and (known := _KINDS.get(value.lower())):
            return known
    connection = _text(flat, "connection_type", "connectionType")
    return _KINDS.get(f"{connection.lower()} connection") if connection else None
