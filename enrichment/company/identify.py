"""Judges which company is behind a visit, or says why nobody can be named (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.domain import (
    AccountId,
    Company,
    DropReason,
    IdentityClue,
    Network,
    NetworkKind,
    OwnerKind,
    Reason,
)
from enrichment.company.clues import CONFIDENCE, told
from enrichment.network.owners import same_name

_SHARED: Mapping[NetworkKind, DropReason] = {
    NetworkKind.ISP: DropReason.NETWORK_ISP,
    NetworkKind.MOBILE: DropReason.NETWORK_MOBILE,
    NetworkKind.HOSTING: DropReason.NETWORK_HOSTING,
    NetworkKind.VPN: DropReason.NETWORK_VPN,
    NetworkKind.CONTENT: DropReason.NETWORK_CONTENT,
}


def identify_company(
    network: Network | None,
    clues: tuple[IdentityClue, ...] = (),
    rejected: Collection[AccountId] = frozenset(),
) -> Company | DropReason:
    """Return the company behind a visit, or why there is none to name.

    An identity clue beats the network. `rejected` are the accounts that people said this network is not (see
    `corrections.Rejections.of`); the account matcher must leave them out as well.
    """
    by_clue = _from_clues(clues)
    if by_clue is not None:
        return by_clue
    if network is None:
        return DropReason.NETWORK_UNKNOWN
    if network.accounts:
        return _declared(network, rejected)
    if network.owner_kind is OwnerKind.PERSON:
        return DropReason.COMPANY_PERSON
    if network.kind in _SHARED:
        return _SHARED[network.kind]
    if network.kind is NetworkKind.UNKNOWN:
        private = any(reason.code == "address:private" for reason in network.why)
        return DropReason.PRIVATE_ADDRESS if private else DropReason.NETWORK_UNKNOWN
    if not (network.organisation or network.domain):
        return DropReason.COMPANY_UNKNOWN
    return Company(
        name=network.organisation,
        domain=network.domain,
        accounts=(),
        confidence=network.confidence,
        why=network.why,
        country=network.country,
        handle=_own_handle(network),
    )


def registered_company(network: Network) -> Company | None:
    """Return whom the registry names in a network that is only guessed to serve others; None where it names nobody.

    No visit is given that name by itself: a carrier's range often bears the name of its last customer or of a street.
    But where it is a customer's name letter for letter, the guess was probably wrong.
    """
    if network.registered is None or network.owner_kind is OwnerKind.PERSON:
        return None
    return Company(
        name=network.registered,
        domain=None,
        accounts=(),
        confidence=1 - network.guess,
        why=(Reason(text=f"The registry names {network.registered} as the user of {network.prefix}", code="owner"),),
        country=network.country,
    )


def _from_clues(clues: tuple[IdentityClue, ...]) -> Company | None:
    """Return the company that the clues name, which all count and don't contradict each other (see `account.told`).

    An account's id beats a domain; of several domains the latest counts.
    """
    given = sorted(clues, key=lambda clue: (-CONFIDENCE[clue.kind], -clue.at.timestamp(), clue.value))
    ids = [clue.value for clue in given if clue.kind in ("signed_link", "identify")]
    domains = [clue for clue in given if clue.kind in ("identify_domain", "form_domain") and clue.value.strip()]
    if not (ids or domains):
        return None
    reasons = {told(clue): Reason(text=told(clue), code=f"clue:{clue.kind}") for clue in given}
    return Company(
        name=None,
        domain=max(domains, key=lambda clue: clue.at).value.strip().lower() if domains else None,
        accounts=(AccountId(ids[0]),) if ids else (),
        confidence=CONFIDENCE[given[0].kind],
        why=tuple(reasons.values()),
    )


def _declared(network: Network, rejected: Collection[AccountId]) -> Company | DropReason:
    left = tuple(account for account in network.accounts if account not in rejected)
    if not left:
        return DropReason.COMPANY_REJECTED
    return Company(
        name=network.organisation,
        domain=network.domain,
        accounts=left,
        confidence=network.confidence,
        why=network.why,
        country=network.country,
    )


def _own_handle(network: Network) -> str | None:
    """Return the handle of the AS, where the organisation is the AS's own and not a customer in it."""
    for evidence in network.evidence:
        if evidence.as_handle and network.organisation and evidence.as_name:
            return evidence.as_handle if same_name(network.organisation, evidence.as_name) else None
    return None
