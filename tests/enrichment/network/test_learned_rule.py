"""The learned map's rule: what makes a mapping, what never does, and how it fades."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from core.domain import ALERT_POINT, AccountId, NetworkKind
from enrichment.network.addresses import prefix_at
from enrichment.network.learned.memory import LearnedMemory
from enrichment.network.learned.observation import Observation, ObservationKind, observation, place
from enrichment.network.learned.rule import Line, Status, Surroundings, judge_area

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
A, B, C = AccountId("A"), AccountId("B"), AccountId("C")
SECRET = "s"


def seen(
    ip: str = "192.0.2.7",
    account: AccountId = A,
    days_ago: float = 0,
    *,
    user: str = "",
    visitor: str = "",
    kind: ObservationKind = "login",
) -> Observation:
    """Somebody was there."""
    at = NOW - timedelta(days=days_ago)
    found = observation(SECRET, ip, account, kind, at, user=user, visitor=visitor)
    assert found is not None
    return found


def around(kind: NetworkKind = NetworkKind.BUSINESS, agrees: bool | None = None) -> Surroundings:
    """What others say."""
    return Surroundings(kind=kind, organisation="Fabrikam", agrees=agrees)


def lines(
    found: Iterable[Observation], near: Surroundings | None = None, now: datetime = NOW, corrected: Iterable[str] = ()
) -> tuple[Line, ...]:
    """The lines and networks of one area."""
    wrong = [AccountId(one) for one in corrected]
    own, networks = judge_area(found, now, lambda _block, _account: near or around(), lambda _block: wrong)
    return own + networks


def only(found: Iterable[Observation], near: Surroundings | None = None, now: datetime = NOW) -> Line:
    """The only line."""
    [line] = lines(found, near, now)
    return line


THREE = [seen(days_ago=day, user="eva") for day in range(3)]


@pytest.mark.parametrize(
    ("found", "events", "status"),
    [
        ([seen(user="eva"), seen(days_ago=1, user="eva")], 2, Status.TOO_LITTLE),
        ([seen(user="eva"), seen(user="eva", kind="form"), seen(user="eva", kind="signed_link")], 1, Status.TOO_LITTLE),
        ([seen(user="eva"), seen(user="jo"), seen(user="kim")], 3, Status.MAPPED),
        (THREE, 3, Status.MAPPED),
        ([seen(visitor="x"), seen(visitor="y"), seen(visitor="z")], 3, Status.MAPPED),
        ([seen(), seen(kind="form"), seen(days_ago=1)], 2, Status.TOO_LITTLE),
        ([seen(days_ago=89, user=f"u{n}") for n in range(3)], 3, Status.MAPPED),
    ],
)
def test_three_independent_events_make_a_mapping(found: list[Observation], events: int, status: Status) -> None:
    """Another person or another day makes another event; another way of saying the same doesn't."""
    line = only(found)
    assert (line.events, line.status) == (events, status)


def test_evidence_of_90_days_ago_is_none() -> None:
    """What is older isn't looked at, even before the chore deleted it."""
    assert lines([seen(days_ago=90, user=f"u{n}") for n in range(3)]) == ()


def test_two_accounts_share_a_line() -> None:
    """However much speaks for one of them."""
    line = only([*THREE, *[seen(days_ago=9 + day, user="eva") for day in range(9)], seen(account=B, user="x")])
    assert (line.status, line.strength, line.accounts) == (Status.SHARED, 0.0, (A, B))


@pytest.mark.parametrize("kind", [NetworkKind.MOBILE, NetworkKind.HOSTING, NetworkKind.VPN, NetworkKind.CONTENT])
def test_networks_of_many_are_never_mapped(kind: NetworkKind) -> None:
    """They are shared by what they are."""
    assert only(THREE, around(kind)).status is Status.SHARED_KIND


