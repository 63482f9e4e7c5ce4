"""The buttons of messages: their names, their words, and what a menu offers (pure).

A click sends the button's action, the id it is about and, from a menu, the value chosen; what it does is the shell's
(`app.actions`). `action_id` on a channel is `dormouse_<action>`: it never changes once released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

Action = Literal[
    "claim",
    "snooze",
    "wrong_company",
    "not_useful",
    "timeline",
    "crm",
    "undo",
    "reached",
    "no_answer",
    "meeting",
    "won",
    "not_interested",
    "hand_back",
    "pick_account",
    "dont_know",
    "left_because",
    "not_slipping",
    "take_account",
    "release",
]

LINKS: frozenset[Action] = frozenset({"timeline", "crm"})
"""Buttons that only open a page."""

BUTTONS: Mapping[Action, str] = {
    "claim": "I'll take it",
    "snooze": "Snooze",
    "wrong_company": "Wrong company",
    "not_useful": "Not useful",
    "timeline": "Timeline",
    "crm": "CRM",
    "undo": "Undo",
    "reached": "Reached",
    "no_answer": "No answer",
    "meeting": "Meeting",
    "won": "Won",
    "not_interested": "Not interested: why",
    "hand_back": "Hand back",
    "pick_account": "Pick account",
    "dont_know": "Don't know",
    "left_because": "Why they left",
    "not_slipping": "Not so: why",
    "take_account": "Take",
    "release": "Tell now",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a button's menu."""

    value: str
    label: str


REASONS: tuple[Choice, ...] = (
    Choice(value="need_met", label="Need met"),
    Choice(value="dissatisfaction", label="Not satisfied"),
    Choice(value="competitor", label="Competitor"),
    Choice(value="price", label="Price"),
    Choice(value="contact_left", label="Contact left"),
    Choice(value="communication_gap", label="We lost touch"),
    Choice(value="circumstances", label="Circumstances"),
)
"""Why a customer went silent; the same values wherever a reason of dormancy is kept."""

CHOICES: Mapping[Action, tuple[Choice, ...]] = {
    "snooze": (
        Choice(value="1d", label="until tomorrow"),
        Choice(value="7d", label="for a week"),
        Choice(value="30d", label="for 30 days"),
    ),
    "not_useful": (
        Choice(value="too_early", label="Too early to call"),
        Choice(value="known", label="I knew already"),
        Choice(value="no_potential", label="No potential"),
        Choice(value="not_a_buyer", label="Not a buyer"),
    ),
    "no_answer": (
        Choice(value="1d", label="call again tomorrow"),
        Choice(value="3d", label="call again in 3 days"),
        Choice(value="7d", label="call again in a week"),
        Choice(value="", label="leave it"),
    ),
    "not_interested": REASONS,
    "left_because": REASONS,
    "not_slipping": (
        Choice(value="ordered", label="Ordered elsewhere in our books"),
        Choice(value="seasonal", label="Seasonal"),
        Choice(value="agreed", label="Pause agreed"),
    ),
}
"""Buttons that open a menu, with what it offers; the others act at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button in a row of a notice."""

    action: Action
    subject: str
    """The id it is about: an alert's, or whatever `app.actions` expects of the action. Opaque, never trusted."""
    label: str = ""
    """Other words than the usual ones, such as an account's name."""
    choice: str = ""
    """A choice made already, such as the account that this button stands for."""
    url: str = ""
    """For links that aren't an alert's own."""


_PARTED = "|"
"""Ids are made of letters, digits, `-` and `_`, so this parts an id from a choice."""


def click_value(subject: str, choice: str = "") -> str:
    """Return what a button, or an entry of a menu, sends back when it is clicked: what it is about, and the choice."""
    return f"{subject}{_PARTED}{choice}" if choice else subject


def read_click_value(value: str) -> tuple[str, str]:
    """Return (subject, choice) of what `click_value` gave away; the choice is empty when there is none."""
    subject, _, choice = value.partition(_PARTED)
    return subject, choice


def action_id(action: Action, place: int = 0) -> str:
    """Return the id of a button on a channel; `place` tells buttons of one action apart in the same row of buttons."""
    return f"{_PREFIX}{action}:{place}" if place else f"{_PREFIX}{action}"


def read_action_id(text: str) -> Action | None:
    """Return the action of a button's id, None for one that we don't know."""
    name = text.removeprefix(_PREFIX).partition(":")[0] if text.startswith(_PREFIX) else ""
    return cast("Action", name) if name in get_args(Action) else None


_PREFIX = "dormouse_"
