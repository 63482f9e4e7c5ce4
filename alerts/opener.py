"""How to begin the call: one modest sentence from what was bought and why it ended, never from the visit (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.wording import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """What a rep may say, and what better not."""

    say: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Play:
    """An opener for a reason of dormancy, recognised by the words that people write for it."""

    words: tuple[str, ...]
    say: str
    without_product: str
    advice: str = ""


_PLAYS = (
    _Play(
        words=("support", "quality", "service", "dissatisf", "complain", "defect", "late deliver", "unhappy"),
        say="I would like to hear how you got on with {product}, and what we should have done better.",
        without_product="I would like to hear what we should have done better.",
        advice="no discount first",
    ),
    _Play(
        words=("price", "pricing", "budget", "cost", "expensive", "discount"),
        say="Shall I work out a current price for {product}?",
        without_product="Shall I work out a current price for what you last ordered?",
    ),
    _Play(
        words=("competitor", "switched", "other supplier", "another supplier"),
        say="What would we have to change about {product} for you to consider us again?",
        without_product="What would we have to change for you to consider us again?",
    ),
    _Play(
        words=("contact left", "left the company", "champion", "communication", "no contact", "contact lost"),
        say="I would like to introduce myself as your contact for {product}. When would suit you?",
        without_product="I would like to introduce myself as your contact with us. When would suit you?",
    ),
    _Play(
        words=("need met", "no need", "project end", "project over", "finished", "completed"),
        say="Are you still well served with {product}, and is there a project ahead that we can help with?",
        without_product="Is there a project ahead that we can help with?",
    ),
)


def opener(product: str, left_over: str) -> Opener | None:
    """Return how to begin, given the last product bought and why the account went silent; None with nothing to say."""
    product = clean(product, 60)
    reason = left_over.casefold()
    for play in _PLAYS:
        if any(word in reason for word in play.words):
            say = play.say.format(product="{}").replace("{}", product) if product else play.without_product
            return Opener(say=say, advice=play.advice)
    if product:
        return Opener(say=f"How are you getting on with {product}, and is there anything you need?")
    return None