def test_a_home_is_mapped_for_a_month_and_weakly() -> None:
    """One or two people on a provider's line: below every alert point, and gone after 30 days."""
    line = only(THREE, around(NetworkKind.ISP))
    assert (line.status, line.kind) == (Status.HOME, NetworkKind.ISP)
    assert 0.5 <= line.strength <= 0.6
    assert only(THREE, around(NetworkKind.ISP), now=NOW + timedelta(days=31)).status is Status.STALE


def test_many_people_on_a_providers_line_are_an_office() -> None:
    """Most offices have no network of their own."""
    line = only([seen(user="eva"), seen(user="jo"), seen(user="kim")], around(NetworkKind.ISP))
    assert line.status is Status.MAPPED and line.strength >= 0.7


def test_visitors_of_several_days_are_not_several_people() -> None:
    """Visitor ids change daily, so a lone visitor at home is no office."""
    found = [seen(days_ago=day, visitor=f"v{day}") for day in range(5)]
    assert only(found, around(NetworkKind.ISP)).status is Status.HOME


def test_strength_fades_with_age_and_grows_with_evidence() -> None:
    """Three fresh events are enough for an alert; after two months they aren't."""
    fresh, later, last = (only(THREE, now=NOW + timedelta(days=days)).strength for days in (0, 30, 60))
    assert fresh > 0.8 > later > 0.7 > last > 0.5
    assert only([*THREE, *[seen(user=f"u{n}") for n in range(9)]]).strength > fresh


def test_what_the_registry_says_counts() -> None:
    """Another customer's name halves the strength, this one's halves the doubt."""
    plain = only(THREE).strength
    assert only(THREE, around(agrees=False)).strength == pytest.approx(plain / 2, abs=0.001)
    assert only(THREE, around(agrees=True)).strength == pytest.approx(1 - (1 - plain) / 2, abs=0.001)
    assert "Fabrikam" in only(THREE, around(agrees=False)).why


def test_a_correction_ends_a_mapping() -> None:
    """What people said is wrong isn't mapped, whatever the evidence."""
    assert [line.status for line in lines(THREE, corrected=["A"])] == [Status.CORRECTED]
    assert [line.status for line in lines(THREE, corrected=["B"])] == [Status.MAPPED]


def test_a_pool_is_known_by_people_who_wander() -> None:
    """People of two accounts on several addresses of one /24: a proxy's or a NAT's, before any address was shared."""
    found = [seen(f"192.0.2.{n}", account, n, user="one") for n in range(6) for account in ([A, B][n % 2],)]
    found += [seen("192.0.2.1", B, 10 + n, user="two") for n in range(3)]
    assert {line.status for line in lines(found)} == {Status.POOL}


def test_a_pool_is_known_by_its_shared_addresses() -> None:
    """Where two lines and a third of all are shared, the others aren't anybody's either."""
    shared = [seen(f"192.0.2.{n}", account, n, visitor=f"{n}") for n in (1, 2) for account in (A, B)]
    alone = [seen("192.0.2.9", C, day, visitor="c") for day in range(4)]
    assert [line.status for line in lines(shared + alone) if line.accounts == (C,)] == [Status.POOL]
    assert [line.status for line in lines(shared[:2] + alone) if line.accounts == (C,)] == [Status.MAPPED]


def office(ip: str, account: AccountId = A) -> list[Observation]:
    """Enough evidence for one address."""
    return [seen(ip, account, day, user="eva") for day in range(4)]


def test_three_addresses_of_one_account_make_a_network() -> None:
    """The smallest network around them, weaker than each; not while somebody else was seen in the /24."""
    three = office("192.0.2.1") + office("192.0.2.7") + office("192.0.2.20")
    network = next(line for line in lines(three) if not line.host)
    assert (network.block, network.accounts) == ("192.0.2.0/27", (A,))
    assert network.strength < min(line.strength for line in lines(three) if line.host)
    assert [line for line in lines(three[:8]) if not line.host] == []
    assert [line for line in lines([*three, seen("192.0.2.200", B)]) if not line.host] == []
    assert [line for line in lines(three, around(NetworkKind.ISP)) if not line.host] == []


