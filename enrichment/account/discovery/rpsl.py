"""Reads one object of a registry's text dump: RPSL of RIPE, APNIC and AFRINIC, and ARIN's text (pure).

Objects are blocks of `name: value` lines with an empty line between them; a value goes on in lines that begin with a
blank or `+`. Only what discovery needs is looked at: a dump has millions of objects.
"""

from __future__ import annotations

import re

from enrichment.account.discovery.records import Owner, Range

_FIELD = re.compile(
    rb"^(inetnum|inet6num|netname|descr|country|org|status|source|organisation|org-name"
    rb"|NetRange|NetName|NetType|OrgID|OrgId|OrgName|CustName|Country|Source|e-mail|abuse-mailbox)[ \t]*:"
    rb"[ \t]*([^\r\n]*(?:\r?\n[ \t+][^\r\n]*)*)",
    re.MULTILINE,
)
_GOES_ON = re.compile(r"\s*\n[ \t+]\s*")
_REMARK = re.compile(r"\s+#.*$")
_OTHERS_TO = re.compile(rb"^(?:inetnum|inet6num|NetRange)[ \t]*:", re.MULTILINE)
_OWNER = re.compile(rb"^(?:organisation|OrgName|CustName)[ \t]*:", re.MULTILINE)

_REGISTRIES = {"RIPE": "ripencc", "ARIN": "arin", "APNIC": "apnic", "AFRINIC": "afrinic", "LACNIC": "lacnic"}
_MAX_LINES = 6


def is_range(block: bytes) -> bool:
    """Say whether the object is a range of addresses."""
    return block.startswith((b"inetnum:", b"inet6num:")) or (
        not block.startswith((b"person:", b"role:", b"mntner:", b"route:")) and _OTHERS_TO.search(block) is not None
    )


def is_owner(block: bytes) -> bool:
    """Say whether the object is an organisation."""
    return block.startswith(b"organisation:") or (not is_range(block) and _OWNER.search(block) is not None)


def owner_of(block: bytes) -> Owner | None:
    """Return the organisation, or None when it has no handle or no name."""
    fields = _fields(block)
    handle = _first(fields, "organisation", "OrgID", "OrgId")
    name = _first(fields, "org-name", "OrgName", "CustName")
    if not handle or not name:
        return None
    return Owner(handle=handle.upper(), name=name, country=_first(fields, "country", "Country")[:2].upper())


def range_of(block: bytes) -> Range | None:
    """Return the range, or None when the block has none."""
    fields = _fields(block)
    stated = _first(fields, "inetnum", "inet6num", "NetRange")
    if not stated:
        return None
    first, _, last = (part.strip() for part in stated.partition("-"))
    source = _first(fields, "source", "Source").split(" ")[0].upper()
    return Range(
        first=first,
        last=last,
        registry=_REGISTRIES.get(source, source.lower()),
        netname=_first(fields, "netname", "NetName"),
        descr=tuple(fields.get("descr", ())[:_MAX_LINES]),
        org=_first(fields, "org", "OrgID", "OrgId").upper(),
        owner=_first(fields, "OrgName", "CustName"),
        country=_first(fields, "country", "Country")[:2].upper(),
        status=_first(fields, "status", "NetType"),
    )


def _fields(block: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(block):
        text = decoded(value)
        if "\n" in text:
            text = _GOES_ON.sub(" ", text)
        text = _REMARK.sub("", text).strip()
        if text:
            found.setdefault(name.decode("ascii"), []).append(text)
    return found


def decoded(value: bytes) -> str:
    """Return the text; dumps are Latin-1 by tradition and UTF-8 in part."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _first(fields: dict[str, list[str]], *names: str) -> str:
    return next((fields[name][0] for name in names if name in fields), "")
