"""What a rep reads."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from alert_signals import MOMENT, bare_briefing, bare_signal, full_briefing, full_signal, view, visit_of

from alerts.after import with_feedback
from alerts.message import AlertText, alert_text, as_text, from_data, to_data
from alerts.pages import page_label
from alerts.wording import clean, in_100, minutes, money, person, sureness, whole_points
from core.alerting import Briefing, Feedback
from core.domain import AlertId, Reason, Signal

BERLIN = ZoneInfo("Europe/Berlin")


def _text(signal: Signal, briefing: Briefing, with_date: bool = False) -> AlertText:
    return alert_text(signal, briefing, zone=BERLIN, needed=60.0, with_date=with_date)


FULL = """\
Hartmann Pumpen GmbH is back · no order for 412 days · €84k lifetime
Now   Pricing 2:10 → Spare parts X200 0:45 · 2 visitors · Tue 10:42
Was   last order 8 Oct 2025, X200, €12.4k · used to order every ~90 days · left over: support
Call  Maria Keller, Purchasing, +49 711 555 0101, prefers phone, last spoke 14 Nov 2025 · R. Boos has left
Sure? Very likely (98 in 100): Office network 203.0.113.0/28 declared by them · nothing against it
Try   “I would like to hear how you got on with X200, and what we should have done better.” \
· don't mention the visit · no discount first
Why now: Pricing for at least 30 s +30 · First visit in 398 days +20 · 2 visitors +15 = 65 (60 needed)"""


def test_the_full_message() -> None:
    """A well-known account gets every line, in the order of the reference, in the rep's time zone."""
    text = _text(full_signal(), full_briefing())
    assert as_text(text) == FULL
    assert text.push == "Hartmann Pumpen GmbH is back: Pricing 2 min, no order for 412 days, very likely them"


def test_the_bare_message() -> None:
    """What isn't known leaves no trace: no empty label, no `None`, no zero."""
    text = _text(bare_signal(), bare_briefing())
    assert as_text(text) == "Nordwind is back\nNow   Home page · Tue 10:42\nSure? Likely (80 in 100)"
    assert text.push == "Nordwind is back: Home page, likely them"
    certain = _text(replace(bare_signal(), confidence=0.99), bare_briefing())
    assert certain.push == "Nordwind is back: Home page, certainly them"


def test_a_guess_doesnt_repeat_what_the_registry_says() -> None:
    """What a model makes of the names is no further reason for a rep beside the registry's own word."""
    signal = full_signal()
    assert signal.seen.company is not None
    said = Reason(text="The registry names them as the user of 203.0.113.0/28", code="owner")
    guess = Reason(text="It looks like a company, by names, domains and size (90%)", code="model:range")
    company = replace(signal.seen.company, why=(said, guess))
    text = _text(replace(signal, seen=replace(signal.seen, company=company)), full_briefing())
    (sure,) = (line.text for line in text.lines if line.label == "Sure?")
    assert sure == "Very likely (98 in 100): network registered to them · nothing against it"


def test_japanese() -> None:
    """Japanese names, titles and amounts stand as they are."""
    signal = replace(
        full_signal(),
        account=replace(full_signal().account, name="株式会社ハルトマン"),
        visit=visit_of(view("/price", "料金｜株式会社例", 61_000)),
    )
    purchases = replace(full_briefing().purchases, currency="JPY", lifetime=Decimal(1_250_000), last_product="ポンプ")
    text = _text(signal, replace(full_briefing(), purchases=purchases))
    shown = as_text(text)
    assert shown.startswith("株式会社ハルトマン is back · no order for 412 days · ¥1.3m lifetime\nNow   料金 1:01")
    assert "ポンプ, ¥12.4k" in shown


def test_history_has_its_date() -> None:
    """An alert found in history names the day, since "Tue" would be read as this week's."""
    assert _text(full_signal(), full_briefing(), with_date=True).lines[0].text.endswith("24 Nov 2026 10:42")


def test_at_most_ten_lines() -> None:
    """Title, facts and lines, reasons, note and buttons are ten lines at most, however much there is to say."""
    many = tuple(view(f"/page-{number}", "", 1000 * number, MOMENT + timedelta(seconds=number)) for number in range(40))
    text = with_feedback(
        _text(replace(full_signal(), visit=visit_of(*many)), full_briefing()),
        [Feedback(id="f", alert=AlertId("a"), kind="claimed", by="anna@example.com", at=MOMENT)],
    )
    assert 1 + bool(text.facts) + len(text.lines) + bool(text.why_now) + bool(text.note) + bool(text.actions) <= 10
    assert all(len(line.text) <= 320 for line in text.lines)
    assert "40 pages" in text.lines[0].text


def test_all_contacts_have_left() -> None:
    """Whom one would call by habit but can't is named as gone."""
    gone = tuple(replace(contact, has_left=True) for contact in full_briefing().contacts)
    text = as_text(_text(full_signal(), replace(full_briefing(), contacts=gone)))
    assert "Call  last spoke 14 Nov 2025 · R. Boos, Maria Keller have left" in text


