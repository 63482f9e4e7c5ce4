"""Each line of the message by its fact: kinds, whom to call, why sure, and what it says after people acted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sample_messages as samples
from alert_signals import MOMENT, bare_briefing, bare_signal, full_briefing, full_signal
from sample_messages import said, text_of

from alerts.after import with_feedback
from alerts.lines import best_hours
from alerts.message import AlertText, as_text, from_data, to_data
from alerts.sure import sure_line
from core.alerting import BY_ITSELF, Briefing, BuyingGroup
from core.domain import Evidence, Reason, Signal

REFERENCE = """\
Hartmann Pumpen GmbH is back · no order for 412 days · €84k lifetime
Now   Pricing 2:10 → Spare parts X200 0:45 → contact form opened, not sent · 2 visitors · Tue 10:42
Was   last order 8 Oct 2025, X200, €12.4k · used to order every ~90 days · left over: support (Nov 2025)
Call  Maria Keller, Purchasing, +49 711 555 0101, prefers phone, last spoke 14 Nov 2025 · R. Boos has left
Sure? Very likely (98 in 100): network registered to them + 2 sign-ins since 3 May · nothing against it
Try   “I would like to hear how you got on with X200, and what we should have done better.” \
· today 14-16 h or tomorrow · don't mention the visit · no discount first
Why now: Pricing read for 2:10 +30 · Contact form opened +25 · First visit in 398 days +20 · 2 visitors +10 = 85 \
(60 needed) · 1 of max 3 today"""


def _line(text: AlertText, label: str) -> str:
    return next((line.text for line in text.lines if line.label == label), "")


def test_the_reference() -> None:
    """The message of the design, line by line."""
    text = text_of(*samples.awake())
    assert as_text(text) == REFERENCE
    assert text.push == "Hartmann Pumpen GmbH is back: Pricing 2 min, no order for 412 days, very likely them"
    assert text.actions == ("claim", "snooze", "wrong_company", "not_useful", "timeline", "crm")
    assert from_data(to_data(text)) == text


def test_silent_in_one_line() -> None:
    """Who is silent in pumps and buys seals is back in pumps, and the call is about pumps."""
    text = text_of(*samples.line())
    assert as_text(text).splitlines()[0] == (
        "Hartmann Pumpen GmbH is back in pumps · no order in pumps for 412 days · still buys seals · €84k lifetime"
    )
    assert "used to order pumps every ~180 days" in _line(text, "Was")
    assert _line(text, "Try").startswith("“Who is in charge of pumps at your end today")
    assert text.push.startswith("Hartmann Pumpen GmbH is back in pumps: Pricing 2 min, no order in pumps for 412 days")


def test_a_rescue() -> None:
    """A live contract whose use falls may be leaving: until when, by how much, and to act before the cancellation."""
    text = text_of(*samples.rescue())
    assert as_text(text).splitlines()[0] == (
        "Nordwind Logistik may be leaving · maintenance contract until 31 Mar 2027 · use down 62 % in 3 weeks "
        "· €84k lifetime"
    )
    assert _line(text, "Was").startswith("use 120 a week before, 46 now")
    assert "call before they cancel" in _line(text, "Try")
    assert "needed" not in text.why_now and text.why_now.startswith("at once: Pages that people read before")
    assert text.push.endswith("use down 62 % in 3 weeks, contract until 31 Mar 2027, very likely them")


def _signal_of(*why: Reason, match: tuple[Reason, ...] = (), evidence: tuple[Evidence, ...] = ()) -> Signal:
    signal, _ = samples.awake()
    assert signal.seen.company and signal.seen.match and signal.seen.network
    seen = replace(
        signal.seen,
        company=replace(signal.seen.company, why=why),
        network=replace(signal.seen.network, why=(), evidence=evidence),
        match=replace(signal.seen.match, why=match or signal.seen.match.why),
    )
    return replace(signal, seen=seen)


OWNER = Reason(text="The registry names Hartmann as the user of 203.0.113.0/28", code="owner")


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        (
            _signal_of(OWNER, evidence=(Evidence(source="rdap", prefix="203.0.113.0/28", registry="ripencc"),)),
            "network registered to them at RIPE · nothing against it",
        ),
        (
            _signal_of(OWNER, match=(Reason(text="… is close to …", code="match:name:close"),)),
            "network registered to “Hartmann Pumpen GmbH”, close to their name · nothing against it",
        ),
        (
            _signal_of(
                OWNER, match=(Reason(text="x", code="match:name:exact"), Reason(text="y", code="match:form:other"))
            ),
            "network registered to them · against it: the legal forms differ",
        ),
        (
            _signal_of(Reason(text="203.0.113.0/28 was declared as the network of Hartmann", code="declared")),
            "office network declared as theirs + its owner bears their name · nothing against it",
        ),
        (
            _signal_of(
                Reason(text="They signed in on your site", code="clue:identify"),
                match=(Reason(text="The clue names Hartmann by its id.", code="match:declared"),),
            ),
            "signed in on your site · nothing against it",
        ),
        (
            _signal_of(OWNER, Reason(text="They came by a link, but", code="waiting:signed_link")),
            "network registered to them",
        ),
        (
            _signal_of(
                Reason(
                    text="2 forms since 3 May by Hartmann from 203.0.113.7 (the registry names another company)",
                    code="learned",
                ),
                match=(Reason(text="x", code="match:declared"),),
            ),
            "2 forms since 3 May · against it: the registry names another company",
        ),
    ],
    ids=["registry", "close", "against", "declared", "clue", "doubt", "learned"],
)  # fmt: skip
def test_why_sure(signal: Signal, expected: str) -> None:
    """Each source in few words, once; "nothing against it" only when nothing is."""
    assert sure_line(signal) == f"Very likely (98 in 100): {expected}"


def test_nobody_to_call() -> None:
    """Who asked not to be called isn't: no number, no opener, no button to take the call; the message says why."""
    signal, briefing = samples.awake()
    quiet = text_of(replace(signal, account=replace(signal.account, do_not_contact=True)), briefing)
    person = replace(briefing, contacts=tuple(replace(one, do_not_contact=True) for one in briefing.contacts))
    silent = text_of(signal, person)
    assert _line(quiet, "Call") == "Nobody: they asked not to be contacted"
    assert _line(silent, "Call") == "Nobody: Maria Keller asked not to be contacted · R. Boos has left"
    for text in (quiet, silent):
        assert _line(text, "Try") == ""
        assert text.actions == ("wrong_company", "not_useful", "timeline", "crm")
        assert "+49" not in as_text(text)
    other = replace(briefing.contacts[1], id="P-3", name="Jo Berg", phone="", do_not_contact=False)
    both = text_of(signal, replace(person, contacts=(*person.contacts, other)))
    assert _line(both, "Call").startswith("Jo Berg, Purchasing, maria.keller@hartmann.example")
    assert "Maria Keller asked not to be contacted" in _line(both, "Call") and _line(both, "Try")


