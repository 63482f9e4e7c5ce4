"""What is known of reps and of what was told, while one batch is judged: asked once, when somebody may be told.

Most batches qualify nobody; they ask nothing here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection

import alerts.precision.store
import alerts.reps.store
import alerts.shadow.store
from alerts import told_store
from alerts.policy import Route, roster_of
from alerts.reps.hours import local_day
from alerts.reps.rep import Rep, RepEntry, Roster
from alerts.routing import Asked, Routed, recipient, route
from alerts.throttle import LastAlert, Restraint
from app.parts import Parts
from app.signed import DEMO_SITE
from core.alerting import Alert, Briefing, Hold
from core.domain import Account, AccountId, Signal

_A_DAY_ANYWHERE = timedelta(hours=50)
"""A day that is today in some zone began at most so long ago; an hour on top for a day of 25."""


class Desk:
    """Asked by `app.speaking` for each signal, in order; lives as long as the connection's transaction."""

    def __init__(self, connection: Connection, accounts: Collection[Account]) -> None:
        self._connection = connection
        self._ids: tuple[AccountId, ...] = tuple(sorted({account.id for account in accounts}))
        self._owners = {owner for account in accounts if (owner := recipient(account))}
        self._told: dict[str, list[datetime]] | None = None

    def last_alert(self, account: AccountId) -> LastAlert | None:
        """Return the account's last alert; what was held in a shadow mode that is over was never said."""
        last = self._last.get(account)
        return None if last is not None and last.hold is Hold.SHADOW and not self._in_shadow else last

    def snoozed_until(self, account: AccountId) -> datetime | None:
        return self._snoozed.get(account)

    def roster(self, parts: Parts) -> Roster:
        """Return everybody who gets alerts, by the policy as it is now."""
        return roster_of(self._entries, parts.policy(), parts.zone)

    def route(self, signal: Signal, briefing: Briefing, parts: Parts, now: datetime) -> tuple[Routed, Rep | None]:
        """Return whom the alert would be for; with the rep, where it is one in person."""
        roster, routes = self.roster(parts), parts.policy().routes
        asked = Asked(
            account=signal.account,
            at=now,
            product=signal.line or briefing.purchases.last_product,
            value=briefing.purchases.lifetime,
        )
        if routes:
            people = {rep.email for each in routes for rep in roster.team(each.team)} if _has_teams(routes) else ()
            asked = replace(asked, told_today={email: self._today(roster.rep(email), now) for email in people})
        routed = route(asked, roster, routes)
        return routed, roster.rep(routed.to) if routed.to else None

    def restraint(self, signal: Signal, rep: Rep | None, now: datetime, *, is_held_out: bool) -> Restraint:
        """Return what may keep the alert from being told at once."""
        if signal.visit.site == DEMO_SITE:
            return Restraint(is_exempt=True)
        return Restraint(
            in_shadow=self._in_shadow,
            is_held_out=is_held_out,
            is_demoted=signal.rule in self._demoted,
            rep=rep,
            told_today=self._today(rep, now) if rep else 0,
        )

    def note(self, alert: Alert, now: datetime) -> None:
        """Remember an alert of this batch: it counts for those that follow."""
        if alert.backfill:
            return
        self._last[alert.account] = LastAlert(
            at=alert.at, score=alert.score, rule=alert.rule, kind=alert.kind, hold=alert.hold
        )
        if alert.hold is None and alert.to and alert.site != DEMO_SITE:
            self._told_of(alert.to, now).append(now)

    def _today(self, rep: Rep, now: datetime) -> int:
        """How many real-time alerts the rep got on the day that it is for them now."""
        day = local_day(rep.hours, now)
        return sum(local_day(rep.hours, at) == day for at in self._told_of(rep.email, now))

    def _told_of(self, email: str, now: datetime) -> list[datetime]:
        if self._told is None:
            people = self._owners | {entry.email for entry in self._entries}
            since = now - _A_DAY_ANYWHERE
            self._told = {**told_store.told_since(self._connection, people, since, DEMO_SITE)}
            for each in people:
                self._told.setdefault(each, [])
        if email not in self._told:  # a deputy or a route's person who was never entered
            since = now - _A_DAY_ANYWHERE
            self._told[email] = told_store.told_since(self._connection, {email}, since, DEMO_SITE).get(email, [])
        return self._told[email]

    @cached_property
    def _last(self) -> dict[AccountId, LastAlert]:
        return dict(told_store.last_told(self._connection, self._ids))

    @cached_property
    def _snoozed(self) -> Mapping[AccountId, datetime]:
        return told_store.snoozed_until(self._connection, self._ids)

    @cached_property
    def _entries(self) -> tuple[RepEntry, ...]:
        return alerts.reps.store.entries(self._connection)

    @cached_property
    def _in_shadow(self) -> bool:
        return alerts.shadow.store.running(self._connection) is not None

    @cached_property
    def _demoted(self) -> frozenset[str]:
        return alerts.precision.store.demoted(self._connection)


def _has_teams(routes: Collection[Route]) -> bool:
    return any(each.team for each in routes)
