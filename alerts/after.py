"""How a message reads after people acted on it: who did what when, and the buttons that still make sense (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.buttons import CHOICES, Action
from alerts.message import ACTIONS, AlertText
from alerts.wording import clean, clock_time, cut, day_and_time, person, short_day
from core.alerting import BY_ITSELF, Feedback, FeedbackKind

_OUTCOMES: tuple[Action, ...] = ("reached", "no_answer", "meeting", "won", "not_interested", "hand_back")
_NEXT: Mapping[FeedbackKind, tuple[Action, ...]] = {
    "claimed": (*_OUTCOMES, "timeline", "crm", "undo"),
    "reached": ("meeting", "won", "not_interested", "hand_back", "timeline", "crm", "undo"),
    "no_answer": (*_OUTCOMES, "timeline", "crm", "undo"),
    "meeting": ("won", "not_interested", "hand_back", "timeline", "crm", "undo"),
    "won": ("timeline", "crm", "undo"),
    "not_interested": ("won", "timeline", "crm", "undo"),
    "handed_back": ACTIONS,
    "snoozed": ("claim", "wrong_company", "timeline", "crm", "undo"),
    "not_useful": ("timeline", "crm", "undo"),
}
"""What still makes sense after each word."""
_OVER = frozenset(("won", "not_interested", "not_useful"))
_CALLING = frozenset(("claim", "reached", "no_answer", "meeting"))


def with_feedback(text: AlertText, feedback: Sequence[Feedback]) -> AlertText:
    """Return the message as it reads after what people did with it; what was undone doesn't count."""
    standing = sorted((one for one in feedback if one.undone_at is None), key=lambda one: one.at)
    zone = ZoneInfo(text.zone)
    if wrong := next((one for one in reversed(standing) if one.kind == "wrong_company"), None):
        return _removed(text, wrong, zone)
    back = max((at for at, one in enumerate(standing) if one.kind == "handed_back"), default=0)
    told = standing[back:]  # what was before they handed it back is over
    if not told:
        return text
    last = told[-1]
    actions = tuple(action for action in _NEXT[last.kind] if text.may_call or action not in _CALLING)
    if last.kind == "handed_back":
        actions = text.actions if set(text.actions) <= set(ACTIONS) else ACTIONS
    text = replace(text, note=_note(text, told, zone), actions=actions)
    if last.kind in _OVER:  # nobody calls any more: what was said to prepare the call goes
        return replace(text, lines=tuple(line for line in text.lines if line.label != "Try"), why_now="")
    return text


def _removed(text: AlertText, wrong: Feedback, zone: ZoneInfo) -> AlertText:
    if wrong.by == BY_ITSELF:
        push = note = f"Removed: a closer look says that this wasn't {text.name}"
        actions: tuple[Action, ...] = ("timeline",)
    else:
        push = f"Removed: it wasn't {text.name}"
        said = f"{person(wrong.by)} {_time(wrong.at, text, zone)}"
        was = f"It was {clean(wrong.detail, 80)}." if wrong.detail else "Who was it?"
        note = f"Removed, sorry. {was} This network will not mean {text.name} again. ({said})"
        actions = ("timeline",) if wrong.detail else ("pick_account", "dont_know", "undo")
    return replace(
        text,
        title=f"Not {text.name}",
        push=cut(push, 150),
        facts=(),
        lines=(),
        why_now="",
        note=note,
        actions=actions,
    )


def _note(text: AlertText, told: Sequence[Feedback], zone: ZoneInfo) -> str:
    """Return what was done, the latest last: `Anna took it 10:44 · reached them 10:52`."""
    said: list[str] = []
    name = ""
    for one in told[-3:]:
        who, name = (person(one.by), person(one.by)) if person(one.by) != name else ("", name)
        said.append(" ".join(filter(None, (who, _done(one, zone), _time(one.at, text, zone)))) + _until(one, zone))
    return " · ".join(said)


def _done(one: Feedback, zone: ZoneInfo) -> str:
    detail = _detail(one)
    words: Mapping[FeedbackKind, str] = {
        "claimed": "took it",
        "reached": "reached them",
        "no_answer": "got no answer",
        "meeting": "has a meeting with them",
        "won": "won them back",
        "not_interested": f"heard “not interested”{f' ({detail})' if detail else ''}",
        "handed_back": "handed it back",
        "snoozed": f"snoozed it until {short_day(one.until, zone)}," if one.until else "snoozed it",
        "not_useful": f"found it not useful{f' ({detail})' if detail else ''}",
    }
    return words.get(one.kind, one.kind)


def _until(one: Feedback, zone: ZoneInfo) -> str:
    promised = one.until is not None and one.kind in ("no_answer", "reached")
    return f", calls again {short_day(one.until, zone)}" if promised and one.until else ""


def _detail(one: Feedback) -> str:
    """Return the words of what was chosen, or what was written instead."""
    menus: Mapping[str, Action] = {"not_useful": "not_useful", "not_interested": "not_interested"}
    choices = CHOICES.get(menus[one.kind], ()) if one.kind in menus else ()
    label = next((choice.label for choice in choices if choice.value == one.detail), "")
    return label[:1].lower() + label[1:] if label and not label.startswith("I ") else label or clean(one.detail, 60)


def _time(at: datetime, text: AlertText, zone: ZoneInfo) -> str:
    """Return the time of a click, with its day where that isn't the message's own."""
    is_same = text.at is None or at.astimezone(zone).date() == text.at.astimezone(zone).date()
    return clock_time(at, zone) if is_same else day_and_time(at, zone)
