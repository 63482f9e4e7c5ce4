"""Who is on the site at this moment: companies by name, everybody else only as a count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from app.dashboard import queries_facts as facts
from app.dashboard.queries_rows import shown_organisation
from enrichment.tables import judgements
from tracker.tables import visits

RECENT = timedelta(minutes=30)
LIVE = timedelta(minutes=5)
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A company on the site: all its visits of the last 30 minutes together."""

    organisation: str
    kind: str
    site: str
    account: str | None
    account_name: str
    dormant: bool
    maybe: bool
    """Whether it could be one of several customers, so that nobody may be told."""
    visitors: int
    since: datetime
    last_at: datetime
    is_live: bool
    """Whether something happened within the last 5 minutes."""
    pages: tuple[facts.ViewedPage, ...]
    visit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Visits that nobody is named for, counted by the kind of network or the reason."""

    code: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSite:
    """Everybody of the last 30 minutes."""

    companies: tuple[Present, ...]
    others: tuple[Others, ...]


def count_live_companies(connection: Connection, now: datetime) -> int:
    """Return how many companies (named or customers) saw a page within the last 5 minutes."""
    who = func.coalesce(judgements.c.account, judgements.c.domain, judgements.c.organisation)
    return connection.execute(
        select(func.count(func.distinct(who)))
        .join_from(visits, judgements, judgements.c.visit == visits.c.id)
        .where(
            visits.c.last_at >= now - LIVE,
            visits.c.last_at <= now,
            judgements.c.drop.is_(None) | judgements.c.drop.in_(("account_none", "account_ambiguous")),
        )
    ).scalar_one()


def on_site(connection: Connection, now: datetime) -> OnSite:
    """Return the visits of the last 30 minutes, the newest first, companies gathered."""
    rows = connection.execute(
        select(
            *visits.c["id", "site", "visitor", "started_at", "last_at"],
            visits.c.drop.label("visit_drop"),
            *judgements.c["kind", "organisation", "account", "dormant", "drop"],
        )
        .join_from(visits, judgements, judgements.c.visit == visits.c.id, isouter=True)
        .where(visits.c.last_at >= now - RECENT, visits.c.last_at <= now)
        .order_by(visits.c.last_at.desc(), visits.c.id)
        .limit(MOST)
    ).all()
    names = facts.account_names(connection, {row.account for row in rows if row.account})
    groups: dict[tuple[str, str], list[int]] = {}
    others: Counter[str] = Counter()
    for place, row in enumerate(rows):
        who = names.get(row.account or "") or shown_organisation(row.drop, row.kind, row.organisation)
        if who:
            groups.setdefault((who, row.site), []).append(place)
        else:
            others[row.visit_drop or row.drop or row.kind or "not_judged"] += 1
    pages = facts.pages_of(connection, [rows[place].id for places in groups.values() for place in places])
    companies = tuple(
        Present(
            organisation=who,
            kind=rows[places[0]].kind or "",
            site=site,
            account=rows[places[0]].account,
            account_name=names.get(rows[places[0]].account or "", ""),
            dormant=any(rows[place].dormant for place in places),
            maybe=any(rows[place].drop == "account_ambiguous" for place in places),
            visitors=len({rows[place].visitor for place in places}),
            since=min(rows[place].started_at for place in places),
            last_at=rows[places[0]].last_at,
            is_live=now - rows[places[0]].last_at <= LIVE,
            pages=tuple(page for place in reversed(places) for page in pages.get(rows[place].id, ()))[-8:],
            visit=rows[places[0]].id,
        )
        for (who, site), places in groups.items()
    )
    return OnSite(
        companies=companies, others=tuple(Others(code=code, count=count) for code, count in others.most_common())
    )
