"""What visitors say of themselves: which of it counts, whom it names, and when it settles nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from line_world import (
    ACCOUNTS,
    FREIGHT,
    FREIGHT_IP,
    HOSTER_IP,
    ISP_IP,
    NOON,
    PUMPS,
    PUMPS_IP,
    TWIN_A,
    networks_file,
    page,
    purchases,
    rules,
)

from core.domain import Account, AccountId, ClueKind, Drop, DropReason, Evidence, IdentityClue, PageView, Visit
from enrichment.account.match import AccountIndex
from enrichment.enrich import Lookups, Recognised, assess, identify
from enrichment.network.lookup import NetworkLookup
from enrichment.network.resolvers.declared import DeclaredNetwork, DeclaredResolver
from enrichment.network.resolvers.mmdb import MmdbResolver
from enrichment.network.verdict import judge
from tracker.sessions import join

CARRIER = Account(id=AccountId("C-5"), name="Deutsche Telekom AG", domains=("telekom.com",))
GROUP_A = Account(id=AccountId("C-6"), name="Beispiel Holding AG", domains=("beispiel.example",))
GROUP_B = Account(id=AccountId("C-7"), name="Beispiel Werke GmbH", domains=("beispiel.example",))


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Lookups:
    """The fictional world, with a customer that is a carrier and two customers at one domain."""
    declared = DeclaredResolver(
        [DeclaredNetwork(prefix="203.0.113.0/28", account=PUMPS, organisation=ACCOUNTS[0].name)]
    )
    index = AccountIndex([*ACCOUNTS, CARRIER, GROUP_A, GROUP_B])
    file = networks_file(tmp_path_factory.mktemp("networks"))
    return Lookups(
        network=NetworkLookup((declared, MmdbResolver([file])), monotonic=float).network,
        match=lambda company, by_clue: index.match(company, by_clue=by_clue),
        rejected=lambda _ip: frozenset(),
        activities=lambda account: purchases(account, NOON - timedelta(days=400)),
        history=lambda _account: None,
        past=lambda _account: (),
    )


def clue(kind: ClueKind, value: str) -> IdentityClue:
    return IdentityClue(kind=kind, value=value, at=NOON)


def visit(*views: PageView) -> Visit:
    (joined,) = join((), views)
    return joined


def by(*clues: tuple[ClueKind, str], ip: str | None = ISP_IP, seconds: int = 5, touched: bool = True) -> Visit:
    """A visit of one page by somebody who gave these clues and used the page."""
    given = tuple(clue(kind, value) for kind, value in clues)
    return visit(page("/quote", ip=ip, seconds=seconds, touched=touched, clues=given))


def reasons(found: Recognised | Drop) -> list[str]:
    """The codes of the company's reasons, or of the drop's."""
    if isinstance(found, Drop):
        return [reason.code for reason in found.why]
    assert found.seen.company is not None
    return [reason.code for reason in found.seen.company.why]


@pytest.mark.parametrize(
    ("kind", "value", "account"),
    [
        ("signed_link", "C-2", FREIGHT),
        ("identify", "C-2", FREIGHT),
        ("identify_domain", "nordwind.example", FREIGHT),
        ("form_domain", "mail.nordwind.example", FREIGHT),
        ("signed_link", "C-5", CARRIER.id),
        ("form_domain", "telekom.com", CARRIER.id),
    ],
)
@pytest.mark.parametrize("ip", [ISP_IP, PUMPS_IP, None], ids=["at home", "a guest elsewhere", "address gone"])
def test_a_clue_names_the_account_wherever_it_comes_from(
    look: Lookups, kind: ClueKind, value: str, account: AccountId, ip: str | None
) -> None:
    """It beats any address; a carrier that is a customer is known by it alone. Its code begins with "clue:"."""
    found = identify(by((kind, value), ip=ip), look)
    assert isinstance(found, Recognised), found
    assert found.account.id == account
    assert reasons(found)[0] == f"clue:{kind}"
    assert found.confidence >= 0.9


def test_the_surest_clue_sets_the_confidence(look: Lookups) -> None:
    """As sure as its constant says where it names the account by its id."""
    assert {
        kind: found.confidence
        for kind, value in (("signed_link", "C-2"), ("identify", "C-2"))
        if isinstance(found := identify(by((kind, value)), look), Recognised)  # type: ignore[arg-type]
    } == {"signed_link": 0.98, "identify": 0.99}


@pytest.mark.parametrize(
    ("seconds", "touched"), [(0, False), (2, True), (29, False)], ids=["instant", "a glance", "a stare"]
)
def test_until_somebody_does_what_a_person_would_a_clue_waits(look: Lookups, seconds: int, touched: bool) -> None:
    """The visit is judged without it, and says so."""
    at_home = identify(by(("signed_link", "C-2"), seconds=seconds, touched=touched), look)
    assert isinstance(at_home, Drop)
    assert at_home.reason is DropReason.NETWORK_ISP
    assert [reason.text for reason in at_home.why] == [
        "A signed link was opened, but nothing a person would do has been seen yet"
    ]
    known = identify(by(("signed_link", "C-2"), seconds=seconds, touched=touched, ip=PUMPS_IP), look)
    assert isinstance(known, Recognised)
    assert known.account.id == PUMPS
    assert "waiting:signed_link" in reasons(known)
    assert not any(code.startswith("clue:") for code in reasons(known))


@pytest.mark.parametrize(("seconds", "touched"), [(3, True), (30, False)], ids=["with input", "staring"])
def test_a_person_makes_it_count(look: Lookups, seconds: int, touched: bool) -> None:
    """A few seconds with a key, pointer or touch, or long without."""
    found = identify(by(("signed_link", "C-2"), seconds=seconds, touched=touched), look)
    assert isinstance(found, Recognised)


def test_a_waiting_clue_gives_no_points_and_calls_nobody(look: Lookups) -> None:
    """A scanner that opens a link from the customer's own network doesn't look like interest."""
    waiting = identify(by(("signed_link", "C-1"), ip=PUMPS_IP, seconds=1, touched=False), look)
    counting = identify(by(("signed_link", "C-1"), ip=PUMPS_IP, seconds=5), look)
    assert isinstance(waiting, Recognised) and isinstance(counting, Recognised)
    codes = [
        {reason.code for reason in assess(found, look, rules(), found.visit.last_at).score.why}
        for found in (waiting, counting)
    ]
    assert ["clue:signed_link" in each for each in codes] == [False, True]


def test_an_access_log_confirms_nothing(look: Lookups) -> None:
    """Its lines know neither input nor time; even a long row of them leaves the clue waiting."""
    opened = page("/quote", ip=ISP_IP, clues=(clue("signed_link", "C-2"),))
    lines = [
        page(f"/p{n}", ip=ISP_IP, at=NOON + timedelta(minutes=n), source="access_log", seconds=60, touched=True)
        for n in range(3)
    ]
    found = identify(visit(opened, *lines), look)
    assert isinstance(found, Drop) and found.reason is DropReason.NETWORK_ISP


def test_what_came_before_a_link_confirms_nothing(look: Lookups) -> None:
    """Somebody reads at the customer's while its mail gateway, behind the same address, opens a link."""
    reader = page("/news", ip=PUMPS_IP, seconds=60, touched=True)
    gateway = page(
        "/quote", ip=PUMPS_IP, at=NOON + timedelta(minutes=5), seconds=1, clues=(clue("signed_link", "C-2"),)
    )
    before = identify(visit(reader, gateway), look)
    assert isinstance(before, Recognised) and before.account.id == PUMPS
    signed_in = replace(gateway, clues=(clue("identify", "C-2"),))
    after = identify(visit(reader, signed_in), look)
    assert isinstance(after, Recognised) and after.account.id == FREIGHT


