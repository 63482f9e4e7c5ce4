"""The values of a rule file as fields of a form, read off its structure: a new key is a new field by itself."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Union, get_args, get_origin

import msgspec

from app.rulebook.files import RuleFile
from app.rulebook.toml_edit import Value, with_values
from core.errors import InputError
from core.rule_file import decode_rules
from core.rule_lines import Place, lines_of
from enrichment.intent.rules import PageRule, ScoringRules, read_scoring

Kind = Literal["number", "whole", "yes_no", "text", "choice"]

_PAGE = "page-class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value."""

    key: str
    """The name in the form, such as `silence.points`."""
    label: str
    help: str
    kind: Kind
    value: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Values that belong together: one table of the file."""

    title: str
    help: str
    fields: tuple[Field, ...]


def groups(file: RuleFile, text: str) -> tuple[Group, ...]:
    """Return the form of a text without mistakes. Raises InputError when it has some."""
    rules = decode_rules(text, file.struct, file.file_name)
    notes = _notes(file.built_in_text())
    top: list[Field] = []
    found: list[Group] = []
    for field in msgspec.structs.fields(file.struct):
        value = getattr(rules, field.name)
        if isinstance(value, msgspec.Struct):
            inside = tuple(_fields(value, (field.encode_name,), notes))
            if inside:
                title = _words(field.encode_name)
                found.append(Group(title=title, help=notes.get((field.encode_name,), ""), fields=inside))
        elif one := _field((field.encode_name,), field.type, value, notes):
            top.append(one)
    pages = _page_group(text) if file.name == "scoring" else ()
    return (Group(title="In general", help="", fields=tuple(top)), *pages, *found)


def changed_text(file: RuleFile, text: str, form: Mapping[str, str]) -> str:
    """Return `text` with what the form says differently. Raises InputError, which names the values that are none."""
    changes: dict[Place, Value] = {}
    pages: dict[str, float] = {}
    mistakes: list[str] = []
    for group in groups(file, text):
        for field in group.fields:
            said = form.get(field.key, field.value).strip()
            if said == field.value:
                continue
            try:
                value = _value(field, said)
            except (ValueError, KeyError):
                mistakes.append(f"{group.title}, {field.label}: {said!r} is not a {_NOUNS[field.kind]}.")
                continue
            if field.key.startswith(f"{_PAGE}:"):
                pages[field.key.partition(":")[2]] = float(str(value or 0))
            else:
                changes[tuple(field.key.split("."))] = value
    if mistakes:
        raise InputError("\n".join(mistakes))
    return with_page_points(with_values(text, changes), pages)


def with_page_points(text: str, points: Mapping[str, float], *, scale_caps: bool = False) -> str:
    """Return a scoring text in which these page classes are worth so much.

    What all pages of a class count for together (at_most) follows where it would be less, or always in proportion.
    """
    if not points:
        return text
    rules = read_scoring(text)
    known = {page.rule.name: page.rule for page in rules.pages}
    for name, worth in points.items():
        rule = known[name]
        cap = rule.at_most
        grown = worth if cap is not None and cap < worth else cap
        if scale_caps and cap is not None and rule.points > 0:
            grown = max(worth, round(cap * worth / rule.points * 2) / 2)
        own = _own_pages(text)
        if name in own:
            changes: dict[Place, Value] = {("page", own[name], "points"): worth}
            if grown != cap:
                changes["page", own[name], "at_most"] = grown
            text = with_values(text, changes)
        else:
            text = text.rstrip("\n") + "\n\n" + _page_text(msgspec.structs.replace(rule, points=worth, at_most=grown))
    return text


_NOUNS: Mapping[Kind, str] = {
    "number": "number",
    "whole": "whole number",
    "yes_no": "yes or no",
    "text": "text",
    "choice": "choice",
}


def _fields(struct: msgspec.Struct, at: tuple[str, ...], notes: Mapping[Place, str]) -> Iterator[Field]:
    for field in msgspec.structs.fields(type(struct)):
        value, place = getattr(struct, field.name), (*at, field.encode_name)
        if isinstance(value, msgspec.Struct):
            yield from _fields(value, place, notes)
        elif one := _field(place, field.type, value, notes):
            yield one


def _field(place: tuple[str, ...], kind: object, value: object, notes: Mapping[Place, str]) -> Field | None:
    """Return the field of a single value; None for lists and tables, which only the text shows."""
    choices: tuple[str, ...] = ()
    options = [one for one in get_args(kind) if one is not type(None)] if _is_union(kind) else [kind]
    plain = options[0]
    if get_origin(plain) is Literal:
        found: Kind = "choice"
        choices = tuple(str(one) for one in get_args(plain))
    elif plain in (bool, int, float, str) and len(options) == 1:
        kinds: Mapping[object, Kind] = {bool: "yes_no", int: "whole", float: "number", str: "text"}
        found = kinds[plain]
    else:
        return None
    return Field(
        key=".".join(place),
        label=_words(" ".join(place[1:]) if len(place) > 1 else place[0]),
        help=notes.get(place, ""),
        kind=found,
        value=_shown(value),
        choices=choices,
    )


def _page_group(text: str) -> tuple[Group, ...]:
    rules: ScoringRules = read_scoring(text)
    fields = tuple(
        Field(
            key=f"{_PAGE}:{page.rule.name}",
            label=page.rule.label or _words(page.rule.name),
            help=f"commercial; full points once read for {page.rule.read_seconds:g} s" if page.rule.commercial else "",
            kind="number",
            value=_shown(page.rule.points),
        )
        for page in rules.pages
    )
    return (Group(title="Page classes", help="points for a page of each class; less than 0 takes away", fields=fields),)


def _value(field: Field, said: str) -> Value:
    if field.kind == "yes_no":
        return {"true": True, "false": False}[said]
    if not said and field.kind != "text":
        return None
    if field.kind == "whole":
        return int(said)
    if field.kind == "number":
        return float(said.replace(",", "."))
    if field.kind == "choice" and said not in field.choices:
        raise ValueError(said)
    return said


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}"
    return str(value) if isinstance(value, str) else ""


def _notes(built_in: str) -> dict[Place, str]:
    """Return the comment behind each key of the built-in text: what it means."""
    rows = built_in.splitlines()
    found = {}
    for place, number in lines_of(built_in).items():
        note = re.search(r"\s#\s*(.+)$", rows[number - 1])
        if note and (number == len(rows) or not rows[number].lstrip().startswith("#")):
            found[place] = note[1]
    return found


def _own_pages(text: str) -> dict[str, int]:
    """Return the number of each page class that the text itself has."""
    decoded = msgspec.toml.decode(text)
    return {str(page.get("name")): number for number, page in enumerate(decoded.get("page", ()))}


def _page_text(rule: PageRule) -> str:
    rows = ["[[page]]"]
    for field in msgspec.structs.fields(PageRule):
        value = getattr(rule, field.name)
        if field.required or value != field.default:
            rows.append(f"{field.encode_name} = {msgspec.json.encode(value).decode()}")
    return "\n".join(rows) + "\n"


def _words(name: str) -> str:
    plain = name.replace("_", " ").replace("-", " ").replace(".", ", ")
    return plain[:1].upper() + plain[1:]


def _is_union(kind: object) -> bool:
    return get_origin(kind) in (Union, types.UnionType)