def test_last_spoke_is_the_contacts_own() -> None:
    """Of two contacts the one spoken to last is named, with their own date, never one after the visit."""
    signal, briefing = samples.awake()
    keller = briefing.contacts[1]
    berg = replace(keller, id="P-3", name="Jo Berg", last_spoke_at=datetime(2026, 1, 5, tzinfo=UTC))
    later = replace(keller, id="P-4", name="Kim Voss", last_spoke_at=MOMENT + timedelta(days=1))
    assert "Jo Berg" in _line(text_of(signal, replace(briefing, contacts=(keller, berg))), "Call")
    assert "last spoke" not in _line(text_of(signal, replace(briefing, contacts=(later,))), "Call")
    without = replace(keller, last_spoke_at=None)
    said_of = _line(text_of(signal, replace(briefing, contacts=(without,))), "Call")
    assert said_of.endswith("last spoke 14 Nov 2025")


def test_when_to_call() -> None:
    """Five answered calls make a habit; dates without an hour don't; in the evening it is tomorrow's."""
    day = datetime(2026, 3, 2, tzinfo=UTC)
    calls = [day + timedelta(days=number, hours=14, minutes=20) for number in range(5)]
    assert best_hours(calls) in ((13, 15), (14, 16))
    assert best_hours(calls[:4]) is None
    assert best_hours([day + timedelta(days=number) for number in range(9)]) is None
    assert best_hours([day + timedelta(hours=hour, minutes=1) for hour in range(6, 20)]) is None
    signal, briefing = samples.awake()
    friday_evening = replace(signal, at=datetime(2026, 11, 27, 19, tzinfo=UTC))
    assert "· Mon 14-16 h ·" in _line(text_of(friday_evening, briefing), "Try")


