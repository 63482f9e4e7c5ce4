"""When to speak and to whom, as the operator decided: reads alerting.toml."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from alerts.reps.rep import Hours, RepEntry, Roster
from alerts.reps.times import DAYS, is_time, is_zone
from core.rule_file import decode_rules, rule_text

BUILT_IN = Path(__file__).with_name("alerting.toml")


class HoursRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When reps may be spoken to who say nothing else, in their own time."""

    begin: str = "08:30"
    end: str = "18:00"
    days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    holidays: tuple[date, ...] = ()
    zone: str = ""
    """The zone of reps who give none; empty: `DORMOUSE_TIME_ZONE`, unless that is UTC, nobody's own zone."""


class AgainRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is worth a second alert within the cool-down."""

    score_times: float = 2.0
    """The score has grown to at least so many times that of the last alert; 0: never for its score."""
    rank: tuple[str, ...] = (
        *("score", "trigger:return", "trigger:pricing"),
        *("trigger:form", "trigger:signed_click"),
    )
    """Rules from the weakest to the strongest: one further on than the last alert's speaks again. A rescue outranks
    all; a rule that isn't named ranks with the first."""


class ShadowRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shadow mode, once somebody starts it."""

    days: int = 14
    judged: int = 10
    """So many samples should be judged before going live."""
    most_wrong: float = 0.1
    """Going live warns when a larger share of those judged was wrong."""


class PrecisionRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a rule proposes to be told of in the digest alone."""

    least: float = 0.5
    judged: int = 8
    """Of fewer judged alerts nothing is concluded."""
    days: int = 180
    """Alerts of so many days count."""


class HoldoutRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share of accounts whose alerts are held back to measure what alerts bring."""

    share: float = 0.0
    release_days: int = 7
    expected_orders: float = 0.1
    """The share of accounts that would order within 90 days anyway."""


class FollowUpRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens when an account is claimed, or isn't, and nothing follows."""

    remind_after_working_days: int = 2
    """Claimed, nothing logged: one reminder; 0: none."""
    escalate_after_hours: float = 0
    """Not claimed for so long: the manager hears of it once; 0: never."""


class DigestRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The digests. Each rep's comes at the beginning of their hours."""

    weekly: str = "mon"
    """The day of the managers' weekly digest."""


