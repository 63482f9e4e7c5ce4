"""Puts together what must be known to decide whether to speak, and decides: for one recognised visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.decide import Context, decide, not_worth_telling
from alerts.throttle import is_history
from alerts.worth.holdout import is_held_out
from app.batch_facts import Facts
from app.known import Known, is_wrong_for_owner
from app.parts import Parts
from core.alerting import Alert, Briefing, Silence
from core.domain import Signal
from enrichment.enrich import Recognised


def speak(
    found: Recognised, signal: Signal, briefing: Briefing, facts: Facts, known: Known, parts: Parts, now: datetime
) -> Alert | Silence:
    """Return the alert that a signal deserves, or why nobody is told; the batch's facts remember it."""
    context = Context(
        cool_down=parts.cool_down,
        needed_points=parts.rules().scoring.needed(signal.rule or "score"),
        zone=parts.zone,
        alert_point=parts.alert_point,
        is_wrong_for_owner=is_wrong_for_owner(found, known),
    )
    if not_worth_telling(signal) is None:
        context = _with_people(context, signal, briefing, facts, parts, now)
        stands_in = context.routed.to if context.routed else ""
        if stands_in and is_wrong_for_owner(found, known, stands_in):
            context = replace(context, is_wrong_for_owner=True)
    said = decide(signal, briefing, context, now)
    if isinstance(said, Alert):
        facts.desk.note(said, now)
    return said


def _with_people(
    context: Context, signal: Signal, briefing: Briefing, facts: Facts, parts: Parts, now: datetime
) -> Context:
    """The context with what is known of reps, and of what was told: it is asked only where somebody may be told."""
    desk, policy, account = facts.desk, parts.policy(), signal.account.id
    last = desk.last_alert(account)
    routed, rep = desk.route(signal, briefing, parts, now)
    held_out = is_held_out(account, policy.holdout.share, parts.secret, signal.at)
    return replace(
        context,
        last_alert_at=last.at if last else None,
        last_backfill_at=facts.last_backfill.get(account) if is_history(signal.visit, now) else None,
        last_alert=last,
        cool_down=parts.cool_down if policy.cool_down_hours is None else timedelta(hours=policy.cool_down_hours),
        again=policy.again,
        snoozed_until=desk.snoozed_until(account),
        zone=rep.hours.zone if rep and rep.hours.acts else parts.zone,
        routed=routed,
        restraint=desk.restraint(signal, rep, now, is_held_out=held_out),
    )
