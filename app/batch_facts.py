"""What one batch needs to know about the accounts that it recognised, asked of the database once.

What only a message needs is asked when one is to be written: most batches qualify nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cached_property

from sqlalchemy import Connection

import alerts.store
from alerts.milestones import told_in_thread
from alerts.notices.notice import Notice
from app.desk import Desk
from core.alerting import Alert, Briefing
from core.domain import AccountId, Activity, Contact, Drop, Signal, Visit, VisitId
from enrichment.account import store as account_store
from enrichment.account.purchases import purchase_facts
from enrichment.account.segment_store import segments_of
from enrichment.dormancy import store as dormancy_store
from enrichment.dormancy.states import Standing, WebHistory
from enrichment.dormancy.usage import UsageWeek
from enrichment.dormancy.usage_queries import heavy_users, usage_of
from enrichment.enrich import Recognised
from enrichment.intent import store as intent_store
from enrichment.intent.group import buying_group
from enrichment.intent.history import PastVisit
from enrichment.intent.rules import ScoringRules
from enrichment.intent.store import Asked

TOGETHER = timedelta(hours=24)
"""Visitors of one account within this span are told of together."""


def with_segments(
    connection: Connection, found: Sequence[tuple[Visit, Recognised | Drop]]
) -> list[tuple[Visit, Recognised | Drop]]:
    """Return what was found, its accounts with the saved segments that they are in now: these change with visits."""
    ids = {item.account.id for _, item in found if isinstance(item, Recognised)}
    known = segments_of(connection, ids)
    return [
        (visit, replace(item, account=replace(item.account, segments=known.get(item.account.id, ()))))
        if isinstance(item, Recognised)
        else (visit, item)
        for visit, item in found
    ]


class Facts:
    """Grows as the batch's visits are judged in order."""

    def __init__(self, connection: Connection, recognised: Sequence[Recognised], scoring: ScoringRules) -> None:
        ids = sorted({found.account.id for found in recognised})
        begins = [found.visit.started_at for found in recognised]
        self.activities: Mapping[AccountId, Sequence[Activity]] = account_store.activities_of(
            connection, ids, until=max(begins, default=None), earliest=min(begins, default=None)
        )
        heavy = heavy_users(self.activities)
        self.usage: Mapping[AccountId, Sequence[UsageWeek]] = usage_of(connection, heavy) if heavy else {}
        asked = [Asked(account=one.account.id, visit=one.visit.id, at=one.visit.last_at) for one in recognised]
        self.past = intent_store.past_visits(connection, asked, timedelta(days=scoring.horizon_days))
        self.of_batch: dict[AccountId, dict[VisitId, PastVisit]] = {}
        self.standings: Mapping[AccountId, Standing] = dormancy_store.states(connection, ids)
        self.desk = Desk(connection, [found.account for found in recognised])
        self.alert_of: Mapping[VisitId, Alert] = alerts.store.alert_by_visit(
            connection, [found.visit.id for found in recognised]
        )
        self.said: dict[AccountId, Alert] = {}
        """The alerts of this batch, which the database doesn't know yet."""
        self.news: list[tuple[Alert, Notice]] = []
        """What is new for the threads of alerts."""
        self._connection, self._ids = connection, ids

    @cached_property
    def last_backfill(self) -> dict[AccountId, datetime]:
        """When each account last caused an alert that was found in history."""
        return dict(alerts.store.last_alerts(self._connection, self._ids, backfill=True))

    @cached_property
    def _contacts(self) -> Mapping[AccountId, Sequence[Contact]]:
        return account_store.contacts_of(self._connection, self._ids)

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
        """Return what a message says beside the signal."""
        account, visit = signal.account.id, signal.visit
        before = [item for item in self.activities.get(account, ()) if item.at < visit.started_at]
        others = self.others(account, visit)
        here = buying_group(visit, others, TOGETHER)
        return Briefing(
            purchases=purchase_facts(before, visit.started_at),
            contacts=tuple(self._contacts.get(account, ())),
            last_contact_at=max((item.at for item in before if item.kind == "contact"), default=None),
            reached_at=tuple(
                item.at for item in before if item.kind in ("contact", "reply") and item.at.time() != time()
            ),
            visitors=here.count,
            visitors_at_least=here.at_least,
            group=buying_group(visit, others),
        )
