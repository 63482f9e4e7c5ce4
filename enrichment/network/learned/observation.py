"""One piece of first-party evidence about an address: somebody of an account was there (pure).

The address itself isn't kept. Its *host* is a keyed hash (of the address, or of the /64 for IPv6) by which it is found
again; its *block* of 16 addresses (/28, or /56) and the *area* around it (/24, or /48) say where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from core.domain import AccountId
from core.ids import derived
from core.signing import keyed_hash
from enrichment.network.addresses import Address, Prefix, is_documentation, not_public, parse_address, prefix_at

ObservationKind = Literal["signed_link", "form", "identify", "login"]

KINDS: tuple[ObservationKind, ...] = get_args(ObservationKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Somebody of an account was at an address."""

    id: str
    account: AccountId
    host: str
    """A keyed hash of the address (IPv6: of its /64)."""
    block: str
    """The /28 (IPv6: /56) around it, in CIDR form."""
    kind: ObservationKind
    person: str
    """A keyed hash of who it was: `u…` for a user whom the site knows, `v…` for a visitor of one day; may be empty."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an address is, as far as that may be kept."""

    host: str
    block: str
    area: str


def observation(
    secret: str, ip: str, account: AccountId, kind: ObservationKind, at: datetime, *, user: str = "", visitor: str = ""
) -> Observation | None:
    """Return the evidence that somebody of `account` was at `ip`, or None for an address that says nothing.

    `user` is who it was as the site calls them, `visitor` a visitor of one day. The same person, by the same way,
    on the same day, is the same evidence.
    """
    found = place(secret, ip)
    if found is None:
        return None
    person = ""
    if user:
        person = "u" + keyed_hash(secret, "learned:user", f"{account}\x1f{user}")[:31]
    elif visitor:
        person = "v" + keyed_hash(secret, "learned:visitor", visitor)[:31]
    key = derived("learned", account, found.host, kind, person, at.date())
    return Observation(id=key, account=account, host=found.host, block=found.block, kind=kind, person=person, at=at)


def place(secret: str, ip: str) -> Place | None:
    """Return where an address is; None for one that isn't public, or no address."""
    address = parse_address(ip)
    if address is None or (not_public(address) and not is_documentation(address)):
        return None
    return Place(host=host_of(secret, address), block=str(block_of(address)), area=str(area_of(address)))


def host_of(secret: str, address: Address) -> str:
    """Return the keyed hash by which the address (IPv6: its /64) is found again."""
    return keyed_hash(secret, "learned:host", str(narrow_of(address)))[:32]


def narrow_of(address: Address) -> Prefix:
    """Return the network that counts as one line: the address itself, or its /64."""
    return prefix_at(address, 32 if address.version == 4 else 64)


def block_of(address: Address) -> Prefix:
    """Return the block that may be kept."""
    return prefix_at(address, 28 if address.version == 4 else 56)


def area_of(address: Address) -> Prefix:
    """Return the network within which neighbours are compared."""
    return prefix_at(address, 24 if address.version == 4 else 48)
