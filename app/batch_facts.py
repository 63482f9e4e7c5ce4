"""What one batch needs to know about the accounts that it recognised, asked of the database once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

import alerts.store
from alerts.milestones import told_in_thread
from alerts.notices.notice import Notice
from app.desk import Desk
from core.alerting import Alert, Briefing
from core.domain import AccountId, Activity, Contact, Signal, Visit, VisitId
from enrichment.account import store as account_store
from enrichment.account.purchases import purchase_facts
from enrichment.dormancy import store as dormancy_store
from enrichment.dormancy.states import Standing, WebHistory
from enrichment.dormancy.usage import UsageWeek
from enrichment.dormancy.usage_queries import usage_of
from enrichment.enrich import Recognised
from enrichment.intent import store as intent_store
from enrichment.intent.group import buying_group
from enrichment.intent.history import PastVisit
from enrichment.intent.rules import ScoringRules
from enrichment.intent.store import Asked

TOGETHER = timedelta(hours=24)
"""Visitors of one account within this span are told of together."""


class Facts:
    """Grows as the batch's visits are judged in order."""

    def __init__(self, connection: Connection, recognised: Sequence[Recognised], scoring: ScoringRules) -> None:
        ids = sorted({found.account.id for found in recognised})
        begins = [found.visit.started_at for found in recognised]
        self.activities: Mapping[AccountId, Sequence[Activity]] = account_store.activities_of(
            connection, ids, until=max(begins, default=None), earliest=min(begins, default=None)
        )
        self.usage: Mapping[AccountId, Sequence[UsageWeek]] = usage_of(connection, ids)
        self.contacts: Mapping[AccountId, Sequence[Contact]] = account_store.contacts_of(connection, ids)
        asked = [Asked(account=one.account.id, visit=one.visit.id, at=one.visit.last_at) for one in recognised]
        self.past = intent_store.past_visits(connection, asked, timedelta(days=scoring.horizon_days))
        self.of_batch: dict[AccountId, dict[VisitId, PastVisit]] = {}
        self.last_told: dict[AccountId, datetime] = dict(alerts.store.last_alerts(connection, ids))
        self.last_backfill: dict[AccountId, datetime] = dict(alerts.store.last_alerts(connection, ids, backfill=True))
        self.standings: Mapping[AccountId, Standing] = dormancy_store.states(connection, ids)
        self.desk = Desk(connection, [found.account for found in recognised])
        self.alert_of: Mapping[VisitId, Alert] = alerts.store.alert_by_visit(
            connection, [found.visit.id for found in recognised]
        )
        self.said: dict[AccountId, Alert] = {}
        """The alerts of this batch, which the database doesn't know yet."""
        self.news: list[tuple[Alert, Notice]] = []
        """What is new for the threads of alerts."""
        self._connection = connection

    def others(self, account: AccountId, visit: Visit) -> list[PastVisit]:
        """The account's visits before this one's last moment, without this one: as read, and as judged since."""
        known = {past.id: past for past in self.past.get(visit.id, ())} | self.of_batch.get(account, {})
        return [past for key, past in known.items() if key != visit.id and past.at <= visit.last_at]

    def told(self, account: AccountId) -> Alert | None:
        """The account's last alert that was told: in whose thread it stands what is new since."""
        return self.said.get(account) or alerts.store.last_told(self._connection, account)

    def tell_in_thread(self, alert: Alert, signal: Signal, briefing: Briefing) -> None:
        """Keep what `signal` adds to an alert."""
        self.news += [(alert, notice) for notice in told_in_thread(alert, signal, briefing)]

    def history(self, account: AccountId) -> WebHistory | None:
        """Where the account stood before this batch."""
        standing = self.standings.get(account)
        return WebHistory(state=standing.state, since=standing.since) if standing else None

    def remember(self, account: AccountId, past: PastVisit) -> None:
        self.of_batch.setdefault(account, {})[past.id] = past

    def briefing(self, signal: Signal) -> Briefing:
        account, visit = signal.account.id, signal.visit
        before = [item for item in self.activities.get(account, ()) if item.at < visit.started_at]
        others = self.others(account, visit)
        here = buying_group(visit, others, TOGETHER)
        return Briefing(
            purchases=purchase_facts(before, visit.started_at),
            contacts=tuple(self.contacts.get(account, ())),
            last_contact_at=max((item.at for item in before if item.kind == "contact"), default=None),
            reached_at=tuple(
                item.at for item in before if item.kind in ("contact", "reply") and item.at.time() != time()
            ),
            visitors=here.count,
            visitors_at_least=here.at_least,
            group=buying_group(visit, others),
        )
