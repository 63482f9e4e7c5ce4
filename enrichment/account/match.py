"""Company → account: an index built once from all accounts, asked once per company (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from core.domain import Account, AccountId, AccountMatch, Company, Reason
from enrichment.account.domains import SharedBy, is_carrier, label, registrable, shared_by
from enrichment.account.hierarchy import leaf
from enrichment.account.names import SAME, compare_forms
from enrichment.account.normal_form import NormalForm, loose_key, normal_form
from enrichment.account.sounds import sound_keys
from enrichment.account.universities import university_domains, university_names
from enrichment.account.weigh import CONFIDENCE, Name, Question, Route, Weighed, handle_key, initials, weigh
from enrichment.account.weigh import is_plain as is_plain
from enrichment.account.words import ADMIN, PLACES, SOFT, TRADES
from enrichment.network.words import EDUCATION, plain

COMMON_TOKEN = 40
"""A word that more of the accounts' names have doesn't lead to candidates; with the word after it, it does."""

_NO_TOKEN = SOFT | PLACES | ADMIN | TRADES


class AccountIndex:
    """All accounts, ready to be asked: which of them is this company?

    Order of evidence: accounts that declared the network, then the registrable domain, then the name, then the AS's
    handle. What an earlier kind of evidence decides, a later one can't overrule. Several equally good accounts are all
    returned as candidates and none is chosen: only the name may choose between accounts that share a domain or a
    network. An account whose whole name is one plain word is never settled by that word alone; it is the only
    candidate then. docs/matching.md has the whole rule.
    """

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._accounts: dict[AccountId, Account] = {}
        self._former: dict[AccountId, Account] = {}
        self._by_domain: dict[str, list[Account]] = {}
        self._by_listed: dict[str, list[Account]] = {}
        self._by_label: dict[str, list[Account]] = {}
        self._by_key: dict[str, list[Name]] = {}
        self._by_word: dict[str, list[Name]] = {}
        self._by_sound: dict[str, list[Name]] = {}
        for account in accounts:
            self._add(account)
        self._drop_common()

    def __len__(self) -> int:
        return len(self._accounts)

    def get(self, account_id: AccountId) -> Account | None:
        """Return the account of this id, or that it was merged into, or None."""
        return self._accounts.get(account_id) or self._former.get(account_id)

    def accounts(self) -> Iterable[Account]:
        """Give every account."""
        return self._accounts.values()

    def match(self, company: Company, *, by_clue: bool = False) -> AccountMatch | None:
        """Return the account that `company` is, several that it may be, or None.

        `by_clue` says that the visitor told us the domain (a form, an identify call): then the domain of a carrier
        that is a customer counts too. Without it such an account stays a candidate: its network is its customers'. The
        confidence is that of the match alone: how sure this company is this account,
        not how sure the visitor is this company.
        """
        if company.accounts:
            named = (account for one in company.accounts if (account := self.get(one)))
            declared = list({account.id: account for account in named}.values())
            if declared and by_clue:
                return _named(declared[0])
            if declared:
                return self._declared(company, declared)
        found = self._find(company.name, company.domain, company.country, by_clue=by_clue)
        if found is None and company.handle and not by_clue:
            found = self._by_handle(company.name or "", company.handle, company.country)
        if found and found.account and not by_clue and any(map(is_carrier, found.account.domains)):
            text = "A carrier's network is used by its customers, so only a visitor's own word can say that it is"
            return _open([found.account], found.confidence, text)
        return found

    def owner(self, name: str, domain: str | None = None, country: str | None = None) -> AccountMatch | None:
        """Return the account that a network owner called `name` is, or several that it may be, or None."""
        return self._find(name, domain, country, by_clue=False)

    def _add(self, account: Account) -> None:
        self._accounts[account.id] = account
        self._former |= dict.fromkeys(account.former_ids, account)
        domains = dict.fromkeys(filter(None, map(registrable, account.domains)))
        texts = dict.fromkeys((account.name, *account.aliases))
        for domain in domains:
            _put(self._by_domain, domain, account)
            _put(self._by_label, label(domain), account)
            texts.update(dict.fromkeys(university_names(domain)))
        for text in texts:
            name = Name(text=text, form=normal_form(text), account=account)
            self._add_name(name)
            if not domains:
                for domain in university_domains(loose_key(name.form)):
                    _put(self._by_listed, domain, account)

    def _add_name(self, name: Name) -> None:
        if not name.form.key:
            return
        _put(self._by_key, loose_key(name.form), name)
        if name.form.cjk:
            for key in sound_keys(name.form):
                _put(self._by_sound, key, name)
            return
        for word in dict.fromkeys(name.form.words):
            if word not in _NO_TOKEN:
                _put(self._by_word, word, name)

    def _drop_common(self) -> None:
        """Lead from a common word only together with the one after it: else each look-up would be a scan."""
        common = {word: names for word, names in self._by_word.items() if len(names) > COMMON_TOKEN}
        pairs: dict[str, list[Name]] = defaultdict(list)
        for word, names in common.items():
            del self._by_word[word]
            for name in names:
                if name.form.words[0] == word and len(name.form.words) > 1:
                    pairs[_pair(name.form)].append(name)
        self._by_word |= {pair: names for pair, names in pairs.items() if len(names) <= COMMON_TOKEN}

    def _declared(self, company: Company, declared: list[Account]) -> AccountMatch:
        chosen = _only(declared) or self._chosen_by_name(company.name, declared)
        if chosen is None:
            confidence = CONFIDENCE[Route.DECLARED]
            return _open(declared, confidence, "Several of your accounts are set down for this network")
        return _settled(chosen, Route.DECLARED, f"The network is known as one of {chosen.name}'s.")

    def _find(self, name: str | None, domain: str | None, country: str | None, *, by_clue: bool) -> AccountMatch | None:
        known = registrable(domain) if domain else None
        shared = shared_by(known) if known else None
        if known and (shared is None or (by_clue and shared is SharedBy.CARRIER)):
            if at_domain := self._by_domain.get(known):
                return self._at_domain(name, known, at_domain, Route.DOMAIN)
            if listed := self._by_listed.get(known):
                return self._at_domain(name, known, listed, Route.DOMAIN_LISTED)
        else:
            known = None
        return self._by_name(name, known, country) if name else None

    def _at_domain(self, name: str | None, domain: str, accounts: Sequence[Account], route: Route) -> AccountMatch:
        chosen = _only(accounts) or self._chosen_by_name(name, accounts)
        if chosen is None:
            return _open(accounts, CONFIDENCE[route], f"Several of your accounts use the domain {domain}")
        text = f"Its domain {domain} is that of your account {chosen.name}."
        if len(accounts) == 1:
            return _settled(chosen, route, text)
        chosen_by = Reason(
            text=f"Of {len(accounts)} accounts with that domain, the name says which.", code="match:name"
        )
        return _settled(chosen, Route.DOMAIN_NAME, text, chosen_by)

    def _chosen_by_name(self, name: str | None, accounts: Iterable[Account]) -> Account | None:
        if not name:
            return None
        form = normal_form(name)
        fits = [(score, account) for account in accounts if (score := _best(form, account)) >= SAME]
        best = [account for score, account in fits if score == max(fits, key=lambda fit: fit[0])[0]]
        return _only([account for _, account in fits]) or (leaf(best) if len(best) == len(fits) else None)

    def _by_name(self, name: str, domain: str | None, country: str | None) -> AccountMatch | None:
        """Return the account by its name, else by the name before a comma or about a slash (`Acme/Northern AB`)."""
        whole = self._by_one_name(name, domain, country)
        if whole is not None:
            return whole
        for part in _parts(name):
            found = self._by_one_name(part, domain, country, of=name)
            if found is not None:
                return found
        return None

    def _by_one_name(self, text: str, domain: str | None, country: str | None, of: str = "") -> AccountMatch | None:
        form = normal_form(text)
        if not form.key:
            return None
        asked = Question(text=text, form=form, domain=domain, country=country)
        best: dict[AccountId, Weighed] = {}
        for name in self._candidates(form):
            found = weigh(asked, name)
            if (
                found is None
                or found.score < SAME
                or (of and not (found.exact and (found.same_country or found.domain_agrees)))
            ):
                continue
            known = best.get(name.account.id)
            if known is None or (found.exact, found.score) > (known.exact, known.score):
                best[name.account.id] = found
        return _verdict(asked, list(best.values()), part_of=of) if best else None

    def _candidates(self, form: NormalForm) -> Iterable[Name]:
        found = {id(name): name for name in self._by_key.get(loose_key(form), ())[:COMMON_TOKEN]}
        for key in (*form.words, _pair(form), initials(form)):
            for name in self._by_word.get(key, ()):
                found[id(name)] = name
        if not found and not form.cjk:
            for key in sound_keys(form):
                for name in self._by_sound.get(key, ()):
                    found[id(name)] = name
        return found.values()

    def _by_handle(self, name: str, handle: str, country: str | None) -> AccountMatch | None:
        """Return the account whose name or domain is the AS's handle, if the country or the owner's name agrees."""
        key = handle_key(handle)
        school = EDUCATION.find(plain(name)) is not None
        if len(key) < (SHORTEST_HANDLE - 1 if school else SHORTEST_HANDLE):
            return None
        words = normal_form(name).words
        found: dict[AccountId, Account] = {}
        for known in self._by_key.get(key, ()) if len(key) >= SHORTEST_HANDLE else ():
            form = known.form
            if not is_plain(form) and (form.key in words or known.account.country == country):
                found[known.account.id] = known.account
        for account in self._by_label.get(key, ()):
            if country and account.country == country and (len(key) >= SHORTEST_HANDLE or _is_school(account)):
                found[account.id] = account
        if not found:
            return None
        if len(found) > 1:
            text = f"Several of your accounts are called like the network {handle}"
            return _open(list(found.values()), CONFIDENCE[Route.HANDLE], text)
        chosen = next(iter(found.values()))
        text = f"Its network is registered as {handle}, which is how your account {chosen.name} is called."
        return _settled(chosen, Route.HANDLE, text)


SHORTEST_HANDLE = 3


def _is_school(account: Account) -> bool:
    return any(university_names(domain) for domain in map(registrable, account.domains) if domain)


def _pair(form: NormalForm) -> str:
    return " ".join(form.words[:2])


_COMMA = re.compile(r",\s+")
_SLASH = re.compile(r"\s*/\s*")


def _parts(name: str) -> list[str]:
    """Return the parts of a name that may be names of their own: before a comma with a legal form, about a slash."""
    head = _COMMA.split(name, maxsplit=1)[0]
    found = [head] if head != name and normal_form(head).forms else []
    if "/" in name:
        found += [part for part in _SLASH.split(name) if len(part) > 2]
    return found


_T = TypeVar("_T")


def _put(index: dict[str, list[_T]], key: str, value: _T) -> None:
    found = index.get(key)
    if found is None:
        index[key] = [value]
    else:
        found.append(value)


def _verdict(asked: Question, found: list[Weighed], part_of: str) -> AccountMatch:
    """Return the best of the accounts whose names agree, or all of them where none is best."""
    top = max((one.exact, one.score) for one in found)
    best = [one for one in found if (one.exact, one.score) == top] if top[0] else found
    if len(best) > 1 and len({one.score for one in best}) == 1:
        # of a group's accounts that fit equally well, the visit is the lowest one's: it is the more exact statement
        lowest = leaf([one.name.account for one in best])
        best = [one for one in best if lowest is None or one.name.account == lowest]
    if len(best) > 1:
        of_country = [one for one in best if one.same_country]
        confidence = max(one.confidence for one in best)
        if len(of_country) != 1 or len(best) >= COMMON_TOKEN or any(one.same_country is None for one in best):
            text = f"Several of your accounts are called like “{asked.text}”"
            return _open([one.name.account for one in best], confidence, text)
        best = of_country
    one = best[0]
    account = one.name.account
    if one.open:
        return _open([account], one.confidence, one.open)
    how = "is written like" if one.exact else "is close to"
    text = f"The network's owner “{part_of or asked.text}” {how} your account {one.name.text}"
    text += "." if one.name.text == account.name else f", another name of {account.name}."
    reasons = list(one.why)
    if one.same_country:
        reasons.append(Reason(text=f"Both are of the same country ({account.country}).", code="match:country:same"))
    elif one.same_country is False:
        reasons.append(Reason(text="The network is in another country.", code="match:country:other"))
    if one.says_more:
        text_more = f"{one.name.text} says more than the network's owner does: it may be a part of the firm."
        reasons.append(Reason(text=text_more, code="match:more"))
    if one.other_form:
        reasons.append(Reason(text="The legal forms differ.", code="match:form:other"))
    if one.domain_agrees:
        reasons.append(Reason(text="Its domain agrees with the name.", code="match:domain:label"))
    if one.name.text != account.name:
        reasons.append(Reason(text=f"“{one.name.text}” is set down as another name.", code="match:alias"))
    route = Route.PART if part_of else one.route
    first = Reason(text=text, code=f"match:{route.value}")
    return AccountMatch(account=account, candidates=(account,), confidence=one.confidence, why=(first, *reasons))


def _best(form: NormalForm, account: Account) -> float:
    return max(compare_forms(form, normal_form(text)).score for text in (account.name, *account.aliases))


def _only(accounts: Sequence[Account]) -> Account | None:
    return accounts[0] if len(accounts) == 1 else None


def _settled(account: Account, route: Route, text: str, *why: Reason) -> AccountMatch:
    first = Reason(text=text, code=f"match:{route.value}")
    return AccountMatch(account=account, candidates=(account,), confidence=CONFIDENCE[route], why=(first, *why))


def _named(account: Account) -> AccountMatch:
    """The match by an account's own id, which a clue names: the doubt is in the clue alone."""
    why = Reason(text=f"The clue names {account.name} by its id.", code="match:declared")
    return AccountMatch(account=account, candidates=(account,), confidence=1.0, why=(why,))


def _open(accounts: Sequence[Account], confidence: float, text: str) -> AccountMatch:
    ordered = tuple(sorted(accounts, key=lambda account: account.id))
    names = ", ".join(f"{account.name} ({account.id})" for account in ordered[:5])
    reason = Reason(text=f"{text}: {names}. Nobody is told until it is clear.", code="match:ambiguous")
    return AccountMatch(account=None, candidates=ordered, confidence=round(confidence / len(ordered), 4), why=(reason,))
