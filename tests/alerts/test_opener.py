"""How a call begins: what is said, and that the visit never is."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from alert_signals import bare_briefing, bare_signal, full_briefing, full_signal, view, visit_of
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import opener as rules
from alerts.buttons import REASONS
from alerts.opener import Opener, mentions_visit, opener
from core.alerting import Briefing
from core.domain import LineSilence, Reason, Signal, SignalKind, State

FORBIDDEN = re.compile(
    r"visit|website|web site|\bweb|\bsite|homepage|\bpage|\bsaw\b|\bseen\b|notice|noticing|brows|looking|looked|click"
    r"|on-?line|track|interest|watch|cookie|internet|download",
    re.IGNORECASE,
)
KINDS: tuple[SignalKind, ...] = ("awake", "line", "rescue")
CLASSES = (*rules._TOPICS, "home", "blog", "careers", "other", "cancel", "export", "")
FREE_WORDS = (
    "",
    "support",
    "Price too high",
    "competitor",
    "champion left the company",
    "no contact",
    "quality",
    "other",
)


def _signal(reason: str, page: str, kind: SignalKind, product: str) -> tuple[Signal, Briefing]:
    signal, briefing = full_signal(), full_briefing()
    signal = replace(
        signal,
        kind=kind,
        line=product if kind == "line" else "",
        dormancy=replace(signal.dormancy, left_over=reason),
        score=replace(signal.score, why=(Reason(text="Read", points=30, code=f"page:{page}"),)),
        visit=visit_of(view(f"/{page}", f"{page.title()} {product} | our website", 60_000)),
    )
    return signal, replace(briefing, purchases=replace(briefing.purchases, last_product=product))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reason", [*FREE_WORDS, *(choice.value for choice in REASONS)])
def test_no_opener_mentions_the_visit(reason: str, kind: SignalKind) -> None:
    """No opener gives away that somebody was watched: every reason, page class and kind, with and without product."""
    said = set()
    for page, product in itertools.product(CLASSES, ("", "X200", "Core platform {0}", "Website builder")):
        found = opener(*_signal(reason, page, kind, product))
        if found is None:
            assert kind == "awake" and product in ("", "Website builder")
            continue
        said.add(found.say)
        assert not FORBIDDEN.search(found.say), found.say
        assert "{product}" not in found.say
    assert said


def test_every_reason_has_an_opener_of_its_own() -> None:
    """Each reason that people can choose leads to other words."""
    said = [opener(*_signal(choice.value, "home", "awake", "X200")) for choice in REASONS]
    assert None not in said
    assert len({one.say for one in said if one}) == len(REASONS)


@settings(max_examples=150, deadline=None)
@given(
    product=st.one_of(
        st.text(max_size=80),
        st.sampled_from(
            ["vi\u200dsit", "ｗｅｂｓｉｔｅ", "v\u0301isit", "WEB-SITE", "{product}", "{0}", "\0", "Saw blade"]
        ),
        st.builds(
            "".join, st.lists(st.sampled_from(["web", "site ", "vis", "it", "page", " x", "{product}"]), max_size=5)
        ),
    ),
    reason=st.sampled_from([choice.value for choice in REASONS]),
    page=st.sampled_from(CLASSES),
    kind=st.sampled_from(KINDS),
)
def test_no_product_name_mentions_it_either(product: str, reason: str, page: str, kind: SignalKind) -> None:
    """A product that is called like a website isn't named: the sentence does without."""
    found = opener(*_signal(reason, page, kind, product))
    if found is not None:
        assert not FORBIDDEN.search(found.say), found.say
        assert "\n" not in found.say and "\u200d" not in found.say


def test_the_words_that_give_it_away() -> None:
    """Lookalikes and hidden joins don't get past; ordinary products do."""
    for text in ("our website", "ｖisit", "vi\u200bsit", "saw", "looking at", "pricing page", "on-line"):
        assert mentions_visit(text), text
    for text in ("X200 seals", "Pump 7", "Warsaw kit", "composites", "ポンプ"):
        assert not mentions_visit(text), text


def _lines(*names: str) -> tuple[LineSilence, ...]:
    return tuple(
        LineSilence(line=name, state=State.DORMANT, silent_days=400, usual_gap_days=90, last_at=None) for name in names
    )


def test_pages_choose_the_product() -> None:
    """Of what they bought, the opener speaks of what is on their mind; of what they never bought it doesn't speak."""
    signal, briefing = _signal("", "spare-parts", "awake", "X200")
    signal = replace(
        signal,
        visit=visit_of(view("/products/seal-kit", "Seal kit S7 | Shop", 60_000), view("/products/x900", "X900", 9_000)),
        dormancy=replace(signal.dormancy, left_over="", lines=_lines("Seal kit", "X200")),
    )
    assert opener(signal, briefing) == Opener(
        say="How are you getting on with Seal kit, and is there anything you need? "
        "I can send you the list of parts for it."
    )
    other = replace(signal, visit=visit_of(view("/products/x900", "X900", 9_000)))
    found = opener(other, briefing)
    assert found is not None and "X200" in found.say and "X900" not in found.say


def test_no_discount_after_trouble() -> None:
    """After trouble no price is offered, and the rep is told so; a rescue says to act before the cancellation."""
    found = opener(*_signal("dissatisfaction", "pricing", "awake", "X200"))
    assert found is not None and found.advice == "no discount first" and "terms" not in found.say
    rescue = opener(*_signal("", "pricing", "rescue", "X200"))
    assert rescue is not None and rescue.advice == "call before they cancel, listen first"


def test_nothing_to_say() -> None:
    """Without a reason, a product or a topic there is no opener rather than empty talk."""
    assert opener(bare_signal(), bare_briefing()) is None
