"""Signals and briefings for tests of the alerts: the pumps company of the design, and a bare one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.alerting import Briefing, PurchaseFacts
from core.domain import (
    Account,
    AccountId,
    AccountMatch,
    Company,
    Contact,
    Dormancy,
    Identification,
    IntentScore,
    PageView,
    PageViewId,
    Reason,
    Signal,
    SiteId,
    State,
    Visit,
    VisitId,
    VisitorId,
)

MOMENT = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
"""A Tuesday; 10:42 in Berlin."""
SITE = SiteId("shop.example.com")


def view(
    path: str, title: str = "", engaged_ms: int = 0, at: datetime = MOMENT, late: timedelta = timedelta()
) -> PageView:
    return PageView(
        id=PageViewId(f"{path} {at:%s}"),
        site=SITE,
        at=at,
        received_at=at + late,
        visitor=VisitorId("visitor"),
        ip="203.0.113.7",
        path=path,
        title=title,
        engaged_ms=engaged_ms,
    )


def visit_of(*views: PageView, id: str = "visit-1") -> Visit:
    return Visit(
        id=VisitId(id),
        site=SITE,
        visitor=VisitorId("visitor"),
        ip="203.0.113.7",
        user_agent="",
        started_at=views[0].at,
        last_at=views[-1].at,
        received_at=views[-1].received_at,
        views=views,
    )


def full_signal() -> Signal:
    """Hartmann Pumpen: two pages, silent for 412 days, matched by a declared network."""
    account = Account(id=AccountId("C-1"), name="Hartmann Pumpen GmbH", owner_email="Anna@example.com")
    why = (
        Reason(text="Pricing for at least 30 s.", points=30.0, code="page:pricing"),
        Reason(text="First visit in 398 days.", points=20.4, code="surge"),
        Reason(text="2 visitors.", points=14.6, code="visitors"),
    )
    return Signal(
        visit=visit_of(
            view("/pricing", "Pricing | Example Shop", 130_000),
            view("/spare-parts/x200", "Spare parts X200 – Example Shop", 45_000, MOMENT + timedelta(minutes=3)),
        ),
        at=MOMENT,
        seen=Identification(
            company=Company(
                name="Hartmann Pumpen GmbH",
                domain="hartmann.example",
                accounts=(account.id,),
                confidence=0.98,
                why=(Reason(text="Office network 203.0.113.0/28 declared by them."),),
            ),
            match=AccountMatch(
                account=account,
                candidates=(account,),
                confidence=0.98,
                why=(Reason(text="The network was declared for this account.", code="match:declared"),),
            ),
        ),
        account=account,
        confidence=0.98,
        dormancy=Dormancy(
            account=account.id,
            as_of=MOMENT,
            state=State.DORMANT,
            tier="1_year",
            dormant=True,
            silent_days=412,
            usual_gap_days=90.2,
            p_no_purchase=None,
            rule="no_purchase",
            left_over="support",
            why=(),
        ),
        score=IntentScore(points=65.0, why=why),
        qualified=True,
        kind="awake",
        rule="score",
    )


def full_briefing() -> Briefing:
    account = AccountId("C-1")
    return Briefing(
        purchases=PurchaseFacts(
            lifetime=Decimal("84231.50"),
            currency="EUR",
            last_at=datetime(2025, 10, 8, 8, 0, tzinfo=UTC),
            last_product="X200",
            last_amount=Decimal("12412.00"),
            orders=9,
        ),
        contacts=(
            Contact(id="P-2", account=account, name="R. Boos", role="Director", has_left=True),
            Contact(
                id="P-1",
                account=account,
                name="Maria Keller",
                role="Purchasing",
                email="maria.keller@hartmann.example",
                phone="+49 711 555 0101",
                prefers="phone",
            ),
        ),
        last_contact_at=datetime(2025, 11, 14, 12, 0, tzinfo=UTC),
        visitors=2,
    )


def bare_signal() -> Signal:
    """An account of which we know a name and nothing else."""
    full = full_signal()
    return replace(
        full,
        visit=visit_of(view("/")),
        seen=Identification(),
        account=Account(id=AccountId("C-2"), name="Nordwind"),
        confidence=0.8,
        dormancy=replace(full.dormancy, account=AccountId("C-2"), silent_days=None, usual_gap_days=None, left_over=""),
        score=IntentScore(points=0.0, why=()),
    )


def bare_briefing() -> Briefing:
    return Briefing(purchases=PurchaseFacts())


def numbered(number: int, owner: str = "") -> Signal:
    """A signal of the account `number`, with an owner of its own unless one is given."""
    full = full_signal()
    account = replace(
        full.account,
        id=AccountId(f"C-{number}"),
        name=f"Account {number} Ltd",
        owner_email=owner or f"rep{number}@example.com",
    )
    return replace(full, account=account, visit=replace(full.visit, id=VisitId(f"visit-{number}")))
