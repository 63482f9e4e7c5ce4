"""The messages of the reference as samples: an alert of each kind, what becomes of one, a digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alert_signals import MOMENT, full_briefing, full_signal, view, visit_of

from alerts.after import with_feedback
from alerts.buttons import Button
from alerts.message import AlertText, alert_text
from alerts.notices.notice import NoticeText, Row, Section
from core.alerting import BY_ITSELF, Briefing, Feedback
from core.domain import AlertId, LineSilence, Network, NetworkKind, OwnerKind, Reason, Signal, State, UsageDecline

BERLIN = ZoneInfo("Europe/Berlin")
_TWO = timedelta(minutes=2)
_AFTERNOONS = tuple(datetime(2025, month, 14, 13, 30, tzinfo=UTC) for month in range(5, 12))
"""Calls that were answered: between 14:30 and 15:30 in Berlin."""


def awake() -> tuple[Signal, Briefing]:
    """Hartmann as the reference has it: a form opened, two visitors, a registry and sign-ins that name them."""
    signal, briefing = full_signal(), full_briefing()
    assert signal.seen.company is not None and signal.seen.match is not None
    sign_ins = "2 sign-ins since 3 May by Hartmann Pumpen GmbH from 203.0.113.0/28"
    network = Network(
        ip="203.0.113.7",
        prefix="203.0.113.0/28",
        kind=NetworkKind.BUSINESS,
        owner_kind=OwnerKind.COMPANY,
        organisation="Hartmann Pumpen GmbH",
        domain="hartmann.example",
        asn=64500,
        accounts=(),
        confidence=0.98,
        evidence=(),
        why=(
            Reason(text="The registry names Hartmann Pumpen GmbH as the user of 203.0.113.0/28", code="owner"),
            Reason(text="It looks like a company, by names, domains and size (97%)", code="model:range"),
        ),
    )
    company = replace(signal.seen.company, why=(*network.why, Reason(text=sign_ins, code="learned")))
    same = "The network's owner “Hartmann Pumpen GmbH” is written like your account Hartmann Pumpen GmbH."
    match = replace(signal.seen.match, why=(Reason(text=same, code="match:name:exact"),))
    why = (
        Reason(text="Pricing read for 2:10", points=30, code="page:pricing"),
        Reason(text="Contact form opened", points=25, code="page:contact"),
        Reason(text="First visit in 398 days", points=20, code="first_visit"),
        Reason(text="2 visitors", points=10, code="visitors"),
    )
    left = Reason(text="Left over: support (Nov 2025).", code="dormancy:left_over")
    signal = replace(
        signal,
        seen=replace(signal.seen, network=network, company=company, match=match),
        dormancy=replace(signal.dormancy, why=(left,)),
        score=replace(signal.score, points=85, why=why),
        visit=visit_of(
            view("/pricing", "Pricing | Example Shop", 130_000),
            view("/spare-parts/x200", "Spare parts X200 – Example Shop", 45_000, MOMENT + timedelta(minutes=3)),
        ),
    )
    contacts = tuple(
        replace(one, last_spoke_at=None if one.has_left else datetime(2025, 11, 14, tzinfo=UTC))
        for one in briefing.contacts
    )
    return signal, replace(briefing, contacts=contacts, today=(1, 3), forms_tell=True, reached_at=_AFTERNOONS)


def line() -> tuple[Signal, Briefing]:
    """The same firm, silent in pumps, that still buys seals."""
    signal, briefing = awake()
    lines = (
        LineSilence(line="pumps", state=State.DORMANT, silent_days=412, usual_gap_days=180, last_at=None),
        LineSilence(line="seals", state=State.ACTIVE, silent_days=12, usual_gap_days=30, last_at=None),
    )
    dormancy = replace(signal.dormancy, lines=lines, left_over="", why=(), usual_gap_days=30.0)
    purchases = replace(briefing.purchases, last_at=datetime(2026, 11, 12, tzinfo=UTC), last_product="Seal kit S7")
    return replace(signal, kind="line", line="pumps", dormancy=dormancy), replace(briefing, purchases=purchases)


def rescue() -> tuple[Signal, Briefing]:
    """A live contract, use in decline, and pages that people read before they leave."""
    signal, briefing = awake()
    why = (
        Reason(text="Cancel read for 1:10", points=30, code="page:cancel"),
        Reason(text="Comparison read for 0:50", points=15, code="page:comparison"),
    )
    return (
        replace(
            signal,
            kind="rescue",
            rule="trigger:leaving",
            account=replace(
                signal.account,
                name="Nordwind Logistik",
                contract="maintenance",
                contract_until=datetime(2027, 3, 31, tzinfo=UTC),
            ),
            dormancy=replace(
                signal.dormancy,
                dormant=False,
                has_contract=True,
                decline=UsageDecline(baseline=120, now=45.6, weeks=3),
                left_over="",
                why=(),
                usual_gap_days=None,
            ),
            score=replace(
                signal.score,
                points=45,
                why=why,
                triggers=(Reason(text="Pages that people read before they leave", code="trigger:leaving"),),
            ),
            visit=visit_of(
                view("/cancel", "Cancel your contract | Example", 70_000),
                view("/export", "Export your data | Example", 40_000, MOMENT + _TWO),
                view("/comparison", "Comparison | Example", 50_000, MOMENT + 2 * _TWO),
            ),
        ),
        replace(briefing, reached_at=(), visitors=1, today=(2, 3)),
    )


def text_of(signal: Signal, briefing: Briefing) -> AlertText:
    return alert_text(signal, briefing, zone=BERLIN, needed=60, with_date=False)


def said(kind: str, minutes: int, by: str = "anna@example.com", **more: object) -> Feedback:
    """What somebody did with the alert so many minutes after it."""
    at = MOMENT + timedelta(minutes=minutes)
    return Feedback(id=f"{kind}-{minutes}", alert=AlertId("A-1"), kind=kind, by=by, at=at, **more)  # type: ignore[arg-type]


def alerts() -> Mapping[str, AlertText]:
    """Every form that an alert takes, by name."""
    fresh = text_of(*awake())
    signal, briefing = awake()
    quiet = text_of(replace(signal, account=replace(signal.account, do_not_contact=True)), briefing)
    claimed = said("claimed", 2)
    return {
        "awake": fresh,
        "line": text_of(*line()),
        "rescue": text_of(*rescue()),
        "do not contact": quiet,
        "claimed": with_feedback(fresh, [claimed]),
        "no answer": with_feedback(
            fresh, [claimed, said("no_answer", 9, until=MOMENT + timedelta(days=1), detail="1d")]
        ),
        "not interested": with_feedback(fresh, [claimed, said("not_interested", 30, detail="price")]),
        "wrong": with_feedback(fresh, [said("wrong_company", 3)]),
        "looked again": with_feedback(fresh, [said("wrong_company", 60, by=BY_ITSELF)]),
    }


def digest() -> NoticeText:
    """A rep's morning, as the reference has it."""

    def row(text: str, *buttons: Button) -> Row:
        return Row(text=text, buttons=buttons)

    def take(id: str) -> tuple[Button, ...]:
        return (Button(action="claim", subject=id, label="Take"), Button(action="timeline", subject=id))

    bau, holding = (
        Button(action="pick_account", subject="V-3", label=name, choice=name) for name in ("Bau", "Holding")
    )
    return NoticeText(
        push="2 to call, 1 to judge, 1 slipping: Hartmann Pumpen €84k, Nordwind Logistik €31k",
        title="Anna, Wed 25 Nov: 2 to call, 1 to judge, 1 slipping",
        sections=(
            Section(
                label="Call",
                rows=(
                    row(
                        "1 Hartmann Pumpen €84k · pricing + form, 2 visitors · very likely · open since Tue 10:42",
                        *take("A-1"),
                    ),
                    row(
                        "2 Nordwind Logistik €31k · came by your quote link · certain · 203 d silent, usually 60",
                        *take("A-2"),
                    ),
                ),
            ),
            Section(
                label="Judge",
                rows=(
                    row(
                        "3 Keller Bau or Keller Holding? shared building · 3 docs pages",
                        bau,
                        holding,
                        Button(action="dont_know", subject="V-3", label="Neither"),
                    ),
                ),
            ),
            Section(
                label="Slipping",
                rows=(
                    row(
                        "4 Alpen Foods · order was due 2 Nov, 23 d late (every 30 ±6 d) · no visit · cheapest now",
                        Button(action="claim", subject="C-4", label="Take"),
                        Button(action="not_slipping", subject="C-4"),
                    ),
                ),
            ),
            Section(
                label="Promised",
                rows=(
                    row(
                        "Zeta AG: “call back Mon”, nothing logged",
                        Button(action="reached", subject="A-5"),
                        Button(action="no_answer", subject="A-5"),
                    ),
                ),
            ),
        ),
        foot="Held overnight 1 · over your cap 0 · kept from you 41 visits: bots 33, home lines 6, careers 2",
    )
