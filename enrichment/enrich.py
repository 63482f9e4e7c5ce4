"""START HERE: the whole stage as plain functions. Who is it, and does it matter?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain import (
    Account,
    AccountId,
    AccountMatch,
    Activity,
    Company,
    Drop,
    DropReason,
    Identification,
    IdentityClue,
    Network,
    Reason,
    Signal,
    Visit,
)
from enrichment.account.told import agreed
from enrichment.company.clues import weigh, with_clues
from enrichment.company.identify import identify_company, registered_company
from enrichment.confidence import sureness
from enrichment.dormancy.fit import FittedCadence
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.outlook import outlook
from enrichment.dormancy.rules import DormancyRules
from enrichment.dormancy.states import WebHistory
from enrichment.dormancy.usage import UsageWeek
from enrichment.intent.history import PastVisit
from enrichment.intent.rules import ScoringRules
from enrichment.intent.scoring import qualifying_rule, score
from enrichment.occasion import occasion

CERTAIN_ROUTES = frozenset({"match:name:exact", "match:name:word"})
AGAINST = frozenset({"match:country:other", "match:form:other"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """The stage's questions to the world; all are answered from memory or local files."""

    network: Callable[[str], Network]
    """An address → the verdict on its network."""
    match: Callable[[Company, bool], AccountMatch | None]
    """A company, and whether the visitor named it themselves → the account it is; None when it is no customer."""
    rejected: Callable[[str], frozenset[AccountId]]
    """An address → the accounts that people said its network is not."""
    activities: Callable[[AccountId], Sequence[Activity]]
    history: Callable[[AccountId], WebHistory | None]
    """An account → where it stood, by what Dormouse saw itself."""
    past: Callable[[AccountId], Sequence[PastVisit]]
    """An account → its other visits."""
    contested: Callable[[str], frozenset[AccountId]] = lambda _ip: frozenset()
    """An address → the accounts about which people contradict each other there."""
    reliability: Callable[[Identification], float] = lambda _seen: 1.0
    """An identification → the factor by which what people said of its sources raises or lowers its confidence."""
    usage: Callable[[AccountId], Sequence[UsageWeek] | None] = lambda _account: None
    """An account → its use of the product by week, where `activities` don't hold all of it."""
    digest_point: float = 0.0
    """Below this confidence an account is only a candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the operator decided: when an account is dormant, what a page is worth."""

    dormancy: DormancyRules
    scoring: ScoringRules
    learnt: FittedCadence | None = None
    """What was learnt from the imported orders; None: the built-in prior says whether an order is to be expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A visit whose account is known, before anybody asked how silent or interested it is."""

    visit: Visit
    account: Account
    confidence: float
    seen: Identification


def identify(visit: Visit, look: Lookups) -> Recognised | Drop:
    """Say whose visit this is, or why that can't be said. An address alone never names a person."""
    if visit.drop is not None:
        return _drop(visit, visit.drop)
    network = look.network(visit.ip) if visit.ip else None
    rejected = look.rejected(network.ip) if network else frozenset()
    weighed = weigh(visit, network)
    told = agreed(weighed.counted, look.match)
    aside = weighed.waiting + told.unsaid
    if told.contradiction is not None:
        seen = Identification(network=network, match=told.contradiction)
        return _drop(visit, DropReason.ACCOUNT_AMBIGUOUS, seen, told.contradiction.why + aside)
    company = company_behind(network, told.clues, rejected, look.match)
    if isinstance(company, DropReason):
        return _drop(visit, company, Identification(network=network), aside)
    company = replace(company, why=company.why + aside)
    by_clue = any(reason.code.startswith("clue:") for reason in company.why)
    match = look.match(company, by_clue)
    seen = Identification(network=network, company=company, match=match)
    if match is None:
        return _drop(visit, DropReason.ACCOUNT_NONE, seen)
    if match.account is None:
        left = tuple(account for account in match.candidates if by_clue or account.id not in rejected)
        if not left:
            why = (Reason(text="Somebody said that this network is none of them", code="correction"),)
            return _drop(visit, DropReason.COMPANY_REJECTED, seen, why)
        seen = replace(seen, match=replace(match, candidates=left))
        return _drop(visit, DropReason.ACCOUNT_AMBIGUOUS, seen, match.why)
    if match.account.id in rejected and not by_clue:
        why = (Reason(text=f"Somebody said that this network isn't {match.account.name}", code="correction"),)
        return _drop(visit, DropReason.COMPANY_REJECTED, seen, why)
    if network and not by_clue and match.account.id in look.contested(network.ip):
        text = f"People contradict each other on whether this network is {match.account.name}"
        why = (Reason(text=text, code="correction:contested"),)
        return _drop(visit, DropReason.ACCOUNT_AMBIGUOUS, replace(seen, match=replace(match, account=None)), why)
    confidence = min(1.0, round(sureness(company, match, network, by_clue=by_clue) * look.reliability(seen), 4))
    if confidence < look.digest_point:
        text = f"{match.account.name} is only a guess: {confidence:.0%} sure, {look.digest_point:.0%} needed"
        why = (Reason(text=text, code="account:unsure"),)
        return _drop(visit, DropReason.ACCOUNT_UNSURE, replace(seen, match=replace(match, account=None)), why)
    visit = with_clues(visit, told.clues)
    return Recognised(visit=visit, account=match.account, confidence=confidence, seen=seen)


def company_behind(
    network: Network | None,
    clues: tuple[IdentityClue, ...],
    rejected: frozenset[AccountId],
    match: Callable[[Company, bool], AccountMatch | None],
) -> Company | DropReason:
    """Return the company behind a visit, or why there is none to name.

    Where only a guess says that a network serves others, but whoever the registry names is a customer letter for
    letter, and nothing speaks against it, it is that customer.
    """
    company = identify_company(network, clues, rejected)
    if network is None or not isinstance(company, DropReason):
        return company
    named = registered_company(network)
    found = match(named, False) if named else None
    if named is None or found is None or found.account is None:
        return company
    codes = {reason.code for reason in found.why}
    return named if codes & CERTAIN_ROUTES and not codes & AGAINST else company


def assess(found: Recognised, look: Lookups, rules: Rules, now: datetime) -> Signal:
    """Say how silent the account was before this visit, and how interested it looks at the moment `now`."""
    visit, account = found.visit, found.account
    history = look.history(account.id)
    known, weeks = look.activities(account.id), look.usage(account.id)
    expected = outlook(rules.learnt) if rules.learnt is not None else None
    dormancy = judge_dormancy(account, known, rules.dormancy, visit.started_at, history, weeks=weeks, outlook=expected)
    points = score(visit, look.past(account.id), dormancy, rules.scoring, now)
    rule = qualifying_rule(visit, points, rules.scoring)
    said = occasion(visit, dormancy, points, rule, rules.dormancy)
    return Signal(
        visit=visit,
        at=now,
        seen=found.seen,
        account=account,
        confidence=found.confidence,
        dormancy=dormancy,
        score=points,
        qualified=bool(said.rule),
        kind=said.kind,
        line=said.line,
        rule=said.rule,
    )


def enrich(visit: Visit, look: Lookups, rules: Rules, now: datetime) -> Signal | Drop:
    """The stage from end to end for one visit: a Signal about an account, or a Drop with its reason."""
    found = identify(visit, look)
    return found if isinstance(found, Drop) else assess(found, look, rules, now)


def _drop(visit: Visit, reason: DropReason, seen: Identification | None = None, why: tuple[Reason, ...] = ()) -> Drop:
    return Drop(reason=reason, at=visit.last_at, site=visit.site, seen=seen or Identification(), why=why)
