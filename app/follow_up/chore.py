"""The one reminder where an account was taken and nothing is logged, and the escalation of what nobody takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

import alerts.notices.store
import alerts.reps.store
from alerts.buttons import Action, Button
from alerts.notices.notice import Notice, NoticeText, Row, Section
from alerts.policy import AlertPolicy, working_hours
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

_log = logger("follow-up")


def follow_up(
    engine: Engine,
    policy: AlertPolicy,
    zone: ZoneInfo,
    channels: Callable[[SiteId], Sequence[str]],
    now: datetime,
) -> int:
    """Send what is due, each once, within the reader's hours; return how many notices are new.

    May run at any time and twice at once: the notice's id is derived from what it tells.
    """
    rules = policy.follow_up
    with reading(engine) as connection:
        tasks = queries.tasks(connection, now - LOOK_BACK)
        roster = roster_of(connection, policy, zone)
    made = [
        (task, _reminder(task, roster.rep(reader(task)), now))
        for task in to_remind(tasks, roster.rep, now, rules.remind_after_working_days)
    ]
    for task in to_escalate(tasks, now, rules.escalate_after_hours):
        manager = roster.rep(task.to).manager if task.to else ""
        if not manager:
            _log.debug("an alert that nobody takes has no manager to tell", alert=task.alert)
            continue
        made.append((task, _escalation(task, manager, zone, now)))
    due = [(task, notice) for task, notice in made if not is_quiet_for(roster.rep(notice.to), now)]
    new = 0
    for task, notice in due:
        with writing(engine) as connection:
            new += alerts.notices.store.save(connection, notice, channels(task.site), now)
    return new


def roster_of(connection: Connection, policy: AlertPolicy, zone: ZoneInfo) -> Roster:
    """Return everybody who gets alerts, by the policy."""
    return Roster(alerts.reps.store.entries(connection), working_hours(policy, zone), policy.most_a_day)


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


def _escalation(task: Task, manager: str, zone: ZoneInfo, now: datetime) -> Notice:
    hours = int((now - task.told_at).total_seconds() // 3600)
    when = f"{date(task.told_at, zone)} {clock_time(task.told_at, zone)}"
    said = f"Nobody has taken {task.name} for {hours} h: {person(task.to)} was told {when}."
    row = f"{said} {task.facts}".strip()
    return Notice(
        id=derived("escalation", task.alert),
        kind="escalation",
        to=manager,
        at=now,
        text=NoticeText(
            push=said,
            title=f"{task.name}: nobody has taken it",
            sections=(_section("Decide", row, task, ("claim", "timeline")),),
        ),
    )


def _section(label: str, text: str, task: Task, actions: tuple[Action, ...]) -> Section:
    buttons = tuple(Button(action=action, subject=task.alert) for action in actions)
    return Section(label=label, rows=(Row(text=text, buttons=buttons),))
