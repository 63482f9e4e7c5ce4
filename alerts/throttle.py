"""When not to speak, not again, or not yet; and what is history rather than news (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.reps.hours import is_quiet_for
from alerts.reps.rep import Rep
from core.alerting import Hold
from core.domain import Signal, SignalKind, Visit

LATE_ON_ARRIVAL = timedelta(hours=1)
"""A visit that reached us later than this after it happened is history: shown, never sent."""

STALE = timedelta(hours=24)
"""A visit judged later than this after it happened (after a correction, say) is history too: nobody "is back" then."""


CLOCKS_DIFFER = timedelta(minutes=5)
"""A visit stamped later than this after its arrival has a wrong stamp: nobody can tell when it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAlert:
    """The account's last alert, as far as it says whether there is more to say now."""

    at: datetime
    score: float
    rule: str
    kind: SignalKind = "awake"
    hold: Hold | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restraint:
    """What keeps an alert that is worth telling from being told at once."""

    is_exempt: bool = False
    """The demo's alerts never leave the preview: nobody's night or day is at stake."""
    in_shadow: bool = False
    is_held_out: bool = False
    """Whether the account is in the share that measures what alerts bring."""
    is_demoted: bool = False
    """Whether the rule that fired is told of in the digest alone."""
    rep: Rep | None = None
    """Whom it is for; None: nobody in person, and a team's channel has neither nights nor a limit."""
    told_today: int = 0
    """How many real-time alerts the rep got today, in their own time."""


def holding(restraint: Restraint, now: datetime, kind: SignalKind = "awake") -> Hold | None:
    """Return why an alert isn't sent now, or None: it is. The first reason that holds is given.

    What concerns all (shadow, the held-out share) comes before the rule, and the rule before the rep: only so are the
    shares of the held-out and of the told alike. A rescue can't wait for tomorrow's digest: neither the limit of the
    day nor a rule's past holds it, and it is no part of the comparison.
    """
    if restraint.is_exempt:
        return None
    if restraint.in_shadow:
        return Hold.SHADOW
    is_urgent, rep = kind == "rescue", restraint.rep
    if restraint.is_held_out and not is_urgent:
        return Hold.HOLDOUT
    if restraint.is_demoted and not is_urgent:
        return Hold.DEMOTED
    if rep is not None and is_quiet_for(rep, now):
        return Hold.QUIET
    if rep is not None and restraint.told_today >= rep.most_a_day and not is_urgent:
        return Hold.CAP
    return None


def escalates(signal: Signal, last: LastAlert | None, score_times: float, rank: Sequence[str]) -> bool:
    """Return whether there is so much more to say than in the last alert that it is worth a second one.

    Either a rescue after something less, or a rule further on in `rank`, or at least `score_times` the points (0: the
    points alone never do).
    """
    if last is None:
        return False
    if signal.kind == "rescue" and last.kind != "rescue":
        return True
    places = {rule: place for place, rule in enumerate(rank)}
    if places.get(signal.rule, 0) > places.get(last.rule, 0):
        return True
    return score_times > 0 and last.score > 0 and signal.score.points >= score_times * last.score


def cooling(last_alert_at: datetime | None, at: datetime, cool_down: timedelta) -> bool:
    """Return whether `at` is within `cool_down` of the account's last alert, before or after it.

    Both directions, because an imported log may be older than the last alert.
    """
    return last_alert_at is not None and abs(at - last_alert_at) < cool_down


def is_history(visit: Visit, now: datetime) -> bool:
    """Return whether a visit is too old to be told as news, or stamped ahead of time.

    Its newest page view decides, by its way to us and by `now`.
    """
    newest = max(visit.views, key=lambda view: view.at, default=None)
    happened, arrived = (newest.at, newest.received_at) if newest else (visit.last_at, visit.received_at)
    ahead = happened - min(arrived, now)  # a log from a clock that runs ahead, or from another time zone
    return arrived - happened > LATE_ON_ARRIVAL or now - happened > STALE or ahead > CLOCKS_DIFFER
