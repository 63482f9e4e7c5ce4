"""The look-up remembers, forgets when a source changes, and stays within its bounds."""

from __future__ import annotations

from core.domain import AccountId, Evidence, NetworkKind
from enrichment.network.cache import BoundedCache
from enrichment.network.lookup import NetworkLookup
from enrichment.network.resolvers.declared import DeclaredNetwork, DeclaredResolver


class CountingSource:
    """A resolver that knows one prefix, counts questions and can be changed."""

    name = "counting"

    def __init__(self) -> None:
        self.asked = 0
        self.changed = False
        self.as_name = "Example Steel GmbH"

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        self.asked += 1
        if not ip.startswith("192.0.2."):
            return ()
        return (Evidence(source="counting", prefix="192.0.2.0/24", as_name=self.as_name, as_addresses=256),)

    def refresh(self) -> bool:
        return self.changed

    def problems(self) -> tuple[str, ...]:
        return ("it counts",)


class Ticks:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_second_question_is_answered_from_memory() -> None:
    """The same address is asked of the sources once."""
    source = CountingSource()
    lookup = NetworkLookup([source], monotonic=Ticks())
    first, second = lookup.network("192.0.2.1"), lookup.network("192.0.2.1")
    assert (first, source.asked) == (second, 1)


def test_each_address_keeps_its_own_text() -> None:
    """Addresses of one prefix share a verdict but not the address."""
    lookup = NetworkLookup([CountingSource()], monotonic=Ticks())
    assert [lookup.network(ip).ip for ip in ("192.0.2.1", "192.0.2.2")] == ["192.0.2.1", "192.0.2.2"]


def test_mapped_address_finds_its_ipv4_network() -> None:
    """An IPv4 address dressed as IPv6 is looked up as IPv4."""
    lookup = NetworkLookup([CountingSource()], monotonic=Ticks())
    assert lookup.network("::ffff:192.0.2.1").kind is NetworkKind.BUSINESS


def test_changed_source_is_noticed_within_a_second() -> None:
    """What was remembered is forgotten once a source says that it changed; not looked at more than once a second."""
    source, ticks = CountingSource(), Ticks()
    lookup = NetworkLookup([source], monotonic=ticks)
    assert lookup.network("192.0.2.1").kind is NetworkKind.BUSINESS
    source.as_name, source.changed = "Example Telecom", True
    ticks.now = 0.9
    assert lookup.network("192.0.2.1").kind is NetworkKind.BUSINESS
    ticks.now = 1.1
    assert lookup.network("192.0.2.1").kind is NetworkKind.ISP


def test_problems_of_all_sources_are_told() -> None:
    """Nothing that is wrong with a source is kept to itself."""
    lookup = NetworkLookup([CountingSource(), CountingSource()], monotonic=Ticks())
    assert lookup.problems() == ("it counts", "it counts")


def test_cache_stays_within_its_bound() -> None:
    """However many answers come, no more than the limit are kept, and the latest is among them."""
    cache: BoundedCache[int, int] = BoundedCache(100)
    for number in range(1000):
        cache.put(number, number)
    assert len(cache) <= 100
    assert cache.get(999) == 999
    assert cache.get(0) is None


def test_cache_keeps_what_is_asked_for() -> None:
    """An answer that is asked for again and again outlives those that aren't."""
    cache: BoundedCache[int, str] = BoundedCache(10)
    cache.put(-1, "kept")
    for number in range(100):
        cache.put(number, "passing")
        assert cache.get(-1) == "kept"


def test_a_network_of_one_address_is_not_kept_as_such() -> None:
    """A statement about one address is used, but neither prefix, evidence nor sentences keep the address."""
    row = DeclaredNetwork(prefix="192.0.2.77/32", account=AccountId("A1"), organisation="Alpen Foods GmbH", kind=None)
    lookup = NetworkLookup((DeclaredResolver([row]),), monotonic=lambda: 0.0)

    network = lookup.network("192.0.2.77")

    assert network.accounts == ("A1",)
    assert (network.prefix, network.evidence[0].prefix) == ("192.0.2.0/24", "192.0.2.0/24")
    assert "192.0.2.77" not in repr((network.prefix, network.evidence, network.why))
    assert lookup.network("192.0.2.78").accounts == ()