def test_from_a_data_centre_much_more_is_asked(look: Lookups) -> None:
    """Programs there open links in real browsers: input, half a minute and a second page."""
    assert isinstance(identify(by(("signed_link", "C-2"), ip=HOSTER_IP, seconds=60), look), Drop)
    given = (clue("signed_link", "C-2"),)
    views = [page(path, ip=HOSTER_IP, seconds=20, touched=True, clues=given) for path in ("/quote", "/pricing")]
    found = identify(visit(*views), look)
    assert isinstance(found, Recognised) and found.account.id == FREIGHT


def test_so_it_is_from_a_mail_security_vendor(look: Lookups) -> None:
    """Whatever kind its network was taken for."""
    vendor = Evidence(source="mmdb:x", prefix="192.0.2.0/24", organisation="Proofpoint, Inc.", as_name="PROOFPOINT-ASN")
    at_vendor = replace(look, network=lambda ip: judge(ip, [vendor]))
    found = identify(by(("signed_link", "C-2"), seconds=20), at_vendor)
    assert not isinstance(found, Recognised)
    assert "from a network whose programs open links" in " ".join(
        reason.text for reason in (*found.why, *(found.seen.company.why if found.seen.company else ()))
    )


@pytest.mark.parametrize("domain", ["gmail.com", "mailinator.com", "t-online.de", "vodafone.de", "com"])
def test_a_domain_of_everybodys_leaves_the_question_to_the_network(look: Lookups, domain: str) -> None:
    """Free mail, disposable, a carrier's that is no customer, no company's at all: as if nothing had been said."""
    found = identify(by(("form_domain", domain), ip=FREIGHT_IP), look)
    assert isinstance(found, Recognised) and found.account.id == FREIGHT
    assert "unsaid:form_domain" in reasons(found)
    assert found.visit.clues == ()
    at_home = identify(by(("form_domain", domain)), look)
    assert isinstance(at_home, Drop) and at_home.reason is DropReason.NETWORK_ISP


