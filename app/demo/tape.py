"""Tells each step's judgement of a visit in a line, and how it ended, in words for a salesperson (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from alerts.wording import in_100, person, sureness, whole_points
from app.dashboard.wording import KINDS, drop_words
from app.demo.seen import Seen, Told
from core.alerting import Silence
from core.domain import DropReason
from tracker.bots import judge_agent

Mark = Literal["passed", "stopped", "waiting", "told"]

DEMO_SPEED = 10
"""How much faster reading goes by in the demo shop than in life."""

_BEACONS_MS = (10_000, 30_000, 60_000, 120_000)
"""Reading times at which the snippet tells more."""

_PATIENCE = timedelta(seconds=1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step of a judgement."""

    key: str
    label: str
    text: str
    detail: str = ""
    mark: Mark = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """One reason of the score."""

    text: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """A visit as the tape tells it."""

    visit: str
    at: datetime
    title: str
    lines: tuple[Line, ...]
    points: tuple[Points, ...]
    total: int
    needed: int
    ending: Line
    can_start_over: bool = False
    """Whether only a fresh start shows an alert for this account again."""
    told: Told | None = None

    @property
    def is_scored(self) -> bool:
        """Whether it came so far that interest was counted."""
        return bool(self.points)

    @property
    def shows_in_slack(self) -> bool:
        """Whether there is a message, or a silence that is certain."""
        return self.told is not None or self.ending.mark == "stopped"

    @property
    def share(self) -> float:
        """How full the bar of points is, from 0 to 1, where 1 is twice what is needed."""
        return min(1.0, max(0.0, self.total / (2 * self.needed))) if self.needed else 0.0


def tape(seen: Seen, threshold: float, now: datetime) -> Tape:
    """Return what the tape tells of a visit as of `now`; `threshold` is how many points an alert needs."""
    lines = [_human(seen)]
    if lines[-1].mark != "stopped":
        lines += _found_out(seen)
    reasons = seen.why.get("score", ()) if lines[-1].mark != "stopped" else ()
    total = seen.points or 0.0
    shares = whole_points(tuple(reason.points for reason in reasons), total) if reasons else ()
    points = tuple(
        Points(text=reason.text.rstrip("."), points=share) for reason, share in zip(reasons, shares, strict=True)
    )
    ending = _ending(seen, threshold, now)
    return Tape(
        visit=seen.visit,
        at=seen.started_at,
        title=_title(seen),
        lines=tuple(lines),
        points=points,
        total=round(total),
        needed=round(_needed(seen, threshold)),
        ending=ending,
        can_start_over=ending.mark == "stopped"
        and seen.told is None
        and (seen.silence == Silence.COOL_DOWN or seen.drop == DropReason.COMPANY_REJECTED),
        told=seen.told,
    )


def _needed(seen: Seen, threshold: float) -> float:
    """How many points it took: a trigger needs fewer, a rescue none."""
    if seen.told is None:
        return threshold
    return 0 if seen.told.kind == "rescue" else seen.told.text.needed or threshold


def browser(user_agent: str) -> str:
    """Return a browser's name in short: `Firefox on Windows`."""
    name = next((word for word in ("Firefox", "Chrome", "Safari") if word in user_agent), "A browser")
    systems = (("Windows", "Windows"), ("Mac OS", "a Mac"), ("Linux", "Linux"))
    system = next((words for sign, words in systems if sign in user_agent), "")
    return f"{name} on {system}" if system else name


def took_words(seconds: float) -> str:
    """Return how long it took: `0.4 s`."""
    return f"{seconds:.1f}\u00a0s" if seconds >= 0.1 else "less than 0.1\u00a0s"


def _title(seen: Seen) -> str:
    if seen.drop.startswith("bot"):
        return "A program"
    if seen.candidates:
        return " or ".join(seen.candidates[:3])
    return seen.name or seen.organisation or "Somebody"


def _human(seen: Seen) -> Line:
    drop, sentence = judge_agent(seen.user_agent)
    if drop is not None:
        return Line(key="human", label="Human?", text="A program", detail=sentence, mark="stopped")
    return Line(key="human", label="Human?", text=f"Yes, {browser(seen.user_agent)}")


def _found_out(seen: Seen) -> list[Line]:
    """Return the steps from the network to the silence, as far as the judgement came."""
    at_network = seen.drop.startswith(("network", "private"))
    lines = [
        Line(
            key="network",
            label="Network",
            text=seen.prefix or "unknown",
            detail=_network(seen),
            mark="stopped" if at_network else "passed",
        )
    ]
    if at_network:
        return lines
    lines.append(_account(seen))
    if lines[-1].mark == "passed":
        lines.append(_silent(seen))
    return lines


def _network(seen: Seen) -> str:
    """Return whose network it is and how that is known, shorter than its reasons."""
    said = seen.why.get("network", ())
    codes = {reason.code for reason in said}
    if "declared:shared" in codes:
        return f"stated by {len(seen.candidates) or 'several'} customers as theirs"
    if "declared" in codes and seen.organisation:
        return f"stated by {seen.organisation} as theirs"
    kind = KINDS.get(seen.kind, "")
    if seen.organisation:
        return f"{kind} of {seen.organisation}, by the network database" if kind else seen.organisation
    return kind or (said[0].text if said else "")


