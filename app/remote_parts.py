"""Settings → the parts that ask registries and the DNS, and those that read what they answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from app.pipeline import Pipeline
from app.second_pass import SecondPass
from core import clock
from core.clock import Clock
from core.database import reading, writing
from core.settings import Settings
from core.signing import keyed_hash
from enrichment.account.domains import registrable
from enrichment.network.remote import store
from enrichment.network.remote.asker import DNS, DNS_LIMITS, Asker
from enrichment.network.remote.budget import BreakerState, Budget, Limits, breaker, may_ask_at
from enrichment.network.remote.rdap import RdapClient
from enrichment.network.remote.rdns import RdnsClient
from enrichment.network.remote.registries import REGISTRIES, Bootstrap, built_in, with_urls
from enrichment.network.remote.store import Changes, StoredHost, StoredRange, Wanted
from enrichment.network.resolvers.rdns import RdnsResolver
from enrichment.network.resolvers.registry import RegistryResolver

OWN_TABLE = "registries.tsv"
"""In the home folder's `networks`: a newer table of who gave out which addresses than the one that comes with us."""

LIMITS = {
    name: Limits(per_minute=registry.per_minute, per_day=registry.per_day) for name, registry in REGISTRIES.items()
}


def registry_resolver(engine: Engine) -> RegistryResolver:
    """Return the resolver of what registries answered."""

    def since(seq: int) -> Sequence[StoredRange]:
        with reading(engine) as connection:
            return store.ranges_since(connection, seq)

    return RegistryResolver(partial(_changes, engine, "registry_answers"), since)


def rdns_resolver(settings: Settings, engine: Engine) -> RdnsResolver:
    """Return the resolver of host names."""

    def since(seq: int) -> Sequence[StoredHost]:
        with reading(engine) as connection:
            return store.hosts_since(connection, seq)

    return RdnsResolver(partial(_changes, engine, "host_answers"), since, _hashed(settings))


def bootstrap(settings: Settings) -> Bootstrap:
    """Return the table of who gave out which addresses: the operator's newer one, or ours."""
    own = settings.networks_dir / OWN_TABLE
    return Bootstrap(own.read_text(encoding="utf-8")) if own.is_file() else built_in()


def second_pass(
    settings: Settings,
    engine: Engine,
    line: Pipeline,
    now: Clock = clock.now,
    *,
    is_askable: Callable[[str], bool] | None = None,
    limits: Mapping[str, Limits] = LIMITS,
) -> SecondPass | None:
    """Return the second pass; None where the operator turned neither registries nor the DNS on, or keeps no address.

    `limits` are other budgets than the registries' own, for stand-ins that ask for none.
    """
    if settings.raw_ip_hours == 0 or not (settings.rdap or settings.rdns):
        return None
    rdap = RdapClient(with_urls(settings.rdap_url), registrable) if settings.rdap else None
    rdns = RdnsClient(settings.dns_server, registrable) if settings.rdns else None
    registries, hosts = registry_resolver(engine), rdns_resolver(settings, engine)

    def is_known(item: Wanted) -> bool:
        source = registries if item.source == "rdap" else hosts
        source.refresh()
        answer = source.answer(item.address)
        return answer is not None and now() < answer.fresh_until

    asker = Asker(
        lambda: writing(engine),
        now,
        ask=rdap.ask if rdap else None,
        ask_host=rdns.ask if rdns else None,
        limits=limits,
        narrower=registries.narrower,
        hashed=_hashed(settings),
        is_known=is_known,
    )
    return SecondPass(
        engine,
        asker,
        line,
        registries=registries,
        hosts=hosts,
        bootstrap=bootstrap(settings),
        keep_addresses=timedelta(hours=settings.raw_ip_hours),
        clock=now,
        is_askable=is_askable,
    )


def held(budget: Budget | None, lane: str, now: datetime) -> str:
    """Return why a registry, or `dns`, isn't asked at a moment, for people; empty when it may be."""
    limits = DNS_LIMITS if lane == DNS else LIMITS[lane]
    if budget is None or (when := may_ask_at(budget, limits, now)) <= now:
        return ""
    state = breaker(budget, now)
    if state is BreakerState.OPEN:
        return f"left alone until {when:%H:%M} UTC after “{budget.last_error}”"
    if state is BreakerState.HALF_OPEN:
        return "being tried again"
    if budget.day_used >= limits.per_day:
        return f"the day's {limits.per_day:,} calls are used up"
    return f"{limits.per_minute} calls a minute"


def _changes(engine: Engine, name: str) -> Changes:
    with reading(engine) as connection:
        return store.changes(connection).get(name, Changes())


def _hashed(settings: Settings) -> Callable[[str], str]:
    return lambda ip: keyed_hash(settings.secret, "address", ip)
