"""Makes past visits follow what people said: whose each was judged to be, then whose it is by their words.

What a visit is follows from two things alone: what was judged before anybody spoke, which is kept aside, and the words
that stand. So taking a word back restores exactly what was there, in whatever order words come and go.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

import alerts.store
import enrichment.company.store
import tracker.store
from alerts import whose_store
from alerts.decide import not_worth_telling
from alerts.throttle import is_history
from app import action_queries, again_queries
from app import correction_queries as queries
from app.correction_queries import JUDGED, Judged
from core.alerting import Silence
from core.domain import (
    AccountId,
    AccountMatch,
    DropReason,
    Identification,
    Reason,
    State,
    VisitId,
)
from enrichment.account import store as account_store
from enrichment.company.corrections import CONFIDENCE, Corrections, Said
from enrichment.dormancy.rules import load_rules
from enrichment.enrich import Lookups, Recognised, Rules, assess
from enrichment.intent.history import PastVisit
from enrichment.intent.rules import load_scoring
from enrichment.intent.scoring import past_of
from enrichment.intent.store import Asked, past_visits
from enrichment.store import reasons_by_step

Became = Literal["as_judged", "given", "rejected", "contested", "narrowed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What becomes of a visit by what people said."""

    became: Became
    account: AccountId | None
    candidates: tuple[AccountId, ...] = ()


def standing(visit: Judged, said: Said) -> Standing:
    """Return what becomes of a visit that was judged so, where people said that (pure)."""
    judged, candidates = visit.judged_account, visit.judged_candidates
    same = Standing(became="as_judged", account=judged, candidates=candidates)
    if str(visit.original["drop"] or "").startswith("bot"):
        return same
    if said.right is not None:
        return same if said.right == judged else Standing(became="given", account=said.right)
    if len(said.contested) > 1 or (judged and judged in said.contested):
        rivals = said.contested | ({judged} if judged else set())
        return Standing(became="contested", account=None, candidates=tuple(sorted(rivals)))
    if judged and judged in said.rejected:
        return Standing(became="rejected", account=None)
    left = tuple(each for each in candidates if each not in said.rejected)
    if left != candidates:
        return Standing(became="narrowed" if left else "rejected", account=None, candidates=left)
    return same


def said_of(corrections: Corrections, visit: Judged) -> Said:
    """Return what people said of a visit; where the visitor named themselves, only what was said of that very visit.

    A guest with somebody's link sits in any network, so what is said of networks says nothing of them; but a link may
    have been passed on, and that people know.
    """
    if visit.is_by_clue:
        return Said().narrowed(corrections.decided_on(f"visit:{visit.visit}"))
    return corrections.of_visit(visit.visit, asn=visit.asn, prefix=visit.where, address_hash=visit.address_hash)


def settle(
    connection: Connection, ids: Collection[str], by: str, now: datetime, rules: Rules | None = None
) -> tuple[str, ...]:
    """Let these visits be whose they are by the words that stand; return those that changed hands.

    The alerts about them say so, and the accounts' states follow. `rules` judge the visits that an account is given
    (without them the built-in ones do).
    """
    corrections = Corrections(enrichment.company.store.words(connection))
    moved: list[tuple[Judged, Standing]] = []
    given: list[tuple[Judged, Standing]] = []
    for visit in queries.judged(connection, ids):
        wanted = standing(visit, said_of(corrections, visit))
        if wanted.became == "given" and visit.account != wanted.account:
            given.append((visit, wanted))
        elif wanted.became != "given":
            _put(connection, visit, wanted, by)
        if visit.account != wanted.account:
            moved.append((visit, wanted))
    if given:
        _give(connection, given, by, now, rules or Rules(dormancy=load_rules(None), scoring=load_scoring(None)))
        _let_the_line_decide(connection, [visit for visit, _ in given if not visit.is_by_clue], now)
    _follow(connection, moved, by, now)
    return tuple(visit.visit for visit, _ in moved)


def _put(connection: Connection, visit: Judged, wanted: Standing, by: str) -> None:
    original = dict(visit.original)
    if wanted.became == "as_judged":
        if visit.corrected:
            account, candidates = visit.judged_account, list(visit.judged_candidates)
            now = {"account": account, "candidates": candidates, "corrected": False, "judged": None}
            queries.put(connection, visit.visit, {**original, **now})
        return
    drop = DropReason.COMPANY_REJECTED if wanted.became == "rejected" else DropReason.ACCOUNT_AMBIGUOUS
    names = {
        "rejected": f"{by} said that this isn't the account it was taken for",
        "contested": "People contradict each other on whose network this is",
        "narrowed": f"{by} said that it is none of the others",
    }
    code = f"rejected:{visit.judged_account or ''}" if wanted.became == "rejected" else wanted.became
    values = {
        **original,
        "account": None,
        "candidates": list(wanted.candidates),
        "drop": drop.value,
        "why": _marked(original["why"], names[wanted.became], code),
        "corrected": True,
        "judged": original,
    }
    queries.put(connection, visit.visit, values)


def _marked(why: Mapping[str, object], text: str, code: str) -> dict[str, object]:
    return {**why, "correction": [{"text": text, "points": 0.0, "code": code}]}


