"""Sends the digests that are due: each rep's once a working day, each manager's once a week, none when empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

import alerts.notices.store
import alerts.reps.store
import alerts.shadow.store
from alerts.digests.rep_digest import rep_digest
from alerts.digests.weekly_digest import weekly_digest
from alerts.notices.notice import Notice, NoticeText
from alerts.policy import AlertPolicy, roster_of
from alerts.reps.rep import Rep, Roster
from app import store
from app.digests import gather, queries
from app.digests.due import Manager, daily_fact, day_of, team_of, weekly_fact, who_is_due
from app.signed import DEMO_SITE, is_of_demo
from core.database import reading, writing
from core.domain import SiteId
from core.ids import derived
from core.log import logger
from enrichment.dormancy.rules import DormancyRules

_log = logger("digests")

_OTHERS = "digest:others"
"""The fact that says for which day those had their digests who were never entered; one for the demo's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What digests need of the settings."""

    policy: AlertPolicy
    rules: DormancyRules
    zone: ZoneInfo
    channels: Sequence[str]
    """Where digests go. Where that is the preview alone, the demo's customers are told of too."""
    alert_point: float
    digest_point: float
    public_url: str

    @property
    def site_left_out(self) -> SiteId | None:
        return None if tuple(self.channels) == ("preview",) else SiteId(DEMO_SITE)


def send_due(engine: Engine, office: Office, now: datetime, *, to_demo_only: bool = False) -> int:
    """Send what is due at `now`; return how many digests are new. May run at any time, and twice at once.

    One person whose digest can't be made keeps nobody else from theirs: that is logged, and tried again.
    """
    others = f"{_OTHERS}:demo" if to_demo_only else _OTHERS
    with reading(engine) as connection:
        if alerts.shadow.store.running(connection):
            return 0  # nobody is told anything
        roster = _roster(connection, office)
        meant = partial(_is_meant, office=office, to_demo_only=to_demo_only)
        due = who_is_due(connection, roster, office.policy.digest.weekly, now, meant, others)
        if due.is_nobody:
            return 0
        found = gather_known(connection, office, roster, now)
    new = sum(_told(rep.email, _send_rep, engine, office, found, rep) or 0 for rep in due.reps)
    if due.others_day:
        said = [
            _told(email, _send_other, engine, office, found, roster, email)
            for email in found.others(roster)
            if meant(email)
        ]
        new += sum(one or 0 for one in said)
        if None not in said:
            with writing(engine) as connection:
                store.set_fact(connection, others, due.others_day)
    return new + sum(_told(one.rep.email, _send_week, engine, office, found, roster, one) or 0 for one in due.managers)


def gather_known(connection: Connection, office: Office, roster: Roster, now: datetime) -> gather.Known:
    """Read what all digests have in common."""
    return gather.known(
        connection,
        office.policy,
        office.rules,
        roster,
        now,
        site_left_out=office.site_left_out,
        points=(office.alert_point, office.digest_point),
        public_url=office.public_url,
    )


def text_for(engine: Engine, office: Office, email: str, now: datetime) -> NoticeText | None:
    """Return what the digest of this person would say now; nothing is written down."""
    with reading(engine) as connection:
        roster = _roster(connection, office)
        found = gather_known(connection, office, roster, now)
        rep = roster.rep(email)
        return rep_digest(rep, gather.rep_day(connection, rep, found), now)


def week_for(engine: Engine, office: Office, email: str, now: datetime) -> NoticeText | None:
    """Return what this manager's week would say now; nothing is written down."""
    with reading(engine) as connection:
        roster = _roster(connection, office)
        found = gather_known(connection, office, roster, now)
        return _week_text(connection, office, found, roster, roster.rep(email), team_of(roster, email))


def _week_text(
    connection: Connection, office: Office, found: gather.Known, roster: Roster, manager: Rep, team: Set[str]
) -> NoticeText | None:
    week = gather.week(connection, found, team, office.site_left_out)
    teams = {name for email in team if (name := roster.rep(email).team)}
    return weekly_digest(week, teams.pop() if len(teams) == 1 else "", found.now, manager.hours.zone)


def _roster(connection: Connection, office: Office) -> Roster:
    return roster_of(alerts.reps.store.entries(connection), office.policy, office.zone)


def _told(email: str, send: Callable[..., int], *given: object) -> int | None:
    """Return how many digests were sent; None, and a line in the log, where it failed."""
    try:
        return send(*given)
    except Exception as error:
        who = derived("digest", email)  # the fact's name: no address in the log
        _log.error("a digest can't be made; the others are sent", person=who, why=f"{type(error).__name__}: {error}")
        return None


def _send_other(engine: Engine, office: Office, found: gather.Known, roster: Roster, email: str) -> int:
    return _send_rep(engine, office, found, roster.rep(email))


def _send_rep(engine: Engine, office: Office, found: gather.Known, rep: Rep) -> int:
    name, today = daily_fact(rep.email), day_of(rep, found.now)
    with reading(engine) as connection:  # what takes long is read before the lock is taken
        if store.fact(connection, name) == today:
            return 0
        day = gather.rep_day(connection, rep, found)
    text = rep_digest(rep, day, found.now)
    with writing(engine) as connection:
        if store.fact(connection, name) == today:
            return 0
        store.set_fact(connection, name, today)
        if text is None:
            return 0
        notice = Notice(id=derived("digest", rep.email, today), kind="digest", to=rep.email, at=found.now, text=text)
        if not alerts.notices.store.save(connection, notice, office.channels, found.now):
            return 0
        # those that are only counted are told too: they stand in My list from now on
        queries.mark_told(connection, [one for one in day.to_call if one.hold], notice.id, found.now)
        return 1


def _send_week(engine: Engine, office: Office, found: gather.Known, roster: Roster, manager: Manager) -> int:
    email, name = manager.rep.email, weekly_fact(manager.rep.email)
    with reading(engine) as connection:
        text = _week_text(connection, office, found, roster, manager.rep, manager.team)
    with writing(engine) as connection:
        if store.fact(connection, name) == manager.week:
            return 0
        store.set_fact(connection, name, manager.week)
        if text is None:
            return 0
        notice = Notice(id=derived("weekly", email, manager.week), kind="weekly", to=email, at=found.now, text=text)
        return int(alerts.notices.store.save(connection, notice, office.channels, found.now))


def _is_meant(email: str, office: Office, to_demo_only: bool) -> bool:
    """Whether digests are for this person: the demo's people hear of nothing that leaves the preview."""
    return office.site_left_out is None if is_of_demo(email) else not to_demo_only


def forget(connection: Connection, email: str) -> None:
    """Forget when digests were sent to this person."""
    for name in (daily_fact(email), weekly_fact(email)):
        store.forget_fact(connection, name)
