"""Reads ARIN's bulk XML: networks, and the organisations and customers that hold them.

ARIN hands it out under its own agreement; names of elements count, whatever their namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree import ElementTree as ET

from core.errors import InputError
from enrichment.account.discovery.records import Owner, Range

_TYPES = {
    "A": "reallocation",
    "S": "reassignment",
    "DA": "direct allocation",
    "DS": "direct assignment",
}
_HEAD = 65536


def objects(stream: BinaryIO, position: int) -> Iterator[tuple[int, Owner | Range | None]]:
    """Yield (elements so far, object) for each network, organisation and customer after the first `position`.

    Raises InputError when the file isn't whole or declares entities of its own.
    """
    count = 0
    parser: Any = ET.XMLPullParser(events=("start", "end"))
    depth = 0
    root: ET.Element | None = None
    head = b""
    while chunk := stream.read(_HEAD):
        if len(head) < _HEAD:
            head += chunk
            if b"<!ENTITY" in head:
                raise InputError("the XML file declares entities of its own: a registry's doesn't")
        parser.feed(chunk)
        for event, element in parser.read_events():
            if event == "start":
                depth += 1
                root = element if root is None else root
                continue
            depth -= 1
            if depth != 1:
                continue
            count += 1
            if count > position:
                yield count, _object(element)
            if root is not None:
                root.clear()


def _object(element: ET.Element) -> Owner | Range | None:
    tag = _local(element.tag)
    if tag in ("org", "customer"):
        texts = _texts(element)
        handle, name = texts.get("handle", ""), texts.get("name", "")
        return (
            Owner(handle=handle.upper(), name=name, country=texts.get("code2", "").upper()) if handle and name else None
        )
    return _range(element) if tag == "net" else None


def _range(element: ET.Element) -> Range | None:
    texts = _texts(element)
    first, last = texts.get("startAddress", ""), texts.get("endAddress", "")
    if not first or not last:
        return None
    kind = texts.get("type", "")
    return Range(
        first=_without_zeros(first),
        last=_without_zeros(last),
        registry="arin",
        netname=texts.get("name", ""),
        org=(texts.get("customerHandle") or texts.get("orgHandle") or "").upper(),
        status=_TYPES.get(kind, kind),
    )


def _texts(element: ET.Element) -> dict[str, str]:
    """Return the text of each element inside by its local name; the object's own counts before what lies deeper."""
    found: dict[str, str] = {}
    for inner in (*element, *element.iter()):
        if inner.text and inner.text.strip():
            found.setdefault(_local(inner.tag), inner.text.strip())
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _without_zeros(address: str) -> str:
    """ARIN writes 192.000.002.000; Python rightly refuses what may be octal."""
    if ":" in address:
        return address
    return ".".join(str(int(part)) if part.isdigit() else part for part in address.split("."))
