"""Right or wrong company, said of an address, a network, an AS or one visit: one door for pages, commands and the API.

Each act is one transaction of the caller's, may be repeated, and leaves a row in the audit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

import alerts.store
import enrichment.company.store as words
from alerts import whose_store
from app import audit
from app import correction_queries as queries
from app.auth.users import FIRST_USER
from app.correction_queries import Judged
from app.settling import name_owner, said_of, settle, unmark
from core.domain import AccountId
from core.errors import InputError
from enrichment.account.store import account as find_account
from enrichment.company.corrections import SHARED_KINDS, Corrections, covering, is_address
from enrichment.company.voices import Scope, Verdict, Word
from enrichment.enrich import Rules
from enrichment.network.addresses import kept_prefix, neighbourhood, parse_address, parse_prefix

SHARED = frozenset(kind.value for kind in SHARED_KINDS)
COMMAND_LINE = "command line"

Hashed = Callable[[str], str]
"""An address → its keyed hash, as it is kept with visits."""


class NotTheirsError(InputError):
    """Somebody wants to take back what another person said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who says something: a person is named by their e-mail address, a program by `api:` and its key's name."""

    by: str
    is_admin: bool = False
    """Whether it counts for everybody alone, whoever it is: a program's key may be allowed to."""
    by_link: bool = False
    """Whether it came by a signed link, without a login: then it is one person's voice, whatever that person may."""
    on_behalf_of: str = ""
    """Whose word a program says that it passes on; kept as information, it gives no right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What came of a word."""

    id: str
    account: AccountId
    said: str
    """A sentence for the person who said it."""
    moved: tuple[str, ...]
    """The visits that changed hands."""
    for_all: bool
    """Whether it acts for everybody, not only for the person."""


def voice_of(by: str | Voice) -> Voice:
    """Return the voice of somebody known by name alone."""
    return by if isinstance(by, Voice) else Voice(by=by)


def speaks_for_all(connection: Connection, by: str | Voice) -> bool:
    """Say whether a person's word acts for everybody alone: an admin's, the operator's at the command line.

    Never that of a link: a message is forwarded easily, and its link asks for no login.
    """
    voice = voice_of(by)
    if voice.is_admin or voice.by_link:
        return voice.is_admin
    return voice.by in (COMMAND_LINE, FIRST_USER) or queries.role_of(connection, voice.by) == "admin"


def may_take_back(connection: Connection, by: str | Voice, word: Word) -> bool:
    """Say whether `by` may take a word back: their own, or as an admin anybody's; by a link none that acts for all."""
    voice = voice_of(by)
    return speaks_for_all(connection, voice) or (is_same(word.by, voice.by) and not (voice.by_link and word.for_all))


def of_visit(
    connection: Connection,
    visit: str,
    verdict: Verdict,
    account: AccountId,
    by: str | Voice,
    now: datetime,
    rules: Rules | None = None,
) -> Spoken | None:
    """Keep that a visit was, or wasn't, by `account`; it covers the visit's network, as far as that is one firm's.

    In a network that many share it covers the one address, by its hash. None when there is no such visit.
    """
    found = queries.judged(connection, (visit,))
    if not found:
        return None
    seen = found[0]
    word = _word(connection, verdict, _scope_of(seen), account, by, now)
    how = ""
    if word.scope == "prefix":
        pairs = [(str(row.get("source", "")), str(row.get("prefix", ""))) for row in seen.evidence]
        covered = covering(seen.prefix, pairs, verdict)
        word, how = replace(word, prefix=covered.prefix), covered.how
    elif word.scope == "address":
        word = replace(word, prefix=kept_prefix(seen.prefix), address_hash=seen.address_hash)
    return _say(connection, replace(word, visit=visit), now, rules, how=how, sources_from=seen)


