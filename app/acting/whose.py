"""Right and wrong company: whose visit it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

import alerts.store
from app import action_queries as queries
from app import audit, corrections
from app.acting.done import By, Done
from app.corrections import voice_of
from core.domain import AccountId, AlertId
from enrichment.enrich import Rules


def wrong_company(
    connection: Connection, alert: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that the alert's visit was by somebody else, and correct the network; None: no such alert."""
    found = queries.account_of_alert(connection, AlertId(alert))
    visit = queries.visit_of_alert(connection, AlertId(alert))
    if found is None or visit is None:
        return None
    alerts.store.wrong_company(connection, AlertId(alert), voice_of(by).by, now)
    done = wrong_visit(connection, visit, by, now, rules)
    return done or Done(said=f"Removed, sorry: this wasn't {found[1]}.", account=found[0], visit=visit)


def wrong_visit(
    connection: Connection, visit: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that a visit was not by the account it was taken for; None when it is nobody's (any more)."""
    seen = queries.seen(connection, visit)
    if seen is None or seen.account is None:
        return None
    spoken = corrections.of_visit(connection, visit, "wrong", seen.account, by, now, rules)
    if spoken is None:
        return None
    audit.record(connection, voice_of(by).by, "visit.wrong_company", visit, now)
    return Done(said=spoken.said, account=seen.account, visit=visit)


def right_visit(
    connection: Connection, visit: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that a visit was by the account it was taken for; None when it is nobody's."""
    seen = queries.seen(connection, visit)
    if seen is None or seen.account is None:
        return None
    spoken = corrections.of_visit(connection, visit, "right", seen.account, by, now, rules)
    return None if spoken is None else Done(said=spoken.said, account=seen.account)


def pick_account(
    connection: Connection, subject: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Say whose visit it was: `choice` is an account's id, `subject` an alert's or a visit's.

    Raises InputError when there is no such account.
    """
    visit = queries.visit_of_alert(connection, AlertId(subject)) or subject
    if not choice or queries.seen(connection, visit) is None:
        return None
    spoken = corrections.of_visit(connection, visit, "right", AccountId(choice), by, now, rules)
    if spoken is None:
        return None
    audit.record(connection, voice_of(by).by, "visit.pick_account", f"{visit} {choice}", now)
    return Done(said=spoken.said, account=AccountId(choice))


def dont_know(
    connection: Connection, subject: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that nobody knows whose visit it was."""
    visit = queries.visit_of_alert(connection, AlertId(subject)) or subject
    if queries.seen(connection, visit) is None:
        return None
    audit.record(connection, voice_of(by).by, "visit.dont_know", visit, now)
    return Done(said="Thank you. It stays nobody's visit.")


def undo_correction(
    connection: Connection, correction: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Take a correction back; None when it doesn't stand."""
    spoken = corrections.undo(connection, correction, by, now, rules)
    return None if spoken is None else Done(said=spoken.said, account=spoken.account)
