"""Works the queue off: asks within the budgets, keeps what is answered, and says for which addresses that is news."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address

from core.clock import Clock
from core.errors import DormouseError
from core.log import logger
from enrichment.network.addresses import Prefix, prefix_at
from enrichment.network.remote import store
from enrichment.network.remote.answers import RegistryAnswer
from enrichment.network.remote.budget import Limits, breaker, failed, succeeded
from enrichment.network.remote.rdns import HostAnswer
from enrichment.network.remote.store import Wanted
from enrichment.network.remote.transport import NoRecordError, ReferralError, ThrottledError

DNS = "dns"
DNS_LIMITS = Limits(per_minute=300, per_day=50_000)
DNS_AT_ONCE = 10
TRIES = 4
"""Calls for one address; then it counts as unknown for a while."""
HOPS = 3
"""Registries that one address may be passed on to are among its tries."""
FRESH = {"assigned": timedelta(days=30), "allocated": timedelta(days=60), "nothing": timedelta(days=1)}
"""How long an answer needn't be asked for again: a customer's range, a holder's block, "no such network"."""
FRESH_HOST = {"confirmed": timedelta(days=7), "unconfirmed": timedelta(days=3), "nothing": timedelta(days=2)}
UNANSWERED = timedelta(hours=6)
"""How long an address is left alone that nobody answered for."""
_JITTER = 0.2

_log = logger("asker")

