"""An alert as a task: whose it is, what came of it, what is due; and the lists of one rep (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from alerts.reps.hours import after_working_days, after_working_hours
from alerts.reps.rep import Rep
from core.alerting import UNANSWERED, Feedback, FeedbackKind
from core.domain import AccountId, AlertId, SiteId

CONTACTS: frozenset[FeedbackKind] = frozenset({"reached", "no_answer", "meeting", "won", "not_interested"})
"""What shows that somebody called."""

PROMISES: frozenset[FeedbackKind] = frozenset({"no_answer", "reached"})
"""What may come with a promise to call again."""

OPEN_FOR_WORKING_DAYS = 1
"""After so many working days an alert that nobody took is overdue."""

ESCALATE_WITHIN_WORKING_DAYS = 2
"""So long after it was due, at most, a manager is told of what nobody took: over a weekend, but not of last month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An alert, what it is about in a few words, and what people did with it."""

    alert: AlertId
    account: AccountId
    name: str
    site: SiteId
    to: str
    told_at: datetime
    """When its rep could first know: when it was made, or set free or told in a digest."""
    score: float
    facts: str
    """What stands beside the account's name in the message."""
    said: tuple[Feedback, ...] = ()
    """What stands, oldest first."""
    ordered_at: datetime | None = None
    """The account's last order."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be done: another company, of no use, or an order since."""
        ended = any(each.kind in ("wrong_company", "not_useful", "won", "not_interested") for each in self._now)
        return ended or (self.ordered_at is not None and self.ordered_at > self.told_at)

    @property
    def _now(self) -> tuple[Feedback, ...]:
        """What was said since somebody handed it back."""
        back = max((at for at, each in enumerate(self.said) if each.kind == "handed_back"), default=-1)
        return self.said[back + 1 :]

    @property
    def claim(self) -> Feedback | None:
        """Who took it; whoever called without taking it first did, too."""
        taken = next((each for each in self._now if each.kind == "claimed"), None)
        return taken or next((each for each in self._now if each.kind in CONTACTS), None)

    @property
    def contact(self) -> Feedback | None:
        """What came of it last."""
        return next((each for each in reversed(self._now) if each.kind in CONTACTS), None)

    @property
    def first_contact(self) -> Feedback | None:
        """The first call."""
        return next((each for each in self.said if each.kind in CONTACTS), None)

    @property
    def promise(self) -> Feedback | None:
        """When the rep will call again, as long as nothing came after it."""
        last = self.contact
        return last if last and last.kind in PROMISES and last.until is not None else None

    def is_snoozed(self, now: datetime) -> bool:
        """Whether somebody put it off until later than `now`."""
        last = next((each for each in reversed(self._now) if each.kind == "snoozed"), None)
        return last is not None and last.until is not None and last.until > now

    def is_unclaimed(self, now: datetime) -> bool:
        """Whether nobody takes care of it: an open alert."""
        answered = any(each.kind not in UNANSWERED for each in self._now)
        return not answered and not self.is_over and not self.is_snoozed(now)

    def is_silent(self) -> bool:
        """Whether somebody took it, and nothing is logged since."""
        return self.claim is not None and self.contact is None and not self.is_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A task with the moment at which it is, or was, due."""

    task: Task
    at: datetime
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MyList:
    """What one rep has to do."""

    to_call: tuple[Due, ...]
    """Alerts for them that nobody took, the most urgent first."""
    taken: tuple[Due, ...]
    """What they took, with nothing logged yet."""
    promised: tuple[Due, ...]
    """Calls that they promised."""

    @property
    def overdue(self) -> tuple[Due, ...]:
        """All of it that should have been done by now, the longest first."""
        late = [due for due in (*self.to_call, *self.taken, *self.promised) if due.is_overdue]
        return tuple(sorted(late, key=lambda due: due.at))


def my_list(tasks: Iterable[Task], rep: Rep, now: datetime, remind_after: int) -> MyList:
    """Return the lists of `rep`; `remind_after` working days after taking it, what has nothing logged is overdue."""
    to_call: list[Due] = []
    taken: list[Due] = []
    promised: list[Due] = []
    for task in tasks:
        claim, promise = task.claim, task.promise
        if is_theirs(task.to, rep) and task.is_unclaimed(now):
            to_call.append(_due(task, after_working_days(rep, task.told_at, OPEN_FOR_WORKING_DAYS), now))
        elif claim is not None and is_theirs(claim.by, rep) and task.is_silent():
            taken.append(_due(task, after_working_days(rep, claim.at, max(1, remind_after)), now))
        elif promise is not None and is_theirs(promise.by, rep) and promise.until and not task.is_over:
            promised.append(_due(task, promise.until, now))
    return MyList(
        to_call=tuple(sorted(to_call, key=lambda due: (-due.task.score, due.at))),
        taken=tuple(sorted(taken, key=lambda due: due.at)),
        promised=tuple(sorted(promised, key=lambda due: due.at)),
    )


def to_remind(tasks: Iterable[Task], rep_of: Callable[[str], Rep], now: datetime, working_days: int) -> list[Task]:
    """Return the tasks that somebody took so many working days ago, with nothing logged since; 0 days: none."""
    if working_days <= 0:
        return []
    return [
        task
        for task in tasks
        if task.is_silent()
        and (claim := task.claim) is not None
        and after_working_days(rep_of(reader(task)), claim.at, working_days) <= now
    ]


def to_escalate(tasks: Iterable[Task], rep_of: Callable[[str], Rep], now: datetime, hours: float) -> list[Task]:
    """Return the tasks that nobody took within so many of their rep's working hours, the oldest first; 0 hours: none.

    Only what became due lately: who sets the hours for the first time isn't told of last month.
    """
    if hours <= 0:
        return []
    found: list[Task] = []
    for task in tasks:
        if not task.is_unclaimed(now):
            continue
        rep = rep_of(task.to)
        due = after_working_hours(rep, task.told_at, hours)
        if due <= now <= after_working_days(rep, due, ESCALATE_WITHIN_WORKING_DAYS):
            found.append(task)
    return sorted(found, key=lambda task: (task.told_at, task.alert))


def reader(task: Task) -> str:
    """Return who is reminded: who took it where that is an e-mail address, else whom it was for."""
    claim = task.claim
    return claim.by if claim is not None and "@" in claim.by and " " not in claim.by else task.to


def is_theirs(email: str, rep: Rep) -> bool:
    """Say whether an address is the rep's; upper and lower case don't matter."""
    return email.strip().lower() == rep.email


def _due(task: Task, at: datetime, now: datetime) -> Due:
    return Due(task=task, at=at, is_overdue=at <= now)
