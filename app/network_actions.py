"""What people decide about proposed networks, wherever they press: the dashboard or the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from app import again_queries, audit
from app.acting.done import Act, By, Done
from app.corrections import speaks_for_all, voice_of
from core.errors import InputError
from enrichment.account import store as account_store
from enrichment.account.discovery import store
from enrichment.account.discovery.proposals import Status
from enrichment.enrich import Rules

_SAID: dict[Status, str] = {
    "accepted": "{prefix} is {name}'s now: visits from it count as theirs.",
    "rejected": "{prefix} will not mean {name}, even when it is found again.",
    "proposed": "Undone: {prefix} stands for {name} as it was proposed.",
}


def decide(connection: Connection, key: str, status: Status, by: By, now: datetime) -> Done | None:
    """Accept or reject a proposal, or (`proposed`) take the decision back; None when it is gone or says so already.

    Raises InputError for anybody but an admin or the operator: it counts for everybody at once.
    """
    if not speaks_for_all(connection, by):
        raise InputError(
            "only an admin decides about networks, since it counts for everybody. Ask one to open this page"
        )
    before = store.proposal(connection, key)
    if before is None or before.status == status:
        return None
    found = store.decide(connection, key, status, voice_of(by).by, now)
    if found is None:
        return None
    account = account_store.account(connection, found.account)
    again_queries.want(connection, found.prefix, now)
    audit.record(connection, voice_of(by).by, f"network.{status}", f"{found.prefix} {found.account}", now)
    said = _SAID[status].format(prefix=found.prefix, name=account.name if account else found.account)
    return Done(said=said, account=found.account)


def accept(
    connection: Connection, key: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Say that a proposed network is the account's."""
    return decide(connection, key, "accepted", by, now)


def reject(
    connection: Connection, key: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Say that a proposed network isn't the account's."""
    return decide(connection, key, "rejected", by, now)


def take_back(
    connection: Connection, key: str, by: By, now: datetime, rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Take back what a person decided about a proposed network."""
    return decide(connection, key, "proposed", by, now)


ACTS: Mapping[str, Act] = {
    "network_accept": accept,
    "network_reject": reject,
    "network_undo": take_back,
}
"""What a button of the page Networks may ask for; each acts on the proposal's id."""
