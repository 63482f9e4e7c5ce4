"""Judges how silent an account is, as of a moment, from what was known before it (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain import Account, Activity, Dormancy, Reason, State, UsageDecline
from enrichment.dormancy.cadence import WINDOW_DAYS, Cadence, cadence
from enrichment.dormancy.criteria import RETURNS, Seen, is_order, no_sign, seen
from enrichment.dormancy.late import late_by, late_text
from enrichment.dormancy.lines import line_silences
from enrichment.dormancy.outlook import Outlook
from enrichment.dormancy.rules import DormancyRules, Tiers
from enrichment.dormancy.silence import Silence, silence
from enrichment.dormancy.states import ASLEEP, StateFacts, WebHistory, month, next_state
from enrichment.dormancy.thresholds import Thresholds, thresholds_for
from enrichment.dormancy.usage import DeclineRule, UsageWeek, decline_text, monday, usage_decline, weekly


def judge_dormancy(
    account: Account,
    activities: Sequence[Activity],
    rules: DormancyRules,
    as_of: datetime,
    history: WebHistory | None = None,
    *,
    weeks: Sequence[UsageWeek] | None = None,
    window_days: int = WINDOW_DAYS,
    outlook: Outlook | None = None,
) -> Dormancy:
    """Return how silent `account` was at `as_of`.

    `activities` may hold later ones and come in any order: only those strictly before `as_of` count. A criterion
    counts only when the account ever had that kind of activity; when none does, the answer is `unknown`. `history` is
    what Dormouse saw itself; without it the state is that of the silence alone. `weeks` is its use of the product by
    week, where `activities` don't hold all of it. `window_days` is what `p_no_purchase` looks ahead; `outlook` answers
    it where a model was fitted to customers.
    """
    if history is not None and history.since > as_of:
        history = None  # an old visit, judged late: where the account stands today says nothing about then
    known = _known(account, activities, rules, as_of, history, weeks)
    rhythm = cadence([one.at for one in known.orders], as_of, window_days=window_days)
    if rhythm is not None and outlook is not None:
        rhythm = replace(rhythm, p_no_purchase=outlook(known.orders, as_of, window_days))
    state, sentence = _state(known, rhythm, rules)
    late = late_by(known.ordered_at, rhythm, rules)
    told = [sentence]
    if state is State.GOING_QUIET and late is not None:
        told.append(late_text(late))
    if history is not None:
        state, changed = _with_history(state, told[-1], known, as_of, history, rules)
        told += [changed] if changed not in told else []
    left_over = _left_over(known.before, known.ordered_at)
    shown = known.silence.shown
    return Dormancy(
        account=account.id,
        as_of=as_of,
        state=state,
        tier=_tier(shown, rhythm, state in ASLEEP, rules),
        dormant=state in ASLEEP,
        silent_days=shown,
        usual_gap_days=rhythm.usual_gap_days if rhythm else None,
        p_no_purchase=rhythm.p_no_purchase if rhythm else None,
        rule=known.thresholds.rule,
        left_over=left_over.note if left_over else "",
        why=(
            *(Reason(text=text, code="dormancy:silence") for text in told),
            *_more_reasons(known, rhythm, rules, window_days),
            *_rule_reason(known.thresholds),
            *_left_over_reason(left_over),
        ),
        lines=line_silences(account, known.orders, rules, as_of),
        decline=known.decline,
        has_contract=has_contract(account, as_of),
        reason=left_over.reason if left_over else "",
        late=late,
    )


def has_contract(account: Account, as_of: datetime) -> bool:
    """Return whether a contract of the account was live at `as_of`."""
    if account.contract_until is not None:
        return account.contract_until > as_of
    return bool(account.contract)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """All that was known of an account before the moment of judgement."""

    before: Sequence[Activity]
    orders: Sequence[Activity]
    ordered_at: datetime | None
    seen: Seen
    thresholds: Thresholds
    silence: Silence
    decline: UsageDecline | None
    declined_since: datetime | None
    """When fallen use became dormancy, where the rules say so."""


def _known(
    account: Account,
    activities: Sequence[Activity],
    rules: DormancyRules,
    as_of: datetime,
    history: WebHistory | None,
    weeks: Sequence[UsageWeek] | None,
) -> _Known:
    before = [one for one in activities if one.at < as_of and one.account == account.id]
    orders = [one for one in before if is_order(one)]
    ordered_at = max((one.at for one in orders), default=None)
    products = frozenset(one.product for one in orders if one.at == ordered_at)
    thresholds = thresholds_for(account, products, rules)
    signs = seen(before, history.since if history is not None and history.state in ASLEEP else None)
    measure = DeclineRule(share=rules.usage.decline / 100, weeks=rules.usage.weeks, least=rules.usage.least)
    decline = usage_decline(_weeks(before, weeks, as_of), as_of, measure)
    fallen = decline is not None and rules.usage.dormant
    return _Known(
        before=before,
        orders=orders,
        ordered_at=ordered_at,
        seen=signs,
        thresholds=thresholds,
        silence=silence(signs, thresholds.limits, as_of),
        decline=decline,
        declined_since=as_of - timedelta(weeks=decline.weeks - measure.weeks) if decline and fallen else None,
    )


def _weeks(before: Sequence[Activity], counted: Sequence[UsageWeek] | None, as_of: datetime) -> Sequence[UsageWeek]:
    """Return the use by week: as counted, but for the week under way, of which only activities tell."""
    told = weekly(before)
    if not counted:
        return told
    this = monday(as_of)
    return (*(week for week in counted if week.monday < this), *(week for week in told if week.monday == this))


def _with_history(
    state: State, sentence: str, known: _Known, as_of: datetime, history: WebHistory, rules: DormancyRules
) -> tuple[State, str]:
    """Return the state that follows on the one in which the account stood, and why."""
    counted = {kind for kind, _, _ in known.silence.days}
    returns = {kind: known.seen.last[kind] for kind in RETURNS if kind in counted}
    if known.declined_since is None and rules.usage.dormant:  # use that came back counts like the order of another
        returns |= {kind: known.seen.last[kind] for kind in RETURNS if kind in known.seen.last}
    facts = StateFacts(
        as_of=as_of,
        silence=state,
        why=sentence,
        ordered_at=known.ordered_at,
        used_at=max(returns.values(), default=None),
        dormant_since=known.silence.dormant_since or known.declined_since,
        intent_at=history.intent_at,
        claimed_at=history.claimed_at,
    )
    return next_state(history.state, history.since, facts, rules.states)


def _state(known: _Known, rhythm: Cadence | None, rules: DormancyRules) -> tuple[State, str]:
    """Return the state of the silence alone, and the sentence behind it."""
    if known.declined_since is not None and known.decline is not None and not known.silence.dormant:
        return State.DORMANT, decline_text(known.decline)
    if not known.silence.days:
        return State.UNKNOWN, "Nothing is known of its orders: missing data isn't silence."
    sentence = _sentence(known.silence, rhythm)
    if known.silence.dormant:
        return State.DORMANT, sentence
    return (State.GOING_QUIET if _late(known.silence.shown, rhythm, rules) else State.ACTIVE), sentence


def _late(silent_days: int | None, rhythm: Cadence | None, rules: DormancyRules) -> bool:
    if silent_days is None:
        return False
    if rhythm is not None and rhythm.overdue is not None:
        return rhythm.overdue > rules.rhythm.overdue
    return silent_days > rules.tiers.going_quiet


def _sentence(silence: Silence, rhythm: Cadence | None) -> str:
    by_kind = {kind: silent for kind, silent, _ in silence.days}
    usual = (
        f"; this account used to order every {_number(rhythm.usual_gap_days)} days"
        if (rhythm is not None and rhythm.usual_gap_days is not None)
        else ""
    )
    if "purchase" in by_kind:
        return f"{no_sign('purchase', by_kind['purchase'])}{usual}."
    kind, silent, _ = silence.days[0]
    return f"{no_sign(kind, silent)}."


def _more_reasons(known: _Known, rhythm: Cadence | None, rules: DormancyRules, window_days: int) -> list[Reason]:
    """Return the other criteria, fallen use, the account's own rhythm and what to expect."""
    found = [
        Reason(text=f"{no_sign(kind, silent)}.", code=f"dormancy:{kind}") for kind, silent, _ in known.silence.days[1:]
    ]
    if known.silence.unanswered > 1:
        text = f"{known.silence.unanswered} approaches without an answer."
        found.append(Reason(text=text, code="dormancy:unanswered"))
    if known.decline is not None:
        found.append(Reason(text=decline_text(known.decline), code="dormancy:decline"))
    if rhythm is None:
        return found
    if rhythm.overdue is not None and rhythm.overdue > rules.rhythm.overdue:
        found.append(Reason(text=f"{rhythm.overdue:.1f} times its usual rhythm.", code="dormancy:rhythm"))
    if rhythm.p_no_purchase >= 0.5:
        chance = min(99, round(rhythm.p_no_purchase * 100))
        found.append(
            Reason(
                text=f"Left alone, {chance} in 100 such accounts order nothing in the next {window_days} days.",
                code="dormancy:outlook",
            )
        )
    return found


