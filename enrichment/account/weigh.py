"""How well a company is one account: the two names, and what else agrees or speaks against it (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.domain import Account, Reason
from enrichment.account.countries import OF_PLACE, countries_of
from enrichment.account.domains import label
from enrichment.account.names import INITIALS_ALONE, SAME, beside, compare_forms
from enrichment.account.normal_form import NormalForm, loose_key
from enrichment.account.sectors import in_sector
from enrichment.account.words import ADMIN, NAMESAKE_TRADES, PLACES, PREPOSITIONS, SOFT, TRADES, frequency

READ_SO = 0.9
"""The score from which a name in Latin letters is the reading of a Japanese one, not only alike in sound."""

LONG_READING = 6

PLAIN_WORD = 40
"""A one-word name that this many network owners use is a plain word: it needs more than the name."""

LITTLE = 0.3
"""The score below which nothing else can make two names one."""

AGAINST = 0.1
"""What another domain, or a place that only the account names, takes off the score."""

PARTS = NAMESAKE_TRADES | {"media", "insurance", "assurance"}
"""Trades that a part of a firm is named by: the firm's own network doesn't lead to it."""

AGREED = 0.85
"""The score of initials, a place or a line of business that something else confirms."""


class Route(StrEnum):
    """By which evidence a company became an account; the end of the reason's code `match:…`."""

    DECLARED = "declared"
    DOMAIN = "domain"
    DOMAIN_NAME = "domain:name"
    DOMAIN_LISTED = "domain:listed"
    EXACT = "name:exact"
    CLOSE = "name:close"
    WORD = "name:word"
    READING = "name:reading"
    SECTOR = "name:sector"
    INITIALS = "name:initials"
    PART = "name:part"
    HANDLE = "handle"


CONFIDENCE: dict[Route, float] = {
    Route.DECLARED: 0.99,
    Route.DOMAIN: 0.97,
    Route.DOMAIN_NAME: 0.97,
    Route.DOMAIN_LISTED: 0.95,
    Route.EXACT: 0.985,
    Route.CLOSE: 0.97,
    Route.WORD: 0.98,
    Route.READING: 0.95,
    Route.SECTOR: 0.95,
    Route.INITIALS: 0.9,
    Route.PART: 0.9,
    Route.HANDLE: 0.9,
}
"""How often a match by this route is right: fitted on labelled pairs and network owners (`make bench-names`), shrunk
towards caution where there were few."""

AGREES = 0.5
"""The share of the doubt that is left where the domain or the country agrees as well."""
DISAGREES = 2.0
"""How the doubt grows where the country is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name of an account, taken apart once."""

    text: str
    form: NormalForm
    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is known of the company that is looked for."""

    text: str
    form: NormalForm
    domain: str | None = None
    """Its registrable domain, where that is nobody else's too."""
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """How well a company is an account by one of its names."""

    name: Name
    score: float
    """At least `SAME`."""
    exact: bool
    route: Route
    open: str
    """Why a person must decide although the names agree; empty if none need."""
    same_country: bool | None
    """None where one of the two countries isn't known."""
    domain_agrees: bool
    says_more: bool
    """The account's name has all words of the company's and more: it may be a part of the firm, or a sister."""
    other_form: bool
    """Both have legal forms, of different kinds: often the firm's unit elsewhere, or a namesake."""
    why: tuple[Reason, ...]

    @property
    def confidence(self) -> float:
        """How likely it is that the match is right, from 0 to 1."""
        doubt = 1 - CONFIDENCE[self.route]
        if self.domain_agrees or self.same_country:
            doubt *= AGREES
        elif self.same_country is False:
            doubt *= DISAGREES
        return round(max(0.5, 1 - doubt), 4)


def weigh(asked: Question, name: Name) -> Weighed | None:
    """Say how well the company asked for is the account by this name of it; None where it is another company."""
    verdict = compare_forms(asked.form, name.form)
    if verdict.score < LITTLE:
        return None
    form, own = asked.form, name.form
    exact = loose_key(form) == loose_key(own) and verdict.score >= SAME
    agrees = _domain_agrees(asked, name)
    same_country = _same_country(asked, name)
    score, route = verdict.score, _route(form, own, exact)
    if verdict.score == INITIALS_ALONE and agrees and same_country:
        score, route = AGREED, Route.INITIALS
    elif verdict.score < SAME and _own_trade(asked, name, same_country):
        score, route = AGREED, Route.SECTOR
    score -= _against(asked, name, verdict.score, agrees, same_country)
    if form.cjk != own.cjk and not (asked.domain or "").endswith(".jp"):
        # A firm elsewhere may sound so too: only a longer name that is read exactly so is Japanese by itself.
        score -= 0.0 if score >= READ_SO and len(form.key) >= LONG_READING else 0.15
    if score < SAME:
        return None
    return Weighed(
        name=name,
        score=score,
        exact=exact,
        route=route,
        open=_open(asked, name, agrees, same_country),
        same_country=same_country,
        domain_agrees=agrees,
        says_more=not exact and not own.cjk and set(form.words) < set(own.words),
        other_form=bool(form.forms and own.forms and not form.forms & own.forms),
        why=verdict.why,
    )


