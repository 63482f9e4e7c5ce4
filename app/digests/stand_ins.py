"""Whom a held alert is for by now: its recipient may have left, or be away, since it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from alerts.policy import Route
from alerts.reps.hours import local_day
from alerts.reps.rep import Roster
from alerts.routing import Asked, Routed, route
from app.digests.queries import OpenAlert
from core.domain import AccountId
from core.log import logger
from enrichment.account import store as account_store
from enrichment.account.purchases import purchase_facts

_log = logger("digests")


def for_now(
    connection: Connection, found: Sequence[OpenAlert], roster: Roster, routes: Sequence[Route], now: datetime
) -> list[OpenAlert]:
    """Return the open alerts with those untold whose recipient can't hear of them given to whom they would go now."""
    orphaned = {one.call.alert: one for one in found if one.call.hold and _cannot_hear(one.to, roster, now)}
    if not orphaned:
        return list(found)
    asked = _asked(connection, {one.account for one in orphaned.values()}, now, bought=bool(routes))
    given: Counter[str] = Counter()
    made: list[OpenAlert] = []
    for one in found:
        if one.call.alert in orphaned:
            routed = _route(one, asked.get(one.account), roster, routes, given)
            given[routed.to] += 1
            made.append(replace(one, to=routed.to, call=replace(one.call, routed=routed)))
        else:
            made.append(one)
    return made


def _route(
    one: OpenAlert, asked: Asked | None, roster: Roster, routes: Sequence[Route], given: Mapping[str, int]
) -> Routed:
    if asked is not None:
        try:
            return route(replace(asked, product=one.line or asked.product, told_today=dict(given)), roster, routes)
        except Exception as error:
            _log.error("an alert can't be routed anew: the whole team is told", alert=one.call.alert, why=str(error))
    return Routed(to="", why="Whom it was for can't be told: it goes to the whole team.")


def _cannot_hear(email: str, roster: Roster, now: datetime) -> bool:
    if not email:
        return False
    try:
        rep = roster.rep(email)
        return rep.has_left or rep.is_away(local_day(rep.hours, now))
    except Exception as error:
        _log.error("nobody knows whether this person is there: correct their hours on the page Team", why=str(error))
        return False


def _asked(
    connection: Connection, ids: Collection[AccountId], now: datetime, *, bought: bool
) -> Mapping[AccountId, Asked]:
    """What routes may look at; what was `bought` only where there are routes."""
    accounts = account_store.accounts_by_id(connection, ids)
    activities = account_store.activities_of(connection, sorted(accounts), until=now) if bought else {}
    found: dict[AccountId, Asked] = {}
    for account in accounts.values():
        facts = purchase_facts(activities.get(account.id, ()), now)
        found[account.id] = Asked(account=account, at=now, product=facts.last_product, value=facts.lifetime)
    return found
