"""Whom an alert is for: owner, deputy, team, fallback; never nobody."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from alerts.policy import Route
from alerts.reps.rep import Hours, RepEntry, Roster
from alerts.routing import Asked, Routed, route
from core.domain import Account, AccountId

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY, LATER = date(2026, 11, 24), date(2026, 12, 3)
HOURS = Hours(zone=ZoneInfo("Europe/Berlin"))
ACCOUNT = Account(
    id=AccountId("C-1"),
    name="Hartmann",
    owner_email="Anna@example.com",
    country="DE",
    industry="Machinery",
    location="Stuttgart, Baden",
    segments=("key accounts",),
)
NOBODYS = replace(ACCOUNT, owner_email="")
ANNA = RepEntry(email="anna@example.com", name="Anna Arndt", deputy="jo@example.com", team="South")
AWAY = replace(ANNA, away_from=TODAY, away_until=LATER)
JO = RepEntry(email="jo@example.com", name="Jo Jansen", team="South", deputy="kim@example.com")
KIM = RepEntry(email="kim@example.com", name="Kim Klein", team="North")
SOUTH, NORTH = Route(country="DE", team="South"), Route(team="North")
LEAD = Route(to="lead@example.com")


def away(entry: RepEntry, **more: str) -> RepEntry:
    return replace(entry, away_from=TODAY, away_until=LATER, **more)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is known, and whom the alert is for."""

    to: str
    why: str = ""
    account: Account = ACCOUNT
    reps: tuple[RepEntry, ...] = (ANNA, JO, KIM)
    routes: tuple[Route, ...] = ()
    product: str = ""
    value: int | None = None
    told: dict[str, int] = field(default_factory=dict)


