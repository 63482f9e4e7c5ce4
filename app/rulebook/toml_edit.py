"""Changes values in a TOML text and leaves everything else, comments included, as it is (pure)."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping

from core.errors import InputError
from core.rule_lines import Place, lines_of

Value = bool | int | float | str | None
"""None takes the key away."""


def with_values(text: str, changes: Mapping[Place, Value]) -> str:
    """Return `text` with these values set, each at its key's own line, else in its table, else in a new one.

    Raises InputError where a value stands inside another one, so that only a person can change it.
    """
    for place, value in changes.items():
        text = _with_value(text, place, value)
    return text


def written(value: Value) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e15 else str(value)
    return json.dumps(value or "", ensure_ascii=False)


def _with_value(text: str, place: Place, value: Value) -> str:
    lines, rows = lines_of(text), text.splitlines()
    key, table = str(place[-1]), place[:-1]
    if place in lines:
        number = lines[place] - 1
        if value is None:
            del rows[number]
        else:
            rows[number] = _changed(rows[number], value)
    elif value is None:
        return text
    elif table in lines:
        _expect_table(rows[lines[table] - 1], key)
        rows.insert(lines[table], f"{key} = {written(value)}")
    elif not table:
        first = next((at for at, row in enumerate(rows) if row.lstrip().startswith("[")), len(rows))
        while first and (not rows[first - 1].strip() or rows[first - 1].lstrip().startswith("#")):
            first -= 1
        rows.insert(first, f"{key} = {written(value)}")
    else:
        _expect_absent(text, table)
        rows += ["", f"[{'.'.join(str(part) for part in table)}]", f"{key} = {written(value)}"]
    return "\n".join(rows) + "\n"


_SCALAR = re.compile(r"""^(\s*[^=]+?\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#\[{,"']+)(\s*(?:#.*)?)$""")


def _changed(row: str, value: Value) -> str:
    match = _SCALAR.match(row)
    if match is None:
        raise InputError(f"`{row.strip()}` can't be changed by the form: change it in the text")
    return f"{match[1]}{written(value)}{match[3]}"


def _expect_table(row: str, key: str) -> None:
    if not row.lstrip().startswith("["):
        raise InputError(f"`{row.strip()}` holds `{key}` on one line: change it in the text")


def _expect_absent(text: str, table: Place) -> None:
    """`past.at_most = 3` at the top makes `past` a table that can't be opened again."""
    known: object = tomllib.loads(text)
    for part in table:
        known = known.get(str(part)) if isinstance(known, dict) else None
    if known is not None:
        raise InputError(f"`{'.'.join(str(part) for part in table)}` is written in another way: change it in the text")
