"""Reads a TOML rule file into a typed structure; names all mistakes at once, each with its line and what to do."""

from __future__ import annotations

import difflib
import tomllib
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeVar, Union, get_args, get_origin

import msgspec

from core.errors import InputError
from core.rule_lines import Place, line_of, line_said, lines_of, syntax_mistakes

T = TypeVar("T")


def rule_text(path: Path) -> str:
    """Return the text of the file at `path`. Raises InputError when it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't be read as UTF-8 text ({error}). Check its name and its rights.") from error


def decode_rules(text: str, kind: type[T], name: str, check: Callable[[T], Iterable[str]] | None = None) -> T:
    """Return the rules written in the TOML `text`; `name` stands for the file in errors.

    `check` returns what contradicts itself in rules of the right shape, one sentence each. Raises InputError, which
    names all mistakes, one a line: of syntax, unknown and missing keys, wrong values, and what `check` found in the
    rest.
    """
    broken, rest = syntax_mistakes(text)
    found = _Found(lines=lines_of(text), name=name, guesses_missing=not broken)
    mistakes = [f"{name}{_line(line)}: isn't valid TOML: {what}." for line, what in broken]
    raw = _walk(tomllib.loads(rest), kind, (), found)
    mistakes += found.mistakes
    rules = _decoded(raw, kind)
    if rules is not None and check is not None:
        mistakes += [f"{name}{_line(line_said(text, one))}: {one}" for one in check(rules)]
    if mistakes or rules is None:
        raise InputError("\n".join(mistakes) or f"{name}: these rules can't be read.")
    return rules


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The mistakes so far, and where lines are."""

    lines: Mapping[Place, int]
    name: str
    guesses_missing: bool
    """Whether a missing key is a mistake: not after one of syntax, which may have swallowed it."""
    mistakes: list[str] = field(default_factory=list)

    def add(self, place: Place, text: str) -> None:
        self.mistakes.append(f"{self.name}{_line(line_of(self.lines, place))}: {text}")


_GONE = object()
"""Stands for a value that was wrong: it is left out, so that the rest can be looked at."""


def _walk(value: object, kind: object, place: Place, found: _Found) -> object:
    """Return `value` without what is wrong in it, each told in `found`; _GONE when all of it is."""
    struct, item = _struct_in(kind), _item_of(kind)
    if struct is not None and isinstance(value, dict):
        return _walk_struct(value, struct, place, found)
    if item is not None and _struct_in(item) is not None and isinstance(value, list):
        kept = [_walk(one, item, (*place, number), found) for number, one in enumerate(value)]
        return [one for one in kept if one is not _GONE]
    try:
        msgspec.convert(value, kind, strict=True, builtin_types=(datetime, date, time), str_keys=True)
    except msgspec.ValidationError as error:
        reason = str(error).split(" - at ")[0]
        found.add(place, f"wrong value in `{_path(place)}`: {reason[:1].lower()}{reason[1:]}.")
        return _GONE
    return value


def _walk_struct(value: Mapping[str, object], struct: type[msgspec.Struct], place: Place, found: _Found) -> object:
    fields = {one.encode_name: one for one in msgspec.structs.fields(struct)}
    kept: dict[str, object] = {}
    for key, inner in value.items():
        if key not in fields:
            found.add((*place, key), _unknown(key, tuple(fields), place))
        elif (good := _walk(inner, fields[key].type, (*place, key), found)) is not _GONE:
            kept[key] = good
    where = f" in `{_path(place)}`" if place else ""
    missing = [key for key, one in fields.items() if one.required and key not in value]
    if found.guesses_missing:
        for key in missing:
            found.add(place, f"the key `{key}` is missing{where}. Add it.")
    is_whole = all(key in kept for key, one in fields.items() if one.required)
    return kept if is_whole or not place else _GONE


def _unknown(key: str, known: Sequence[str], place: Place) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else f" Known keys: {', '.join(sorted(known))}."
    where = f" in `{_path(place)}`" if place else ""
    return f"`{key}` is not a key{where}.{hint} Rename or remove it."


def _decoded(raw: object, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(raw, kind, strict=True, builtin_types=(datetime, date, time), str_keys=True)
    except msgspec.ValidationError:
        return None


def _struct_in(kind: object) -> type[msgspec.Struct] | None:
    """Return the structure that `kind` is or may be; None when it is none."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if get_origin(kind) in (Union, types.UnionType):
        return next((one for part in get_args(kind) if (one := _struct_in(part))), None)
    return None


def _item_of(kind: object) -> object | None:
    """Return what a list of this kind holds; None when it is no list."""
    return get_args(kind)[0] if get_origin(kind) in (tuple, list) and get_args(kind) else None


def _line(number: int | None) -> str:
    return f", line {number}" if number else ""


def _path(place: Place) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
