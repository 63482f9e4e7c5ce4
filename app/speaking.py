"""Puts together what must be known to decide whether to speak, and decides: for one recognised visit."""

from __future__ import annotations

from datetime import datetime

from alerts.decide import Context, decide
from app.batch_facts import Facts
from app.known import Known, is_wrong_for_owner
from app.parts import Parts
from core.alerting import Alert, Briefing, Silence
from core.domain import Signal
from enrichment.enrich import Recognised


def speak(
    found: Recognised, signal: Signal, briefing: Briefing, facts: Facts, known: Known, parts: Parts, now: datetime
) -> Alert | Silence:
    """Return the alert that a signal deserves, or why nobody is told."""
    account = signal.account.id
    context = Context(
        last_alert_at=facts.last_told.get(account),
        last_backfill_at=facts.last_backfill.get(account),
        cool_down=parts.cool_down,
        needed_points=parts.rules().scoring.threshold,
        zone=parts.zone,
        alert_point=parts.alert_point,
        is_wrong_for_owner=is_wrong_for_owner(found, known),
    )
    return decide(signal, briefing, context, now)
