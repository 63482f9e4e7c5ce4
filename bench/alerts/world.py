"""Makes a world with known truth: customers in other spellings, look-alikes, carriers that are customers, visits."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from bench.alerts.owners import Owner, distinct, names_a_company
from bench.alerts.spelling import namesake, other_spelling, sister

CUSTOMERS = 0.8
"""The share of the organisations' visits that are by customers; the rest must not be named."""
KNOWN_DOMAIN = 0.5
"""The share of customers whose domain the customer list has."""
ABROAD = 0.1
"""The share of customers whose seat in the customer list is wherever it is, and the network that of an office."""
IN_REGISTRY = 0.9
"""The share of ranges for which a registry has a record of its own; for the others it has the carrier's."""
ORGANISATIONS = 59 / 516
"""The share of human visits that come from organisations in the real log (`make bench-real`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A row of the customer list."""

    id: str
    name: str
    domain: str = ""
    country: str = ""
    is_dormant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldVisit:
    """A visit and whose it truly is."""

    ip: str
    owner: Owner
    account: str
    """The customer's id; empty where nobody may be named."""
    group: str
    """`customer`, `stranger` (an organisation that is no customer) or `line` (a carrier's or hoster's address)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that one run needs."""

    customers: tuple[Customer, ...]
    visits: tuple[WorldVisit, ...]
    registered: tuple[Owner, ...]
    """Ranges for which the registry has a record."""
    owners: tuple[Owner, ...]


def make_world(rows: Sequence[Owner], background: Sequence[Customer], seed: int, *, natural: bool = False) -> World:
    """Make a world of `rows` (one half of the labelled ranges).

    `background` are further customers without visits, so that there is something to be confused with. `natural` adds
    visits of carriers' and hosters' addresses until organisations have the share that they have in the real log.
    """
    dice = random.Random(seed)
    companies = distinct([row for row in rows if names_a_company(row)])
    dice.shuffle(companies)
    cut = round(len(companies) * 0.9)
    known, strangers = companies[:cut], companies[cut:]
    customers: list[Customer] = []
    account_of: dict[str, str] = {}
    for number, row in enumerate(known):
        account_of[row.registered] = f"A-{number:04}"
        customers.append(_customer(row, f"A-{number:04}", dice))
        if dice.random() < 0.15:
            customers.append(_look_alike(row, f"S-{number:04}", dice))
    customers += [_look_alike(row, f"N-{number:04}", dice) for number, row in enumerate(strangers)]
    lines = [row for row in rows if row.kind in ("isp", "hosting")]
    customers += _carriers(lines, dice)
    visits = [_visit(row, account_of[row.registered], "customer", dice) for row in known]
    no_names = round(len(known) * (1 - CUSTOMERS) / CUSTOMERS)
    visits += [_visit(row, "", "stranger", dice) for row in strangers[:no_names]]
    others = no_names - len(strangers[:no_names])
    if natural:
        others = round(len(visits) * (1 - ORGANISATIONS) / ORGANISATIONS)
    visits += [_visit(dice.choice(lines), "", "line", dice) for _ in range(max(0, others))]
    dice.shuffle(visits)
    return World(
        customers=tuple(_not_confusable(customers, background)),
        visits=tuple(visits),
        registered=tuple(row for row in rows if dice.random() < IN_REGISTRY),
        owners=tuple(rows),
    )


def _customer(row: Owner, key: str, dice: random.Random) -> Customer:
    return Customer(
        id=key,
        name=other_spelling(row.name, dice),
        domain=row.domain if dice.random() < KNOWN_DOMAIN else "",
        country=_seat(row, dice) if dice.random() < 0.9 else "",
        is_dormant=dice.random() < 0.5,
    )


def _seat(row: Owner, dice: random.Random) -> str:
    """Return the country that the customer list has: mostly the network's, but firms have offices abroad."""
    return dice.choice(("US", "GB", "DE", "JP", "FR")) if dice.random() < ABROAD else row.country


def _look_alike(row: Owner, key: str, dice: random.Random) -> Customer:
    """Return a sister or a namesake elsewhere of the range's owner: another company, a dormant customer."""
    if dice.random() < 0.5:
        return Customer(id=key, name=sister(row.name, dice), country=row.country, is_dormant=True)
    name, country = namesake(row.name, row.country, dice)
    return Customer(id=key, name=name, country=country, is_dormant=True)


def _carriers(lines: Sequence[Owner], dice: random.Random) -> list[Customer]:
    """Return a third of the carriers and hosters as customers."""
    systems = {row.as_name: row for row in lines if row.as_name and row.as_domain}
    return [
        Customer(
            id=f"C-{number:04}",
            name=other_spelling(name, dice),
            domain=row.as_domain if dice.random() < KNOWN_DOMAIN else "",
            country=row.country,
            is_dormant=True,
        )
        for number, (name, row) in enumerate(sorted(systems.items()))
        if dice.random() < 1 / 3
    ]


def _not_confusable(customers: list[Customer], background: Sequence[Customer]) -> list[Customer]:
    """Return both lists, without background customers that may be the same company as one of the world's."""
    from rapidfuzz import fuzz, process, utils

    names = [utils.default_process(each.name) for each in customers]
    first = {name.split()[0] for name in names if name}
    kept = [
        each
        for each in background
        if (name := utils.default_process(each.name))
        and name.split()[0] not in first
        and process.extractOne(name, names, scorer=fuzz.token_sort_ratio, score_cutoff=80) is None
    ]
    return [*customers, *kept]


def _visit(row: Owner, account: str, group: str, dice: random.Random) -> WorldVisit:
    first, last = int(ip_address(row.first)), int(ip_address(row.last))
    kind = type(ip_address(row.first))
    return WorldVisit(ip=str(kind(dice.randint(first, last))), owner=row, account=account, group=group)
