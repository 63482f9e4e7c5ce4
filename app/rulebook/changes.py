"""What one version of a rule file changed against another, in the rules that act by them (pure)."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import msgspec

from app.rulebook.files import RuleFile
from core.errors import InputError
from core.rule_file import decode_rules


def changed(file: RuleFile, before: str, after: str) -> tuple[str, ...]:
    """Return the values that differ between two texts, as `-key = value` and `+key = value`.

    A file is laid over the built-in rules, so what it leaves out has the built-in value, and is no change. Texts that
    can't be read any more are compared line by line.
    """
    try:
        old, new = list(effective(file, before)), list(effective(file, after))
    except InputError:
        old, new = before.splitlines(), after.splitlines()
    rows = list(difflib.unified_diff(old, new, lineterm="", n=0))[2:]
    return tuple(row for row in rows if not row.startswith("@@"))


def effective(file: RuleFile, text: str) -> Iterator[str]:
    """Yield each value of the rules that act by `text`, as `key = value`. Raises InputError where it can't be read."""
    values = msgspec.to_builtins(decode_rules(text, file.struct, file.file_name))
    if values.get("built_in_pages"):  # in the order in which they are tried
        own = {page["name"]: page for page in values["page"]}
        built_in = msgspec.to_builtins(decode_rules(file.built_in_text(), file.struct, file.file_name))["page"]
        rest = [own.pop(page["name"], page) for page in built_in]
        values["page"] = [*own.values(), *rest]
    yield from _flat("", values)


def _flat(key: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{key}.{name}" if key else str(name), inner)
    elif isinstance(value, list | tuple) and value and all(isinstance(one, dict) for one in value):
        for number, one in enumerate(value):
            yield from _flat(f"{key}[{one.get('name', number)}]", one)
    elif isinstance(value, float) and value.is_integer():
        yield f"{key} = {int(value)}"  # 20 and 20.0 are the same
    else:
        yield f"{key} = {msgspec.json.encode(value).decode()}"
