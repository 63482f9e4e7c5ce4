"""What a back-test says, in words."""

from __future__ import annotations

from collections.abc import Sequence

from app.rulebook.backtest import BackTest, Side

MOST_NAMED = 12


def headline(test: BackTest) -> str:
    """Return the one sentence: how often it would have fired, and how often the rules of now."""
    return f"Would have fired {_times(test.candidate.fired)} in {_days(test.days)} (now: {test.now.fired})."


def lines(test: BackTest) -> tuple[str, ...]:
    """Return the whole report as sentences."""
    found = [headline(test)]
    found += [_outcomes(test.candidate, test.now)]
    found += [_waiting(test.candidate)] if test.candidate.digest or test.candidate.history else []
    found.append(forecast(test))
    found += [f"New: {named(test.appear)}."] if test.appear else []
    found += [f"No longer: {named(test.vanish)}."] if test.vanish else []
    if not test.appear and not test.vanish:
        found.append("The same accounts as now.")
    found.append(
        f"{test.visits:,} visits replayed in {test.seconds:.1f} s; alerts really made in this time: {test.made}."
    )
    if not test.visits:
        found.append("No visit of a known account was recorded in this time, so this says nothing.")
    if test.stopped_at:
        found.append(
            f"Time was up: visits from {test.stopped_at:%Y-%m-%d %H:%M} on are left out; try again with fewer days."
        )
    return tuple(found)


def forecast(test: BackTest) -> str:
    """Return how much each rep would get a week."""
    if not test.volumes:
        return "Forecast: nobody would get anything."
    told = ", ".join(f"{one.name} {_rate(one.per_week)} a week (now {_rate(one.per_week_now)})" for one in test.volumes)
    return f"Forecast: {told}."


def named(names: Sequence[str]) -> str:
    """Return names as a list that stays readable."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _outcomes(candidate: Side, now: Side) -> str:
    parts = [f"{candidate.claimed} of them claimed (now {now.claimed})", f"{candidate.wrong} marked as wrong"]
    parts += [f"{candidate.not_useful} as not useful"] if candidate.not_useful or now.not_useful else []
    return f"{', '.join(parts)}; what people said is known of alerts that were really made."


def _waiting(side: Side) -> str:
    parts = [f"{side.at_once} at once"]
    parts += [f"{side.digest} in the digest"] if side.digest else []
    parts += [f"{side.history} found in imported history, so never sent"] if side.history else []
    return f"Of these {', '.join(parts)}."


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _days(days: float) -> str:
    return "1 day" if days == 1 else f"{days:g} days"


def _rate(per_week: float) -> str:
    return f"{per_week:.1f}" if per_week >= 0.05 or not per_week else "less than 0.1"
