"""What silence is measured by: criteria, the activities that each counts, and how one speaks of them (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from core.domain import Activity, ActivityKind
from enrichment.account.mail import by_people

Criterion = Literal[
    "purchase",
    "contact",
    "login",
    "reply",
    "usage",
    "communication",
    "email_open",
    "email_click",
    "event",
    "ticket",
    "engagement",
]

CRITERIA: tuple[Criterion, ...] = (
    "purchase",
    "contact",
    "login",
    "reply",
    "usage",
    "communication",
    "email_open",
    "email_click",
    "event",
    "ticket",
    "engagement",
)
"""What may be missing for too many days, the most telling first."""

NOUNS: Mapping[Criterion, str] = {
    "purchase": "order",
    "contact": "contact",
    "login": "sign-in",
    "reply": "answer",
    "usage": "use of the product",
    "communication": "word in either direction",
    "email_open": "e-mail opened",
    "email_click": "click in an e-mail",
    "event": "event attended",
    "ticket": "ticket",
    "engagement": "engagement",
}

_MANY: Mapping[Criterion, frozenset[ActivityKind]] = {
    "communication": frozenset(("contact", "reply", "ticket")),
    "engagement": frozenset(("contact", "reply", "login", "usage", "email_open", "email_click", "event", "ticket")),
}

_ANSWERS: frozenset[ActivityKind] = frozenset(("reply", "ticket", "event", "purchase"))
"""After one of these, earlier approaches were not in vain."""

RETURNS: tuple[Criterion, ...] = ("login", "usage")
"""What besides an order brings an account back as a customer, where the rule counts it."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """When an account last showed each kind of sign, as known before a moment."""

    last: Mapping[str, datetime]
    """Kind → its newest activity that counts; kinds that it never had are left out."""
    approaches: tuple[datetime, ...]
    """Days on which we spoke to it since it last answered, oldest first; empty where no answer was ever recorded."""

    def at(self, criterion: Criterion) -> datetime | None:
        """Return the newest sign of a criterion; None when the account never had one: missing data isn't silence.

        An order is engagement, too, but only for an account of which other signs are known.
        """
        kinds = _MANY.get(criterion)
        if kinds is None:
            return self.last.get(criterion)
        found = [self.last[kind] for kind in kinds if kind in self.last]
        if found and criterion == "engagement" and "purchase" in self.last:
            found.append(self.last["purchase"])
        return max(found, default=None)


def is_order(activity: Activity) -> bool:
    """Return whether something was bought: a credit note, with a negative amount, isn't an order."""
    return activity.kind == "purchase" and (activity.amount is None or activity.amount >= 0)


def seen(before: Sequence[Activity], asleep_since: datetime | None) -> Seen:
    """Return what counts of `before`, the activities before the moment of judgement.

    What we said to an account since it fell asleep ends no silence; nor do mail scanners' opens and clicks.
    """
    last: dict[str, datetime] = {}
    for one in by_people(before):
        if one.kind == "purchase" and not is_order(one):
            continue
        if one.kind == "contact" and asleep_since is not None and one.at >= asleep_since:
            continue  # we called because it is dormant: that doesn't end dormancy
        if one.kind not in last or one.at > last[one.kind]:
            last[one.kind] = one.at
    return Seen(last=last, approaches=_approaches(before, last))


def _approaches(before: Sequence[Activity], last: Mapping[str, datetime]) -> tuple[datetime, ...]:
    if "reply" not in last:
        return ()
    answered = max(last[kind] for kind in _ANSWERS if kind in last)
    by_day = {one.at.date(): one.at for one in before if one.kind == "contact" and one.at > answered}
    return tuple(by_day[day] for day in sorted(by_day))


def no_sign(criterion: Criterion, silent: int) -> str:
    """Return the silence as a sentence without its stop, such as `No order for 398 days`."""
    noun = NOUNS[criterion]
    if silent < 1:
        return f"Last {noun} less than a day ago"
    return f"No {noun} for {silent} {'day' if silent == 1 else 'days'}"


def days_since(moment: datetime, as_of: datetime) -> int:
    """Return the whole days from `moment` to `as_of`."""
    return (as_of - moment) // _DAY
