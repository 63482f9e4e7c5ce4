"""Company → account: an index built once from all accounts, asked once per company (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.domain import Account, AccountId, AccountMatch, Company, Reason
from enrichment.account.domains import SharedBy, is_carrier, label, registrable, shared_by
from enrichment.account.names import SAME, compare
from enrichment.account.normal_form import NormalForm, loose_key, normal_form
from enrichment.account.sounds import sound_keys
from enrichment.account.words import ADMIN, PLACES, SOFT, TRADES, frequency

COMMON_TOKEN = 40
"""A word that more of the accounts' names have doesn't lead to candidates."""

DECLARED = 0.99
AT_DOMAIN = 0.97
"""How sure an account is that declared the network, or whose domain the company has."""

READ_SO = 0.9
"""The score from which a name in Latin letters is the reading of a Japanese one, not only alike in sound."""

LONG_READING = 6

PLAIN_WORD = 40
"""A one-word name that this many network owners use is a plain word: it needs more than the name."""


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    form: NormalForm
    account: Account


class AccountIndex:
    """All accounts, ready to be asked: which of them is this company?

    Order of evidence: accounts that declared the network, then the registrable domain, then the name. What an
    earlier kind of evidence decides, a later one can't overrule. Several equally good accounts are all returned as
    candidates and none is chosen: only the name may choose between accounts that share a domain or a network. An
    account whose whole name is one plain word is never settled by that word alone; it is the only candidate then.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = {account.id: account for account in accounts}
        self._by_domain: dict[str, list[Account]] = defaultdict(list)
        self._by_key: dict[str, list[_Name]] = defaultdict(list)
        self._by_word: dict[str, list[_Name]] = defaultdict(list)
        self._by_sound: dict[str, list[_Name]] = defaultdict(list)
        for account in accounts:
            for domain in dict.fromkeys(filter(None, map(registrable, account.domains))):
                self._by_domain[domain].append(account)
            for text in dict.fromkeys((account.name, *account.aliases)):
                self._add_name(_Name(text, normal_form(text), account))
        # Only words that few accounts have lead to candidates; the rest would make every look-up a scan.
        self._by_word = {word: names for word, names in self._by_word.items() if len(names) <= COMMON_TOKEN}

    def __len__(self) -> int:
        return len(self._accounts)

    def get(self, account_id: AccountId) -> Account | None:
        """Return the account of this id, or None."""
        return self._accounts.get(account_id)

    def match(self, company: Company, *, by_clue: bool = False) -> AccountMatch | None:
        """Return the account that `company` is, several that it may be, or None.

        `by_clue` says that the visitor told us the domain (a form, an identify call): then the domain of a carrier
        that is a customer counts too. Without it such an account stays a candidate: its network is its customers'. The
        confidence is that of the match alone: how sure this company is this account,
        not how sure the visitor is this company.
        """
        if company.accounts:
            declared = [self._accounts[found] for found in company.accounts if found in self._accounts]
            if declared and by_clue:
                return _named(declared[0])
            if declared:
                return self._declared(company, declared)
        found = self._find(company.name, company.domain, by_clue=by_clue)
        if found and found.account and not by_clue and any(map(is_carrier, found.account.domains)):
            text = "A carrier's network is used by its customers, so only a visitor's own word can say that it is"
            return _open([found.account], found.confidence, text)
        return found

    def owner(self, name: str, domain: str | None = None) -> AccountMatch | None:
        """Return the account that a network owner called `name` is, or several that it may be, or None."""
        return self._find(name, domain, by_clue=False)

    def _add_name(self, name: _Name) -> None:
        if not name.form.key:
            return
        self._by_key[loose_key(name.form)].append(name)
        if name.form.cjk:
            for key in sound_keys(name.form):
                self._by_sound[key].append(name)
            return
        for word in dict.fromkeys(name.form.words):
            if word not in SOFT and word not in PLACES and word not in ADMIN and word not in TRADES:
                self._by_word[word].append(name)

    def _declared(self, company: Company, declared: list[Account]) -> AccountMatch:
        chosen = _only(declared) or self._chosen_by_name(company.name, declared)
        if chosen is None:
            return _open(declared, DECLARED, "Several of your accounts are set down for this network")
        text = f"The network was set down as one of {chosen.name}'s."
        return _settled(chosen, DECLARED, Reason(text=text, code="match:declared"))

    def _find(self, name: str | None, domain: str | None, *, by_clue: bool) -> AccountMatch | None:
        known = registrable(domain) if domain else None
        shared = shared_by(known) if known else None
        if known and (shared is None or (by_clue and shared is SharedBy.CARRIER)):
            at_domain = self._by_domain.get(known, [])
            if at_domain:
                return self._at_domain(name, known, at_domain)
        else:
            known = None
        return self._by_name(name, known) if name else None

    def _at_domain(self, name: str | None, domain: str, accounts: list[Account]) -> AccountMatch:
        chosen = _only(accounts) or self._chosen_by_name(name, accounts)
        if chosen is None:
            return _open(accounts, AT_DOMAIN, f"Several of your accounts use the domain {domain}")
        reasons = [Reason(text=f"Its domain {domain} is that of your account {chosen.name}.", code="match:domain")]
        if len(accounts) > 1:
            reasons.append(
                Reason(text=f"Of {len(accounts)} accounts with that domain, the name says which.", code="match:name")
            )
        return _settled(chosen, AT_DOMAIN, *reasons)

    def _chosen_by_name(self, name: str | None, accounts: Iterable[Account]) -> Account | None:
        if not name:
            return None
        return _only([account for account in accounts if _best(name, account) >= SAME])

    def _by_name(self, name: str, domain: str | None) -> AccountMatch | None:
        form = normal_form(name)
        if not form.key:
            return None
        scored: dict[AccountId, tuple[float, bool, _Name]] = {}
        for candidate in self._candidates(form):
            verdict = compare(name, candidate.text)
            score = self._weigh(form, candidate, verdict.score, domain)
            exact = loose_key(candidate.form) == loose_key(form)
            if score >= SAME and (exact, score) > scored.get(candidate.account.id, (0.0, False))[1::-1]:
                scored[candidate.account.id] = (score, exact, candidate)
        if not scored:
            return None
        top = max((exact, score) for score, exact, _ in scored.values())
        best = [found for found in scored.values() if (found[1], found[0]) == top]
        if not top[0] and len(scored) > 1:
            best = list(scored.values())
        if len(best) > 1:
            return _open(
                [found[2].account for found in best], best[0][0], f"Several of your accounts are called like “{name}”"
            )
        score, exact, found = best[0]
        if is_plain(found.form) and not (domain and label(domain) == found.form.key):
            return _open([found.account], score, f"“{name}” is too plain a name to be sure that it is your account")
        how = "is written like" if exact else "is close to"
        text = f"The network's owner “{name}” {how} your account {found.text}"
        text += "." if found.text == found.account.name else f", another name of {found.account.name}."
        return _settled(found.account, score, Reason(text=text, code="match:name"), *compare(name, found.text).why)

    def _candidates(self, form: NormalForm) -> Iterable[_Name]:
        found = {id(name): name for name in self._by_key.get(loose_key(form), ())}
        for word in form.words:
            for name in self._by_word.get(word, ()):
                found[id(name)] = name
        if not found and not form.cjk:
            for key in sound_keys(form):
                for name in self._by_sound.get(key, ()):
                    found[id(name)] = name
        return found.values()

    def _weigh(self, form: NormalForm, candidate: _Name, score: float, domain: str | None) -> float:
        """Return `score`, less where the name alone is too plain or another domain speaks against it."""
        if domain and candidate.account.domains:
            own = {label(known) for known in candidate.account.domains}
            if label(domain) not in own:
                score -= 0.1
        elif domain and label(domain) in (candidate.form.key, candidate.form.words[0]):
            return score
        if any(word in PLACES and word not in form.words for word in candidate.form.words):
            score -= 0.1  # the account is a unit in one place: its network would say so
        if form.cjk != candidate.form.cjk and not (domain or "").endswith(".jp"):
            # A firm elsewhere may sound so too: only a longer name that is read exactly so is Japanese by itself.
            score -= 0.0 if score >= READ_SO and len(form.key) >= LONG_READING else 0.15
        if is_plain(candidate.form) and form.key != candidate.form.key:
            score -= 0.3
        return score


