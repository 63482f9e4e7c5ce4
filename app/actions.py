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
from app.acting.outcomes import (
    left_because,
    meeting,
    no_answer,
    not_interested,
    not_slipping,
    not_useful,
    reached,
    snooze,
    won,
)
from app.acting.whose import dont_know, pick_account, right_visit, undo_correction, wrong_company, wrong_visit
from app.corrections import voice_of
from core.domain import DeliveryId
from enrichment.enrich import Rules


def retry(
    connection: Connection, delivery: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Send a message again that was given up; None when it isn't given up."""
    if not retry_dead(connection, DeliveryId(delivery), now):
        return None
    audit.record(connection, voice_of(by).by, "delivery.retry", delivery, now)
    return Done(said="The message is on its way again.")


ACTS: Mapping[str, Act] = {
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
    "wrong_visit": wrong_visit,
    "right_visit": right_visit,
    "undo": undo,
    "undo_correction": undo_correction,
    "retry": retry,
}
"""What a button may ask for; each acts on the one id that it is given."""
