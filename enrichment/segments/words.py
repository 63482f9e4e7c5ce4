"""A segment's definition in words, one line for each condition (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from enrichment.segments.definitions import Ago, Condition, Count, Segment, Spent, as_tuple, parts

_NAMES = {
    "do_not_contact": "asked not to be contacted",
    "has_contract": "a contract is live",
    "contract_ends_within_days": "days until the contract ends, at most",
    "orders": "days with an order",
    "spent": "sum of orders",
    "last_order": "last order",
    "rfm": "class among all customers (1 to 5)",
    "did": "how often",
    "silent": "last sign",
    "reason": "reason of dormancy",
    "visits": "visits",
}


def definition_lines(segment: Segment) -> Iterator[tuple[str, str]]:
    """Yield (how it counts, what) for each condition of a segment."""
    for title, conditions in (("all of", segment.all), ("at least one of", segment.any), ("none of", segment.none)):
        for one in conditions:
            yield title, condition_words(one)


def condition_words(condition: Condition) -> str:
    """Return one condition in words, such as `country AT or CH; last order at least 182 days ago`."""
    return "; ".join(_said(key, value) for key, value in parts(condition).items())


def _said(key: str, value: object) -> str:
    name = _NAMES.get(key, key.replace("_", " "))
    if isinstance(value, bool):
        return name if value else f"not: {name}"
    return f"{name}{':' if isinstance(value, Struct) and not isinstance(value, Ago) else ''} {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, Struct):
        return _table(value)
    if isinstance(value, str | tuple):
        return " or ".join(str(one).replace("_", " ") if one else "nothing known" for one in as_tuple(value))
    return f"{value:,g}" if isinstance(value, int | float) else str(value)


def _table(table: Struct) -> str:
    said = parts(table)
    ends = " days ago" if isinstance(table, Ago) else ""
    words = []
    if "kind" in said:
        words.append(_value(said.pop("kind")))
    low, high = said.pop("at_least", None), said.pop("at_most", None)
    if low is None and high is None and isinstance(table, Count):
        low = 1
    words += [f"at least {_value(low)}{ends}"] if low is not None else []
    if high is not None:
        words.append("never" if high == 0 and isinstance(table, Count) else f"at most {_value(high)}{ends}")
    if isinstance(table, Spent) and "currency" in said:
        words.append(str(said.pop("currency")).upper())
    if "within_days" in said:
        words.append(f"in the last {_value(said.pop('within_days'))} days")
    words += [
        key.replace("_", " ") if value is True else f"{key.replace('_', ' ')} {_value(value)}"
        for key, value in said.items()
    ]
    return ", ".join(words)
