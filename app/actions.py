"""What the buttons do, wherever they are pressed: in the dashboard, the preview, a message in Slack or by a link.

Each is one short transaction of the caller's, may be pressed twice, and leaves a row in the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from alerts.deliveries.store import retry_dead
from app import audit
from app.acting.claiming import claim, hand_back, undo
from app.acting.done import Act as Act
from app.acting.done import By as By
from app.acting.done import Done as Done
from app.acting.in_digests import refresh
from app.acting.outcomes import (
    left_because,
    meeting,
    no_answer,
    not_interested,
    not_slipping,
    not_useful,
    reached,
    snooze,
    take_account,
    won,
)
from app.acting.whose import dont_know, pick_account, right_visit, undo_correction, wrong_company, wrong_visit
from app.corrections import voice_of
from core.domain import AlertId, DeliveryId
from enrichment.enrich import Rules


def retry(
    connection: Connection, delivery: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Send a message again that was given up; None when it isn't given up."""
    if not retry_dead(connection, DeliveryId(delivery), now):
        return None
    audit.record(connection, voice_of(by).by, "delivery.retry", delivery, now)
    return Done(said="The message is on its way again.")


def _shown(act: Act) -> Act:
    """The act, after which digests that told of its alert show what came of it."""

    def acted(
        connection: Connection,
        subject: str,
        by: By,
        now: datetime,
        rules: Rules | None = None,
        /,
        choice: str = "",
    ) -> Done | None:
        done = act(connection, subject, by, now, rules, choice=choice)
        if done is not None:
            refresh(connection, AlertId(subject), now)
        return done

    return acted


_ACTS: Mapping[str, Act] = {
    "claim": claim,
    "snooze": snooze,
    "wrong_company": wrong_company,
    "pick_account": pick_account,
    "dont_know": dont_know,
    "not_useful": not_useful,
    "reached": reached,
    "no_answer": no_answer,
    "meeting": meeting,
    "won": won,
    "not_interested": not_interested,
    "left_because": left_because,
    "hand_back": hand_back,
    "not_slipping": not_slipping,
    "take_account": take_account,
    "wrong_visit": wrong_visit,
    "right_visit": right_visit,
    "undo": undo,
    "undo_correction": undo_correction,
    "retry": retry,
}

ACTS: Mapping[str, Act] = {name: _shown(act) for name, act in _ACTS.items()}
"""What a button may ask for; each acts on the one id that it is given."""
