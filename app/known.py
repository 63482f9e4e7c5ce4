"""What the line holds in memory: networks, accounts, what people corrected; and the questions that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.routing import recipient
from core.domain import Drop, Signal
from enrichment.account.hierarchy import tell_owner
from enrichment.account.match import AccountIndex
from enrichment.company.corrections import Corrections, Said
from enrichment.company.reliability import Counts, reliability, sources_of
from enrichment.enrich import Lookups, Recognised
from enrichment.network.lookup import NetworkLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What changes seldom and is held in memory: networks, accounts, what people corrected."""

    networks: NetworkLookup
    accounts: AccountIndex
    corrections: Corrections
    verdicts: Mapping[str, Counts] = field(default_factory=dict)
    """What people said of each source's word."""


def lookups(known: Known, digest_point: float) -> Lookups:
    """The stage's questions as far as they are answered from memory; those about one account come later."""

    def said(ip: str) -> Said:
        return known.corrections.at(ip, known.networks.network(ip).asn)

    return Lookups(
        network=lambda ip: known.corrections.applied(known.networks.network(ip)),
        match=lambda company, by_clue: tell_owner(known.accounts.match(company, by_clue=by_clue)),
        rejected=lambda ip: said(ip).rejected,
        contested=lambda ip: said(ip).contested,
        reliability=lambda seen: reliability(sources_of(seen), known.verdicts),
        digest_point=digest_point,
        activities=lambda _account: (),
        history=lambda _account: None,
        past=lambda _account: (),
    )


def is_wrong_for_owner(found: Recognised, known: Known, stands_in: str = "") -> bool:
    """Whether the rep whom an alert would reach said of this network, alone so far, that it isn't the account's.

    Or anybody who counts for them said so of this very visit: that acts on visitors who named themselves, too.
    `stands_in` is whom it would reach instead of the account's owner.
    """
    network, company = found.seen.network, found.seen.company
    rep = stands_in or recipient(found.account)
    of_visit = known.corrections.decided_on(f"visit:{found.visit.id}")
    if found.account.id in of_visit.rejected | of_visit.alone.get(rep.lower(), frozenset()):
        return True
    if of_visit.right not in (None, found.account.id):
        return True
    if network is None or company is None or any(reason.code.startswith("clue:") for reason in company.why):
        return False
    return found.account.id in known.corrections.alone(network.ip, network.asn, rep)


def is_taken_away(outcome: Signal | Drop, known: Known) -> bool:
    """Whether people said of this very visit that it isn't the account's, though its visitor named the account.

    The clue goes on saying so while the visit lasts; it wakes nobody, and says nothing of the address.
    """
    if isinstance(outcome, Drop):
        return False
    said = known.corrections.decided_on(f"visit:{outcome.visit.id}")
    return outcome.account.id in said.rejected or said.right not in (None, outcome.account.id)
