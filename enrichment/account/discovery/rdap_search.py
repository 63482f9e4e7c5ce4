"""Asks registries that offer a search (RFC 9082, RFC 9910) for the networks of the accounts, slowly.

A registry says in its help what it offers: reverse search of networks by an entity's name (`ips/reverse_search/entity`,
RFC 9910 with RFC 9536). Where it doesn't, entities are searched by name (`entities?fn=`), and their networks read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from core.domain import Account
from enrichment.account.discovery.finder import AccountFinder
from enrichment.account.discovery.judging import Finding, judge_range
from enrichment.account.discovery.records import Range
from enrichment.network.remote.registries import Registry
from enrichment.network.remote.transport import CallError, NoRecordError, ReferralError, ThrottledError

_ACCEPT = "application/rdap+json, application/json"
_FAILURES = 3
"""Failed calls in a row after which a registry is left alone for this run."""
_SHARE = 2
"""A search takes at most this part of what a registry allows: visits need the rest."""
_DAY_SHARE = 4
_MOST_ENTITIES = 5
"""Entities of one name whose networks are asked for."""


class Get(Protocol):
    """Fetches an answer; raises the errors of `enrichment.network.remote.transport`."""

    def get(self, url: str, accept: str) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReport:
    """What came of asking."""

    findings: tuple[Finding, ...]
    calls: Mapping[str, int]
    """Calls by registry."""
    told: tuple[str, ...]
    """What should be known of registries that offered nothing or were left alone."""


def discover_rdap(
    accounts: Sequence[Account],
    finder: AccountFinder,
    registries: Iterable[Registry],
    web: Get,
    progress: Callable[[str, int, int], None],
    *,
    monotonic: Callable[[], float],
    sleep: Callable[[float], None],
) -> SearchReport:
    """Ask each registry for each account's names; at half the speed and a quarter of a day's calls it allows."""
    findings: list[Finding] = []
    calls: dict[str, int] = {}
    told: list[str] = []
    for registry in registries:
        search = _Search(registry, web, monotonic, sleep)
        for count, account in enumerate(accounts):
            progress(f"Searching {registry.title}", count, len(accounts))
            if search.ended:
                break
            for name in dict.fromkeys((account.name, *account.aliases)):
                for found in search.networks(name):
                    findings += judge_range(found, None, finder, source="rdap")
        calls[registry.name] = search.calls
        if search.ended:
            told.append(f"{registry.title}: {search.ended}")
    progress("Searching registries", 1, 1)
    return SearchReport(findings=tuple(findings), calls=calls, told=tuple(told))


class _Search:
    """One registry: what it offers, its pace, and why it is asked no more."""

    def __init__(
        self, registry: Registry, web: Get, monotonic: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._registry, self._web, self._monotonic, self._sleep = registry, web, monotonic, sleep
        self._next_at = float("-inf")
        self._failures = 0
        self.calls = 0
        self.ended = ""
        self._by_network: bool | None = None

    def networks(self, name: str) -> Iterator[Range]:
        """Yield the networks of organisations called so."""
        if self._by_network is None:
            self._by_network = _offers_reverse_search(self._ask("help"))
        if self.ended:
            return
        if self._by_network:
            answer = self._ask(f"ips/reverse_search/entity?fn={quote(name)}&role=registrant")
            for found in _list(answer, "ipSearchResults"):
                yield from _range(found, self._registry.name, "")
            return
        entities = _list(self._ask(f"entities?fn={quote(name)}"), "entitySearchResults")
        for entity in [each for each in entities if _kind(each) != "individual"][:_MOST_ENTITIES]:
            whole = entity if "networks" in entity else self._ask(f"entity/{quote(str(entity.get('handle', '')))}")
            for found in _list(whole, "networks"):
                yield from _range(found, self._registry.name, _full_name(whole))

    def _ask(self, path: str) -> dict[str, Any]:
        if self.ended:
            return {}
        if self.calls >= self._registry.per_day // _DAY_SHARE:
            self.ended = "its budget for a search is used up; run it again tomorrow"
            return {}
        self._wait()
        self.calls += 1
        try:
            answer = json.loads(self._web.get(f"{self._registry.url}/{path}", _ACCEPT))
        except NoRecordError:
            self._failures = 0
            return {}
        except ThrottledError:
            self.ended = "it asked to be left alone; run it again tomorrow"
            return {}
        except (CallError, ReferralError, ValueError, RecursionError) as error:
            self._failures += 1
            if self._failures >= _FAILURES or (
                not path.startswith(("help", "entity/")) and "it answered" in str(error)
            ):
                self.ended = f"it offers no search that works ({error})"
            return {}
        self._failures = 0
        return answer if isinstance(answer, dict) else {}

    def _wait(self) -> None:
        if (early := self._next_at - self._monotonic()) > 0:
            self._sleep(early)
        self._next_at = self._monotonic() + 60 * _SHARE / self._registry.per_minute


def _offers_reverse_search(answer: Mapping[str, Any]) -> bool:
    return any(
        each.get("searchableResourceType") == "ips"
        and each.get("relatedResourceType") == "entity"
        and each.get("property") == "fn"
        for each in _list(answer, "reverse_search_properties")
    )


def _range(found: Mapping[str, Any], registry: str, holder: str) -> Iterator[Range]:
    first, last = found.get("startAddress"), found.get("endAddress")
    if not isinstance(first, str) or not isinstance(last, str):
        return
    registrants = [each for each in _list(found, "entities") if "registrant" in (each.get("roles") or ())]
    owner = next((name for each in registrants if _kind(each) != "individual" and (name := _full_name(each))), holder)
    remarks = [
        line for each in _list(found, "remarks") for line in each.get("description") or () if isinstance(line, str)
    ]
    yield Range(
        first=first,
        last=last,
        registry=registry,
        netname=_text(found, "name"),
        descr=tuple(remarks[:3]),
        owner=owner,
        country=_text(found, "country")[:2].upper(),
        status=_text(found, "type"),
    )


def _list(answer: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = answer.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    return value.strip() if isinstance(value, str) else ""


def _card(entity: Mapping[str, Any], name: str) -> str:
    card = entity.get("vcardArray")
    if not isinstance(card, list) or len(card) != 2 or not isinstance(card[1], list):
        return ""
    for item in card[1]:
        if isinstance(item, list) and len(item) > 3 and item[0] == name and isinstance(item[3], str):
            return item[3].strip()
    return ""


def _full_name(entity: Mapping[str, Any]) -> str:
    return _card(entity, "fn")


def _kind(entity: Mapping[str, Any]) -> str:
    return _card(entity, "kind").lower()
