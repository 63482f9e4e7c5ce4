"""Puts together all that is known of each customer who was on the site (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.tryout.findings import Customer, Money, PersonAt, VisitSeen
from app.tryout.judge import band
from app.tryout.seen import Pages, SeenVisit
from app.tryout.shown import shown_network, without_addresses
from core.domain import Account, AccountId, Activity, Contact
from enrichment.account.purchases import purchase_facts

MOST_PAGES = 12
MOST_VISITS = 20
MOST_PEOPLE = 2
_WHY = ("match", "company", "network")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the files say of the accounts that were seen, and what their visits saw."""

    accounts: Mapping[AccountId, Account]
    activities: Mapping[AccountId, Sequence[Activity]]
    contacts: Mapping[AccountId, Sequence[Contact]]
    pages: Mapping[str, Pages]


def customers(visits: Sequence[SeenVisit], known: Known) -> tuple[Customer, ...]:
    """Return the customers behind `visits` (in order of time), dormant ones first, then the surest, then by worth."""
    by_account: dict[AccountId, list[SeenVisit]] = {}
    for visit in visits:
        by_account.setdefault(AccountId(visit.account), []).append(visit)
    found = [
        _customer(known.accounts[account], seen, known)
        for account, seen in by_account.items()
        if account in known.accounts
    ]
    return tuple(sorted(found, key=_order))


def _order(customer: Customer) -> tuple[bool, int, float, float, str]:
    bands = ("sure", "probable", "unsure")
    worth = float(customer.worth.amount) if customer.worth else 0.0
    return not customer.dormant, bands.index(customer.band), -worth, -customer.points, customer.account


def _customer(account: Account, visits: Sequence[SeenVisit], known: Known) -> Customer:
    asleep = [visit for visit in visits if visit.dormant]
    told = (asleep or list(visits))[-1]
    confidence = max(visit.confidence for visit in asleep or visits)
    activities = known.activities.get(account.id, ())
    bought = purchase_facts(activities, told.started_at)
    later = [one.at for one in activities if one.kind == "purchase" and one.at >= told.started_at]
    return Customer(
        account=account.id,
        name=account.name,
        owner=account.owner_email,
        band=band(confidence),
        confidence=round(confidence, 2),
        dormant=bool(asleep),
        silent_days=told.silent_days,
        silence=tuple(text for _, text in told.why.get("dormancy", ())),
        worth=_money(bought.lifetime, bought.currency),
        orders=bought.orders,
        last_order_at=bought.last_at,
        last_product=bought.last_product,
        last_amount=_money(bought.last_amount, bought.currency),
        ordered_since=min(later, default=None),
        points=round(max(visit.points for visit in visits), 1),
        people=_people(known.contacts.get(account.id, ())),
        visits=tuple(_visit(visit, known.pages.get(visit.id)) for visit in visits[-MOST_VISITS:]),
    )


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount=amount, currency=currency)


def _people(contacts: Sequence[Contact]) -> tuple[PersonAt, ...]:
    here = [one for one in contacts if not one.has_left and one.name.strip()]
    here.sort(key=lambda one: -(bool(one.phone) + bool(one.email)))
    return tuple(
        PersonAt(name=one.name, role=one.role, email=one.email, phone=one.phone, prefers=one.prefers)
        for one in here[:MOST_PEOPLE]
    )


def _visit(visit: SeenVisit, pages: Pages | None) -> VisitSeen:
    paths = pages.paths if pages else ()
    why = dict.fromkeys(without_addresses(text) for step in _WHY for _, text in visit.why.get(step, ()) if text)
    return VisitSeen(
        started_at=visit.started_at,
        pages=tuple(without_addresses(path) for path in paths[:MOST_PAGES]),
        views=pages.views if pages else 0,
        network=shown_network(visit.prefix),
        organisation=visit.organisation,
        confidence=round(visit.confidence, 2),
        dormant=visit.dormant,
        why=tuple(why),
    )
