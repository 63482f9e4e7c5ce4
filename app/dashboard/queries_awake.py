"""Who is awake: dormant accounts that came back to the website, with what a manager needs to decide."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Subquery, and_, case, distinct, exists, func, or_, select

from alerts.tables import alerts, feedback
from app.dashboard import queries_facts as facts
from core.alerting import BY_ITSELF, UNANSWERED, USEFUL, USELESS
from enrichment.tables import accounts, activities, judgements

AWAKE_FOR = timedelta(days=30)
"""How long after its last visit an account counts as awake."""
SPARK_DAYS = 14
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Awake:
    """One dormant account with intent."""

    account: str
    name: str
    industry: str
    owner: str
    silent_days: int | None
    """As of now: the visit's figure plus the days since."""
    usual_gap_days: float | None
    worth: facts.Money | None
    days: tuple[int, ...]
    """Visits on each of the last 14 days, today last."""
    last_at: datetime
    last_pages: tuple[str, ...]
    confidence: float | None
    points: float
    left_over: str
    alert: str | None
    alerted_at: datetime | None
    claim: facts.Claim | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopLine:
    """The figures above the list; a figure is None when there is nothing to count yet."""

    awake: int
    worth: tuple[facts.Money, ...]
    """What the awake accounts bought in their lives, the currency of most accounts first."""
    unclaimed: int | None
    """Alerts that nobody took for more than a day."""
    won_back: int
    """Accounts that ordered within 90 days after an alert."""
    won_back_worth: tuple[facts.Money, ...]
    judged: int
    """Alerts that somebody took, called wrong or of no use, in 90 days."""
    useful: int
    """Those of them that were taken and neither wrong nor of no use."""


def _latest(now: datetime) -> Subquery:
    """Each awake account with its last visit that showed interest."""
    newest = func.row_number().over(
        partition_by=judgements.c.account, order_by=(judgements.c.at.desc(), judgements.c.visit)
    )
    ranked = (
        select(
            *judgements.c["account", "visit", "at", "points", "confidence", "silent_days"],
            newest.label("place"),
        )
        .where(
            judgements.c.account.is_not(None),
            judgements.c.dormant.is_(True),
            judgements.c.at >= now - AWAKE_FOR,
            judgements.c.at <= now,
            judgements.c.points > 0,  # a job seeker from the same network doesn't send the account to sleep
        )
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1).subquery()


def count_awake(connection: Connection, now: datetime) -> int:
    """Return how many dormant accounts are awake."""
    latest = _latest(now)
    return connection.execute(select(func.count()).select_from(latest)).scalar_one()


