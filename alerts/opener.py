"""How to begin the call: from why they left, what they bought and what is on their mind, never from the visit (pure).

The pages of a visit choose the topic, nothing more: which of the products that they have bought to speak of, and what
to offer. That somebody was on the website is never said, not even by a product's name (`mentions_visit`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from alerts.pages import page_steps
from alerts.wording import clean
from core.alerting import Briefing
from core.domain import Reason, Signal

Topic = Literal["price", "parts", "data", "contract", "talk", "none"]
"""What they may want to speak of, by the class of the pages that weigh most."""

FORBIDDEN = re.compile(
    r"visit|web|homepage|brows|click|on-?line|track|interest|watch|analytic|cookie|download|internet|notic|looking|looked"
    r"|(?<![a-z])(?:site|page|saw|seen?|surf|monitor|spot|look)|(?<![a-z])(?:read|reading)(?![a-z])|log(?:ged)? ?in",
    re.IGNORECASE,
)
"""Words by which a customer would learn that somebody watches."""

_TOPICS: Mapping[str, Topic] = {
    "pricing": "price",
    "quote": "price",
    "order": "price",
    "spare-parts": "parts",
    "product": "data",
    "docs": "data",
    "comparison": "data",
    "case-study": "data",
    "renewal": "contract",
    "contact": "talk",
    "support": "talk",
}
_OFFERS: Mapping[Topic, tuple[str, str]] = {
    "price": ("I can send you current terms for {product}.", "I can send you our current terms."),
    "parts": ("I can send you the list of parts for {product}.", "I can send you our list of parts."),
    "data": ("I can send you the current data sheet of {product}.", "I can send you our current data sheets."),
    "contract": ("I can work out what renewing would cost.", "I can work out what renewing would cost."),
    "talk": ("", ""),
    "none": ("", ""),
}
"""By topic: what to offer with a product to speak of, and without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """What a rep may say, and what better not."""

    say: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Play:
    """An opener for a reason of dormancy: one of `alerts.buttons.REASONS`, or the words that people write for it."""

    reason: str
    words: tuple[str, ...]
    say: str
    without_product: str
    advice: str = ""
    offers: tuple[Topic, ...] = ("price", "parts", "data", "contract")
    """The topics on which an offer may follow."""


_PLAYS = (
    _Play(
        reason="dissatisfaction",
        words=("support", "quality", "service", "satisf", "complain", "defect", "late deliver", "unhappy", "trouble"),
        say="I would like to hear how you got on with {product}, and what we should have done better.",
        without_product="I would like to hear what we should have done better.",
        advice="no discount first",
        offers=("parts", "data"),
    ),
    _Play(
        reason="price",
        words=("price", "pricing", "budget", "cost", "expensive", "discount"),
        say="Shall I work out a current price for {product}?",
        without_product="Shall I work out a current price for what you last ordered?",
        offers=("parts", "data"),
    ),
    _Play(
        reason="competitor",
        words=("competitor", "competition", "switched", "other supplier", "another supplier"),
        say="What would we have to change about {product} for you to consider us again?",
        without_product="What would we have to change for you to consider us again?",
        advice="don't run down the other supplier",
        offers=("data",),
    ),
    _Play(
        reason="contact_left",
        words=("contact left", "left the company", "champion", "contact lost", "new contact"),
        say="I would like to introduce myself as your contact for {product}. When would suit you?",
        without_product="I would like to introduce myself as your contact with us. When would suit you?",
        offers=(),
    ),
    _Play(
        reason="communication_gap",
        words=("communication", "no contact", "lost touch", "not called", "never called", "forgot"),
        say="It was our turn to get in touch, and we didn't. How are things with {product}?",
        without_product="It was our turn to get in touch, and we didn't. How are things with you?",
    ),
    _Play(
        reason="need_met",
        words=("need met", "no need", "project end", "project over", "finished", "completed", "enough stock"),
        say="Are you still well served with {product}, and is there a project ahead that we can help with?",
        without_product="Is there a project ahead that we can help with?",
        offers=("parts", "contract"),
    ),
    _Play(
        reason="circumstances",
        words=("circumstance", "insolv", "reorganis", "reorganiz", "merger", "moved", "crisis", "short time", "freeze"),
        say="How have things turned out for you, and can we take anything off your hands around {product}?",
        without_product="How have things turned out for you, and can we take anything off your hands?",
        advice="ask how they are first",
        offers=("parts",),
    ),
)
_PLAIN = _Play(
    reason="",
    words=(),
    say="How are you getting on with {product}, and is there anything you need?",
    without_product="",
)
_LINE = _Play(
    reason="",
    words=(),
    say="Who is in charge of {product} at your end today, and is there anything you need?",
    without_product="Is there anything you need that you once had from us?",
    offers=(),
)
_RESCUE = _Play(
    reason="",
    words=(),
    say="How well does {product} do its job for you at the moment, and what should we change?",
    without_product="How well do we do our job for you at the moment, and what should we change?",
    advice="call before they cancel, listen first",
    offers=(),
)


def opener(signal: Signal, briefing: Briefing) -> Opener | None:
    """Return how to begin; None with nothing to say that isn't empty talk."""
    product = topic_product(signal, briefing)
    topic = _topic(signal.score.why)
    if signal.kind == "rescue":
        return choose(_RESCUE, product, topic)
    play = _play(signal.dormancy.left_over)
    if play is None:
        play = _LINE if signal.kind == "line" else _PLAIN
    return choose(play, product, topic)


def choose(play: _Play, product: str, topic: Topic) -> Opener | None:
    """Return what a play says of a product on a topic; None when nothing is left of it."""
    product = "" if mentions_visit(product) else product
    offer = _OFFERS[topic][not product] if topic in play.offers else ""
    lead = play.say if product else play.without_product
    said = " ".join(filter(None, (lead, offer if lead else "")))
    # by way of a mark, since a product's name may hold braces of its own
    said = said.replace("{product}", "\0", 1).replace("{product}", "it").replace("\0", product)
    return Opener(say=said, advice=play.advice) if said else None


def topic_product(signal: Signal, briefing: Briefing) -> str:
    """Return the product to speak of: of those that they bought the one on their mind, else the last one."""
    if signal.kind == "line" and (line := clean(signal.line, 60)):
        return line
    last = clean(briefing.purchases.last_product, 60)
    bought = [last, *(clean(line.line, 60) for line in signal.dormancy.lines)]
    words = [_words(f"{step.label} {step.path}") for step in page_steps(signal.visit.views)]
    for product in filter(None, bought):
        named = _words(product)
        if named and any(named <= of_page for of_page in words):
            return product
    return last


def mentions_visit(text: str) -> bool:
    """Return whether a text holds a word by which a customer would learn that somebody watches."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in plain if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    return FORBIDDEN.search(plain) is not None


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _topic(reasons: Sequence[Reason]) -> Topic:
    """Return what the pages that weigh most are about."""
    by_weight = sorted(reasons, key=lambda reason: -reason.points)
    pages = (reason.code.removeprefix("page:") for reason in by_weight if reason.code.startswith("page:"))
    return next((_TOPICS[page] for page in pages if page in _TOPICS), "none")


def _play(left_over: str) -> _Play | None:
    said = left_over.casefold()
    return next(
        (play for play in _PLAYS if play.reason == said or any(word in said for word in play.words)),
        None,
    )
