"""Finds the lines of a TOML file on which keys stand, and all lines that aren't TOML (pure)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

Place = tuple[str | int, ...]
"""Where something stands: keys, and the numbers (from 0) of tables in an array, such as `("page", 1, "points")`."""

MOST_SYNTAX_MISTAKES = 10

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[\w.-])+)\s*=""")


def lines_of(text: str) -> dict[Place, int]:
    """Return the line (from 1) of each key and each table of `text`."""
    found: dict[Place, int] = {}
    counts: dict[str, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            name = header[2]
            table = _parts(name)
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                found.setdefault(table, number)
                table = (*table, counts[name])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *_parts(key[1])), number)
    return found


def line_of(lines: Mapping[Place, int], place: Place) -> int | None:
    """Return the line of `place`, else of what holds it; None for the file as a whole."""
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return None


_SAID = re.compile(r"^\[+([\w.-]+)\]|^([\w.-]+) = |^`?([\w-]+\.[\w.-]+|(?<=`)\w+)\b|^(\w+) '([^']+)'")


def line_said(text: str, sentence: str) -> int | None:
    """Return the line of what a sentence begins with: `key = `, `[table]`, or `page 'name'`."""
    said = _SAID.match(sentence)
    if said is None:
        return None
    lines = lines_of(text)
    if said[4]:
        named = re.compile(rf"""^\s*name\s*=\s*["']{re.escape(said[5])}["']""")
        return next((number for number, line in enumerate(text.splitlines(), 1) if named.match(line)), None)
    return line_of(lines, _parts(said[1] or said[2] or said[3]))


def syntax_mistakes(text: str) -> tuple[list[tuple[int | None, str]], str]:
    """Return (line, what is wrong) for the lines that aren't TOML, and the text without them.

    A line is taken out and the rest is read on, as long as that leads further down the file: so one missing quote
    doesn't hide the next, and an array that never ends is told once.
    """
    mistakes: list[tuple[int | None, str]] = []
    lines = text.splitlines()
    last = 0
    while True:
        try:
            tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError as error:
            what, line = _where(str(error), len(lines))
            if line is None or line <= last or len(mistakes) >= MOST_SYNTAX_MISTAKES:
                return mistakes or [(line, what)], _readable(lines, line or len(lines))
            mistakes.append((line, what))
            last = line
            lines[line - 1] = ""
        else:
            return mistakes, "\n".join(lines)


def _readable(lines: list[str], before: int) -> str:
    """Return the longest beginning of `lines` that is TOML."""
    for end in range(min(before, len(lines)), 0, -1):
        try:
            tomllib.loads("\n".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        return "\n".join(lines[:end])
    return ""


def _where(message: str, length: int) -> tuple[str, int | None]:
    """Split the parser's message into what is wrong and the line."""
    at = re.search(r" \(at line (\d+), column \d+\)$", message)
    if at:
        return message[: at.start()], int(at[1])
    what = message.removesuffix(" (at end of document)")
    return what, length or None


def _parts(name: str) -> Place:
    return tuple(part.strip().strip("\"'") for part in name.split("."))
