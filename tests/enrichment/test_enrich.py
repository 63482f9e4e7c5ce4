"""The stage of enrichment as one function: who is it, and how silent and interested is it as of the visit?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from line_world import (
    ACCOUNTS,
    HOSTER_IP,
    ISP_IP,
    NOON,
    PUMPS,
    PUMPS_IP,
    SILENT_IP,
    STRANGER_IP,
    TWIN_A,
    TWIN_B,
    TWINS_IP,
    networks_file,
    page,
    purchases,
    rules,
)

from core.domain import (
    AccountId,
    Activity,
    Drop,
    DropReason,
    IdentityClue,
    Network,
    PageView,
    Signal,
    State,
    Visit,
)
from enrichment.account.match import AccountIndex
from enrichment.enrich import Lookups, Recognised, enrich, identify
from enrichment.intent.history import PastVisit
from enrichment.network.addresses import parse_prefix
from enrichment.network.lookup import NetworkLookup
from enrichment.network.resolvers.declared import DeclaredNetwork, DeclaredResolver
from enrichment.network.resolvers.mmdb import MmdbResolver
from tracker.sessions import join


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return networks_file(tmp_path_factory.mktemp("networks"))


def _inside(ip: str, rejected: dict[str, frozenset[AccountId]]) -> frozenset[AccountId]:
    found = [accounts for text, accounts in rejected.items() if ip_address(ip) in (parse_prefix(text) or ())]
    return frozenset().union(*found)


def lookups(
    networks: Path,
    rejected: dict[str, frozenset[AccountId]] | None = None,
    activities: Sequence[Activity] = (),
    past: Sequence[PastVisit] = (),
) -> Lookups:
    declared = DeclaredResolver(
        [
            DeclaredNetwork(prefix="203.0.113.0/28", account=PUMPS, organisation=ACCOUNTS[0].name),
            DeclaredNetwork(prefix="203.0.113.32/28", account=TWIN_A, organisation=ACCOUNTS[2].name),
            DeclaredNetwork(prefix="203.0.113.32/28", account=TWIN_B, organisation=ACCOUNTS[3].name),
        ]
    )
    index = AccountIndex(ACCOUNTS)
    return Lookups(
        network=NetworkLookup((declared, MmdbResolver([networks])), monotonic=float).network,
        match=lambda company, by_clue: index.match(company, by_clue=by_clue),
        rejected=lambda ip: _inside(ip, rejected or {}),
        activities=lambda account: [item for item in activities if item.account == account],
        history=lambda _account: None,
        past=lambda _account: past,
    )


def visit(*views: PageView) -> Visit:
    (joined,) = join((), views)
    return joined


def clue(domain: str) -> tuple[IdentityClue, ...]:
    return (IdentityClue(kind="form_domain", value=domain, at=NOON),)


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (page(drop=DropReason.BOT_DECLARED), DropReason.BOT_DECLARED),
        (page(ip=None), DropReason.NETWORK_UNKNOWN),
        (page(ip="10.1.2.3"), DropReason.PRIVATE_ADDRESS),
        (page(ip="fd00::1"), DropReason.PRIVATE_ADDRESS),
        (page(ip=ISP_IP), DropReason.NETWORK_ISP),
        (page(ip=HOSTER_IP), DropReason.NETWORK_HOSTING),
        (page(ip=STRANGER_IP), DropReason.ACCOUNT_NONE),
        (page(ip=TWINS_IP), DropReason.ACCOUNT_AMBIGUOUS),
    ],
    ids=["bot", "no ip", "private", "private IPv6", "isp", "hosting", "no customer", "two accounts"],
)
def test_nobody_is_named_with_a_reason(networks: Path, view: PageView, reason: DropReason) -> None:
    """Each way to stay silent has its own reason, and keeps the visit's moment and site."""
    found = identify(visit(view), lookups(networks))
    assert isinstance(found, Drop)
    assert (found.reason, found.at, found.site) == (reason, view.at, view.site)


def test_of_two_accounts_both_are_kept_as_candidates(networks: Path) -> None:
    """Whoever looks at the dropped visit sees which two it may be."""
    found = identify(visit(page(ip=TWINS_IP)), lookups(networks))
    assert found.seen.match is not None
    assert [account.id for account in found.seen.match.candidates] == [TWIN_A, TWIN_B]


def test_a_bot_is_not_even_looked_up(networks: Path) -> None:
    """Nothing is asked about what is dropped already."""

    def fail(ip: str) -> Network:
        raise AssertionError(ip)

    look = replace(lookups(networks), network=fail)
    assert isinstance(identify(visit(page(drop=DropReason.BOT_NO_AGENT)), look), Drop)