def awake(connection: Connection, now: datetime, zone: ZoneInfo, page: int = 1) -> tuple[Awake, ...]:
    """Return a page of the awake accounts, whoever was here last first."""
    latest = _latest(now)
    rows = connection.execute(
        select(latest, accounts.c.name, accounts.c.industry, accounts.c.owner_email)
        .join_from(latest, accounts, latest.c.account == accounts.c.id)
        .order_by(latest.c.at.desc(), latest.c.points.desc(), latest.c.account)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    ids = [row.account for row in rows]
    orders, left = facts.orders_of(connection, ids), facts.reasons_left(connection, ids)
    claims, last_alerts = facts.claims_of(connection, ids), facts.latest_alerts(connection, ids)
    pages = facts.pages_of(connection, [row.visit for row in rows])
    days = _days(connection, ids, now, zone)
    nothing = (None, None)
    return tuple(
        Awake(
            account=row.account,
            name=row.name,
            industry=row.industry,
            owner=row.owner_email,
            silent_days=None if row.silent_days is None else row.silent_days + (now - row.at).days,
            usual_gap_days=orders.get(row.account, facts.NO_ORDERS).usual_gap_days,
            worth=orders.get(row.account, facts.NO_ORDERS).worth,
            days=days.get(row.account, (0,) * SPARK_DAYS),
            last_at=row.at,
            last_pages=facts.page_names(pages.get(row.visit, ())),
            confidence=row.confidence,
            points=row.points,
            left_over=left.get(row.account, ""),
            alert=last_alerts.get(row.account, nothing)[0],
            alerted_at=last_alerts.get(row.account, nothing)[1],
            claim=claims.get(row.account),
        )
        for row in rows
    )


def _days(connection: Connection, ids: list[str], now: datetime, zone: ZoneInfo) -> dict[str, tuple[int, ...]]:
    if not ids:
        return {}
    today = now.astimezone(zone).date()
    rows = connection.execute(
        select(judgements.c.account, judgements.c.at).where(
            judgements.c.account.in_(ids), judgements.c.at >= now - timedelta(days=SPARK_DAYS + 1)
        )
    )
    counts = Counter((row.account, (today - row.at.astimezone(zone).date()).days) for row in rows)
    return {account: tuple(counts[account, SPARK_DAYS - 1 - place] for place in range(SPARK_DAYS)) for account in ids}


def top_line(connection: Connection, now: datetime) -> TopLine:
    """Return the figures above the list."""
    latest = _latest(now)
    won, won_worth = _won_back(connection, now)
    judged, useful = _usefulness(connection, now)
    worth = connection.execute(
        select(activities.c.currency, func.sum(activities.c.amount_hundredths).label("total"))
        .join_from(activities, latest, activities.c.account == latest.c.account)
        .where(activities.c.kind == "purchase", activities.c.amount_hundredths.is_not(None))
        .group_by(activities.c.currency)
        .order_by(func.count(distinct(activities.c.account)).desc(), activities.c.currency)
    )
    any_alert = connection.execute(select(exists().where(alerts.c.backfill.is_(False)))).scalar_one()
    return TopLine(
        awake=count_awake(connection, now),
        worth=tuple(facts.money(row.total, row.currency) for row in worth),
        unclaimed=_unclaimed(connection, now) if any_alert else None,
        won_back=won,
        won_back_worth=won_worth,
        judged=judged,
        useful=useful,
    )


def _unclaimed(connection: Connection, now: datetime) -> int:
    answered = exists().where(
        feedback.c.alert == alerts.c.id, feedback.c.undone_at.is_(None), feedback.c.kind.not_in(UNANSWERED)
    )
    return connection.execute(
        select(func.count(distinct(alerts.c.account))).where(
            alerts.c.backfill.is_(False),
            alerts.c.at < now - timedelta(days=1),
            alerts.c.at >= now - AWAKE_FOR,
            ~answered,
        )
    ).scalar_one()


def _won_back(connection: Connection, now: datetime) -> tuple[int, tuple[facts.Money, ...]]:
    """Accounts that ordered after an alert that was told, each order counted once, both within the last 90 days."""
    since = now - timedelta(days=90)
    alerted_before = exists().where(
        alerts.c.account == activities.c.account,
        alerts.c.at >= since,
        alerts.c.at < activities.c.at,
        alerts.c.backfill.is_(False),
        or_(alerts.c.hold == "", alerts.c.told_in.is_not(None)),
    )
    ordered = and_(activities.c.kind == "purchase", activities.c.at >= since, activities.c.at <= now, alerted_before)
    who = connection.execute(select(func.count(distinct(activities.c.account))).where(ordered)).scalar_one()
    rows = connection.execute(
        select(activities.c.currency, func.sum(activities.c.amount_hundredths).label("total"))
        .where(ordered, activities.c.amount_hundredths.is_not(None))
        .group_by(activities.c.currency)
    )
    return who, tuple(facts.money(row.total, row.currency) for row in rows)


def _usefulness(connection: Connection, now: datetime) -> tuple[int, int]:
    wrong = func.max(case((feedback.c.kind.in_(USELESS), 1), else_=0))
    answers = (
        select(feedback.c.alert, wrong.label("wrong"))
        .where(
            feedback.c.undone_at.is_(None),
            feedback.c.at >= now - timedelta(days=90),
            feedback.c.kind.in_(USEFUL | USELESS),
            feedback.c.by != BY_ITSELF,  # withdrawn before anybody judged it
        )
        .group_by(feedback.c.alert)
        .subquery()
    )
    row = connection.execute(select(func.count().label("judged"), func.sum(1 - answers.c.wrong).label("useful"))).one()
    return row.judged, int(row.useful or 0)
