"""The one reminder where an account was taken and nothing is logged, and the escalation of what nobody takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

import alerts.notices.store
import alerts.reps.store
from alerts.buttons import Action, Button
from alerts.notices.notice import Notice, NoticeText, Row, Section
from alerts.policy import AlertPolicy, roster_of
from alerts.reps.hours import is_quiet_for
from alerts.reps.rep import Rep, Roster
from alerts.wording import clock_time, date, person
from app.follow_up import queries
from app.follow_up.work import Task, reader, to_escalate, to_remind
from core.database import reading, writing
from core.domain import SiteId
from core.ids import derived
from core.log import logger

LOOK_BACK = timedelta(days=21)
"""Nobody is reminded of what is older: whoever starts to log doesn't hear of last spring."""

MOST_AT_ONCE = 10
"""Alerts in one notice to a manager; what is left comes with the next run."""

_log = logger("follow-up")

Channels = Callable[[SiteId], Sequence[str]]


def follow_up(engine: Engine, policy: AlertPolicy, zone: ZoneInfo, channels: Channels, now: datetime) -> int:
    """Send what is due, each once, within the reader's hours; return how many notices are new.

    May run at any time and twice at once: the notice's id is derived from what it tells. One that can't be made keeps
    no other from being sent.
    """
    rules = policy.follow_up
    with reading(engine) as connection:
        roster = roster_of(alerts.reps.store.entries(connection), policy, zone)
        if not _anybody(roster, now):
            return 0
        escalates = rules.escalate_after_hours > 0
        tasks = queries.tasks(connection, now - LOOK_BACK, claimed_only=not escalates)
        before = queries.escalated(connection, now - 2 * LOOK_BACK) if escalates else frozenset()
    new = 0
    for task in tasks:
        try:
            new += _remind(engine, task, roster, channels, now, rules.remind_after_working_days)
        except Exception as error:
            _log.error("a reminder can't be made; the others are sent", alert=task.alert, why=str(error))
    open_ones = [task for task in tasks if task.alert not in before]
    bundles = _bundles(open_ones, roster, channels, now, rules.escalate_after_hours)
    for (manager, where), found in sorted(bundles.items()):
        try:
            new += _escalate(engine, found, roster.rep(manager), zone, where, now)
        except Exception as error:
            _log.error("an escalation can't be made; the others are sent", alert=found[0].alert, why=str(error))
    return new


def _anybody(roster: Roster, now: datetime) -> bool:
    """Whether anybody may be spoken to; who wasn't entered has the policy's hours."""
    return any(_may_hear(roster, email, now) for email in ("", *roster.emails()))


def _may_hear(roster: Roster, email: str, now: datetime) -> bool:
    try:
        return not is_quiet_for(roster.rep(email), now)
    except Exception as error:
        _log.error("nobody knows when this person works: correct their hours on the page Team", why=str(error))
        return False


def _remind(engine: Engine, task: Task, roster: Roster, channels: Channels, now: datetime, working_days: int) -> int:
    if not to_remind((task,), roster.rep, now, working_days):
        return 0
    rep = roster.rep(reader(task))
    if is_quiet_for(rep, now):
        return 0
    with writing(engine) as connection:
        return alerts.notices.store.save(connection, _reminder(task, rep, now), channels(task.site), now)


def _bundles(
    tasks: Iterable[Task], roster: Roster, channels: Channels, now: datetime, hours: float
) -> dict[tuple[str, tuple[str, ...]], list[Task]]:
    """What nobody took, by the manager who is to hear of it and the channels that it may go to."""
    found: dict[tuple[str, tuple[str, ...]], list[Task]] = defaultdict(list)
    for task in tasks:
        try:
            if not to_escalate((task,), roster.rep, now, hours):
                continue
            manager = roster.manager_of(task.to)
            if not manager:
                _log.debug("an alert that nobody takes has no manager to tell", alert=task.alert)
            elif not is_quiet_for(roster.rep(manager), now):
                found[manager, tuple(channels(task.site))].append(task)
        except Exception as error:
            _log.error("an alert that nobody takes can't be escalated", alert=task.alert, why=str(error))
    return found


def _escalate(
    engine: Engine, tasks: Iterable[Task], manager: Rep, zone: ZoneInfo, channels: Sequence[str], now: datetime
) -> int:
    oldest = sorted(tasks, key=lambda task: (task.told_at, task.alert))
    with writing(engine) as connection:
        before = queries.escalated(connection, now - timedelta(days=1))  # by another run, a moment ago
        left = [task for task in oldest if task.alert not in before][:MOST_AT_ONCE]
        if not left:
            return 0
        return alerts.notices.store.save(connection, _escalation(left, manager.email, zone, now), channels, now)


def _reminder(task: Task, rep: Rep, now: datetime) -> Notice:
    claim = task.claim
    assert claim is not None
    said = f"You took {task.name} on {date(claim.at, rep.hours.zone)}, and nothing is logged yet. What came of it?"
    actions: tuple[Action, ...] = ("reached", "no_answer", "meeting", "not_interested", "hand_back")
    return Notice(
        id=derived("reminder", task.alert, claim.id),
        kind="reminder",
        to=rep.email,
        at=now,
        text=NoticeText(push=said, title="", sections=(_section("Follow up", said, task, actions),)),
        alert=task.alert,
    )


def _escalation(tasks: Sequence[Task], manager: str, zone: ZoneInfo, now: datetime) -> Notice:
    """One notice for all that became due for this manager."""
    first = tasks[0]
    many = f"{len(tasks)} accounts that nobody has taken"
    sections = [_section("Decide", f"{_open(task, zone, now)} {task.facts}".strip(), task, _DECIDE) for task in tasks]
    rows = tuple(row for section in sections for row in section.rows)
    return Notice(
        id=derived("escalation", manager, *(task.alert for task in tasks)),
        kind="escalation",
        to=manager,
        at=now,
        text=NoticeText(
            push=_open(first, zone, now)
            if len(tasks) == 1
            else f"{many}: {', '.join(task.name for task in tasks[:3])}",
            title=f"{first.name}: nobody has taken it" if len(tasks) == 1 else many,
            sections=(Section(label="Decide", rows=rows),),
        ),
    )


_DECIDE: tuple[Action, ...] = ("claim", "timeline")


def _open(task: Task, zone: ZoneInfo, now: datetime) -> str:
    hours = int((now - task.told_at).total_seconds() // 3600)
    when = f"{date(task.told_at, zone)} {clock_time(task.told_at, zone)}"
    return f"Nobody has taken {task.name} for {hours} h: {person(task.to)} was told {when}."


def _section(label: str, text: str, task: Task, actions: tuple[Action, ...]) -> Section:
    buttons = tuple(Button(action=action, subject=task.alert) for action in actions)
    return Section(label=label, rows=(Row(text=text, buttons=buttons),))
