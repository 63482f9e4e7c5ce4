"""What a digest tells of, put together from the rooms that know it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

import alerts.store
from alerts.digests.rep_digest import Late, Promised, RepDay, ToCall, ToJudge
from alerts.digests.weekly_digest import Week, WeekAlert
from alerts.policy import AlertPolicy
from alerts.reps.rep import Rep, Roster
from alerts.wording import money, person
from app.digests import queries, stand_ins
from app.follow_up import queries as tasks_of
from app.follow_up.work import Task, my_list
from app.review_queries import Question, open_questions
from app.worth.measure import brought
from core.alerting import UNANSWERED, USEFUL, USELESS
from core.domain import DropReason, SiteId
from enrichment.dormancy.rules import DormancyRules
from enrichment.dormancy.slipping_queries import Slipping, slipping

FIRST_LOOK_BACK = timedelta(days=7)
MOST_LOOK_BACK = timedelta(days=30)
"""Who was away for longer isn't told of what slipped before."""
KEPT_LOOK_BACK = timedelta(days=3)
"""The visits that nobody was told of are counted over so many days at most: that is a weekend."""
TASKS_LOOK_BACK = timedelta(days=60)
WEEK = timedelta(days=7)
_SHORT: Mapping[str, str] = {
    DropReason.NETWORK_ISP: "home lines",
    DropReason.NETWORK_MOBILE: "home lines",
    DropReason.NETWORK_HOSTING: "clouds and VPNs",
    DropReason.NETWORK_VPN: "clouds and VPNs",
    DropReason.NETWORK_CONTENT: "clouds and VPNs",
    DropReason.ACCOUNT_NONE: "strangers",
    DropReason.ACCOUNT_AMBIGUOUS: "one of several",
    DropReason.ACCOUNT_UNSURE: "unsure",
    DropReason.COMPANY_REJECTED: "wrong company",
    DropReason.PRIVACY_SIGNAL: "asked for privacy",
}
"""What a rep is told of the visits kept from them, in two words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is read once for all digests that are due."""

    to_call: Mapping[str, list[ToCall]]
    """By whom it is for, "" for each channel's fallback."""
    tasks: tuple[Task, ...]
    slipping: tuple[Slipping, ...]
    last: Mapping[str, datetime]
    """When each person had their last digest."""
    now: datetime
    policy: AlertPolicy
    alert_point: float
    digest_point: float
    public_url: str
    kept: dict[datetime, Mapping[str, int]] = field(default_factory=dict)
    """Visits that nobody was told of, by since when: counted once for all who were told at the same time."""

    def others(self, roster: Roster) -> list[str]:
        """Return everybody whom a digest may have something to tell and who wasn't entered."""
        found = set(self.to_call) | {task.to for task in self.tasks if task.to}
        found |= {owner for one in self.slipping if (owner := one.owner.strip().lower())}
        return sorted(email for email in found if not roster.knows(email))

    def since(self, email: str) -> datetime:
        """Return from when on what is new is told to this person."""
        return max(self.last.get(email, self.now - FIRST_LOOK_BACK), self.now - MOST_LOOK_BACK)


def known(
    connection: Connection,
    policy: AlertPolicy,
    rules: DormancyRules,
    roster: Roster,
    now: datetime,
    *,
    site_left_out: SiteId | None,
    points: tuple[float, float],
    public_url: str,
) -> Known:
    """Read what all digests have in common; `points` are the alert point and the digest point."""
    release_after = timedelta(days=policy.holdout.release_days)
    opened = queries.open_alerts(connection, now, release_after, site_left_out)
    to_call: dict[str, list[ToCall]] = {}
    for one in stand_ins.for_now(connection, opened, roster, policy.routes, now):
        to_call.setdefault(one.to, []).append(one.call)
    last = queries.last_digests(connection)
    oldest = max(now - MOST_LOOK_BACK, min([now - FIRST_LOOK_BACK, *last.values()]))
    return Known(
        to_call=to_call,
        tasks=tasks_of.tasks(connection, now - TASKS_LOOK_BACK, site_left_out),
        slipping=slipping(connection, oldest, now, rules),
        last=last,
        now=now,
        policy=policy,
        alert_point=points[0],
        digest_point=points[1],
        public_url=public_url,
    )


