"""START HERE: the whole choice as one plain function: from a signal to an alert, or to a silence (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.message import alert_text, from_data, to_data
from alerts.policy import AgainRules
from alerts.routing import Routed, recipient
from alerts.throttle import LastAlert, Restraint, cooling, escalates, holding, is_history
from core.alerting import Alert, Briefing, Silence
from core.domain import ALERT_POINT, AlertId, Signal
from core.ids import derived

_UTC = ZoneInfo("UTC")
_AGAIN = AgainRules()
_UNRESTRAINED = Restraint()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What must be known beside the signal to decide whether to speak."""

    last_alert_at: datetime | None = None
    """When the account last caused an alert that was sent; one marked as wrong doesn't count."""
    last_backfill_at: datetime | None = None
    """When the account last caused an alert found in history; it quiets history only, never news."""
    cool_down: timedelta = timedelta(hours=24)
    alert_point: float = ALERT_POINT
    """The least confidence in the account, from 0 to 1, at which somebody is told."""
    is_wrong_for_owner: bool = False
    """Whether the rep who would be told said of this network that it isn't the account's, so far alone."""
    needed_points: float | None = None
    """The score that qualifies, for the message; None leaves it out."""
    zone: ZoneInfo = _UTC
    """The zone of the message's times."""
    snoozed_until: datetime | None = None
    """Until when somebody asked to hear nothing of the account."""
    last_alert: LastAlert | None = None
    """What was said at `last_alert_at`."""
    again: AgainRules = _AGAIN
    """What is worth a second alert within the cool-down."""
    routed: Routed | None = None
    """Whom it is for and why; None: the account's owner."""
    restraint: Restraint = _UNRESTRAINED
    """What may keep it from being told at once."""


def not_worth_telling(signal: Signal) -> Silence | None:
    """Return why the signal by itself is worth no alert, whatever else is known; None when it may be worth one."""
    if signal.kind is None:
        return Silence.NOT_DORMANT
    return None if signal.qualified else Silence.BELOW_THRESHOLD


def decide(signal: Signal, briefing: Briefing, context: Context, now: datetime) -> Alert | Silence:
    """Return the alert that `signal` deserves, or why nobody is told. The first reason that holds is given."""
    history = is_history(signal.visit, now)
    if (unworthy := not_worth_telling(signal)) is not None:
        return unworthy
    assert signal.kind is not None
    if signal.confidence < context.alert_point:
        return Silence.UNSURE
    if context.is_wrong_for_owner:
        return Silence.CORRECTED
    if context.snoozed_until is not None and now < context.snoozed_until:
        return Silence.SNOOZED
    if cooling(context.last_alert_at, signal.at, context.cool_down) and not _has_more_to_say(signal, context, history):
        return Silence.COOL_DOWN
    if history and cooling(context.last_backfill_at, signal.at, context.cool_down):
        return Silence.COOL_DOWN
    routed = context.routed or Routed(to=recipient(signal.account))
    hold, rep = None if history else holding(context.restraint, now, signal.kind), context.restraint.rep
    if rep is not None and hold is None and not history and not context.restraint.is_exempt:
        briefing = replace(briefing, today=(context.restraint.told_today + 1, rep.most_a_day))
    text = alert_text(signal, briefing, zone=context.zone, needed=context.needed_points, with_date=history)
    return Alert(
        id=AlertId(derived("alert", signal.account.id, signal.visit.id)),
        account=signal.account.id,
        visit=signal.visit.id,
        site=signal.visit.site,
        at=signal.at,
        score=signal.score.points,
        why=signal.score.why,
        backfill=history,
        to=routed.to,
        message=to_data(text),
        kind=signal.kind,
        rule=signal.rule,
        line=signal.line,
        hold=hold,
        route=routed.why,
    )


def _has_more_to_say(signal: Signal, context: Context, history: bool) -> bool:
    """Whether this is so much more than the account's last alert that it needn't cool down."""
    last, again = context.last_alert, context.again
    if history or last is None or last.at > signal.at:
        return False
    return escalates(signal, last, again.score_times, again.rank)


def grow(alert: Alert, signal: Signal, briefing: Briefing) -> Alert:
    """Return `alert` with the message of its visit as far as it has come; whom it is for and since when stay.

    A visit now judged to be of another account leaves the alert as it was: that account calls for `decide`. Raises
    ValueError when the signal is of another visit.
    """
    if signal.visit.id != alert.visit:
        raise ValueError(f"alert {alert.id} is about another visit")
    if signal.account.id != alert.account:
        return alert
    before = from_data(alert.message)
    briefing = replace(briefing, today=before.today)
    text = alert_text(signal, briefing, zone=ZoneInfo(before.zone), needed=before.needed, with_date=alert.backfill)
    return replace(alert, score=signal.score.points, why=signal.score.why, message=to_data(text))