def test_somebody_of_another_company_is_not_the_networks_owner(look: Lookups) -> None:
    """A guest who gives a stranger's address in a customer's building isn't the customer."""
    found = identify(by(("form_domain", "stranger.example"), ip=PUMPS_IP), look)
    assert isinstance(found, Drop) and found.reason is DropReason.ACCOUNT_NONE


@pytest.mark.parametrize(
    ("first", "second", "candidates"),
    [
        (("signed_link", "C-1"), ("signed_link", "C-2"), ["C-1", "C-2"]),
        (("signed_link", "C-1"), ("form_domain", "nordwind.example"), ["C-1", "C-2"]),
        (("form_domain", "hartmann.example"), ("form_domain", "nordwind.example"), ["C-1", "C-2"]),
        (("signed_link", "C-1"), ("form_domain", "stranger.example"), ["C-1"]),
    ],
    ids=["two links", "a link and a form", "two forms", "a link passed on"],
)
def test_clues_that_contradict_each_other_settle_nothing(
    look: Lookups, first: tuple[ClueKind, str], second: tuple[ClueKind, str], candidates: list[str]
) -> None:
    """Nobody is told; whoever looks sees whom it may be, and what was said."""
    found = identify(by(first, second, ip=PUMPS_IP), look)
    assert isinstance(found, Drop)
    assert found.reason is DropReason.ACCOUNT_AMBIGUOUS
    assert found.seen.match is not None
    assert [account.id for account in found.seen.match.candidates] == candidates
    assert not any(reason.code.startswith("clue:") for reason in found.why)


@pytest.mark.parametrize(
    ("first", "second", "account"),
    [
        (("signed_link", "C-1"), ("form_domain", "hartmann.example"), "C-1"),
        (("signed_link", "C-1"), ("form_domain", "gmail.com"), "C-1"),
        (("signed_link", "C-7"), ("form_domain", "beispiel.example"), "C-7"),
        (("identify", "C-2"), ("signed_link", "C-2"), "C-2"),
    ],
    ids=["the same", "private mail", "a link settles a shared domain", "twice"],
)
def test_clues_that_agree_settle_it(
    look: Lookups, first: tuple[ClueKind, str], second: tuple[ClueKind, str], account: str
) -> None:
    """What one leaves open another may settle."""
    found = identify(by(first, second), look)
    assert isinstance(found, Recognised) and found.account.id == account


def test_a_domain_of_two_accounts_stays_open(look: Lookups) -> None:
    """A tie is never settled silently."""
    found = identify(by(("form_domain", "beispiel.example")), look)
    assert isinstance(found, Drop) and found.reason is DropReason.ACCOUNT_AMBIGUOUS


def test_a_link_of_an_account_that_is_gone_says_nothing(look: Lookups) -> None:
    """The network is asked, and the reason says what became of the link."""
    found = identify(by(("signed_link", "C-99"), ip=PUMPS_IP), look)
    assert isinstance(found, Recognised) and found.account.id == PUMPS
    assert "unsaid:signed_link" in reasons(found)


def test_a_shared_building_is_settled_by_a_clue(look: Lookups) -> None:
    """What the network leaves open, the visitor's own word settles."""
    found = identify(by(("identify_domain", "alpen-nord.example"), ip="203.0.113.40"), look)
    assert isinstance(found, Recognised) and found.account.id == TWIN_A