def test_there_and_back() -> None:
    """The message survives JSON, as the database keeps it."""
    text = _text(full_signal(), full_briefing())
    assert from_data(json.loads(json.dumps(to_data(text)))) == text


def test_claimed_and_wrong() -> None:
    """After a claim the message names who took it; after a wrong company it takes all back; undone never counts."""
    text = _text(full_signal(), full_briefing())
    claimed = Feedback(id="1", alert=AlertId("a"), kind="claimed", by="anna.meier@example.com", at=MOMENT)
    wrong = replace(claimed, id="2", kind="wrong_company", by="Jo")
    assert with_feedback(text, [claimed]).note == "Anna Meier took it 10:42"
    removed = with_feedback(text, [claimed, wrong])
    assert (removed.lines, removed.why_now, removed.actions) == (
        (),
        "",
        ("pick_account", "dont_know", "undo"),
    )
    assert removed.note == (
        "Removed, sorry. Who was it? This network will not mean Hartmann Pumpen GmbH again. (Jo 10:42)"
    )
    assert with_feedback(text, [replace(claimed, undone_at=MOMENT)]) == text


@pytest.mark.parametrize(
    ("amount", "currency", "digits", "expected"),
    [
        ("84231.50", "EUR", 2, "€84k"),
        ("12412", "EUR", 3, "€12.4k"),
        ("184231", "EUR", 2, "€184k"),
        ("999960", "USD", 3, "$1m"),
        ("999400", "USD", 3, "$999k"),
        ("999.6", "USD", 3, "$1k"),
        ("950", "GBP", 3, "£950"),
        ("12.5", "EUR", 3, "€12.5"),
        ("1200000", "JPY", 2, "¥1.2m"),
        ("3400000000", "KRW", 2, "₩3.4bn"),
        ("5000", "CHF", 3, "CHF 5k"),
        ("5000", "", 3, "5k"),
        ("-1234", "EUR", 3, "-€1.2k"),
        ("0.5", "EUR", 3, "€0.5"),
    ],
)
def test_money(amount: str, currency: str, digits: int, expected: str) -> None:
    """Amounts are short, and no rounding loses or adds a thousand."""
    assert money(Decimal(amount), currency, digits) == expected


def test_small_words() -> None:
    """Durations, confidence and names as people say them."""
    assert [minutes(ms) for ms in (0, 999, 1000, 130_000, 3_661_000)] == ["", "", "0:01", "2:10", "1:01:01"]
    assert [sureness(value) for value in (1.0, 0.98, 0.8, 0.7, 0.1)] == [
        "certain", "very likely", "likely", "possible", "unlikely",
    ]  # fmt: skip
    assert [in_100(value) for value in (1.0, 0.98, 0.29, 0.0)] == [99, 98, 29, 0]
    assert [person(name) for name in ("anna.meier@example.com", "rep01@example.com", "Jo K.")] == [
        "Anna Meier", "rep01", "Jo K.",
    ]  # fmt: skip


def test_points_add_up() -> None:
    """The points shown add up to the total shown, whatever they are."""
    for points in ((29.73, 14.6, -20.2, 0.2), (0.5, 0.5, 0.5), (), (33.33, 33.33, 33.34)):
        shown = whole_points(points, sum(points))
        assert sum(shown) == round(sum(points))
        assert all(abs(whole - exact) < 1 for whole, exact in zip(shown, points, strict=True))


@pytest.mark.parametrize(
    ("title", "path", "expected"),
    [
        ("Pricing | Example", "/p", "Pricing"),
        ("Pricing – plans - Example", "/p", "Pricing"),
        ("Spare-parts", "/p", "Spare-parts"),
        ("", "/", "Home page"),
        ("Example Pumps | Pumps and seals", "/", "Home page"),
        ("", "/index.html", "Home page"),
        ("", "/docs/index.html", "Docs"),
        ("", "/spare-parts/x200_kit.html?a=1", "X200 kit"),
        ("", "/%E6%96%99%E9%87%91", "料金"),
        ("\u202e gnicirP", "/p", "gnicirP"),
    ],
)
def test_page_labels(title: str, path: str, expected: str) -> None:
    """A page is called by its title without the site's name, else by its path in words."""
    assert page_label(title, path) == expected


def test_cleaning() -> None:
    """Text from outside is one line without invisible characters, and never endless."""
    assert clean("a\n\u202eb\x00\u200b  c\ud800", 20) == "a b c"
    assert clean("x" * 100_000, 10) == "x" * 9 + "…"
    assert clean("👩\u200d🔧", 10) == "👩\u200d🔧"


def test_orders_after_the_visit_are_unknown() -> None:
    """An order placed after the visit was judged doesn't count as the last one before it."""
    purchases = replace(full_briefing().purchases, last_at=datetime(2026, 12, 1, tzinfo=UTC))
    text = _text(full_signal(), replace(full_briefing(), purchases=purchases))
    assert text.facts[0] == "silent for 412 days"
    assert "last order" not in as_text(text)