def _account(seen: Seen) -> Line:
    said = seen.why.get("match") or seen.why.get("company") or ()
    detail = said[0].text if said else ""
    if seen.drop == DropReason.ACCOUNT_AMBIGUOUS:
        text = " or ".join(seen.candidates)
        return Line(key="account", label="Account", text=text, detail="nothing tells which", mark="stopped")
    if seen.drop:
        corrected = next(iter(seen.why.get("correction", ()) or seen.why.get("drop", ())), None)
        return Line(
            key="account",
            label="Account",
            text=_no_account(seen),
            detail=corrected.text if corrected else detail,
            mark="stopped",
        )
    confidence = seen.confidence or 0.0
    sure = f"{sureness(confidence)} ({in_100(confidence)} in 100)"
    by_domain = any(reason.code == "match:domain" for reason in said)
    return Line(
        key="account",
        label="Account",
        text=seen.name,
        detail=f"{sure}, by its domain {seen.domain}" if by_domain and seen.domain else sure,
    )


def _no_account(seen: Seen) -> str:
    if seen.drop == DropReason.COMPANY_REJECTED:
        return "Wrong company"
    return drop_words(seen.drop).capitalize()


def _silent(seen: Seen) -> Line:
    said = seen.why.get("dormancy", ())
    rhythm = next((_small(reason.text) for reason in said if reason.code == "dormancy:rhythm"), "")
    fallen = next((reason.text for reason in said if reason.code == "dormancy:decline"), "")
    if fallen and not seen.dormant:
        return Line(key="silent", label="Silent", text="Using it less", detail=_small(fallen))
    if seen.told is not None and seen.told.kind == "line":
        return Line(key="silent", label="Silent", text=f"In {seen.told.line}", detail=_small(said[0].text))
    if not seen.dormant:
        return Line(
            key="silent", label="Silent", text="No", detail=_small(said[0].text) if said else "", mark="stopped"
        )
    days = f"{seen.silent_days:,} days" if seen.silent_days is not None else "Yes"
    return Line(key="silent", label="Silent", text=days, detail=rhythm or (_small(said[0].text) if said else ""))


def _ending(seen: Seen, threshold: float, now: datetime) -> Line:
    """Return how it ended: told, silent for a reason, or not decided yet."""
    if seen.told is not None and not seen.drop:
        who = person(seen.told.to) if seen.told.to else "The team"
        if seen.told.took_seconds is None:
            return _end(f"{who} is being told …", "", "waiting")
        took = took_words(seen.told.took_seconds)
        return _end(f"{who} was told in {took}", "counted from the page view that made the difference", "told")
    if seen.told is not None:
        return _end("Taken back", f"it wasn't {seen.told.text.name}; Undo brings its visits back", "stopped")
    if seen.drop:
        return _end("No alert", _dropped(seen), "stopped")
    if seen.silence == Silence.BELOW_THRESHOLD:
        return _below(seen, threshold, now)
    if seen.silence == Silence.NOT_DORMANT:
        known = f", its last order is {seen.silent_days} days old" if seen.silent_days is not None else ""
        return _end("No alert", f"{seen.name} is an active customer{known}: no news for its rep", "stopped")
    if seen.silence == Silence.COOL_DOWN:
        who = person(seen.owner) if seen.owner else "Somebody"
        return _end("No alert", f"{who} was told about {seen.name} not long ago: no second alert so soon", "stopped")
    return _end("No alert", drop_words(seen.silence), "stopped")


def _dropped(seen: Seen) -> str:
    if seen.drop == DropReason.NETWORK_ISP:
        return "a home line of a carrier: thousands of people share it, so nobody is named"
    if seen.drop == DropReason.BOT_DECLARED:
        return "a crawler, by its own name: it buys nothing"
    if seen.drop == DropReason.ACCOUNT_AMBIGUOUS:
        return f"1 of {len(seen.candidates)}, and nobody knows which: the digest may ask, an alert never guesses"
    if seen.drop == DropReason.COMPANY_REJECTED:
        return "somebody said that this network is another company"
    return drop_words(seen.drop)


def _below(seen: Seen, threshold: float, now: datetime) -> Line:
    reasons: Sequence[str] = [reason.code for reason in seen.why.get("score", ())]
    if "careers_only" in reasons:
        return _end("No alert", "only careers pages: a job seeker, not a buyer", "stopped")
    points = round(seen.points or 0)
    if _still_reading(seen, now):
        return _end("Listening …", f"{points} of {threshold:.0f} points so far", "waiting")
    return _end("No alert", f"not enough interest yet: {points} of {threshold:.0f} points", "stopped")


def _still_reading(seen: Seen, now: datetime) -> bool:
    """Whether the snippet's next word about the newest page is still to be expected, in the shop's quick time."""
    if not seen.pages:
        return False
    page = seen.pages[-1]
    due = next((step for step in _BEACONS_MS if step > page.engaged_ms), None)
    return due is not None and now < page.at + timedelta(milliseconds=due / DEMO_SPEED) + _PATIENCE


def _end(text: str, detail: str, mark: Mark) -> Line:
    return Line(key="ending", label="", text=text, detail=detail, mark=mark)


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")
