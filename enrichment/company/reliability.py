"""How far each source can be believed, counted from what people said of its word (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain import Evidence, Identification

PRIOR_WEIGHT = 20.0
"""How many judgements the prior is worth: after as many verdicts of people, they count as much as it does."""

PRIOR_MEANS: Mapping[str, float] = {
    "declared": 0.97,
    "corrected": 0.95,
    "learned": 0.9,
    "discovered": 0.85,
    "rdap": 0.85,
    "mmdb": 0.75,
    "rdns": 0.8,
    "match:declared": 0.97,
    "match:domain": 0.95,
    "match:name": 0.9,
    "match:name:close": 0.85,
    "clue": 0.97,
}
"""How often a source is right before anybody said so: our own guess, meant to be overruled by verdicts."""

OTHER_MEAN = 0.8
"""The prior of a source that isn't named above."""

LOWEST, HIGHEST = 0.6, 1.1
"""The bounds of the factor: what people said of a source elsewhere never settles a visit by itself."""

DECLARED_ROUTE = "match:declared"
"""The way to an account that a declared network names itself."""

FEW = 20
"""Below so many verdicts a rate says too little to be shown as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How often people said that a source was right or wrong."""

    right: int = 0
    wrong: int = 0

    @property
    def judged(self) -> int:
        return self.right + self.wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A source's share of right words, with the prior taken in, and its 90 % interval."""

    mean: float
    low: float
    high: float
    is_few: bool
    """Whether too few verdicts stand behind it to say anything."""


def prior(source: str) -> tuple[float, float]:
    """Return the Beta prior of a source (right, wrong): the longest name known that it begins with."""
    known = [name for name in PRIOR_MEANS if source == name or source.startswith(f"{name}:")]
    mean = PRIOR_MEANS[max(known, key=len)] if known else OTHER_MEAN
    return mean * PRIOR_WEIGHT, (1 - mean) * PRIOR_WEIGHT


def rate(source: str, counts: Counts) -> Rate:
    """Return how often the source is right: the mean of prior and verdicts, with the middle 90 % of its Beta."""
    right, wrong = prior(source)
    right, wrong = right + counts.right, wrong + counts.wrong
    return Rate(
        mean=right / (right + wrong),
        low=beta_quantile(0.05, right, wrong),
        high=beta_quantile(0.95, right, wrong),
        is_few=counts.judged < FEW,
    )


def reliability(sources: Iterable[str], counts: Mapping[str, Counts]) -> float:
    """Return the factor by which a confidence that rests on `sources` is to be multiplied.

    1 where nobody said anything. Each source gives its `_ratio`; sources of the network corroborate each other, so
    they count by their geometric mean, and so do those of the match (`match:…`). The two steps follow each other, so
    their ratios are multiplied. But a declared network names its account itself: that is one fact, and counts in one
    step. Never below `LOWEST` or above `HIGHEST`; the caller keeps the confidence itself within 1.
    """
    named = dict.fromkeys(sources)
    if DECLARED_ROUTE in named and any(source.partition(":")[0] == "declared" for source in named):
        del named[DECLARED_ROUTE]
    steps: dict[bool, list[float]] = {True: [], False: []}
    for source in named:
        steps[source.startswith("match:")].append(_ratio(source, counts.get(source, Counts())))
    factor = 1.0
    for ratios in steps.values():
        if ratios:
            factor *= math.exp(sum(math.log(max(ratio, 1e-9)) for ratio in ratios) / len(ratios))
    return min(HIGHEST, max(LOWEST, factor))


def _ratio(source: str, said: Counts) -> float:
    """Return how far verdicts move a source from its prior: the ratio of its mean to its prior's.

    Lowered it is only as far as they prove: by the upper end of the interval, which few verdicts leave where it was.
    What is lowered falls silent for every account known by that source, so a handful of words mustn't do it.
    """
    right, wrong = prior(source)
    before, after = right / PRIOR_WEIGHT, (right + said.right) / (PRIOR_WEIGHT + said.judged)
    if after >= before:
        return after / before
    high = beta_quantile(0.95, right + said.right, wrong + said.wrong)
    return min(1.0, high / before)


def source_name(evidence: Evidence) -> str:
    """Return the name under which a source is counted: `mmdb:asn.mmdb`, `rdap:ripencc`, `learned`."""
    if evidence.registry and ":" not in evidence.source:
        return f"{evidence.source}:{evidence.registry}"[:100]
    return evidence.source[:100]


def sources_of(seen: Identification) -> tuple[str, ...]:
    """Return the sources on which an identification rests: those that named this owner, and the way to the account."""
    network, company, match = seen.network, seen.company, seen.match
    by_clue = company is not None and any(reason.code.startswith("clue:") for reason in company.why)
    found: list[str] = []
    if by_clue and company is not None:
        found.extend(reason.code[:100] for reason in company.why if reason.code.startswith("clue:"))
    elif network is not None:
        found.extend(
            source_name(item)
            for item in network.evidence
            if supports(item, network.organisation, network.domain, network.accounts)
        )
    if match is not None:
        found.extend(routes((reason.code, reason.text) for reason in match.why))
    return tuple(dict.fromkeys(found))


def supports(item: Evidence, organisation: str | None, domain: str | None, accounts: Iterable[str]) -> bool:
    """Say whether a source's statement is one that the verdict rests on: the same accounts, name or domain."""
    if item.accounts:
        return bool(set(item.accounts) & set(accounts))
    named = {name.casefold() for name in (item.organisation, item.as_name) if name}
    if organisation and organisation.casefold() in named:
        return True
    return bool(domain and domain in (item.domain, item.as_domain))


def routes(reasons: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the way from company to account among a match's reasons (code, text): `match:name:close`, say.

    It is the first that the matcher names; what merely goes with it (the same country, an alias) is no way of its own.
    """
    for code, text in reasons:
        if code.startswith("match:") and code != "match:ambiguous":
            return (f"{code}:close" if code == "match:name" and " is close to " in text else code,)
    return ()


def beta_quantile(share: float, right: float, wrong: float) -> float:
    """Return the value below which `share` of the Beta distribution (`right`, `wrong`, both > 0) lies."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if _beta_below(middle, right, wrong) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_below(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Numerical Recipes 6.4)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_below(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(1 - x))
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 200):
        up = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / _not_zero(1 + up * d), _not_zero(1 + up / c)
        fraction *= d * c
        down = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / _not_zero(1 + down * d), _not_zero(1 + down / c)
        fraction *= d * c
        if abs(d * c - 1) < 1e-10:
            break
    return front * fraction / a


def _not_zero(value: float) -> float:
    return value if abs(value) > 1e-30 else 1e-30
