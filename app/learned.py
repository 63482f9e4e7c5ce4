"""Keeps the learned map in step with its evidence: records what visits prove, reads only what is new, judges hourly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network

from sqlalchemy import Connection

from core.domain import Account, AccountId, Company, Evidence, Network, NetworkKind, OwnerKind, Signal
from enrichment.account.match import AccountIndex
from enrichment.company.corrections import Corrections
from enrichment.network.learned import store
from enrichment.network.learned.memory import LearnedMemory
from enrichment.network.learned.observation import Observation, ObservationKind, observation
from enrichment.network.learned.rule import Surroundings
from enrichment.network.protocol import Resolver
from enrichment.network.resolvers.learned import LearnedResolver
from enrichment.network.verdict import judge
from enrichment.store import Judgement

JUDGE_EVERY = timedelta(hours=1)
"""Evidence fades, so the map is judged anew at least so often."""

COUNT_EVERY = timedelta(seconds=10)
"""How late a deletion is noticed."""

LARGE = 5_000
"""Pieces of evidence from which judging all of them takes too long to wait for (98,000 take 2 to 3 s)."""

SURE = 0.7
"""From which confidence on another source's word about a block counts."""

_CLUES: dict[str, ObservationKind] = {
    "clue:signed_link": "signed_link",
    "clue:identify": "identify",
    "clue:identify_domain": "identify",
    "clue:form_domain": "form",
}


def observed(judged: Sequence[Judgement], secret: str) -> list[Observation]:
    """Return what these visits prove about addresses: those whose visitor said who they are, and it counted."""
    found: list[Observation] = []
    for signal in (item.outcome for item in judged if isinstance(item.outcome, Signal)):
        visit, company = signal.visit, signal.seen.company
        if company is None or visit.ip is None or not secret or signal.account.is_demo:
            continue
        kinds = {_CLUES[reason.code] for reason in company.why if reason.code in _CLUES}
        for kind in sorted(kinds):
            one = observation(secret, visit.ip, signal.account.id, kind, visit.last_at, visitor=visit.visitor)
            found += [one] if one else []
    return found


class LearnedMap:
    """The map in memory, with its resolver."""

    def __init__(self, secret: str) -> None:
        self.memory = LearnedMemory(secret)
        self.resolver = LearnedResolver(self.memory, self.name_of)
        self._stamp: store.Stamp | None = None
        self._judged_at: datetime | None = None
        self._counted_at: datetime | None = None
        self._others: tuple[Resolver, ...] = ()
        self._accounts = AccountIndex(())
        self._names: dict[AccountId, str] = {}
        self._pieces = 0
        self._moved: dict[AccountId, AccountId] = {}
        """Where merged accounts' ids lead."""
        self._corrections: Corrections | None = None
        self._asked: dict[tuple[str, AccountId], Surroundings] = {}

    def know(
        self,
        others: Sequence[Resolver],
        accounts: Sequence[Account],
        index: AccountIndex,
        corrections: Corrections | None,
    ) -> None:
        """Judge from now on by these other sources, accounts and corrections; the next `load` judges all anew."""
        self._others, self._accounts, self._corrections = tuple(others), index, corrections
        self._names = {account.id: account.name for account in accounts}
        moved = {former: account.id for account in accounts for former in account.former_ids}
        if moved != self._moved:
            self._moved, self._stamp = moved, None
        self._asked.clear()
        self._judged_at = None

    @property
    def is_large(self) -> bool:
        """Whether a load may take so long that a page view shouldn't wait for it."""
        return self._pieces >= LARGE

    def load(self, connection: Connection, now: datetime) -> bool:
        """Read what is new and judge what it touches; True when an answer to visitors may have changed."""
        stamp, before = store.stamp(connection), self._stamp
        changed, is_new = False, stamp != before
        if is_new and before is not None and before.newest is not None and stamp.oldest is not None:
            new = self._read(connection, before.newest)
            gone = stamp.oldest if stamp.oldest != before.oldest else None
            changed = self.memory.change(new, gone, now, self._around, self._corrected)
            self._pieces = len(self.memory)
        self._stamp = stamp
        is_count_due = stamp.newest is None or _is_due(self._counted_at, now, COUNT_EVERY)
        if before is None or before.newest is None or (is_count_due and self._is_off(connection)):
            changed |= self.memory.replace(self._read(connection), now, self._around, self._corrected)
            self._pieces = len(self.memory)
            self._judged_at = now
        if is_count_due:
            self._counted_at = now
        if _is_due(self._judged_at, now, JUDGE_EVERY):
            self._asked.clear()  # registries answer after the first judgement, never before it
            changed |= self.memory.judge_again(now, self._around, self._corrected)
            self._judged_at = now
        return changed

    def _is_off(self, connection: Connection) -> bool:
        """Whether the memory holds another number of pieces than the database: some were deleted."""
        return len(self.memory) != store.count(connection)

    def _read(self, connection: Connection, since: datetime | None = None) -> list[Observation]:
        """The evidence, of merged accounts as that of the account they are now."""
        found = store.observations(connection, since)
        return (
            [replace(one, account=self._moved.get(one.account, one.account)) for one in found] if self._moved else found
        )

    def name_of(self, account: AccountId) -> str:
        return self._names.get(account, "")

    def _corrected(self, block: str) -> Collection[AccountId]:
        if self._corrections is None:
            return ()
        return self._corrections.at(str(ip_network(block).network_address), None).rejected

    def _around(self, block: str, account: AccountId) -> Surroundings:
        """What the other sources say of the block, and whether it is this account that they name."""
        if (block, account) not in self._asked:
            self._asked[block, account] = self._look_around(block, account)
        return self._asked[block, account]

    def _look_around(self, block: str, account: AccountId) -> Surroundings:
        ip = str(ip_network(block).network_address + 1)
        evidence: tuple[Evidence, ...] = ()
        for resolver in self._others:
            evidence += resolver.evidence(ip)
        network = judge(ip, evidence)
        return Surroundings(
            # one person's own network is a line like any other home's
            kind=NetworkKind.ISP if network.owner_kind is OwnerKind.PERSON else network.kind,
            organisation=network.organisation,
            agrees=self._agrees(network, account),
        )

    def _agrees(self, network: Network, account: AccountId) -> bool | None:
        if network.accounts:
            return account in network.accounts
        is_company = network.owner_kind in (OwnerKind.COMPANY, OwnerKind.PUBLIC)
        if not is_company or not (network.organisation or network.domain) or network.confidence < SURE:
            return None
        company = Company(
            name=network.organisation, domain=network.domain, accounts=(), confidence=network.confidence, why=()
        )
        match = self._accounts.match(company, by_clue=False)
        return None if match is None or match.account is None else match.account.id == account


def _is_due(last: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether something is to be done again; a clock that went back makes it due."""
    return last is None or not timedelta(0) <= now - last < every
