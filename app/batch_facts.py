"""What one batch needs to know about the accounts that it recognised, asked of the database once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

import alerts.store
import enrichment.store
from core.alerting import Alert, Briefing
from core.domain import AccountId, Activity, Contact, Signal, VisitId
from enrichment.account import store as account_store
from enrichment.account.purchases import purchase_facts
from enrichment.dormancy import store as dormancy_store
from enrichment.dormancy.states import Standing, WebHistory
from enrichment.enrich import Recognised
from enrichment.intent.scoring import LOOK_BACK, PastVisit

TOGETHER = timedelta(hours=24)
"""Visitors of one account within this span are told of together."""


class Facts:
    """Grows as the batch's visits are judged in order."""

    def __init__(self, connection: Connection, recognised: Sequence[Recognised]) -> None:
        ids = sorted({found.account.id for found in recognised})
        earliest = min((found.visit.started_at for found in recognised), default=None)
        self.activities: Mapping[AccountId, Sequence[Activity]] = account_store.activities_of(connection, ids)
        self.contacts: Mapping[AccountId, Sequence[Contact]] = account_store.contacts_of(connection, ids)
        self.past: dict[AccountId, dict[str, PastVisit]] = (
            enrichment.store.past_visits(connection, ids, earliest - LOOK_BACK) if earliest else {}
        )
        self.last_told: dict[AccountId, datetime] = dict(alerts.store.last_alerts(connection, ids))
        self.last_backfill: dict[AccountId, datetime] = dict(alerts.store.last_alerts(connection, ids, backfill=True))
        self.standings: Mapping[AccountId, Standing] = dormancy_store.states(connection, ids)
        self.alert_of: Mapping[VisitId, Alert] = alerts.store.alert_by_visit(
            connection, [found.visit.id for found in recognised]
        )

    def others(self, found: Recognised) -> list[PastVisit]:
        """The account's visits before this one's last moment, without this one."""
        visit = found.visit
        past = self.past.get(found.account.id, {})
        return [other for key, other in past.items() if key != visit.id and other.at <= visit.last_at]

    def history(self, account: AccountId) -> WebHistory | None:
        """Where the account stood before this batch."""
        standing = self.standings.get(account)
        return WebHistory(state=standing.state, since=standing.since) if standing else None

    def remember(self, signal: Signal, points: float) -> None:
        visit = signal.visit
        past = PastVisit(at=visit.last_at, visitor=visit.visitor, own_points=points)
        self.past.setdefault(signal.account.id, {})[visit.id] = past

    def briefing(self, signal: Signal) -> Briefing:
        account, visit = signal.account.id, signal.visit
        before = [item for item in self.activities.get(account, ()) if item.at < visit.started_at]
        near = [
            other
            for other in self.past.get(account, {}).values()
            if visit.last_at - TOGETHER <= other.at <= visit.last_at
        ]
        return Briefing(
            purchases=purchase_facts(before, visit.started_at),
            contacts=tuple(self.contacts.get(account, ())),
            last_contact_at=max((item.at for item in before if item.kind == "contact"), default=None),
            visitors=len({visit.visitor, *(other.visitor for other in near)}),
        )
