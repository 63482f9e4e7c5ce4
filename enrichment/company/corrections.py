"""Applies what people said: this network is, or is not, that account's (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from ipaddress import ip_address

from core.domain import AccountId, Evidence, Network, NetworkKind, OwnerKind, Reason
from enrichment.company.voices import NOTHING, Decided, Word, decide
from enrichment.network.addresses import kept_prefix, parse_prefix

SHARED_KINDS = frozenset(
    {NetworkKind.ISP, NetworkKind.MOBILE, NetworkKind.HOSTING, NetworkKind.VPN, NetworkKind.CONTENT}
)
"""Networks that many share: there only a single address may be somebody's."""

CONFIDENCE = 0.97
"""As sure as a declared network."""

WIDEST_FRAGMENT = {4: 24, 6: 48}
"""A network database's prefix is a fragment of its tree; a narrower one is widened to this, so that it covers what
the rep saw."""

_REGISTERED = ("declared", "rdap", "learned", "discovered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What people said of one network or visit, all scopes taken together."""

    right: AccountId | None = None
    rejected: frozenset[AccountId] = frozenset()
    contested: frozenset[AccountId] = frozenset()
    decided: Decided = NOTHING
    """The narrowest decision that says what is right."""

    def narrowed(self, by: Decided) -> Said:
        """Return it with a narrower scope's decision taken in: that one knows better."""
        if by is NOTHING:
            return self
        spoken = by.rejected | by.contested | ({by.right} if by.right else set())
        right = by.right or (None if self.right in spoken or by.contested else self.right)
        return Said(
            right=right,
            rejected=(self.rejected - spoken) | by.rejected,
            contested=(self.contested - spoken if not by.right else frozenset()) | by.contested,
            decided=by if by.right else self.decided,
        )


class Corrections:
    """Finds what people said of an address: of its AS, of every network around it, of itself."""

    def __init__(self, words: Iterable[Word] = (), hashed: Callable[[str], str] = lambda _ip: "") -> None:
        """`hashed` gives the keyed hash of an address, as it is kept with visits."""
        by_key: dict[str, list[Word]] = {}
        for word in words:
            by_key.setdefault(word.key, []).append(word)
        self._hashed = hashed
        self._prefixes: dict[tuple[int, int], dict[int, Decided]] = {}
        self._addresses: dict[str, Decided] = {}
        self._systems: dict[int, Decided] = {}
        self._visits: dict[str, Decided] = {}
        self._by_key = {key: decide(same) for key, same in by_key.items()}
        for key, same in by_key.items():
            self._keep(same[0], self._by_key[key])
        self._lengths = sorted(self._prefixes, key=lambda key: -key[1])  # the widest first

    def _keep(self, word: Word, decided: Decided) -> None:
        if word.scope == "address":
            self._addresses[word.address_hash] = decided
        elif word.scope == "as" and word.asn is not None:
            self._systems[word.asn] = decided
        elif word.scope == "visit":
            self._visits[word.visit] = decided
        elif prefix := parse_prefix(word.prefix):
            shift = prefix.max_prefixlen - prefix.prefixlen
            self._prefixes.setdefault((prefix.version, shift), {})[int(prefix.network_address) >> shift] = decided

    def decided_on(self, key: str) -> Decided:
        """Return what follows from the words about one key (`Word.key`) alone."""
        return self._by_key.get(key, NOTHING)

    def at(self, ip: str, asn: int | None = None) -> Said:
        """Return what was said of an address (text as in `Network.ip`) in this AS."""
        decided = self._decisions(asn, ip, self._hashed(ip) if self._addresses else "")
        return _together(decided)

    def of_visit(self, visit: str, *, asn: int | None, prefix: str, address_hash: str) -> Said:
        """Return what was said of a past visit, whose address may be gone: of its AS, network, hash and itself."""
        decided = [*self._decisions(asn, prefix, address_hash), self._visits.get(visit, NOTHING)]
        return _together(decided)

    def alone(self, ip: str, asn: int | None, person: str) -> frozenset[AccountId]:
        """Return the accounts that the network of an address is not for one person, though it may be for others."""
        if not person:
            return frozenset()
        decided = self._decisions(asn, ip, self._hashed(ip) if self._addresses else "")
        return frozenset(account for each in decided for account in each.alone.get(person.lower(), ()))

    def applied(self, network: Network) -> Network:
        """Return the verdict on a network with what people said was right taken in, as if it had been declared."""
        said = self.at(network.ip, network.asn)
        if said.right is not None:
            return _given(network, said)
        rivals = sorted(account for account in said.contested if account not in said.rejected)
        if len(rivals) > 1:
            text = f"People named {len(rivals)} different accounts for this network: it may be any of them"
            why = (Reason(text=text, code="corrected:contested"),)
            return replace(network, accounts=tuple(rivals), confidence=CONFIDENCE / len(rivals), why=why)
        return network

    def _decisions(self, asn: int | None, where: str, address_hash: str) -> list[Decided]:
        """Return the decisions around `where` (an address or a prefix), the widest first."""
        found = [self._systems.get(asn, NOTHING)] if asn is not None else []
        if self._prefixes and (place := parse_prefix(where)):
            number = int(place.network_address)
            for version, shift in self._lengths:
                if version == place.version and place.max_prefixlen - shift <= place.prefixlen:
                    found.append(self._prefixes[version, shift].get(number >> shift, NOTHING))
        if address_hash:
            found.append(self._addresses.get(address_hash, NOTHING))
        return found


def _together(decided: Iterable[Decided]) -> Said:
    said = Said()
    for each in decided:
        said = said.narrowed(each)
    return said


def _given(network: Network, said: Said) -> Network:
    account, by, at = said.right, said.decided.by, said.decided.at
    assert account is not None
    when = f" on {at.day} {at:%b %Y}" if at else ""
    text = f"{by} said{when} that this network is this account's"
    evidence = Evidence(source="corrected", prefix=network.prefix, accounts=(account,), text=text, at=at)
    is_shared = network.kind in SHARED_KINDS or network.kind is NetworkKind.UNKNOWN
    return replace(
        network,
        kind=NetworkKind.BUSINESS if is_shared else network.kind,
        owner_kind=OwnerKind.COMPANY,
        accounts=(account,),
        organisation=network.organisation if not is_shared else None,
        confidence=CONFIDENCE,
        evidence=(evidence, *network.evidence),
        why=(Reason(text=text, code="corrected"), *network.why),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """The network that a correction of a visit covers, and how it was chosen."""

    prefix: str
    how: str
    """Words for the person: empty where it is simply the network that they saw."""


def covering(prefix: str, evidence: Iterable[tuple[str, str]], verdict: str) -> Covered:
    """Return the network that a word about a visit from `prefix` covers; `evidence` are its (source, prefix) pairs.

    A record of a registry, a declaration or our own map is a network as people use it. A network database's prefix is a
    fragment of its tree: "wrong" is widened to the /24 or /48 around a narrower fragment, which covers all that the rep
    saw. "Right" is never widened: neighbours may be other firms.
    """
    seen = parse_prefix(prefix)
    if seen is None:
        return Covered(prefix=prefix, how="")
    registered = [
        known
        for source, text in evidence
        if source.partition(":")[0] in _REGISTERED and (known := parse_prefix(text)) and known.version == seen.version
    ]
    if registered:
        best = max(registered, key=lambda known: known.prefixlen)
        kept = kept_prefix(str(best))
        return Covered(prefix=kept, how=f"the network {kept} as it is registered" if kept != prefix else "")
    widest = WIDEST_FRAGMENT[seen.version]
    if verdict == "wrong" and seen.prefixlen > widest:
        wide = str(seen.supernet(new_prefix=widest))
        return Covered(prefix=wide, how=f"the /{widest} around it, {wide}, since no registry record is known")
    return Covered(prefix=kept_prefix(str(seen)), how="")


def is_address(text: str) -> bool:
    """Say whether a text is one address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
