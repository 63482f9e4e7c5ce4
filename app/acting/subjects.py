"""What a link's button is about: an alert, or in digests a visit or an account."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from alerts.buttons import CHOICES, Action, Choice
from app import action_queries as queries
from core.domain import AccountId, AlertId

OF_VISITS: frozenset[Action] = frozenset({"pick_account", "dont_know"})
OF_ACCOUNTS: frozenset[Action] = frozenset({"take_account", "not_slipping", "left_because"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a button is about, as a page shows it."""

    name: str
    """The account's name; of a visit that is nobody's, what is asked of it."""
    account: AccountId | None = None
    visit: str = ""
    """The visit, where the button is about one."""
    to: str = ""
    """Whose word a link's is: whom its message was for."""
    is_alert: bool = False


def subject_of(connection: Connection, action: Action, subject: str) -> Subject | None:
    """Return what `subject` means to the action; None when there is no such thing (any more)."""
    key = AlertId(subject)
    if found := queries.account_of_alert(connection, key):
        visit = (queries.visit_of_alert(connection, key) or "") if action in OF_VISITS else ""
        to = queries.recipient_of(connection, key)
        return Subject(name=found[1], account=found[0], visit=visit, to=to, is_alert=True)
    if action in OF_ACCOUNTS and (found := queries.account_of(connection, subject)):
        return Subject(name=found[1], account=found[0], to=queries.owner_of(connection, found[0]))
    if action in OF_VISITS and (seen := queries.seen(connection, subject)):
        return Subject(name=seen.name or "Whose visit was it?", account=seen.account, visit=subject)
    return None


def choices_of(connection: Connection, action: Action, subject: Subject, chosen: str) -> tuple[Choice, ...]:
    """Return what a link's page offers to choose from; what was `chosen` by its button stands alone, first."""
    if action != "pick_account":
        offered = CHOICES.get(action, ())
        return tuple(each for each in offered if not chosen or each.value == chosen) or offered
    if chosen:
        found = queries.account_of(connection, chosen)
        return (Choice(value=chosen, label=found[1]),) if found else ()
    candidates = queries.candidates_of(connection, subject.visit)
    return tuple(Choice(value=account, label=name) for account, name in candidates)