def test_people_of_the_last_days() -> None:
    """A buying group larger than today's visitors is named, carefully where they can't be told apart."""
    signal, briefing = samples.awake()
    group = BuyingGroup(count=3, at_least=True, days=4)
    grown = replace(briefing, visitors_at_least=True, group=group)
    assert "at least 2 visitors, at least 3 people on 4 days" in _line(text_of(signal, grown), "Now")


@pytest.mark.parametrize(
    ("feedback", "note", "first"),
    [
        ([said("claimed", 2)], "Anna took it 10:44", "reached"),
        ([said("claimed", 2), said("reached", 8)], "Anna took it 10:44 · reached them 10:50", "meeting"),
        (
            [said("claimed", 2), said("no_answer", 9, until=MOMENT + timedelta(days=3))],
            "Anna took it 10:44 · got no answer 10:51, calls again Fri 27 Nov",
            "reached",
        ),
        ([said("claimed", 2), said("won", 60 * 24)], "Anna took it 10:44 · won them back Wed 25 Nov 10:42", "timeline"),
        (
            [said("claimed", 2), said("not_interested", 9, detail="price")],
            "Anna took it 10:44 · heard “not interested” (price) 10:51",
            "won",
        ),
        ([said("claimed", 2), said("handed_back", 9)], "Anna handed it back 10:51", "claim"),
        (
            [said("claimed", 2), said("handed_back", 9), said("claimed", 12, by="jo@example.com")],
            "Anna handed it back 10:51 · Jo took it 10:54",
            "reached",
        ),
        ([said("snoozed", 2, until=MOMENT + timedelta(days=7))], "Anna snoozed it until Tue 1 Dec, 10:44", "claim"),
        ([said("not_useful", 2, detail="known")], "Anna found it not useful (I knew already) 10:44", "timeline"),
    ],
)
def test_after_people_acted(feedback: list, note: str, first: str) -> None:  # type: ignore[type-arg]
    """The message says who did what and when, and offers first what makes sense next."""
    text = with_feedback(text_of(*samples.awake()), feedback)
    assert (text.note, text.actions[0]) == (note, first)


def test_after_a_wrong_company() -> None:
    """Removed with thanks, and the question who it was; a later look of our own asks nothing."""
    fresh = text_of(*samples.awake())
    wrong = with_feedback(fresh, [said("wrong_company", 3)])
    again = with_feedback(fresh, [said("wrong_company", 60, by=BY_ITSELF)])
    assert (wrong.lines, wrong.actions) == ((), ("pick_account", "dont_know", "undo"))
    assert wrong.note.startswith("Removed, sorry. Who was it? This network will not mean Hartmann Pumpen GmbH again.")
    named = with_feedback(fresh, [replace(said("wrong_company", 3), detail="Nordwind Maschinenbau GmbH")])
    assert named.note.startswith("Removed, sorry. It was Nordwind Maschinenbau GmbH. This network will not mean")
    assert named.actions == ("timeline",)
    assert (again.note, again.actions) == (
        "Removed: a closer look says that this wasn't Hartmann Pumpen GmbH",
        ("timeline",),
    )


def test_at_most_ten_lines_in_every_form() -> None:
    """Title, facts, lines, reasons, note and buttons are ten at most, and no line is longer than two rows."""
    for name, text in samples.alerts().items():
        count = 1 + bool(text.facts) + len(text.lines) + bool(text.why_now) + bool(text.note) + bool(text.actions)
        assert count <= 10, name
        assert all(len(line.text) <= 260 for line in text.lines), name
        assert len(text.push) <= 150, name


def test_old_messages_can_still_be_read() -> None:
    """What the first version kept has none of the newer facts, and reads as before."""
    data = dict(to_data(text_of(full_signal(), full_briefing())))
    for newer in ("kind", "at", "today", "may_call", "so_far"):
        del data[newer]
    old = with_feedback(from_data(data), [said("claimed", 2)])
    assert old.note == "Anna took it 10:44"


def test_what_is_missing_leaves_no_trace() -> None:
    """A bare account has two lines."""
    text = text_of(bare_signal(), bare_briefing())
    assert [line.label for line in text.lines] == ["Now", "Sure?"]
    assert ZoneInfo(text.zone).key == "Europe/Berlin"
    assert isinstance(bare_briefing(), Briefing)
