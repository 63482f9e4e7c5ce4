"""Who is in a segment: the query counts what plain Python counts, over made accounts, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, insert

from core.database import reading, writing
from core.domain import State
from enrichment.segments import definitions as d
from enrichment.segments import store
from enrichment.segments.condition_queries import members_query
from enrichment.tables import account_states, account_values, accounts, activities, judgements

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(slots=True)
class Did:
    kind: str
    days: float
    product: str = ""
    amount: int | None = None
    currency: str = ""
    note: str = ""
    reason: str = ""


@dataclass(slots=True)
class Visit:
    days: float
    page: str
    points: float
    visitor: str
    qualified: bool
    dropped: bool


@dataclass(slots=True)
class Made:
    """An account as the test knows it."""

    country: str
    industry: str
    owner_email: str
    contract: str
    contract_days: float | None
    do_not_contact: bool
    state: tuple[str, str] | None
    rfm: tuple[int, int, int] | None
    did: list[Did] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)


# -- made accounts and conditions

KINDS = ("purchase", "contact", "login", "reply", "ticket", "usage")
REASONS = ("price", "competitor", "need_met")
WORDS = ("", "pumps", "Pumps & seals", "100 %", "a_b", "Österreich", "seals!")
PATTERNS = ("", "pump*", "*SEALS*", "100 %", "a_b", "a*b", "österreich", "*!", "*")
DAYS = st.sampled_from((-3, 0, 0.5, 1, 5, 29.9, 30, 30.1, 100, 364, 366, 800))
SPANS = st.sampled_from((1, 5, 30, 365, 1000))
NUMBERS = st.sampled_from((0, 1, 2, 3))

dids = st.builds(
    Did,
    kind=st.sampled_from(KINDS),
    days=DAYS,
    product=st.sampled_from(WORDS),
    amount=st.sampled_from((None, -500, 0, 100, 12_345, 900_000)),
    currency=st.sampled_from(("EUR", "CHF")),
) | st.builds(
    Did,
    kind=st.just("dormancy_reason"),
    days=DAYS,
    note=st.sampled_from(("", "too dear")),
    reason=st.sampled_from(("", *REASONS)),
)
visits = st.builds(
    Visit,
    days=DAYS,
    page=st.sampled_from(("pricing", "pricing_list", "preise-ö", "contact")),
    points=st.sampled_from((0.0, 10.0, 60.5)),
    visitor=st.sampled_from("ab"),
    qualified=st.booleans(),
    dropped=st.booleans(),
)
made = st.builds(
    Made,
    country=st.sampled_from(WORDS),
    industry=st.sampled_from(WORDS),
    owner_email=st.sampled_from(("", "anna@example.com")),
    contract=st.sampled_from(("", "service")),
    contract_days=st.sampled_from((None, -10.0, 10.0, 60.0)),
    do_not_contact=st.booleans(),
    state=st.none() | st.tuples(st.sampled_from([one.value for one in State]), st.sampled_from(("active", "1_year"))),
    rfm=st.none() | st.tuples(*[st.integers(1, 5)] * 3),
    did=st.lists(dids, max_size=6),
    visits=st.lists(visits, max_size=4),
)


def maybe(what: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | what


def several(values: Sequence[str]) -> st.SearchStrategy[object]:
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=1, max_size=2).map(tuple)


COUNT = {"at_least": maybe(NUMBERS), "at_most": maybe(NUMBERS), "within_days": maybe(SPANS)}
MONEY = maybe(st.sampled_from((0.01, 1.0, 123.45, 9000.0)))
PRODUCT = st.just(()) | several(PATTERNS)
CONDITIONS = {
    "country": several(PATTERNS),
    "industry": several(PATTERNS),
    "owner": several(("", "anna@*")),
    "do_not_contact": st.booleans(),
    "has_contract": st.booleans(),
    "contract_ends_within_days": st.sampled_from((5, 30, 90)),
    "orders": st.builds(d.Orders, **COUNT, product=PRODUCT),
    "did": st.builds(d.Done, **COUNT, kind=several(KINDS), product=PRODUCT),
    "spent": st.builds(
        d.Spent, at_least=MONEY, at_most=MONEY, within_days=maybe(SPANS), currency=st.sampled_from(("", "EUR", "chf"))
    ),
    "last_order": st.builds(d.Ago, at_least=maybe(SPANS), at_most=maybe(SPANS)),
    "silent": st.builds(d.Silent, at_least=maybe(SPANS), at_most=maybe(SPANS)),
    "rfm": st.builds(d.Scores, monetary=maybe(st.integers(1, 5)), recency_at_most=st.integers(1, 5)),
    "state": several([one.value for one in State]),
    "tier": several(("active", "1_year", "unknown")),
    "reason": several(REASONS),
    "visits": st.builds(
        d.Visits,
        **COUNT,
        page=st.just(()) | several(("pricing", "preise-ö", "contact")),
        points=maybe(st.just(10.0)),
        qualified=st.booleans(),
        visitors=maybe(st.sampled_from((1, 2))),
    ),
}


@st.composite
def condition(draw: st.DrawFn) -> d.Condition:
    keys = draw(st.lists(st.sampled_from(sorted(CONDITIONS)), min_size=1, max_size=2, unique=True))
    return msgspec.structs.replace(d.Condition(), **{key: draw(CONDITIONS[key]) for key in keys})


@st.composite
def segment(draw: st.DrawFn) -> d.Segment:
    some = st.lists(condition(), max_size=2).map(tuple)
    return d.Segment(name="S", all=draw(some), any=draw(some), none=draw(some))


# -- the truth, in plain Python


def tuple_of(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


def like(text: str, patterns: object) -> bool:
    def one(pattern: str) -> bool:
        return fnmatchcase(text.lower(), pattern.lower()) if pattern else text == ""

    return any(one(pattern) for pattern in tuple_of(patterns))


def fits(number: int, count: d.Count) -> bool:
    low, high = count.at_least, count.at_most
    if low is None and high is None:
        low = 1
    return (low or 0) <= number and (high is None or number <= high)


def recent(days: float, within: int | None) -> bool:
    return days >= 0 and (within is None or days < within)


def real(one: Did) -> bool:
    return one.kind != "purchase" or one.amount is None or one.amount >= 0


def chosen(account: Made, kinds: object, count: d.Count, product: object) -> list[Did]:
    found = [one for one in account.did if one.kind in tuple_of(kinds) and real(one)]
    found = [one for one in found if recent(one.days, count.within_days)]
    return [one for one in found if product == () or like(one.product, product)]


def ago(account: Made, kinds: object, limits: d.Ago) -> bool:
    days = [one.days for one in account.did if one.kind in tuple_of(kinds) and real(one) and one.days >= 0]
    if not days:
        return False
    return (limits.at_least is None or min(days) >= limits.at_least) and (
        limits.at_most is None or min(days) <= limits.at_most
    )


def spent(account: Made, wanted: d.Spent) -> bool:
    sums: dict[str, int] = {}
    for one in account.did:
        counts = one.kind == "purchase" and recent(one.days, wanted.within_days)
        if counts and one.amount is not None and wanted.currency.upper() in ("", one.currency):
            sums[one.currency] = sums.get(one.currency, 0) + one.amount
    low, high = wanted.at_least, wanted.at_most
    enough = low is None or any(total >= round(low * 100) for total in sums.values())
    return enough and (high is None or all(total <= round(high * 100) for total in sums.values()))


def last_reason(account: Made) -> str | None:
    given = [one for one in account.did if one.kind == "dormancy_reason" and one.note and one.days >= 0]
    if not given:
        return None
    last = min(given, key=lambda one: one.days)
    ordered = [one.days for one in account.did if one.kind == "purchase" and real(one) and one.days >= 0]
    return None if ordered and min(ordered) < last.days else last.reason


def visited(account: Made, wanted: d.Visits) -> bool:
    found = [one for one in account.visits if not one.dropped and recent(one.days, wanted.within_days)]
    found = [one for one in found if wanted.page == () or one.page in tuple_of(wanted.page)]
    found = [one for one in found if wanted.points is None or one.points >= wanted.points]
    found = [one for one in found if one.qualified or not wanted.qualified]
    if wanted.visitors is not None and len({one.visitor for one in found}) < wanted.visitors:
        return False
    return fits(len(found), wanted)


def days_ordered(found: list[Did]) -> int:
    return len({(NOW - timedelta(days=one.days)).date() for one in found})


def holds(one: d.Condition, account: Made) -> Iterator[bool]:
    for key in ("country", "industry"):
        if getattr(one, key) is not None:
            yield like(getattr(account, key), getattr(one, key))
    if one.owner is not None:
        yield like(account.owner_email, one.owner)
    if one.do_not_contact is not None:
        yield account.do_not_contact is one.do_not_contact
    if one.has_contract is not None:
        live = account.contract_days > 0 if account.contract_days is not None else bool(account.contract)
        yield live is one.has_contract
    if one.contract_ends_within_days is not None:
        yield account.contract_days is not None and 0 < account.contract_days <= one.contract_ends_within_days
    if one.orders is not None:
        yield fits(days_ordered(chosen(account, "purchase", one.orders, one.orders.product)), one.orders)
    if one.did is not None:
        yield fits(len(chosen(account, one.did.kind, one.did, one.did.product)), one.did)
    if one.spent is not None:
        yield spent(account, one.spent)
    if one.last_order is not None:
        yield ago(account, "purchase", one.last_order)
    if one.silent is not None:
        yield ago(account, one.silent.kind, one.silent)
    if one.rfm is not None:
        yield account.rfm is not None and (
            account.rfm[0] <= (one.rfm.recency_at_most or 5) and account.rfm[2] >= (one.rfm.monetary or 1)
        )
    stands = account.state or ("unknown", "unknown")
    if one.state is not None:
        yield stands[0] in tuple_of(one.state)
    if one.tier is not None:
        yield stands[1] in tuple_of(one.tier)
    if one.reason is not None:
        yield last_reason(account) in tuple_of(one.reason)
    if one.visits is not None:
        yield visited(account, one.visits)


def belongs(wanted: d.Segment, account: Made) -> bool:
    return (
        all(all(holds(one, account)) for one in wanted.all)
        and (not wanted.any or any(all(holds(one, account)) for one in wanted.any))
        and not any(all(holds(one, account)) for one in wanted.none)
    )


# -- the same in the database


def write(engine: Engine, world: Sequence[Made]) -> None:
    rows: dict[object, list[dict[str, object]]] = {
        table: [] for table in (accounts, activities, judgements, account_states, account_values)
    }
    for number, one in enumerate(world):
        key = f"A{number}"
        until = NOW + timedelta(days=one.contract_days) if one.contract_days is not None else None
        rows[accounts].append(
            {"id": key, "name": key, "country": one.country, "industry": one.industry, "imported_at": NOW}
            | {"owner_email": one.owner_email, "do_not_contact": one.do_not_contact}
            | {"contract": one.contract, "contract_until": until}
        )
        for place, did in enumerate(one.did):
            rows[activities].append(
                {"id": f"{key}.{len(one.did) - place}", "account": key, "kind": did.kind, "product": did.product}
                | {"at": NOW - timedelta(days=did.days), "note": did.note, "reason": did.reason}
                | {"amount_hundredths": did.amount, "currency": did.currency}
            )
        for place, seen in enumerate(one.visits):
            why = {"score": [{"text": "read", "points": seen.points, "code": f"page:{seen.page}", "ref": ""}]}
            rows[judgements].append(
                {"visit": f"{key}.{place}", "site": "example.com", "visitor": seen.visitor, "account": key}
                | {"at": NOW - timedelta(days=seen.days), "points": seen.points, "qualified": seen.qualified}
                | {"candidates": [], "why": why, "drop": "account_unsure" if seen.dropped else None}
            )
        if one.state:
            state = {"account": key, "state": one.state[0], "tier": one.state[1], "since": NOW, "judged_at": NOW}
            rows[account_states].append(state)
        if one.rfm:
            value = {"about": key, "currency": "EUR", "total_hundredths": 1, "year_hundredths": 1, "orders": 1}
            scores = dict(zip(("recency", "frequency", "monetary"), one.rfm, strict=True))
            rows[account_values].append(value | scores | {"last_at": NOW, "counted_at": NOW})
    with writing(engine) as connection:
        for table, of in rows.items():
            connection.execute(delete(table))  # type: ignore[arg-type]
            if of:
                connection.execute(insert(table), of)  # type: ignore[arg-type]


def ids(connection: Connection, wanted: d.Segment, some: list[str] | None = None) -> list[str]:
    return [row.id for row in connection.execute(members_query(connection, wanted, NOW, some))]


def unique_moments(account: Made) -> Made:
    """Two reasons of one moment have no newest."""
    for place, one in enumerate(one for one in account.did if one.kind == "dormancy_reason"):
        one.days += place / 1000
    return account


@pytest.mark.parametrize(
    "examples", [pytest.param(12), pytest.param(60, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_the_query_counts_what_plain_python_counts(any_engine: Engine, examples: int) -> None:
    """Whatever the definition and the accounts: same members, asked of all accounts or of some."""

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        world=st.lists(made.map(unique_moments), min_size=1, max_size=6),
        wanted=st.lists(segment(), min_size=4, max_size=4),
    )
    def check(world: list[Made], wanted: list[d.Segment]) -> None:
        write(any_engine, world)
        with reading(any_engine) as connection:
            for one in wanted:
                true = {f"A{number}" for number, account in enumerate(world) if belongs(one, account)}
                assert set(ids(connection, one)) == true
                assert store.count(connection, one, NOW) == len(true)
                some = ["A0", "A3", "gone"]
                assert sorted(ids(connection, one, some)) == sorted(true & set(some))

    check()
