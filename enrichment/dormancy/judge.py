"""Judges how silent an account is, as of a moment, from what was known before it (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain import Account, Activity, ActivityKind, Dormancy, Reason, State
from enrichment.dormancy.cadence import WINDOW_DAYS, Cadence, cadence
from enrichment.dormancy.rules import CRITERIA, DormancyRules, Thresholds, Tiers, thresholds_for
from enrichment.dormancy.states import ASLEEP, StateFacts, WebHistory, month, next_state

_NOUNS: dict[ActivityKind, str] = {
    "purchase": "order",
    "contact": "contact",
    "login": "sign-in",
    "reply": "answer",
    "usage": "use of the product",
}

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Silence:
    """Days since the last activity of each kind that counts, and whether that is too long."""

    days: tuple[tuple[ActivityKind, int, int], ...]
    """Kind, days of silence, days allowed."""
    dormant_since: datetime | None
    """When it became too long; None while it isn't."""

    @property
    def dormant(self) -> bool:
        return self.dormant_since is not None

    @property
    def shown(self) -> int | None:
        """The silence to speak of: of the longest overdue criterion when dormant by any, else since the last sign."""
        over = [silent for _, silent, limit in self.days if silent > limit]
        if self.dormant and len(over) < len(self.days):
            return max(over)
        return min((silent for _, silent, _ in self.days), default=None)


def judge_dormancy(
    account: Account,
    activities: Sequence[Activity],
    rules: DormancyRules,
    as_of: datetime,
    history: WebHistory | None = None,
    *,
    window_days: int = WINDOW_DAYS,
) -> Dormancy:
    """Return how silent `account` was at `as_of`.

    `activities` may hold later ones and come in any order: only those strictly before `as_of` count. A criterion
    counts only when the account ever had that kind of activity; when none does, the answer is `unknown`. `history` is
    what Dormouse saw itself; without it the state is that of the silence alone. `window_days` is what `p_no_purchase`
    looks ahead.
    """
    if history is not None and history.since > as_of:
        history = None  # an old visit, judged late: where the account stands today says nothing about then
    before = [one for one in activities if one.at < as_of and one.account == account.id]
    orders = [one for one in before if _is_order(one)]
    ordered_at = max((one.at for one in orders), default=None)
    products = frozenset(one.product for one in orders if one.at == ordered_at)
    thresholds = thresholds_for(account, products, rules)
    silence = _silence(before, thresholds, as_of, history)
    rhythm = cadence([one.at for one in orders], as_of, window_days=window_days)
    state, sentence = _state(silence, rhythm, rules)
    told = [sentence]
    if history is not None:
        state, changed = _with_history(state, sentence, silence, ordered_at, as_of, history, rules)
        told += [changed] if changed != sentence else []
    left_over = _left_over(before, ordered_at)
    return Dormancy(
        account=account.id,
        as_of=as_of,
        state=state,
        tier=_tier(silence.shown, rhythm, state in ASLEEP, rules),
        dormant=state in ASLEEP,
        silent_days=silence.shown,
        usual_gap_days=rhythm.usual_gap_days if rhythm else None,
        p_no_purchase=rhythm.p_no_purchase if rhythm else None,
        rule=thresholds.rule,
        left_over=left_over.note if left_over else "",
        why=(
            *(Reason(text=text, code="dormancy:silence") for text in told),
            *_more_reasons(silence, rhythm, rules, window_days),
            *_rule_reason(thresholds),
            *_left_over_reason(left_over),
        ),
    )


def _with_history(
    state: State,
    sentence: str,
    silence: _Silence,
    ordered_at: datetime | None,
    as_of: datetime,
    history: WebHistory,
    rules: DormancyRules,
) -> tuple[State, str]:
    """Return the state that follows on the one in which the account stood, and why."""
    facts = StateFacts(
        as_of=as_of,
        silence=state,
        why=sentence,
        ordered_at=ordered_at,
        dormant_since=silence.dormant_since,
        intent_at=history.intent_at,
        claimed_at=history.claimed_at,
    )
    return next_state(history.state, history.since, facts, rules.states)


def _is_order(activity: Activity) -> bool:
    """A credit note, with a negative amount, isn't an order."""
    return activity.kind == "purchase" and (activity.amount is None or activity.amount >= 0)


def _silence(
    before: Sequence[Activity], thresholds: Thresholds, as_of: datetime, history: WebHistory | None
) -> _Silence:
    asleep_since = history.since if history is not None and history.state in ASLEEP else None
    last: dict[ActivityKind, datetime] = {}
    for one in before:
        if one.kind == "purchase" and not _is_order(one):
            continue
        if one.kind == "contact" and asleep_since is not None and one.at >= asleep_since:
            continue  # we called because it is dormant: that doesn't end dormancy
        if one.kind not in last or one.at > last[one.kind]:
            last[one.kind] = one.at
    days = tuple((kind, (as_of - last[kind]) // _DAY, limit) for kind, limit in thresholds.days if kind in last)
    over = [last[kind] + (limit + 1) * _DAY for kind, silent, limit in days if silent > limit]
    if thresholds.combine == "all":
        since = max(over) if over and len(over) == len(days) else None
    else:
        since = min(over, default=None)
    return _Silence(days=days, dormant_since=since)


def _state(silence: _Silence, rhythm: Cadence | None, rules: DormancyRules) -> tuple[State, str]:
    """Return the state of the silence alone, and the sentence behind it."""
    if not silence.days:
        return State.UNKNOWN, "Nothing is known of its orders: missing data isn't silence."
    sentence = _sentence(silence, rhythm)
    if silence.dormant:
        return State.DORMANT, sentence
    return (State.GOING_QUIET if _late(silence.shown, rhythm, rules) else State.ACTIVE), sentence


def _late(silent_days: int | None, rhythm: Cadence | None, rules: DormancyRules) -> bool:
    if silent_days is None:
        return False
    if rhythm is not None and rhythm.overdue is not None:
        return rhythm.overdue > rules.rhythm.overdue
    return silent_days > rules.tiers.going_quiet


def _sentence(silence: _Silence, rhythm: Cadence | None) -> str:
    by_kind = {kind: (silent, limit) for kind, silent, limit in silence.days}
    usual = (
        f"; this account used to order every {_number(rhythm.usual_gap_days)} days"
        if (rhythm is not None and rhythm.usual_gap_days is not None)
        else ""
    )
    if "purchase" in by_kind:
        return f"{_no('purchase', by_kind['purchase'][0])}{usual}."
    kind, silent, _ = silence.days[0]
    return f"{_no(kind, silent)}."


def _no(kind: ActivityKind, silent: int) -> str:
    noun = _NOUNS[kind]
    if silent < 1:
        return f"Last {noun} less than a day ago"
    return f"No {noun} for {silent} {'day' if silent == 1 else 'days'}"


def _more_reasons(silence: _Silence, rhythm: Cadence | None, rules: DormancyRules, window_days: int) -> list[Reason]:
    """Return the other criteria, the account's own rhythm and what to expect."""
    kinds = [kind for kind in CRITERIA if any(kind == one for one, _, _ in silence.days)]
    found = [
        Reason(text=f"{_no(kind, silent)}.", code=f"dormancy:{kind}")
        for kind, silent, _ in silence.days
        if kind != kinds[0]
    ]
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
    limits = f" {'and' if thresholds.combine == 'all' else 'or'} ".join(
        f"{_NOUNS[kind]} {limit} days" for kind, limit in thresholds.days
    )
    return [Reason(text=f"Rule: {thresholds.rule} (more than: {limits}).", code="dormancy:rule")]


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