CASES = {
    "the owner": Case(to="anna@example.com"),
    "an owner who was never entered": Case(to="anna@example.com", reps=()),
    "a route doesn't come before the owner": Case(to="anna@example.com", routes=(LEAD,)),
    "away: the deputy": Case(to="jo@example.com", reps=(AWAY, JO), why="Anna is away until 3 Dec: Jo stands in."),
    "a deputy who was never entered": Case(
        to="jo@example.com", reps=(AWAY,), why="Anna is away until 3 Dec: jo stands in."
    ),
    "back again": Case(
        to="anna@example.com", reps=(replace(ANNA, away_from=date(2026, 11, 1), away_until=date(2026, 11, 23)),)
    ),
    "not away yet": Case(to="anna@example.com", reps=(replace(ANNA, away_from=LATER, away_until=LATER),)),
    "the last day away": Case(
        to="jo@example.com",
        reps=(replace(ANNA, away_from=date(2026, 11, 1), away_until=TODAY),),
        why="Anna is away until 24 Nov: jo stands in.",
    ),
    "away without an end": Case(
        to="jo@example.com", reps=(replace(ANNA, away_from=TODAY), JO), why="Anna is away: Jo stands in."
    ),
    "the deputy is away too": Case(
        to="kim@example.com", reps=(AWAY, away(JO), KIM), why="Anna is away until 3 Dec: Kim stands in."
    ),
    "deputies of each other": Case(
        to="",
        reps=(AWAY, away(JO, deputy="anna@example.com")),
        why="Anna is away until 3 Dec and nobody stands in: it goes to the whole team.",
    ),
    "one's own deputy": Case(
        to="",
        reps=(replace(AWAY, deputy="anna@example.com"),),
        why="Anna is away until 3 Dec and nobody stands in: it goes to the whole team.",
    ),
    "a round of three": Case(
        to="",
        reps=(AWAY, away(JO), away(KIM, deputy="jo@example.com")),
        why="Anna is away until 3 Dec and nobody stands in: it goes to the whole team.",
    ),
    "the deputy has left": Case(
        to="lead@example.com",
        reps=(AWAY, replace(JO, has_left=True)),
        routes=(LEAD,),
        why="Anna is away until 3 Dec and nobody stands in: lead.",
    ),
    "away without a deputy, a team by country": Case(
        to="jo@example.com",
        reps=(replace(AWAY, deputy=""), JO),
        routes=(SOUTH,),
        why="Anna is away until 3 Dec and nobody stands in: Jo of team South (country DE).",
    ),
    "the owner has left": Case(
        to="",
        reps=(replace(ANNA, has_left=True), JO),
        why="Anna, who owned Hartmann, has left: it goes to the whole team.",
    ),
    "the owner has left, a route": Case(
        to="kim@example.com",
        reps=(replace(ANNA, has_left=True), KIM),
        routes=(NORTH,),
        why="Anna, who owned Hartmann, has left: Kim of team North.",
    ),
    "no owner": Case(to="", account=NOBODYS, why="Hartmann has no owner: it goes to the whole team."),
    "an address that is none": Case(
        to="",
        account=replace(ACCOUNT, owner_email="Anna"),
        why="Hartmann's owner has no usable address: it goes to the whole team.",
    ),
    "by segment": Case(
        to="lead@example.com",
        account=NOBODYS,
        routes=(Route(segment="Key Accounts", to="lead@example.com"), NORTH),
        why="Hartmann has no owner: lead (segment Key Accounts).",
    ),
    "by region": Case(
        to="kim@example.com",
        account=NOBODYS,
        routes=(Route(region="stuttgart", to="kim@example.com"),),
        why="Hartmann has no owner: Kim (region stuttgart).",
    ),
    "by industry": Case(
        to="kim@example.com",
        account=NOBODYS,
        routes=(Route(industry="machinery", to="kim@example.com"),),
        why="Hartmann has no owner: Kim (industry machinery).",
    ),
    "by product": Case(
        to="jo@example.com",
        account=NOBODYS,
        product="Seals",
        routes=(Route(product="pumps", team="North"), Route(product="seals", to="jo@example.com")),
        why="Hartmann has no owner: Jo (product seals).",
    ),
    "by value": Case(
        to="lead@example.com",
        account=NOBODYS,
        value=50_000,
        routes=(Route(min_value=50_000, to="lead@example.com"), NORTH),
        why="Hartmann has no owner: lead (bought for 50,000 or more).",
    ),
    "a value too small, or not known": Case(
        to="kim@example.com",
        account=NOBODYS,
        routes=(Route(min_value=50_000, to="lead@example.com"), NORTH),
        why="Hartmann has no owner: Kim of team North.",
    ),
    "all that is given must fit": Case(
        to="kim@example.com",
        account=NOBODYS,
        routes=(Route(country="DE", industry="Food", to="lead@example.com"), NORTH),
        why="Hartmann has no owner: Kim of team North.",
    ),
    "of a team, whoever was told least": Case(
        to="jo@example.com",
        account=NOBODYS,
        routes=(SOUTH,),
        told={"anna@example.com": 2, "jo@example.com": 1},
        why="Hartmann has no owner: Jo of team South (country DE).",
    ),
    "of a team, whoever is at work": Case(
        to="jo@example.com",
        account=NOBODYS,
        routes=(SOUTH,),
        told={"jo@example.com": 3},
        reps=(replace(ANNA, zone="Asia/Tokyo"), JO),
        why="Hartmann has no owner: Jo of team South (country DE).",
    ),
    "an empty team is passed over": Case(
        to="lead@example.com",
        account=NOBODYS,
        reps=(),
        routes=(SOUTH, LEAD),
        why="Hartmann has no owner: lead.",
    ),
    "who left or is away gets nothing by a route": Case(
        to="",
        account=NOBODYS,
        reps=(replace(KIM, has_left=True), away(JO)),
        routes=(Route(to="kim@example.com"), Route(to="jo@example.com")),
        why="Hartmann has no owner: it goes to the whole team.",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_routes(case: Case) -> None:
    """The owner, else who stands in, else whom a route names, else everybody: with the reason as a sentence."""
    asked = Asked(
        account=case.account,
        at=NOON,
        product=case.product,
        value=None if case.value is None else Decimal(case.value),
        told_today=case.told,
    )
    routed = route(asked, Roster(case.reps, HOURS, 3), case.routes)
    assert routed == Routed(to=case.to, why=case.why)