def test_an_address_is_not_kept() -> None:
    """A piece of evidence holds a block and keyed hashes; with another secret they are others."""
    found = seen("192.0.2.7", user="eva@example.com")
    assert "192.0.2.7" not in str(found) and "eva" not in str(found)
    one, other = place("s", "192.0.2.7"), place("t", "192.0.2.7")
    assert one is not None and other is not None and one.host != other.host


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
    ],
)
def test_a_line_of_ipv6_is_its_64(one: str, other: str, same: bool) -> None:
    """A house has a /64; an IPv4 address in IPv6 dress is itself."""
    first, second = place(SECRET, one), place(SECRET, other)
    assert first is not None and second is not None
    assert (first.host == second.host) is same


@pytest.mark.parametrize("ip", ["10.0.0.1", "127.0.0.1", "100.64.3.4", "fe80::1", "", "nonsense"])
def test_an_address_that_is_not_public_is_no_evidence(ip: str) -> None:
    """A proxy's own address says nothing about the visitor."""
    assert observation(SECRET, ip, A, "login", NOW) is None


def test_the_memory_follows_its_evidence() -> None:
    """It finds what was added, says whether answers changed, and lets go of what is old."""
    memory, near = LearnedMemory(SECRET), lambda _block, _account: around()
    address, long_ago = ip_address("192.0.2.7"), NOW - timedelta(days=90)
    nobody = lambda _block: ()  # noqa: E731
    assert memory.change(THREE[:2], long_ago, NOW, near, nobody) is False
    assert memory.find(address) is None
    assert memory.change(THREE[2:], long_ago, NOW, near, nobody) is True
    assert memory.change(THREE, long_ago, NOW, near, nobody) is False
    found = memory.find(address)
    assert found is not None and found.accounts == (A,)
    assert memory.find(ip_address("192.0.2.8")) is None
    assert memory.change([seen(account=B, user="x")], long_ago, NOW, near, nobody) is True
    assert memory.find(address) is None
    assert len(memory) == 4
    assert memory.change([], NOW - timedelta(days=1.5), NOW, near, nobody) is False
    assert len(memory) == 3
    assert memory.replace(THREE, NOW, near, nobody) is True
    assert memory.judge_again(NOW + timedelta(days=40), near, nobody) is True
    assert memory.replace([], NOW, near, nobody) is True
    assert (len(memory), list(memory.lines()), memory.find(address)) == (0, [], None)


def test_a_network_answers_for_its_other_addresses() -> None:
    """Within the network around mapped lines, not beyond."""
    memory = LearnedMemory(SECRET)
    found = office("192.0.2.1") + office("192.0.2.7") + office("192.0.2.20")
    memory.replace(found, NOW, lambda _block, _account: around(), lambda _block: ())
    lines_of = [memory.find(ip_address(ip)) for ip in ("192.0.2.7", "192.0.2.30", "192.0.2.40")]
    assert [line and bool(line.host) for line in lines_of] == [True, False, None]
    assert str(prefix_at(ip_address("192.0.2.30"), 27)) == (lines_of[1] and lines_of[1].block)


@pytest.mark.parametrize("agrees", [None, True])
def test_typed_addresses_alone_are_never_sure_enough_for_an_alert(agrees: bool | None) -> None:
    """What somebody types into a form was never proved; one sign-in among them is enough to count as any other."""
    typed = [seen(days_ago=day, user=f"u{day}", kind="form") for day in range(6)]
    near = around(agrees=agrees)

    assert only(typed, near).strength < ALERT_POINT
    assert only([*typed, seen(days_ago=1, user="eva")], near).strength > ALERT_POINT


def test_a_line_of_unknown_kind_with_few_people_may_be_a_home() -> None:
    """One person on six days isn't sure enough there; three people are."""
    near = around(NetworkKind.UNKNOWN)

    assert only([seen(days_ago=day, user="eva") for day in range(6)], near).strength < ALERT_POINT
    assert only([seen(days_ago=day % 2, user=f"u{day}") for day in range(6)], near).strength > ALERT_POINT