class Route(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who gets alerts of accounts whose owner can't: all that is given must fit, the first that fits counts."""

    segment: str = ""
    country: str = ""
    region: str = ""
    """Part of the account's location."""
    industry: str = ""
    product: str = ""
    """The silent product line, else the product bought last."""
    min_value: float = 0
    """What the account bought in all, at least."""
    to: str = ""
    """Whom to tell: an e-mail address."""
    team: str = ""
    """Or a team: whoever of it is at work and was told least today."""


class AlertPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole alerting.toml."""

    most_a_day: int = 3
    """Real-time alerts a rep a day; the rest waits for the digest."""
    cool_down_hours: float | None = None
    """Hours after an alert in which the account causes no other; None: `DORMOUSE_COOL_DOWN_HOURS`."""
    again: AgainRules = field(default_factory=AgainRules)
    hours: HoursRules = field(default_factory=HoursRules)
    shadow: ShadowRules = field(default_factory=ShadowRules)
    precision: PrecisionRules = field(default_factory=PrecisionRules)
    holdout: HoldoutRules = field(default_factory=HoldoutRules)
    follow_up: FollowUpRules = field(default_factory=FollowUpRules)
    digest: DigestRules = field(default_factory=DigestRules)
    routes: tuple[Route, ...] = field(default=(), name="route")


def load_policy(path: Path | None = None) -> AlertPolicy:
    """Return the policy in the file at `path`, or the built-in one. Raises InputError, which names what to change."""
    source = path or BUILT_IN
    return read_policy(rule_text(source), str(source))


def read_policy(text: str, name: str = "alerting.toml") -> AlertPolicy:
    """Return the policy written in the TOML `text`; `name` stands for the file in errors.

    Raises InputError with every mistake, a line each.
    """
    return decode_rules(text, AlertPolicy, name, _mistakes)


def _mistakes(policy: AlertPolicy) -> list[str]:
    return [f"{mistake}." for mistake in (*_numbers(policy), *_words(policy), *_routes(policy))]


def working_hours(policy: AlertPolicy, zone: ZoneInfo) -> Hours:
    """Return the hours of reps who say nothing else; `zone` is the operator's.

    Nobody's night is known where neither the policy nor the operator names a zone: such hours quiet nothing.
    """
    rules = policy.hours
    return Hours(
        zone=ZoneInfo(rules.zone) if rules.zone else zone,
        begin=time.fromisoformat(rules.begin),
        end=time.fromisoformat(rules.end),
        days=frozenset(DAYS.index(day) for day in rules.days),
        holidays=frozenset(rules.holidays),
        acts=bool(rules.zone) or zone.key != "UTC",
    )


def roster_of(entries: Iterable[RepEntry], policy: AlertPolicy, zone: ZoneInfo) -> Roster:
    """Return everybody who gets alerts, by the policy; `zone` is the operator's."""
    return Roster(entries, working_hours(policy, zone), policy.most_a_day)


def _numbers(policy: AlertPolicy) -> list[str]:
    least = {
        "most_a_day": (policy.most_a_day, 0),
        "cool_down_hours": (policy.cool_down_hours or 0, 0),
        "again.score_times": (policy.again.score_times, 0),
        "shadow.days": (policy.shadow.days, 1),
        "shadow.judged": (policy.shadow.judged, 1),
        "precision.judged": (policy.precision.judged, 1),
        "precision.days": (policy.precision.days, 1),
        "holdout.release_days": (policy.holdout.release_days, 1),
        "follow_up.remind_after_working_days": (policy.follow_up.remind_after_working_days, 0),
        "follow_up.escalate_after_hours": (policy.follow_up.escalate_after_hours, 0),
    }
    found = [
        f"`{key}` is {value:g}: give {bound} or more" for key, (value, bound) in least.items() if not value >= bound
    ]
    shares = {
        "shadow.most_wrong": policy.shadow.most_wrong,
        "precision.least": policy.precision.least,
        "holdout.share": policy.holdout.share,
        "holdout.expected_orders": policy.holdout.expected_orders,
    }
    found += [
        f"`{key}` is {value:g}: a share lies between 0 and 1" for key, value in shares.items() if not 0 <= value <= 1
    ]
    if 0 < policy.again.score_times < 1:
        found.append("`again.score_times` is below 1: a smaller score is no news; give 1 or more, or 0 for never")
    return found


def _words(policy: AlertPolicy) -> list[str]:
    hours = policy.hours
    found = [
        f"`hours.{key}` is {value!r}: give a time such as 08:30"
        for key, value in (("begin", hours.begin), ("end", hours.end))
        if not is_time(value)
    ]
    found += [f"`hours.days` has {day!r}: give some of {', '.join(DAYS)}" for day in hours.days if day not in DAYS]
    if not hours.days:
        found.append("`hours.days` is empty: without a working day nobody would ever be told; name at least one")
    if hours.zone and not is_zone(hours.zone):
        found.append(f"`hours.zone` is {hours.zone!r}: give a zone such as Europe/Berlin")
    if policy.digest.weekly not in DAYS:
        found.append(f"`digest.weekly` is {policy.digest.weekly!r}: give one of {', '.join(DAYS)}")
    return found


def _routes(policy: AlertPolicy) -> list[str]:
    found = []
    for number, route in enumerate(policy.routes, 1):
        if bool(route.to) == bool(route.team):
            found.append(f"route {number} needs either `to`, an e-mail address, or `team`")
        if route.to and "@" not in route.to.strip("@"):
            found.append(f"route {number}: `to` is {route.to!r}: give an e-mail address")
        if route.min_value < 0:
            found.append(f"route {number}: `min_value` is {route.min_value:g}: give 0 or more")
    return found