def of_place(
    connection: Connection,
    scope: Scope,
    place: str,
    verdict: Verdict,
    account: AccountId,
    by: str | Voice,
    now: datetime,
    *,
    hashed: Hashed,
    rules: Rules | None = None,
) -> Spoken:
    """Keep that an address, a network or an AS is, or isn't, that of `account`.

    Raises InputError when the place isn't one, there is no such account, or many firms share it: there only an address
    may be corrected.
    """
    if find_account(connection, account) is None:
        raise InputError(f"there is no account {account!r}: `dormouse import accounts FILE` brings accounts in")
    word = _placed(_word(connection, verdict, scope, account, by, now), place, hashed)
    ids = queries.in_scope(connection, replace(word, verdict="right"))
    kinds = queries.kinds_in_scope(connection, replace(word, verdict="right"))
    if scope in ("prefix", "as") and kinds and kinds[0] in SHARED:
        raise InputError(
            f"{place} is shared by many (its visits are of the kind {kinds[0]}): correct one address of it"
        )
    newest = queries.newest_of(connection, account, ids)
    seen = queries.judged(connection, (newest,)) if newest else ()
    return _say(connection, word, now, rules, sources_from=seen[0] if seen else None)


def undo(
    connection: Connection, correction: str, by: str | Voice, now: datetime, rules: Rules | None = None
) -> Spoken | None:
    """Take a word back; what was judged before stands again. None when it doesn't stand.

    Raises NotTheirsError when somebody else said it and `by` is no admin's.
    """
    voice = voice_of(by)
    by = voice.by
    kept = words.kept(connection, correction)
    if kept is None or kept.undone_at is not None:
        return None
    if not may_take_back(connection, voice, kept.word):
        raise NotTheirsError(f"{kept.word.by} said this: only they or an admin can take it back")
    if not words.undo(connection, correction, now):
        return None
    word = kept.word
    ids = queries.in_scope(connection, word)
    moved = settle(connection, ids, by, now, rules)
    if word.verdict == "wrong" and not moved:
        unmark(connection, word.account, ids, now)
    if word.verdict == "right" and not standing_on(connection, word.visit, word.account, "right"):
        whose_store.unname(connection, (word.visit,), word.account, now)
    audit.record(connection, by, "correction.undo", correction, now)
    said = f"Undone. {_visits(len(moved))} {'is' if len(moved) == 1 else 'are'} back." if moved else "Undone."
    return Spoken(id=correction, account=word.account, said=said, moved=moved, for_all=True)


def is_same(one: str, other: str) -> bool:
    """Say whether two names of people are the same person's."""
    return one.strip().lower() == other.strip().lower()


def standing_on(connection: Connection, visit: str, account: AccountId, verdict: Verdict = "wrong") -> tuple[Word, ...]:
    """Return the words that stand on a visit and an account, whatever their scope."""
    found = queries.judged(connection, (visit,))
    if not found:
        return ()
    seen = found[0]
    return tuple(
        word
        for word in words.words(connection)
        if word.account == account and word.verdict == verdict and _is_about(word, seen)
    )


def _is_about(word: Word, seen: Judged) -> bool:
    alone = Corrections([replace(word, for_all=True, by="")])
    said = said_of(alone, seen)
    return said.right is not None or bool(said.rejected)


def _scope_of(seen: Judged) -> Scope:
    if seen.is_by_clue:  # a guest who came by a link says nothing of the network that they sat in
        return "visit"
    if seen.kind in SHARED or not seen.prefix:
        return "address" if seen.address_hash else "visit"
    return "prefix"


def _word(
    connection: Connection, verdict: Verdict, scope: Scope, account: AccountId, by: str | Voice, now: datetime
) -> Word:
    voice = voice_of(by)
    return Word(
        id="",
        verdict=verdict,
        scope=scope,
        account=account,
        by=voice.by[:254],
        at=now,
        for_all=speaks_for_all(connection, voice),
        on_behalf_of=voice.on_behalf_of[:254],
    )


