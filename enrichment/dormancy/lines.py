"""What an account is silent in: each product line by itself, and which line a visit's pages are about (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from urllib.parse import unquote

from core.domain import Account, Activity, LineSilence, PageView, State
from enrichment.dormancy.cadence import Cadence, cadence
from enrichment.dormancy.criteria import days_since
from enrichment.dormancy.rules import DormancyRules, Line
from enrichment.dormancy.thresholds import like, thresholds_for

FEW_PRODUCTS = 8
"""Without lines in the rules, each product is a line of its own for accounts that bought no more kinds than these."""

HABIT = 2
"""Days with an order of a product before it is a line of its own: bought once, it says nothing."""


def line_silences(
    account: Account, orders: Sequence[Activity], rules: DormancyRules, as_of: datetime
) -> tuple[LineSilence, ...]:
    """Return how silent the account was at `as_of` in each product line that it ever bought of, the longest first.

    `orders` are its orders before `as_of`. A line's own limit counts, else the rule for its products.
    """
    found = [_line_silence(account, name, bought, rules, as_of) for name, bought in _by_line(orders, rules.line)]
    return tuple(sorted(found, key=lambda one: (-(one.silent_days or 0), one.line)))


def line_of_pages(silent: Iterable[LineSilence], views: Sequence[PageView], rules: DormancyRules) -> str:
    """Return the line, of those in which the account is dormant, that these pages are about; empty when none is.

    The line with the most pages; of several, the first, which is the longest silent.
    """
    lines = {line.name: line for line in rules.line}
    best, most = "", 0
    for one in silent:
        if not one.dormant:
            continue
        pages = sum(_is_about(one.line, lines.get(one.line), view) for view in views)
        if pages > most:
            best, most = one.line, pages
    return best


def _by_line(orders: Sequence[Activity], lines: Sequence[Line]) -> list[tuple[str, list[Activity]]]:
    bought: dict[str, list[Activity]] = defaultdict(list)
    for order in orders:
        if not lines and order.product:
            bought[order.product].append(order)
        for line in lines:
            if order.product and like(order.product, line.products):
                bought[line.name].append(order)
                break
    if lines:
        return list(bought.items())
    if not 1 < len(bought) <= FEW_PRODUCTS:
        return []
    return [item for item in bought.items() if len({order.at.date() for order in item[1]}) >= HABIT]


def _line_silence(
    account: Account, name: str, orders: Sequence[Activity], rules: DormancyRules, as_of: datetime
) -> LineSilence:
    last = max(order.at for order in orders)
    own = next((line.purchase for line in rules.line if line.name == name), None)
    thresholds = thresholds_for(account, frozenset(order.product for order in orders if order.at == last), rules)
    limit = own or thresholds.days("purchase") or rules.tiers.one_year
    rhythm = cadence([order.at for order in orders], as_of)
    silent = days_since(last, as_of)
    return LineSilence(
        line=name,
        state=_state(silent, limit, rhythm, rules),
        silent_days=silent,
        usual_gap_days=rhythm.usual_gap_days if rhythm else None,
        last_at=last,
        rule=name if own else thresholds.rule,
    )


def _state(silent: int, limit: int, rhythm: Cadence | None, rules: DormancyRules) -> State:
    if silent > limit:
        return State.DORMANT
    overdue = rhythm.overdue if rhythm else None
    late = overdue > rules.rhythm.overdue if overdue is not None else silent > rules.tiers.going_quiet
    return State.GOING_QUIET if late else State.ACTIVE


_WORD = re.compile(r"[^\W_]+")
_PLAIN = frozenset(("and", "the", "for", "und", "der", "die", "das", "mit", "für", "plan", "set", "new", "pro"))


def _words(text: str) -> frozenset[str]:
    """Return the words of a text without the endings of plurals."""
    found = (word.casefold() for word in _WORD.findall(text))
    return frozenset(_stem(word) for word in found if len(word) > 2 or not word.isascii())


def _stem(word: str) -> str:
    for ending in ("es", "en", "s", "e", "n"):
        if len(word) - len(ending) >= 3 and word.endswith(ending):
            return word[: -len(ending)]
    return word


def _is_about(name: str, line: Line | None, view: PageView) -> bool:
    """Return whether a page is about a line: by the line's patterns of paths, else by the words of path and title."""
    path = unquote(view.path).casefold()
    if line is not None and line.pages:
        patterns = (line.pages,) if isinstance(line.pages, str) else line.pages
        return any(_path_fits(path, pattern.casefold()) for pattern in patterns)
    page = _words(f"{path} {view.title}")
    named = _words(name) - _PLAIN
    if named and named <= page:
        return True
    if line is None:
        codes = {word for word in named if any(sign.isdigit() for sign in word) and len(word) > 2}
        return bool(codes & page)
    parts = (line.products,) if isinstance(line.products, str) else line.products
    return any((stem := _words(part.replace("*", " ")) - _PLAIN) and stem <= page for part in parts)


def _path_fits(path: str, pattern: str) -> bool:
    if "/" in pattern:
        return fnmatchcase(path, pattern)
    return any(fnmatchcase(part, pattern) for part in path.split("/"))
