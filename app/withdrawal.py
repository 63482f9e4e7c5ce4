"""Takes back alerts that a later look contradicts: the visit turned out to be somebody else's.

A registry's answer, a network that an admin rejected, a clue that came later: the visit is judged again, and what was
said of it before must not go on standing. It is Dormouse's own word, no person's verdict; where the visit is the
account's again, so is the alert.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

import alerts.store
from app import action_queries as queries
from app.acting.in_digests import refresh
from core.alerting import BY_ITSELF
from core.domain import AlertId, State, VisitId

WHY = "What is known of the visit now says that it was somebody else"


def withdraw(connection: Connection, visits: Collection[VisitId], now: datetime) -> tuple[AlertId, ...]:
    """Take back the alerts about these visits that name another account than the visits do now; return them.

    Alerts that people had spoken of stay as people left them, but for the company's being wrong. Those withdrawn
    before whose account the visit is again stand again. May be called any number of times.
    """
    withdrawn: list[AlertId] = []
    for told in queries.told_of(connection, visits):
        given = alerts.store.feedback_of(connection, (told.alert,)).get(told.alert, ())
        wrong = [each for each in given if each.kind == "wrong_company" and each.undone_at is None]
        if told.is_theirs:
            for each in wrong:
                if each.by == BY_ITSELF and alerts.store.undo(connection, each.id, now):
                    refresh(connection, told.alert, now)
                    why = "The visit is theirs again"
                    queries.move(connection, told.account, (State.DORMANT,), State.AWAKE, why, now, is_undo=True)
        elif not wrong:
            alerts.store.wrong_company(connection, told.alert, BY_ITSELF, now)
            refresh(connection, told.alert, now)
            withdrawn.append(told.alert)
            if not queries.is_still_awake(connection, told.account, now):
                queries.move(connection, told.account, (State.AWAKE,), State.DORMANT, WHY, now)
    return tuple(withdrawn)