def is_plain(form: NormalForm) -> bool:
    """Return whether a name is one plain word, so that many firms may be called so."""
    if form.cjk:
        return len(form.key) < 2
    if len(form.words) != 1 or form.cjk:
        return False
    word = form.words[0]
    return len(word) < 2 or frequency(word) >= PLAIN_WORD or word in SOFT | ADMIN | TRADES | PLACES


def _best(name: str, account: Account) -> float:
    return max(compare(name, text).score for text in (account.name, *account.aliases))


def _only(accounts: Sequence[Account]) -> Account | None:
    return accounts[0] if len(accounts) == 1 else None


def _settled(account: Account, confidence: float, *why: Reason) -> AccountMatch:
    return AccountMatch(account=account, candidates=(account,), confidence=round(confidence, 4), why=why)


def _named(account: Account) -> AccountMatch:
    """The match by an account's own id: the doubt is in the clue alone."""
    return _settled(account, 1.0, Reason(text=f"The clue names {account.name} by its id.", code="match:declared"))


def _open(accounts: Sequence[Account], confidence: float, text: str) -> AccountMatch:
    ordered = tuple(sorted(accounts, key=lambda account: account.id))
    names = ", ".join(f"{account.name} ({account.id})" for account in ordered[:5])
    reason = Reason(text=f"{text}: {names}. Nobody is told until it is clear.", code="match:ambiguous")
    return AccountMatch(account=None, candidates=ordered, confidence=round(confidence / len(ordered), 4), why=(reason,))
