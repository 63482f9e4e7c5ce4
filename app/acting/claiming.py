"""Taking an account on, handing it back, and taking back what was said last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

import alerts.store
from alerts.wording import clock_time, person
from app import action_queries as queries
from app import audit, corrections
from app.acting.done import By, Done
from app.acting.outcomes import BEFORE_CONTACT, forget_outcome, state_after
from app.correction_queries import judged
from app.corrections import voice_of
from app.settling import unmark
from core.alerting import BY_ITSELF, Feedback
from core.domain import AccountId, AlertId, State
from enrichment.account.store import account as find_account
from enrichment.company.store import count_verdict
from enrichment.enrich import Rules


def claim(
    connection: Connection, alert: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that `by` takes the alert's account."""
    who, key = voice_of(by).by, AlertId(alert)
    found = queries.account_of_alert(connection, key)
    before = standing(connection, key)
    if wrong := next((each for each in before if each.kind == "wrong_company"), None):
        said = f"{person(wrong.by)} said that this was somebody else: undo that first."
        return Done(said=said, account=found[0] if found else None, refused=True)
    given = alerts.store.claim(connection, key, who, now)
    if found is None or given is None:
        return None
    if given.id not in {each.id for each in before}:
        _count_claim(connection, key, 1, now)
    account, name = found
    audit.record(connection, who, "alert.claim", alert, now)
    if not corrections.is_same(given.by, who):
        said = (
            f"{person(given.by)} took {name} at {clock_time(given.at, queries.zone_of_alert(connection, key))} already."
        )
        return Done(said=said, account=account, refused=True)
    queries.move(connection, account, BEFORE_CONTACT, State.IN_CONTACT, f"{who} took it", now)
    return Done(said=f"{name} is yours. Everybody sees that you took it.", account=account)


def hand_back(
    connection: Connection, alert: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Give an account back that somebody had taken: it is free for the others again."""
    who, key = voice_of(by).by, AlertId(alert)
    found = queries.account_of_alert(connection, key)
    if found is None:
        return None
    account, name = found
    claims = [each for each in standing(connection, key) if each.kind == "claimed"]
    for each in claims:
        if alerts.store.undo(connection, each.id, now):
            _count_claim(connection, key, -1, now)
    if not claims:
        return Done(said=f"Nobody has {name} at the moment: it is free to take.", account=account, refused=True)
    alerts.store.give(connection, key, "handed_back", who, now)
    _return(connection, key, account, f"{who} handed it back", now)
    audit.record(connection, who, "alert.hand_back", alert, now)
    return Done(said=f"{name} is free to take again.", account=account)


def undo(
    connection: Connection, alert: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Take back what was said last of an alert ("wrong company" before all else); None when nothing stands."""
    voice, key = voice_of(by), AlertId(alert)
    found = queries.account_of_alert(connection, key)
    left = standing(connection, key)
    if found is None or not left:
        return None
    account, name = found
    if any(each.kind == "wrong_company" for each in left):
        others = _undo_wrong(connection, key, account, by, now, rules)
        if others == BY_ITSELF:
            said = f"What is known of the visit now says that it wasn't {name}. Say on its page whose it was."
            return Done(said=said, account=account, refused=True)
        if others:
            said = f"{others} said that this wasn't {name}: only they or an admin can take that back."
            return Done(said=said, account=account, refused=True)
        return Done(said=f"Undone: this is {name} again, with all its visits.", account=account)
    last = left[-1]
    if alerts.store.undo(connection, last.id, now):
        if last.kind == "claimed":
            _count_claim(connection, key, -1, now)
        forget_outcome(connection, last)
    _return(connection, key, account, f"{voice.by} took back what was said", now)
    audit.record(connection, voice.by, "alert.undo", alert, now)
    if last.kind == "claimed":
        return Done(said=f"Undone: {name} is free to take again.", account=account)
    return Done(said="Undone.", account=account)


def standing(connection: Connection, alert: AlertId) -> list[Feedback]:
    """Return what was said of an alert and not taken back, oldest first."""
    given = alerts.store.feedback_of(connection, (alert,)).get(alert, ())
    return [each for each in given if each.undone_at is None]


def _return(connection: Connection, alert: AlertId, account: AccountId, why: str, now: datetime) -> None:
    """Let the account stand where what still stands puts it."""
    after = state_after(standing(connection, alert))
    if after is None:
        after = State.AWAKE if queries.is_still_awake(connection, account, now) else State.DORMANT
    movable = (State.IN_CONTACT, State.ASLEEP_AGAIN)
    queries.move(connection, account, movable, after, why, now)


def _undo_wrong(
    connection: Connection, alert: AlertId, account: AccountId, by: By, now: datetime, rules: Rules | None
) -> str:
    """Take back every "wrong company" about the alert's visit: an admin's undo anybody's, a rep's own.

    Return who else still says so; empty when nobody does.
    """
    visit = queries.visit_of_alert(connection, alert) or ""
    for word in corrections.standing_on(connection, visit, account):
        if corrections.may_take_back(connection, by, word):
            corrections.undo(connection, word.id, by, now, rules)
    left = corrections.standing_on(connection, visit, account)
    if left:
        return ", ".join(dict.fromkeys(word.by for word in left))
    if any(each.by == BY_ITSELF for each in standing(connection, alert)) and not queries.is_visit_of(
        connection, visit, account
    ):
        return BY_ITSELF
    unmark(connection, account, (visit,), now)
    audit.record(connection, voice_of(by).by, "visit.undo", visit, now)
    return ""


def _count_claim(connection: Connection, alert: AlertId, by: int, now: datetime) -> None:
    """Who takes an account on says that the sources behind its alert were right."""
    visit = queries.visit_of_alert(connection, alert)
    for seen in judged(connection, (visit,)) if visit else ():
        account = find_account(connection, seen.judged_account) if seen.judged_account else None
        if account is None or account.is_demo:
            continue
        count_verdict(connection, seen.sources, is_right=True, by=by, now=now)