def rep_day(connection: Connection, rep: Rep, found: Known) -> RepDay:
    """Return what the digest of `rep` tells of."""
    now, since = found.now, found.since(rep.email)
    tomorrow = datetime.combine(now.astimezone(rep.hours.zone).date() + timedelta(days=1), time(), rep.hours.zone)
    asked = (
        ()
        if not rep.email
        else open_questions(
            connection,
            rep.email,
            now=now,
            alert_point=found.alert_point,
            digest_point=found.digest_point,
            viewer=rep.email,
        )
    )
    own = my_list(found.tasks, rep, now, found.policy.follow_up.remind_after_working_days)
    day = RepDay(
        to_call=found.to_call.get(rep.email, ()),
        to_judge=[_to_judge(one) for one in asked if one.last_at > since],
        slipping=[
            _late(one, found.public_url)
            for one in found.slipping
            if one.since > since and one.owner.strip().lower() == rep.email
        ],
        promised=[
            Promised(alert=due.task.alert, name=due.task.name, until=due.at, is_overdue=due.is_overdue)
            for due in own.promised
            if due.at < tomorrow
        ],
    )
    return day if day.is_empty else replace(day, kept=_kept(connection, max(since, now - KEPT_LOOK_BACK), found))


def _kept(connection: Connection, since: datetime, found: Known) -> Mapping[str, int]:
    if since not in found.kept:
        found.kept[since] = _in_words(queries.kept(connection, since, found.now))
    return found.kept[since]


def _to_judge(one: Question) -> ToJudge:
    return ToJudge(
        visit=one.newest,
        names=tuple((choice.id, choice.name) for choice in one.choices),
        why=next(iter(one.why), one.organisation),
        visits=one.visits,
    )


def _late(one: Slipping, public_url: str) -> Late:
    worth = money(one.last_year, one.currency, digits=2) if one.last_year else ""
    name = f"{one.name} · {worth} a year" if worth else one.name
    return Late(
        account=one.account,
        name=name,
        text=one.text,
        last_visit_at=one.last_visit_at,
        url=f"{public_url}/accounts/{one.account}",
    )


def _in_words(counts: Mapping[str, int]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for code, count in counts.items():
        found["bots" if DropReason(code).is_bot else _SHORT.get(code, "unknown networks")] += count
    return found


def week(connection: Connection, found: Known, reps: Collection[str], site_left_out: SiteId | None) -> Week:
    """Return the week of these reps (lower-case addresses)."""
    now = found.now
    rows = queries.week_alerts(connection, now - WEEK, site_left_out)
    said = alerts.store.feedback_of(connection, [alert for alert, _, _, _ in rows])
    told: list[WeekAlert] = []
    judged = useful = 0
    for alert, _, to, message in rows:
        if to not in reps:
            continue
        standing = {each.kind for each in said.get(alert, ()) if each.undone_at is None}
        text = queries.readable(alert, message)
        if text is None:
            continue
        is_useful, is_useless = bool(standing & USEFUL), bool(standing & USELESS)
        judged += is_useful or is_useless
        useful += is_useful and not is_useless
        if "wrong_company" in standing:
            continue
        told.append(
            WeekAlert(
                name=text.name,
                facts=" · ".join(text.facts),
                who=person(to),
                is_open=not (standing - UNANSWERED),
            )
        )
    holdout = found.policy.holdout
    what = brought(connection, now, share=holdout.share, expected=holdout.expected_orders)
    won = [
        f"{what.names.get(one.account, one.account)}: "
        + (" + ".join(money(amount, currency) for currency, amount in sorted(one.amounts.items())) or "ordered")
        for one in what.recent
        if one.ordered_at >= now - WEEK
    ]
    late = [one for one in found.slipping if one.since >= now - WEEK and one.owner.strip().lower() in reps]
    return Week(alerts=told, judged=judged, useful=useful, won=won, slipping=len(late), verdict=what.verdict)
