"""The door to networks: an address in, the verdict on its network out, remembered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from core.domain import Evidence, Network
from enrichment.network.addresses import kept_prefix, parse_address
from enrichment.network.cache import BoundedCache
from enrichment.network.protocol import Resolver
from enrichment.network.verdict import judge

_REFRESH_SECONDS = 1.0
_DATED = {"rdap", "rdns"}
"""Sources whose evidence bears its date: verdicts on other evidence needn't be weighed again when these learn more."""


class NetworkLookup:
    """Judges addresses from local sources; never waits for the network."""

    def __init__(
        self, resolvers: Sequence[Resolver], *, monotonic: Callable[[], float], remembered: int = 200_000
    ) -> None:
        """Ask `resolvers`, look for changed sources at most once a second of `monotonic`, and keep at most
        `remembered` addresses (about 1 kB each at worst) and as many networks.
        """
        self._resolvers = tuple(resolvers)
        self._monotonic = monotonic
        self._addresses: BoundedCache[str, Network] = BoundedCache(remembered)
        self._networks: BoundedCache[tuple[tuple[str, str, datetime | None], ...], Network] = BoundedCache(remembered)
        self._look_again_at = monotonic() + _REFRESH_SECONDS

    def network(self, ip: str) -> Network:
        """Return the verdict on the address; text that isn't an address gets an `unknown` that says so."""
        if (now := self._monotonic()) >= self._look_again_at:
            self._look_again_at = now + _REFRESH_SECONDS
            self.refresh()
        found = self._addresses.get(ip)
        if found is None:
            found = self._judged(ip)
            self._addresses.put(ip, found)
        return found

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with the sources now, each with what to do about it."""
        return tuple(problem for resolver in self._resolvers for problem in resolver.problems())

    def _judged(self, ip: str) -> Network:
        address = parse_address(ip)
        if address is None:
            return judge(ip, ())
        text = str(address)
        evidence: tuple[Evidence, ...] = ()
        for resolver in self._resolvers:
            evidence += resolver.evidence(text)
        if not evidence:
            return judge(ip, ())
        # All addresses about which the sources say the same share one verdict.
        key = tuple((item.source, item.prefix, item.at) for item in evidence)
        verdict = self._networks.get(key)
        if verdict is None:
            verdict = _to_be_kept(judge(ip, evidence))
            self._networks.put(key, verdict)
        return replace(verdict, ip=ip)

    def refresh(self) -> None:
        """Take up at once what the sources have learned; it happens by itself once a second."""
        changed = [resolver.name for resolver in self._resolvers if resolver.refresh()]
        if changed:
            self._addresses.clear()
        if set(changed) - _DATED:
            self._networks.clear()


def _to_be_kept(verdict: Network) -> Network:
    """Return the verdict without prefixes of one address or a few, in its evidence and its sentences too.

    What is judged is stored for months; the address itself is not.
    """
    narrow = {item.prefix for item in verdict.evidence if kept_prefix(item.prefix) != item.prefix}
    if not narrow:
        return verdict
    why = tuple(replace(reason, text=_without(narrow, reason.text)) for reason in verdict.why)
    evidence = tuple(
        replace(item, prefix=kept_prefix(item.prefix), text=_without(narrow, item.text)) for item in verdict.evidence
    )
    return replace(verdict, prefix=kept_prefix(verdict.prefix), evidence=evidence, why=why)


def _without(prefixes: Collection[str], text: str) -> str:
    kept = text
    for prefix in prefixes:
        kept = kept.replace(prefix, "this address")
    return text if kept == text else kept[:1].upper() + kept[1:]
