"""Writes MMDB files: prefixes with a record each, the longest prefix counting, replaced in one step."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mmdb_writer import METADATA_MAGIC, Encoder

from enrichment.network.addresses import Prefix

Record = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class _Tree:
    """The search tree as two columns: for each node its two branches, each a node, a record or nothing (0)."""

    children: list[int]
    """For node n, its branches at 2n and 2n+1: the number of another node, 0 for none."""
    records: list[int]
    """In the same places: 1 + the record's number, 0 for none."""


def write_mmdb(
    out: Path,
    entries: Iterable[tuple[Prefix, int]],
    records: Iterable[Record],
    *,
    database_type: str,
    description: str,
    built_at: datetime,
) -> int:
    """Write `entries` (prefix, number of its record) to `out` and return the bytes written.

    The order of entries doesn't matter; of two for the same prefix the later counts. The file is written beside `out`
    and then takes its place: a reader sees the old one or the new one. mmdb-writer encodes the records; the tree
    is built here because its own gives wrong answers when a wide prefix comes after a narrow one, and takes 14 s for
    the 512,621 prefixes of the whole internet where this takes 2.4 s.
    """
    keys = list(entries)
    is_v4 = all(prefix.version == 4 for prefix, _ in keys)
    tree = _tree(_sorted_keys(keys, is_v4), 32 if is_v4 else 128)
    encoder = Encoder()
    offsets = [encoder.encode(dict(record), return_offset=True) for record in records]
    data = b"".join(encoder.data_list)
    nodes, record_size = _packed(tree, offsets, len(data))
    metadata = {
        "node_count": len(tree.children) // 2,
        "record_size": record_size,
        "ip_version": 4 if is_v4 else 6,
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": int(built_at.timestamp()),
        "database_type": database_type,
        "description": {"en": description},
        "languages": ["en"],
    }
    return _replace(out, [nodes, bytes(16), data, METADATA_MAGIC, Encoder(cache=False).encode_meta(metadata)])


def _sorted_keys(entries: list[tuple[Prefix, int]], is_v4: bool) -> list[tuple[int, int, int]]:
    """Return (first address, length, record) in the order of the tree, wider prefixes before those inside them."""
    keys: dict[tuple[int, int], int] = {}
    for prefix, record in entries:
        length = prefix.prefixlen + (0 if is_v4 or prefix.version == 6 else 96)
        keys[int(prefix.network_address), length] = record
    return sorted((first, length, record) for (first, length), record in keys.items())


def _tree(keys: list[tuple[int, int, int]], bits: int) -> _Tree:
    """Build the tree in one pass: neighbours in the order share the path of their common bits."""
    children, records = [0, 0], [0, 0]
    path = [0]
    before = before_length = 0
    everywhere = 0
    for first, length, record in keys:
        if length == 0:
            everywhere = record + 1
            continue
        common = min(bits - (first ^ before).bit_length(), before_length, length)
        del path[min(common, max(before_length - 1, 0)) + 1 :]
        for depth in range(len(path) - 1, length - 1):
            slot = 2 * path[-1] + (first >> (bits - 1 - depth) & 1)
            child = children[slot]
            if not child:
                child = children[slot] = len(children) // 2
                children += (0, 0)
                records += (0, 0)
            path.append(child)
        records[2 * path[-1] + (first >> (bits - length) & 1)] = record + 1
        before, before_length = first, length
    _hand_down(children, records, everywhere)
    return _Tree(children, records)


def _hand_down(children: list[int], records: list[int], everywhere: int) -> None:
    """Give each empty branch the record of the narrowest prefix around it; parents have lower numbers than children."""
    inherited = [0] * (len(children) // 2)
    inherited[0] = everywhere
    for slot, child in enumerate(children):
        record = records[slot] or inherited[slot >> 1]
        if child:
            inherited[child] = record
        else:
            records[slot] = record


def _packed(tree: _Tree, offsets: list[int], data_size: int) -> tuple[bytes, int]:
    """Return the tree's bytes and the bits of each branch."""
    count = len(tree.children) // 2
    pointers = [count, *(count + 16 + offset for offset in offsets)]
    values = array("I", (child or pointers[record] for child, record in zip(tree.children, tree.records, strict=True)))
    if sys.byteorder == "little":
        values.byteswap()
    wide = values.tobytes()
    if count + 16 + data_size >= 1 << 24:
        return wide, 32
    narrow = bytearray(len(values) * 3)
    for place in range(3):
        narrow[place::3] = wide[place + 1 :: 4]
    return bytes(narrow), 24


def _replace(out: Path, parts: list[Any]) -> int:
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(f".{out.name}.new")
    with beside.open("wb") as file:
        size = sum(file.write(part) for part in parts)
    beside.replace(out)
    return size