def _rule_reason(thresholds: Thresholds) -> list[Reason]:
    """Say which rule decided, where it isn't the default."""
    if thresholds.rule == "default":
        return []
    return [Reason(text=f"Rule: {thresholds.rule} (more than: {thresholds.limits.text}).", code="dormancy:rule")]


def _tier(silent_days: int | None, rhythm: Cadence | None, dormant: bool, rules: DormancyRules) -> str:
    if silent_days is None:
        return "unknown"
    tiers: Tiers = rules.tiers
    for name, limit in (("2_years", tiers.two_years), ("1_year", tiers.one_year), ("6_months", tiers.six_months)):
        if silent_days > limit:
            return name
    return "going_quiet" if dormant or _late(silent_days, rhythm, rules) else "active"


def _left_over(before: Sequence[Activity], ordered_at: datetime | None) -> Activity | None:
    """Return the last reason given for the silence; one given before the last order is settled."""
    given = [one for one in before if one.kind == "dormancy_reason" and one.note]
    last = max(given, key=lambda one: one.at, default=None)
    return last if last is not None and (ordered_at is None or last.at >= ordered_at) else None


def _left_over_reason(left_over: Activity | None) -> list[Reason]:
    if left_over is None:
        return []
    return [Reason(text=f"Left over: {left_over.note} ({month(left_over.at)}).", code="dormancy:left_over")]


def _number(value: float | None) -> str:
    return f"{round(value or 0)}"