def _route(form: NormalForm, own: NormalForm, exact: bool) -> Route:
    if form.cjk != own.cjk:
        return Route.READING
    if not exact:
        return Route.CLOSE
    return Route.WORD if len(own.words) == 1 and not own.cjk else Route.EXACT


def _domain_agrees(asked: Question, name: Name) -> bool:
    if name.account.domains and asked.domain:
        return label(asked.domain) in {label(known) for known in name.account.domains}
    given = {label(known) for known in (asked.domain, *name.account.domains) if known}
    spelt = {name.form.key, name.form.words[0]} if name.form.words else set()
    return bool(asked.domain and given & spelt) or bool(given & {initials(asked.form)})


def initials(form: NormalForm) -> str:
    """Return the first letters of a name of three words or more; else nothing."""
    words = [word for word in form.words if word not in PREPOSITIONS]
    return "".join(word[0] for word in words) if len(words) > 2 and not form.cjk else ""


def _same_country(asked: Question, name: Name) -> bool | None:
    """Say whether both are of one country, as far as the network, a place or the legal form tell."""
    own = {name.account.country.upper()} - {""}
    given = {asked.country.upper()} if asked.country else countries_of(asked.form)
    return bool(own & given) if own and given else None


def _own_trade(asked: Question, name: Name, same_country: bool | None) -> bool:
    """Say whether all that one name has more is a line of business, and that of the account's industry."""
    found = beside(asked.form, name.form)
    if found is None or not name.account.industry:
        return False
    rare, extra, other = found
    if not in_sector(extra + other, name.account.industry):
        return False
    if not same_country and name.account.country == "US" and "us" in asked.form.forms:
        same_country = True  # Inc. and Corp. are not only American, but mostly
    return bool(same_country) or (rare and bool(extra))


def _against(asked: Question, name: Name, score: float, agrees: bool, same_country: bool | None) -> float:
    """Return what speaks against the account, as something to take off the score."""
    minus = 0.0
    if asked.domain and name.account.domains and not agrees:
        minus += AGAINST
    places = [word for word in name.form.words if word in PLACES and word not in asked.form.words]
    if places and not (asked.country and all(OF_PLACE.get(place) == asked.country for place in places)):
        minus += AGAINST  # the account is a unit in one place: its network would say so
    if not agrees and is_part(asked.form, name):
        minus += AGAINST
    if is_plain(name.form) and asked.form.key != name.form.key:
        minus += 3 * AGAINST
    return minus


def is_part(form: NormalForm, name: Name) -> bool:
    """Say whether the account's name is the company's and then a trade that sister firms are in: `… Logistics`.

    A line of business that is the account's own by the customer list only says what the firm does.
    """
    more = name.form.words[len(form.words) :]
    if name.form.cjk or form.cjk or name.form.words[: len(form.words)] != form.words:
        return False
    return any(word in PARTS for word in more) and not in_sector(more, name.account.industry)


def _open(asked: Question, name: Name, agrees: bool, same_country: bool | None) -> str:
    """Return why the names alone can't settle it, though they agree; empty if they can."""
    if agrees:
        return ""
    if is_plain(name.form):
        same_form = asked.form.key == name.form.key and asked.form.forms & name.form.forms
        if not (same_form and same_country is not False):
            return f"“{asked.text}” is too plain a name to be sure that it is your account"
    if "US" in (asked.country, name.account.country) and turned_university(asked.form, name.form):
        return f"In the United States “{asked.text}” and “{name.text}” may be two universities"
    core = [word for word in name.form.words if word not in SOFT]
    usual = not name.form.cjk and len(core) == 1 and frequency(core[0]) > 0
    if usual and same_country is False:
        return f"“{asked.text}” is in another country, and other firms are called so too, so it may not be your account"
    return ""


def turned_university(a: NormalForm, b: NormalForm) -> bool:
    """Say whether one is the University of somewhere, and the other bears the place's name before the word."""
    heads = [form.words[:2] == ("university", "of") for form in (a, b)]
    ends = [len(form.words) > 1 and form.words[-1] == "university" for form in (a, b)]
    return (heads[0] and ends[1]) or (heads[1] and ends[0])


def is_plain(form: NormalForm) -> bool:
    """Return whether a name is one plain word, so that many firms may be called so."""
    if form.cjk:
        return len(form.key) < 2
    if len(form.words) != 1:
        return False
    word = form.words[0]
    return len(word) < 2 or frequency(word) >= PLAIN_WORD or word in SOFT | ADMIN | TRADES | PLACES


_HANDLE_NOISE = re.compile(
    r"^(?:as\d*|asn\d*|net|nets|network|networks|noc|internet|router|main|corp|inc|ltd|llc|sa|ag|ab|bv|gmbh|plc|group"
    r"|autonomous|system|isp|ap|eu|us|uk|backbone|bb|wan|lan|cloud|global|hq|\d+|[a-z]{2})$"
)


def handle_key(handle: str) -> str:
    """Return what of an AS's short registry name is the name of somebody: `georgiatech` of `GEORGIA-TECH`."""
    parts = re.findall(r"[a-z]+|\d+", handle.casefold())
    while parts and len(parts) > 1 and (_HANDLE_NOISE.match(parts[-1]) or parts[-1] in PLACES):
        parts.pop()
    while len(parts) > 1 and _HANDLE_NOISE.match(parts[0]):
        parts.pop(0)
    return "".join(parts)
