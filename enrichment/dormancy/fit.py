"""Learns, from the histories of many customers, how likely it is that no order comes within a window (pure).

Only what happened before each history's own moment is used: the clock is turned back by the window and more, and what
came then teaches what follows from what was known. Two answers are averaged, in log odds: MBG/CNBD-k (see cadence.py),
its prior fitted to predict best, and a regression on the features of the history which has the former among them.
Where the window is too long for the histories, a shorter one is learnt, and BG/NBD sets the level of the longer one.
Where there is nothing to learn, the built-in prior answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log

from enrichment.dormancy.bgnbd import Customer, fit_bgnbd
from enrichment.dormancy.cadence import DEFAULT_PRIOR, Prior, p_no_purchase
from enrichment.dormancy.features import Knots, Orders, features, knots
from enrichment.dormancy.logistic import Logistic, chance, fit_logistic
from enrichment.dormancy.simplex import Point, minimise

MOST_ROWS = 12_000
"""Training rows of the regression; more cost time, and gain nothing measurable."""
MOST_PRIOR_ROWS = 1_500
LEAST_ROWS = 200
LEAST_OUTCOMES = 25
"""Fewer rows, or fewer of either outcome, teach no regression."""
MOST_CUTOFFS = 4
_YEAR = 365.0
RIDGE = 300.0
REACH = 2.0
"""Spreads from the mean beyond which a feature counts no further: later customers are older than those learnt from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedCadence:
    """What was learnt, for one window."""

    window: float
    """Days ahead."""
    learnt_window: float
    """Days ahead that were learnt from; shorter than `window` where the histories are."""
    prior: Prior
    bends: Knots | None
    learnt: Logistic | None
    shift: float
    """Log odds that bring the answers to the level expected of the customers as they stand now."""
    rows: int
    """How many rows taught it; 0: it fell back to the prior."""

    def p_no_order(self, known: Orders, window: float | None = None) -> float:
        """Return the probability that this customer orders nothing in the window after `known.now`.

        Another `window` than the one that was learnt is reached by the model of purchases.
        """
        gaps, silent = known.gaps(), known.silent
        model = _log_odds(p_no_purchase(gaps, silent, self.learnt_window, self.prior))
        answer = model
        if self.learnt is not None and self.bends is not None:
            learnt = self.learnt.log_odds([model, *features(known, self.learnt_window, self.bends)])
            answer = (model + learnt) / 2
        answer += self.shift
        if window is not None and window != self.window:
            answer += _log_odds(p_no_purchase(gaps, silent, window, self.prior))
            answer -= _log_odds(p_no_purchase(gaps, silent, self.window, self.prior))
        return chance(answer)


def customer(known: Orders) -> Customer:
    """Return the history as BG/NBD sees it, in days."""
    return Customer(len(known.days) - 1, float(known.days[-1] - known.days[0]), known.age)


def fit_histories(histories: Sequence[Orders], window: float) -> FittedCadence:
    """Return what these histories teach about the next `window` days; any number of histories, none too."""
    begin, span = _span(histories)
    learnt_window = min(float(window), max(1.0, span / 2))
    taught = _taught(histories, learnt_window, begin)
    silent = sum(truth for _, truth in taught)
    if len(taught) < LEAST_ROWS or min(silent, len(taught) - silent) < LEAST_OUTCOMES:
        return built_in(window)
    prior = _fit_prior(_thinned(taught, MOST_PRIOR_ROWS), learnt_window)
    taught = _thinned(taught, MOST_ROWS)
    bends = knots([known for known, _ in taught])
    rows = [
        [
            _log_odds(p_no_purchase(known.gaps(), known.silent, learnt_window, prior)),
            *features(known, learnt_window, bends),
        ]
        for known, _ in taught
    ]
    fitted = FittedCadence(
        window=window,
        learnt_window=learnt_window,
        prior=prior,
        bends=bends,
        learnt=fit_logistic(rows, [truth for _, truth in taught], ridge=RIDGE, reach=REACH),
        shift=0.0,
        rows=len(rows),
    )
    return replace(fitted, shift=_shift(fitted, histories))