@pytest.mark.parametrize(
    ("view", "account"),
    [
        (page(ip=PUMPS_IP), "C-1"),
        (page(ip="198.51.100.70"), "C-2"),
        (page(ip=ISP_IP, seconds=40, clues=clue("hartmann.example")), "C-1"),
        (page(ip=PUMPS_IP, seconds=40, clues=clue("nordwind.example")), "C-2"),
        (page(ip=TWINS_IP, seconds=40, clues=clue("alpen-sued.example")), "C-4"),
        (page(ip=None, seconds=40, clues=clue("nordwind.example")), "C-2"),
    ],
    ids=["declared", "database", "at home", "a guest in their network", "of two accounts", "address gone"],
)
def test_a_customer_is_recognised(networks: Path, view: PageView, account: str) -> None:
    """By its network, and by what the visitor says of themselves before that."""
    found = identify(visit(view), lookups(networks))
    assert isinstance(found, Recognised), found
    assert found.account.id == account
    assert 0.7 <= found.confidence <= 1


def test_a_correction_holds_for_the_network_and_not_for_a_clue(networks: Path) -> None:
    """Somebody said that this network isn't the account; a visitor who names themselves knows better."""
    no_pumps = {"203.0.113.0/28": frozenset({PUMPS}), "198.51.100.64/27": frozenset({AccountId("C-2")})}
    look = lookups(networks, rejected=no_pumps)
    for ip in (PUMPS_IP, "198.51.100.70"):
        dropped = identify(visit(page(ip=ip)), look)
        assert isinstance(dropped, Drop) and dropped.reason is DropReason.COMPANY_REJECTED
    named = identify(visit(page(ip=PUMPS_IP, seconds=40, clues=clue("hartmann.example"))), look)
    assert isinstance(named, Recognised) and named.account.id == PUMPS


def test_a_correction_of_one_of_two_accounts_leaves_the_other(networks: Path) -> None:
    """Two accounts declared the network; once one is ruled out, it is the other's."""
    found = identify(visit(page(ip=TWINS_IP)), lookups(networks, rejected={"203.0.113.32/28": frozenset({TWIN_A})}))
    assert isinstance(found, Recognised) and found.account.id == TWIN_B


def signal(look: Lookups, *views: PageView, now: datetime | None = None) -> Signal:
    seen = visit(*views)
    found = enrich(seen, look, rules(), now or seen.last_at)
    assert isinstance(found, Signal)
    return found


def test_silence_is_judged_as_of_the_visit(networks: Path) -> None:
    """A log of last year tells of an account as it stood last year, whenever it is imported."""
    look = lookups(networks, activities=purchases(PUMPS, NOON))
    for days, dormant in ((10, False), (400, True)):
        at = NOON + timedelta(days=days)
        found = signal(look, page(at=at, late=timedelta(days=900)), now=at)
        assert (found.dormancy.silent_days, found.dormancy.dormant) == (days, dormant)


def test_what_came_after_the_visit_does_not_count(networks: Path) -> None:
    """Neither an order an hour later nor the call that the alert led to: the account was dormant at that moment."""
    before = purchases(PUMPS, NOON - timedelta(days=400))
    after = [
        Activity(account=PUMPS, kind=kind, at=NOON + timedelta(hours=1))
        for kind in ("purchase", "contact", "login", "reply")
    ]
    alone, both = (signal(lookups(networks, activities=given), page()) for given in (before, [*before, *after]))
    assert both.dormancy == alone.dormancy
    assert (both.dormancy.dormant, both.dormancy.silent_days, both.dormancy.state) == (True, 400, State.DORMANT)


def test_another_accounts_orders_do_not_count(networks: Path) -> None:
    """Each account has its own silence."""
    given = [*purchases(PUMPS, NOON - timedelta(days=400)), *purchases(TWIN_A, NOON - timedelta(days=1))]
    assert signal(lookups(networks, activities=given), page()).dormancy.silent_days == 400


def test_an_account_that_never_bought_is_not_called_silent(networks: Path) -> None:
    """Missing data is never silence."""
    found = signal(lookups(networks), page(seconds=60))
    assert (found.dormancy.dormant, found.dormancy.silent_days) == (False, None)


def test_a_page_read_for_a_while_qualifies_and_a_glance_does_not(networks: Path) -> None:
    """The moment to speak comes with the reading time, for the same visit."""
    look = lookups(networks, activities=purchases(PUMPS, NOON - timedelta(days=400)))
    glance, read = signal(look, page(seconds=0)), signal(look, page(seconds=60))
    assert (glance.qualified, read.qualified) == (False, True)
    assert glance.visit.id == read.visit.id
    assert read.score.points > glance.score.points


@pytest.mark.parametrize("ip", [PUMPS_IP, ISP_IP, SILENT_IP, TWINS_IP, STRANGER_IP])
def test_the_sum_of_the_reasons_is_the_score_and_drops_say_why(networks: Path, ip: str) -> None:
    """Every judgement can be explained to a salesperson."""
    look = lookups(networks, activities=purchases(PUMPS, NOON - timedelta(days=400)))
    found = enrich(visit(page(ip=ip, seconds=40), page("/contact", ip=ip)), look, rules(), NOON)
    if isinstance(found, Signal):
        assert found.score.points == sum(reason.points for reason in found.score.why) > 0
    else:
        assert found.seen.network is not None and found.seen.network.why
