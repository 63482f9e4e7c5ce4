"""The line "Sure?": why we believe that it is them, and what speaks against it, each said once (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from alerts.wording import clean, cut, in_100, sentence_part, sureness
from core.domain import Reason, Signal

_LINE = 240
_REGISTRIES = {"ripencc": "RIPE", "ripe": "RIPE", "arin": "ARIN", "apnic": "APNIC", "lacnic": "LACNIC"}
_REGISTRIES |= {"afrinic": "AFRINIC", "jpnic": "JPNIC", "krnic": "KRNIC", "nicbr": "NIC.br"}

_CLUES = {
    "clue:signed_link": "came by a link that you sent them",
    "clue:identify": "signed in on your site",
}
_SAME_NAME = frozenset({"match:declared", "match:domain", "match:domain:name", "match:domain:listed"})
_SAME_NAME |= {"match:name:exact", "match:name:word"}
_SILENT = ("match:country:same", "match:domain:label", "match:alias", "match:name", "match:owner", "match:declared")
"""Codes that repeat what another reason says better."""
_AGAINST = {
    "match:country:other": "the network is in another country",
    "match:form:other": "the legal forms differ",
    "match:more": "it may be another part of the firm",
    "declared:shared": "the network was declared by several accounts",
    "discovered:machines": "servers stand there, so it may be anybody's way out",
    "correction:contested": "people contradict each other on it",
}
_DOUBT = ("waiting:", "unsaid:")
"""Clues that didn't count: no reason against the account, but not nothing either."""
_GUESS = ("model:", "size:", "name:", "legacy", "source:kind", "system")
"""What is made of names and sizes: said only when nothing better is there."""
_LEARNED = re.compile(r" by .* from \S+(?: \((?P<why>.*)\))?$")


def sure_line(signal: Signal) -> str:
    """Return how sure we are and why, such as `Very likely (98 in 100): network registered to them`."""
    reasons = tuple(_reasons(signal))
    band = f"{sureness(signal.confidence).capitalize()} ({in_100(signal.confidence)} in 100)"
    said = list(dict.fromkeys(filter(None, (_for(reason, signal, reasons) for reason in reasons))))
    if not said:
        guesses = (sentence_part(one.text, 110) for one in reasons if one.code.startswith(_GUESS))
        said = list(filter(None, guesses))[:1]
    against = list(dict.fromkeys(filter(None, (_against(reason) for reason in reasons))))
    if against:
        ending = f" · against it: {', '.join(against[:2])}"
    elif said and not any(one.code.startswith(_DOUBT) for one in reasons):
        ending = " · nothing against it"
    else:
        ending = ""
    why = cut(" + ".join(said[:3]), _LINE - len(band) - len(ending))
    return (f"{band}: {why}" if why else band) + ending


def _reasons(signal: Signal) -> Iterator[Reason]:
    company, match, network = signal.seen.company, signal.seen.match, signal.seen.network
    given = company.why if company else ()
    # where somebody is who said who they are proves nothing
    by_clue = any(reason.code.startswith("clue:") for reason in given)
    seen: set[tuple[str, str]] = set()
    for part in (given, network.why if network and not by_clue else (), match.why if match else ()):
        for reason in part:
            if (reason.code, reason.text) not in seen:
                seen.add((reason.code, reason.text))
                yield reason


def _for(reason: Reason, signal: Signal, reasons: Iterable[Reason]) -> str:
    """Return what a reason says for the account, in few words; "" when it says nothing or another says it."""
    code = reason.code
    if code in _AGAINST or code in _SILENT or code.startswith((*_DOUBT, *_GUESS)):
        return ""
    if code in _CLUES:
        return _CLUES[code]
    if code == "declared":
        return "office network declared as theirs"
    if code == "owner":
        return _registered(reason, signal, {one.code for one in reasons})
    if code == "learned":
        return _LEARNED.sub("", sentence_part(reason.text, 200))
    codes = {one.code for one in reasons}
    if code.startswith("match:") and "owner" in codes:
        return ""  # the registry's word was held against the name there
    if code in ("match:domain", "match:domain:listed") and (company := signal.seen.company) and company.domain:
        return f"its domain {clean(company.domain, 60)} is theirs"
    if code == "match:name:exact":
        return "its owner bears their name"
    return sentence_part(reason.text, 110)


def _registered(reason: Reason, signal: Signal, codes: set[str]) -> str:
    """Return what a registry says of the network, and which registry, if that is known."""
    network, company = signal.seen.network, signal.seen.company
    found = [one.registry for one in network.evidence if one.registry] if network else []
    registry = _REGISTRIES.get(found[0].casefold(), "") if found else ""
    at = f" at {registry}" if registry else ""
    if codes & _SAME_NAME or not any(code.startswith("match:") for code in codes):
        return f"network registered to them{at}"
    name = clean(company.name, 60) if company and company.name else ""
    return f"network registered to “{name}”{at}, close to their name" if name else sentence_part(reason.text, 110)


def _against(reason: Reason) -> str:
    if reason.code == "learned" and (found := _LEARNED.search(reason.text)):
        why = found["why"] or ""
        return sentence_part(why, 80) if why.startswith("the registry names") else ""
    return _AGAINST.get(reason.code, "")