def _give(
    connection: Connection, given: Sequence[tuple[Judged, Standing]], by: str, now: datetime, rules: Rules
) -> None:
    """Let visits be an account's, judged as it would have been then."""
    accounts = sorted({wanted.account for _, wanted in given if wanted.account})
    whole = {each.id: each for each in tracker.store.visits_by_ids(connection, [VisitId(v.visit) for v, _ in given])}
    begins = [each.started_at for each in whole.values()]
    activities = account_store.activities_of(
        connection, accounts, until=max(begins, default=None), earliest=min(begins, default=None)
    )
    asked = [
        Asked(account=wanted.account, visit=VisitId(visit.visit), at=whole[VisitId(visit.visit)].last_at)
        for visit, wanted in given
        if wanted.account and VisitId(visit.visit) in whole
    ]
    past = past_visits(connection, asked, timedelta(days=rules.scoring.horizon_days))
    given_so_far: dict[AccountId, dict[VisitId, PastVisit]] = {}
    nothing = Lookups(
        network=_never,
        match=lambda _company, _by_clue: None,
        rejected=lambda _ip: frozenset(),
        activities=lambda account: activities.get(account, ()),
        history=lambda _account: None,
        past=lambda _account: (),
    )
    known = account_store.accounts_by_id(connection, accounts)
    for visit, wanted in given:
        seen = whole.get(VisitId(visit.visit))
        account = known.get(wanted.account) if wanted.account else None
        if seen is None or account is None:
            continue
        reason = Reason(text=f"{by} said that this visit was by {account.name}", code=f"given:{account.id}")
        match = AccountMatch(account=account, candidates=(account,), confidence=CONFIDENCE, why=(reason,))
        before = {each.id: each for each in past[seen.id]} | given_so_far.get(account.id, {})
        others = [each for key, each in before.items() if key != seen.id and each.at <= seen.last_at]
        look = replace(nothing, past=lambda _account, others=others: others)  # type: ignore[misc]
        found = Recognised(visit=seen, account=account, confidence=CONFIDENCE, seen=Identification(match=match))
        signal = assess(found, look, rules, seen.last_at)
        own = past_of(seen, rules.scoring)
        given_so_far.setdefault(account.id, {})[seen.id] = own
        kept = {step: said for step, said in visit.original["why"].items() if step in ("network", "company")}
        values: dict[str, Any] = {
            "account": account.id,
            "candidates": [],
            "confidence": CONFIDENCE,
            "own_points": own.own_points,
            "held": " ".join(own.held),
            "points": signal.score.points,
            "qualified": signal.qualified,
            "dormant": signal.dormancy.dormant,
            "state": signal.dormancy.state.value,
            "silent_days": signal.dormancy.silent_days,
            "drop": None,
            "silence": (not_worth_telling(signal) or Silence.GIVEN).value,
            "why": _marked({**kept, **reasons_by_step(signal)}, reason.text, reason.code),
            "corrected": True,
            "judged": dict(visit.original),
        }
        assert set(JUDGED) <= set(values)
        queries.put(connection, visit.visit, values)


def _let_the_line_decide(connection: Connection, given: Sequence[Judged], now: datetime) -> None:
    """Have the line judge given visits that are still news: whether their rep is told, and when, it says alone.

    A visitor's own word it would believe again, and without an address it knows less: those visits stay as given.
    """
    seen = tracker.store.visits_by_ids(connection, [VisitId(visit.visit) for visit in given])
    again_queries.want_visits(connection, [each.id for each in seen if each.ip and not is_history(each, now)], now)


def _never(ip: str) -> Any:
    raise AssertionError(f"nothing is looked up for a visit that was given: {bool(ip)}")


def _follow(connection: Connection, moved: Sequence[tuple[Judged, Standing]], by: str, now: datetime) -> None:
    """Let alerts and states follow visits that changed hands."""
    lost: dict[AccountId, list[str]] = {}
    gained: dict[AccountId, list[str]] = {}
    for visit, wanted in moved:
        if visit.account:
            lost.setdefault(visit.account, []).append(visit.visit)
        if wanted.account:
            gained.setdefault(wanted.account, []).append(visit.visit)
    for account, ids in lost.items():
        whose_store.unname(connection, ids, account, now)
        for alert in action_queries.alerts_of_visits(connection, account, ids):
            alerts.store.wrong_company(connection, alert, by, now)
        if not action_queries.is_still_awake(connection, account, now):
            why = "The visits were by somebody else"
            action_queries.move(connection, account, (State.AWAKE,), State.DORMANT, why, now)
    restored = {wanted.account for _, wanted in moved if wanted.became == "as_judged"}
    for account, ids in gained.items():
        unmark(connection, account, ids, now)
        name_owner(connection, account, ids, now)
        if action_queries.is_still_awake(connection, account, now):
            is_back = account in restored
            why = "Its visits are back" if is_back else f"{by} said that a visit was theirs"
            action_queries.move(connection, account, (State.DORMANT,), State.AWAKE, why, now, is_undo=is_back)


def name_owner(connection: Connection, account: AccountId, ids: Collection[str], now: datetime) -> None:
    """Let the messages that these visits were taken from say whose they were, instead of asking."""
    if found := account_store.account(connection, account):
        whose_store.name(connection, ids, account, found.name, now)


def unmark(connection: Connection, account: AccountId, ids: Collection[str], now: datetime) -> None:
    """Take "wrong company" back from the alerts about an account's visits."""
    of = action_queries.alerts_of_visits(connection, account, ids)
    for given in alerts.store.feedback_of(connection, of).values():
        for each in given:
            if each.kind == "wrong_company" and each.undone_at is None:
                alerts.store.undo(connection, each.id, now)
