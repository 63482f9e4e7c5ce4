"""Whether the clues of a visit name one customer, several, or nobody we know (pure).

Domains that everybody may have an address at (free mail, disposable, a carrier's that is no customer) say nothing, so
the network is asked as if nothing had been said. Clues that contradict each other are never settled silently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain import Account, AccountId, AccountMatch, Company, IdentityClue, Reason
from enrichment.account.domains import SharedBy, registrable, shared_by
from enrichment.company.clues import told

Match = Callable[[Company, bool], AccountMatch | None]
"""A company, and whether the visitor named it → the account it is (see `enrichment.enrich.Lookups.match`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the clues say together."""

    clues: tuple[IdentityClue, ...] = ()
    """Those that say something, and don't contradict each other."""
    unsaid: tuple[Reason, ...] = ()
    """Why the others say nothing."""
    contradiction: AccountMatch | None = None
    """All accounts that they name, when they can't all be right; nobody is chosen."""


def agreed(clues: Sequence[IdentityClue], match: Match) -> Told:
    """Return what these clues, which all count, say together."""
    unsaid: list[Reason] = []
    named: list[tuple[IdentityClue, dict[AccountId, Account]]] = []
    for clue in clues:
        if nothing := _says_nothing(clue, match):
            unsaid.append(Reason(text=nothing, code=f"unsaid:{clue.kind}"))
        else:
            found = match(_company(clue), True)
            named.append((clue, {one.id: one for one in found.candidates} if found else {}))
    saying = tuple(clue for clue, _ in named)
    several = {account for _, accounts in named for account in accounts}
    if not several or set.intersection(*(set(accounts) for _, accounts in named)):
        return Told(clues=saying, unsaid=tuple(unsaid))
    by_id = {account.id: account for _, accounts in named for account in accounts.values()}
    return Told(unsaid=tuple(unsaid), contradiction=_contradiction(saying, [by_id[one] for one in sorted(by_id)]))


def _says_nothing(clue: IdentityClue, match: Match) -> str:
    """Return why a clue names no customer and no other company either; "" when it does."""
    if clue.kind in ("signed_link", "identify"):
        gone = match(_company(clue), True) is None
        return f"{told(clue)}, for an account that isn't among yours (any more)" if gone else ""
    domain = registrable(clue.value)
    if domain is None:
        return f"{told(clue)}, which is no company's domain"
    shared = shared_by(domain)
    if shared is None or (shared is SharedBy.CARRIER and match(_company(clue), True) is not None):
        return ""
    return f"{told(clue)}, which says nothing: {_WHOSE[shared]}"


_WHOSE = {
    SharedBy.FREE_MAIL: "anybody can have one",
    SharedBy.DISPOSABLE: "it is made to be thrown away",
    SharedBy.CARRIER: "a carrier's customers have one",
}


def _company(clue: IdentityClue) -> Company:
    by_id = clue.kind in ("signed_link", "identify")
    return Company(
        name=None,
        domain=None if by_id else registrable(clue.value),
        accounts=(AccountId(clue.value),) if by_id else (),
        confidence=1.0,
        why=(),
    )


def _contradiction(clues: Sequence[IdentityClue], accounts: Sequence[Account]) -> AccountMatch:
    said = "; ".join(dict.fromkeys(told(clue) for clue in clues))
    names = ", ".join(f"{account.name} ({account.id})" for account in accounts)
    text = f"What the visitor gave away doesn't fit together ({said}); named so far: {names}. Nobody is told."
    reason = Reason(text=text, code="match:ambiguous")
    confidence = round(1 / (len(accounts) + 1), 4)
    return AccountMatch(account=None, candidates=tuple(accounts), confidence=confidence, why=(reason,))
