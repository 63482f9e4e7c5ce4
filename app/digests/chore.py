"""Sends the digests that are due: each rep's once a working day, each manager's once a week, none when empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

import alerts.notices.store
import alerts.shadow.store
from alerts.digests.rep_digest import MOST_ROWS, rep_digest
from alerts.digests.weekly_digest import weekly_digest
from alerts.notices.notice import Notice, NoticeText
from alerts.policy import AlertPolicy
from alerts.reps.hours import is_quiet, local_day, works_on
from alerts.reps.rep import Rep, Roster
from alerts.reps.times import DAYS
from app import store
from app.digests import gather, queries
from app.follow_up.chore import roster_of
from app.signed import DEMO_SITE, is_of_demo
from core.database import reading, writing
from core.domain import SiteId
from core.ids import derived
from enrichment.dormancy.rules import DormancyRules


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
    """Send what is due at `now`; return how many digests are new. May run at any time, and twice at once."""
    with reading(engine) as connection:
        if alerts.shadow.store.running(connection):
            return 0  # nobody is told anything
        roster = roster_of(connection, office.policy, office.zone)
        found = gather_known(connection, office, now)
        people = [roster.rep(email) for email in sorted(found.people(roster)) if _is_meant(email, office, to_demo_only)]
        due = [rep for rep in people if is_due(rep, now) and store.fact(connection, _fact(rep.email)) != _day(rep, now)]
    new = sum(_send_rep(engine, office, found, rep) for rep in due)
    return new + _send_weekly(engine, office, found, roster, to_demo_only)


def gather_known(connection: Connection, office: Office, now: datetime) -> gather.Known:
    """Read what all digests have in common."""
    return gather.known(
        connection,
        office.policy,
        office.rules,
        now,
        site_left_out=office.site_left_out,
        points=(office.alert_point, office.digest_point),
        public_url=office.public_url,
    )


def is_due(rep: Rep, now: datetime) -> bool:
    """Return whether it is the rep's working time: the digest comes when it begins, or as soon after as we run."""
    day = local_day(rep.hours, now)
    at_work = works_on(rep.hours, day) and not rep.is_away(day) and not rep.has_left
    # the same hours hold for reps whose zone nobody gave: a digest at the operator's 8:30 is no alarm at night
    return at_work and not is_quiet(replace(rep.hours, acts=True), now)


def text_for(engine: Engine, office: Office, email: str, now: datetime) -> NoticeText | None:
    """Return what the digest of this person would say now; nothing is written down."""
    with reading(engine) as connection:
        rep = roster_of(connection, office.policy, office.zone).rep(email)
        return rep_digest(rep, gather.rep_day(connection, rep, gather_known(connection, office, now)), now)


def week_for(engine: Engine, office: Office, email: str, now: datetime) -> NoticeText | None:
    """Return what this manager's week would say now; nothing is written down."""
    with reading(engine) as connection:
        roster = roster_of(connection, office.policy, office.zone)
        reps = {rep.email for rep in roster.all() if rep.manager.strip().lower() == email.strip().lower()}
        return _week_text(connection, office, gather_known(connection, office, now), roster, email, reps)


def _week_text(
    connection: Connection, office: Office, found: gather.Known, roster: Roster, email: str, reps: set[str]
) -> NoticeText | None:
    week = gather.week(connection, found, reps, office.site_left_out)
    teams = {rep.team for rep in roster.all() if rep.email in reps and rep.team}
    zone = roster.rep(email).hours.zone
    return weekly_digest(week, teams.pop() if len(teams) == 1 else "", found.now, zone)


def _send_rep(engine: Engine, office: Office, found: gather.Known, rep: Rep) -> int:
    with writing(engine) as connection:
        day = gather.rep_day(connection, rep, found)
        text = rep_digest(rep, day, found.now)
        store.set_fact(connection, _fact(rep.email), _day(rep, found.now))
        if text is None:
            return 0
        notice = Notice(
            id=derived("digest", rep.email, _day(rep, found.now)), kind="digest", to=rep.email, at=found.now, text=text
        )
        if not alerts.notices.store.save(connection, notice, office.channels, found.now):
            return 0
        shown = [one.alert for one in day.to_call[:MOST_ROWS] if one.hold]
        queries.mark_told(connection, shown, notice.id, found.now)
        return 1


def _send_weekly(engine: Engine, office: Office, found: gather.Known, roster: Roster, to_demo_only: bool) -> int:
    teams: dict[str, set[str]] = {}
    for rep in roster.all():
        if rep.manager:
            teams.setdefault(rep.manager.strip().lower(), set()).add(rep.email)
    new = 0
    for email, reps in sorted(teams.items()):
        if not _is_meant(email, office, to_demo_only):
            continue
        manager = roster.rep(email)
        day = local_day(manager.hours, found.now)
        if DAYS[day.weekday()] != office.policy.digest.weekly or not is_due(manager, found.now):
            continue
        with writing(engine) as connection:
            name = _weekly_fact(email)
            if store.fact(connection, name) == day.isoformat():
                continue
            store.set_fact(connection, name, day.isoformat())
            text = _week_text(connection, office, found, roster, email, reps)
            if text is None:
                continue
            notice = Notice(
                id=derived("weekly", email, day.isoformat()), kind="weekly", to=email, at=found.now, text=text
            )
            new += alerts.notices.store.save(connection, notice, office.channels, found.now)
    return new


def _is_meant(email: str, office: Office, to_demo_only: bool) -> bool:
    """Whether digests are for this person: the demo's people hear of nothing that leaves the preview."""
    return office.site_left_out is None if is_of_demo(email) else not to_demo_only


def forget(connection: Connection, email: str) -> None:
    """Forget when digests were sent to this person."""
    for name in (_fact(email), _weekly_fact(email)):
        store.forget_fact(connection, name)


def _day(rep: Rep, now: datetime) -> str:
    return local_day(rep.hours, now).isoformat()


def _weekly_fact(email: str) -> str:
    return f"weekly:{derived('weekly', email)}"


def _fact(email: str) -> str:
    return f"digest:{derived('digest', email)}"
