"""Guesses which column of a file is which, by its name in several languages and by its content (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from core.errors import InputError
from enrichment.account.domains import host_of
from enrichment.account.importer.headers import FIELDS, LABELS, What
from enrichment.account.importer.values import looks_like_amount, looks_like_date
from enrichment.account.normal_form import normal_form
from enrichment.account.plain_words import normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGuess:
    """Which column holds which field."""

    columns: tuple[tuple[str, int], ...]
    """(field, position of its column), in the order of the file's columns."""
    headers: tuple[str, ...]
    by_content: frozenset[str]
    """Fields found by what is in the column, not by its name."""
    remembered: frozenset[str] = frozenset()
    """Fields whose column somebody named at an earlier import of such a file."""

    def position(self, field: str) -> int | None:
        """Return the position of the column that holds `field`, or None."""
        return next((position for name, position in self.columns if name == field), None)

    @property
    def unused(self) -> tuple[str, ...]:
        """Headers of columns that hold nothing we use."""
        used = {position for _, position in self.columns}
        return tuple(header for position, header in enumerate(self.headers) if position not in used and header)

    @property
    def text(self) -> str:
        """The guess as people see it: `columns guessed: company=Firma, domain=Website`."""
        parts = [f"{LABELS[field]}={self.headers[position] or position + 1}" for field, position in self.columns]
        text = "columns guessed: " + (", ".join(parts) or "none")
        if self.remembered:
            said = [LABELS[field] for field, _ in self.columns if field in self.remembered]
            text += f" (as you said before: {', '.join(said)}; --forget-mapping forgets it)"
        return text + (f" (not used: {', '.join(self.unused)})" if self.unused else "")


def guess_columns(
    headers: Sequence[str], sample: Sequence[Sequence[str]], what: What, mapping: Mapping[str, str] | None = None
) -> ColumnGuess:
    """Return which column is which in a file of `what`; `mapping` (field → header) says it outright and wins; an
    empty header says that no column holds the field.

    Each column holds one field: the field whose name is the more telling one takes it. What no name tells is looked
    for in the content of the first rows. `InputError` if `mapping` names a field or header that doesn't exist.
    """
    unused = {field for field, header in (mapping or {}).items() if not header}
    taken = _mapped(headers, what, {field: header for field, header in (mapping or {}).items() if header})
    names = [normalise(header) for header in headers]
    offers = sorted(
        (rank, order, field, position)
        for order, (field, known) in enumerate(FIELDS[what].items())
        for position, name in enumerate(names)
        if name and (rank := _rank(name, known)) is not None
    )
    for _, _, field, position in offers:
        if field not in taken and field not in unused and position not in taken.values():
            taken[field] = position
    by_content = _by_content(headers, sample, what, taken, unused)
    ordered = sorted(taken.items(), key=lambda item: item[1])
    return ColumnGuess(columns=tuple(ordered), headers=tuple(headers), by_content=frozenset(by_content))


def _mapped(headers: Sequence[str], what: What, mapping: Mapping[str, str]) -> dict[str, int]:
    taken = {}
    for field, header in mapping.items():
        if field not in FIELDS[what]:
            raise InputError(f"there is no field {field!r} in {what}: choose from {', '.join(FIELDS[what])}")
        wanted = normalise(header)
        position = next((i for i, name in enumerate(headers) if name == header or normalise(name) == wanted), None)
        if position is None:
            raise InputError(f"the file has no column {header!r}: its columns are {', '.join(headers)}")
        taken[field] = position
    return taken


def _rank(name: str, known: tuple[str, ...]) -> int | None:
    """Return how telling the header is for a field: 0 for its very name, more for looser ones, None for another."""
    if name in known:
        return min(known.index(name), 50)
    if len(name) >= 6 and any(len(other) >= 5 and (name.startswith(other) or name.endswith(other)) for other in known):
        return 100
    return None


_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def _is_host(value: str) -> bool:
    return (
        "@" not in value and " " not in value and host_of(value) is not None and bool(re.search(r"[a-z]", value, re.I))
    )


def _is_company(value: str) -> bool:
    return bool(normal_form(value).forms)


_BY_CONTENT: dict[What, tuple[tuple[str, Callable[[str], bool], float], ...]] = {
    "accounts": (
        ("domain", _is_host, 0.5),
        ("owner_email", lambda value: bool(_EMAIL.match(value)), 0.5),
        ("name", _is_company, 0.3),
        ("last_order", looks_like_date, 0.8),
    ),
    "activities": (
        ("at", looks_like_date, 0.8),
        ("account_name", _is_company, 0.3),
        ("amount", looks_like_amount, 0.8),
    ),
    "aliases": (("account_name", _is_company, 0.3),),
    "contacts": (("email", lambda value: bool(_EMAIL.match(value)), 0.5), ("account_name", _is_company, 0.3)),
}


def _by_content(
    headers: Sequence[str],
    sample: Sequence[Sequence[str]],
    what: What,
    taken: dict[str, int],
    unused: Collection[str] = (),
) -> list[str]:
    found = []
    for field, is_one, share in _BY_CONTENT[what]:
        if field in taken or field in unused or (field == "account_name" and "account" in taken):
            continue
        for position in range(len(headers)):
            values = [row[position] for row in sample if position < len(row) and row[position]]
            if position in taken.values() or not values or sum(map(is_one, values)) < share * len(values):
                continue
            taken[field] = position
            found.append(field)
            break
    if what == "accounts" and "name" not in taken and "name" not in unused:
        free = [position for position in range(len(headers)) if position not in taken.values()]
        if len(headers) == 1 and free:
            taken["name"] = 0
            found.append("name")
    return found
