"""Reads a TOML rule file into a typed structure, with errors that say which line is wrong and what to do."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import inspect

from core.errors import InputError

T = TypeVar("T")


def rule_text(path: Path) -> str:
    """Return the text of the file at `path`. Raises InputError when it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't be read as UTF-8 text ({error}). Check its name and its rights.") from error


def decode_rules(text: str, kind: type[T], name: str) -> T:
    """Return the rules written in the TOML `text`; `name` stands for the file in errors. Raises InputError."""
    try:
        return msgspec.toml.decode(text, type=kind, strict=True)
    except msgspec.ValidationError as error:
        raise InputError(f"{name}{_explained(str(error), text, kind)}") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{name}: isn't valid TOML: {error}.") from error


def _explained(message: str, text: str, kind: type[object]) -> str:
    """Turn msgspec's message into a line number, the key, and the key that was probably meant."""
    unknown = re.search(r"unknown field `([^`]+)`", message)
    place = re.search(r"`\$\.?([^`]*)`", message)
    where = f" in `{place[1]}`" if place and place[1] else ""
    if unknown:
        key = unknown[1]
        known = sorted(_keys(inspect.type_info(kind)))
        near = difflib.get_close_matches(key, known, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else f" Known keys: {', '.join(known)}."
        return f"{_line(text, key)}: `{key}` is not a key{where}.{hint} Rename or remove it."
    missing = re.search(r"missing required field `([^`]+)`", message)
    if missing:
        return f": the key `{missing[1]}` is missing{where}. Add it."
    last = re.split(r"[.\[\]]+", place[1].rstrip("]."))[-1] if place else ""
    reason = message.split(" - at ")[0]
    return f"{_line(text, last)}: wrong value{where}: {reason[:1].lower()}{reason[1:]}."


def _line(text: str, key: str) -> str:
    """Return `, line N` when `key` is set on exactly one line of `text`, else nothing."""
    if not key or key.isdigit():
        return ""
    pattern = re.compile(rf'^\s*(?:\[+\s*)?(?:[\w.-]+\.)?"?{re.escape(key)}"?\s*(?:=|\])|[{{,]\s*{re.escape(key)}\s*=')
    lines = [number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
    return f", line {lines[0]}" if len(lines) == 1 else ""


def _keys(info: inspect.Type) -> set[str]:
    """Return every key that may appear anywhere in a structure."""
    if isinstance(info, inspect.StructType):
        nested = [_keys(one.type) for one in info.fields]
        return {one.encode_name for one in info.fields}.union(*nested)
    if isinstance(info, inspect.UnionType):
        return set().union(*(_keys(one) for one in info.types))
    if isinstance(info, inspect.VarTupleType | inspect.ListType):
        return _keys(info.item_type)
    if isinstance(info, inspect.DictType):
        return _keys(info.value_type)
    return set()