Ask = Callable[[str, str], RegistryAnswer]
"""(registry, address) → its answer; raises the errors of `transport`."""
AskHost = Callable[[str], HostAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round did."""

    asked: int = 0
    answered: int = 0
    """Answers that name a network or host."""
    unknown: int = 0
    failed: int = 0
    spared: int = 0
    """Addresses that another one's answer covered."""
    news: tuple[str, ...] = ()
    """Addresses of which more is known now."""
    held_until: Mapping[str, datetime] = field(default_factory=dict)
    """Lanes whose budget or breaker allows nothing before then, though addresses wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    wanted: Wanted
    answer: RegistryAnswer | HostAnswer | None = None
    error: DormouseError | None = None


class Asker:
    """One round takes at most one address of each registry and a handful for the DNS, asks them side by side, and
    stores. Several processes may do so on one database: budgets and claims are in it."""

    def __init__(
        self,
        writing: Callable[[], AbstractContextManager[store.Connection]],
        clock: Clock,
        *,
        ask: Ask | None,
        ask_host: AskHost | None,
        limits: Mapping[str, Limits],
        narrower: Callable[[str, str, str, str], Sequence[str]],
        hashed: Callable[[str], str],
        is_known: Callable[[Wanted], bool],
    ) -> None:
        """`ask` and `ask_host` are None where the operator didn't turn them on. `limits` names all registries.

        `is_known` says of an address just taken whether another process has a fresh answer by now;
        `narrower` names older answers inside a newer one's range: (registry, first, last, address) → ranges.
        """
        self._writing = writing
        self._clock = clock
        self._ask = ask
        self._ask_host = ask_host
        self._limits = {**(limits if ask else {}), **({DNS: DNS_LIMITS} if ask_host else {})}
        self._narrower = narrower
        self._hashed = hashed
        self._is_known = is_known

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that are turned on: `rdap`, `rdns`."""
        return (*(("rdap",) if self._ask else ()), *(("rdns",) if self._ask_host else ()))

    def round(self, most: int | None = None) -> Round:
        """Ask once around; with `most`, at most so many addresses. No call is made inside a transaction."""
        held: dict[str, datetime] = {}
        taken: list[Wanted] = []
        known: list[Wanted] = []
        for lane, limits in self._limits.items():
            for _ in range(DNS_AT_ONCE if lane == DNS else 1):
                if most is not None and len(taken) >= most:
                    break
                with self._writing() as connection:
                    item = store.reserve(connection, lane, limits, self._clock())
                if isinstance(item, Wanted):
                    (known if self._is_known(item) else taken).append(item)
                    continue
                if item is not None:
                    held[lane] = item
                break
        for item in known:
            with self._writing() as connection:
                store.drop(connection, item.source, [item.address])
        nothing = Round(held_until=held, spared=len(known), news=tuple(item.address for item in known))
        if not taken:
            return nothing
        with ThreadPoolExecutor(max_workers=len(taken), thread_name_prefix="asking") as pool:
            results = list(pool.map(self._call, taken))
        done = replace(nothing, asked=len(taken))
        for result in results:
            done = self._keep(result, done)
        return done

    def _call(self, item: Wanted) -> _Result:
        try:
            if item.source == "rdns":
                assert self._ask_host is not None
                return _Result(wanted=item, answer=self._ask_host(item.address))
            assert self._ask is not None
            return _Result(wanted=item, answer=self._ask(item.lane, _asked_as(item.address)))
        except DormouseError as error:
            return _Result(wanted=item, error=error)
        except Exception as error:  # what a vendor's code didn't foresee costs this answer, not the round
            _log.exception("a source could not be asked", lane=item.lane)
            return _Result(wanted=item, error=DormouseError(type(error).__name__))

    def _keep(self, result: _Result, done: Round) -> Round:
        item, error, now = result.wanted, result.error, self._clock()
        news: tuple[str, ...] = ()
        with self._writing() as connection:
            budget = store.budget_of(connection, item.lane, self._limits[item.lane], now)
            if isinstance(error, DormouseError) and not isinstance(error, NoRecordError | ReferralError):
                throttled = isinstance(error, ThrottledError)
                rest = error.retry_after if isinstance(error, ThrottledError) else None
                budget = failed(budget, now, str(error), retry_after=rest, throttled=throttled)
            else:
                budget = succeeded(budget)
            store.save_budget(connection, budget)
            if isinstance(result.answer, RegistryAnswer):
                news = self._keep_range(connection, item, result.answer, now)
            elif isinstance(result.answer, HostAnswer):
                news = self._keep_host(connection, item, result.answer, now)
            else:
                self._keep_nothing(connection, item, error, now, budget.open_until)
        if error is not None and not isinstance(error, NoRecordError | ReferralError):
            _log.info("asked in vain", lane=item.lane, why=str(error), breaker=breaker(budget, now).value)
            return replace(done, failed=done.failed + 1)
        if error is not None:
            return replace(done, unknown=done.unknown + 1)
        return replace(
            done,
            answered=done.answered + 1,
            spared=done.spared + max(0, len(news) - 1),
            news=(*done.news, *news),
        )

    def _keep_range(
        self, connection: store.Connection, item: Wanted, answer: RegistryAnswer, now: datetime
    ) -> tuple[str, ...]:
        old = self._narrower(answer.registry, answer.first, answer.last, item.address)
        store.forget_ranges(connection, old)
        until = now + _jittered(_class_of(answer), f"{answer.first}-{answer.last}")
        store.save_range(connection, answer, found=True, now=now, fresh_until=until)
        covered = store.waiting_in(connection, answer)
        if answer.ask_also in self._limits and item.tries < TRIES:
            # The national registry is asked for this address; its neighbours there may be others' customers.
            for address in covered:
                passed_on = replace(item, address=address)
                store.put_back(connection, passed_on, now, lane=answer.ask_also)
        else:
            store.drop(connection, item.source, covered)
        return tuple(dict.fromkeys((item.address, *covered)))

    def _keep_host(
        self, connection: store.Connection, item: Wanted, answer: HostAnswer, now: datetime
    ) -> tuple[str, ...]:
        keep = FRESH_HOST["confirmed" if answer.confirmed else "unconfirmed"]
        hashed = self._hashed(item.address)
        store.save_host(connection, hashed, answer, now=now, fresh_until=now + _jittered(keep, hashed))
        store.drop(connection, item.source, [item.address])
        return (item.address,)

    def _keep_nothing(
        self,
        connection: store.Connection,
        item: Wanted,
        error: DormouseError | None,
        now: datetime,
        open_until: datetime | None,
    ) -> None:
        """Pass an address on, try it later, or remember that nothing is known of it."""
        if isinstance(error, ReferralError) and error.to in self._limits and item.tries < HOPS:
            store.put_back(connection, item, now, lane=error.to)
            return
        in_vain = not isinstance(error, NoRecordError)
        if in_vain and open_until is not None:  # the source is out of order, which says nothing of the address
            store.put_back(connection, item, now, tries=item.tries)
            return
        if in_vain and item.tries + 1 < TRIES:
            store.put_back(connection, item, now + timedelta(seconds=30 * 4**item.tries))
            return
        keep = UNANSWERED if in_vain else FRESH_HOST["nothing"] if item.source == "rdns" else FRESH["nothing"]
        if item.source == "rdns":
            hashed = self._hashed(item.address)
            store.save_host(connection, hashed, None, now=now, fresh_until=now + _jittered(keep, hashed))
        else:
            around = _nothing_around(item.address)
            nothing = RegistryAnswer(registry=item.lane, first=str(around[0]), last=str(around[-1]))
            if not in_vain:  # what was there before is gone
                old = self._narrower(item.lane, nothing.first, nothing.last, item.address)
                store.forget_ranges(connection, old)
            until = now + _jittered(keep, str(around))
            store.save_range(connection, nothing, found=False, now=now, fresh_until=until)
        store.drop(connection, item.source, [item.address])


def _nothing_around(ip: str) -> Prefix:
    """The network of which nothing is known when nothing is known of an address: the narrowest that may be kept."""
    address = ip_address(ip)
    return prefix_at(address, 29 if address.version == 4 else 56)


def _asked_as(ip: str) -> str:
    """The address as it leaves the house: of IPv6 only the /64, no registry's record is narrower."""
    address = ip_address(ip)
    return str(prefix_at(address, 64)[0]) if address.version == 6 else ip


def _class_of(answer: RegistryAnswer) -> timedelta:
    held = "alloc" in (answer.status or "").lower() or answer.organisation is None
    return FRESH["allocated" if held else "assigned"]


def _jittered(span: timedelta, key: str) -> timedelta:
    """The span, up to a fifth shorter or longer by the key: what was asked together isn't asked together again."""
    share = zlib.crc32(key.encode()) / 0xFFFFFFFF
    return span * (1 - _JITTER + 2 * _JITTER * share)