def _placed(word: Word, place: str, hashed: Hashed) -> Word:
    place = place.strip()
    if word.scope == "as":
        number = place.upper().removeprefix("AS")
        if not (number.isascii() and number.isdigit() and 0 < int(number) < 2**32):
            raise InputError(f"{place!r} isn't an AS: give its number, such as AS64500")
        return replace(word, asn=int(number))
    if word.scope == "address":
        address = parse_address(place) if is_address(place) else None
        if address is None:
            raise InputError(f"{place!r} isn't an address: give one such as 192.0.2.10 or 2001:db8::1")
        return replace(word, prefix=str(neighbourhood(address)), address_hash=hashed(str(address)))
    network = parse_prefix(place)
    if word.scope != "prefix" or network is None:
        raise InputError(f"{place!r} isn't a network: give it as 192.0.2.0/24 or 2001:db8::/48")
    if network.prefixlen < (8 if network.version == 4 else 16):
        raise InputError(f"{place!r} is too wide to be one organisation's network: give the part that it uses")
    if network.prefixlen > (29 if network.version == 4 else 56):
        raise InputError(f"{place!r} is only a few addresses: correct each one by --address, kept as a hash")
    return replace(word, prefix=str(network))


def _say(
    connection: Connection,
    word: Word,
    now: datetime,
    rules: Rules | None,
    *,
    how: str = "",
    sources_from: Judged | None = None,
) -> Spoken:
    account = find_account(connection, word.account)
    if account is None and word.verdict == "right":
        raise InputError(f"there is no account {word.account!r}: import it first (`dormouse import accounts FILE`)")
    name = account.name if account else word.account
    word = replace(word, id=words.word_id(word.verdict, word.key, word.account, word.by, word.at))
    sources: tuple[str, ...] = ()
    if sources_from and sources_from.judged_account == word.account and not (account and account.is_demo):
        sources = sources_from.sources
    words.say(connection, word, sources)
    ids = queries.in_scope(connection, word)
    moved = settle(connection, ids, word.by, now, rules)
    decided = Corrections(words.words(connection))
    acts = _acts(decided, word)
    if word.verdict == "right" and word.visit and not acts:
        name_owner(connection, word.account, (word.visit,), now)  # for whom they took it from, it is answered
    if word.verdict == "wrong" and not acts:
        mine = queries.alerts_to(connection, word.by, word.account, ids)
        for alert in mine:
            alerts.store.wrong_company(connection, alert, word.by, now)
    audit.record(connection, word.by, f"correction.{word.verdict}", f"{word.key} {word.account}", now)
    said = _sentence(word, name, how, acts, len(moved))
    return Spoken(id=word.id, account=word.account, said=said, moved=moved, for_all=acts)


def _acts(decided: Corrections, word: Word) -> bool:
    said = decided.decided_on(word.key)
    return word.account == said.right if word.verdict == "right" else word.account in said.rejected


def _sentence(word: Word, name: str, how: str, acts: bool, moved: int) -> str:
    what = {"prefix": "This network", "address": "This address", "as": f"AS{word.asn}", "visit": "This visit"}
    place = what[word.scope]
    within = place if word.scope == "as" else f"{place[:1].lower()}{place[1:]}"
    count = f" {_visits(moved)} moved." if moved > 1 else ""
    covers = f" It covers {how}." if how else ""
    if word.verdict == "right":
        if acts:
            return f"Noted: {within} is {name}'s from now on.{covers}{count}"
        return f"Noted. It is {name}'s for everybody once a second person or an admin says so.{covers}"
    if not acts and word.scope == "visit":
        return (
            f"Removed for you, sorry: this visit doesn't count as {name} for you. For everybody it counts once a "
            "second person or an admin says so."
        )
    if not acts:
        return (
            f"Removed for you, sorry: you won't be told of {name} from there again. For everybody it counts once a "
            f"second person or an admin says so.{covers}"
        )
    if word.scope == "visit":
        return f"Removed, sorry: this visit wasn't {name}.{count}"
    return f"Removed, sorry. {place} will not mean {name} again.{covers}{count}"


def _visits(number: int) -> str:
    return f"{number:,} visit{'' if number == 1 else 's'}"


def name_of(connection: Connection, account: str) -> str:
    """Return an account's name, or its id where it is gone."""
    found = find_account(connection, AccountId(account))
    return found.name if found else account