def _span(histories: Sequence[Orders]) -> tuple[float, float]:
    """Return when the histories begin and how many days they cover; the outermost 2 % may be slips of the pen."""
    if not histories:
        return 0.0, 0.0
    first = sorted(one.days[0] for one in histories)
    last = sorted(one.now for one in histories)
    odd = len(histories) // 50
    return float(first[odd]), last[-1 - odd] - first[odd]


def built_in(window: float) -> FittedCadence:
    """Return the model that answers where nothing could be learnt: the built-in prior alone."""
    return FittedCadence(
        window=window, learnt_window=window, prior=DEFAULT_PRIOR, bends=None, learnt=None, shift=0.0, rows=0
    )


def _shift(fitted: FittedCadence, histories: Sequence[Orders]) -> float:
    """Return the log odds to add so that the answers have the level that is expected from now on.

    What came after earlier moments had their seasons. BG/NBD, fitted to whole histories, knows no season, and its
    level is the steadier one: it counts alone until every season was seen twice, and where the learnt window is too
    short; after that what was learnt meets it half-way.
    """
    model = fit_bgnbd([customer(one) for one in histories], tolerance=1e-7)
    if model is None:
        return 0.0
    some = list(histories[:: len(histories) // 2000 + 1])
    steady = sum(model.p_no_order(customer(one), fitted.window) for one in some) / len(some)
    answers = [_log_odds(fitted.p_no_order(one)) for one in some]
    level = sum(map(chance, answers)) / len(some)
    seen_twice = fitted.learnt_window == fitted.window and _span(histories)[1] - fitted.window >= 2 * _YEAR
    aim = (steady + level) / 2 if seen_twice else steady
    low, high = -8.0, 8.0
    for _ in range(40):
        middle = (low + high) / 2
        below = sum(chance(answer + middle) for answer in answers) / len(some) < aim
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2


def _taught(histories: Sequence[Orders], window: float, begin: float) -> list[tuple[Orders, bool]]:
    """Return what was known at earlier moments, with whether no order followed within the window."""
    least = max(window / 3, 45.0)
    found = []
    for one in histories:
        room = one.now - window - begin - least
        step = max(window / 2, room / (MOST_CUTOFFS - 1) if room > 0 else 1.0)
        moment = one.now - window
        while moment >= begin + least:
            known = one.until(moment)
            if known is not None:
                found.append((known, not one.any_between(moment, moment + window)))
            moment -= step
    return found


def _thinned(taught: list[tuple[Orders, bool]], most: int) -> list[tuple[Orders, bool]]:
    """Return at most so many, spread evenly."""
    if len(taught) <= most:
        return taught
    return [taught[number * len(taught) // most] for number in range(most)]


def _fit_prior(taught: Sequence[tuple[Orders, bool]], window: float) -> Prior:
    """Return the prior whose predictions lose least, starting from the built-in one."""
    asked = [(known.gaps(), known.silent, truth) for known, truth in taught]

    def cost(point: Point) -> float:
        if any(abs(value) > 8 for value in point):
            return 1e9
        prior = _unpacked(point)
        total = 0.0
        for gaps, silent, truth in asked:
            p = min(max(p_no_purchase(gaps, silent, window, prior), 1e-6), 1 - 1e-6)
            total -= log(p if truth else 1 - p)
        return total / len(asked)

    start = DEFAULT_PRIOR
    shares = dict(start.regular)
    best, _ = minimise(
        cost,
        (
            log(start.shape),
            log(start.scale_days),
            log(start.leave),
            log(start.stay),
            log(shares[2] / shares[1]),
            log(shares[4] / shares[1]),
        ),
        steps=120,
        tolerance=1e-5,
    )
    return _unpacked(best)


def _unpacked(point: Point) -> Prior:
    weights = (1.0, exp(point[4]), exp(point[5]))
    total = sum(weights)
    return Prior(
        shape=exp(point[0]),
        scale_days=exp(point[1]),
        leave=exp(point[2]),
        stay=exp(point[3]),
        regular=tuple((k, weight / total) for k, weight in zip((1, 2, 4), weights, strict=True)),
    )


def _log_odds(p: float) -> float:
    kept = min(max(p, 1e-5), 1 - 1e-5)
    return log(kept / (1 - kept))
