"""Cleans registry names, and finds the customer that a registry's record names (pure)."""

from __future__ import annotations

import re

from enrichment.network.name_domain import judge_domain
from enrichment.network.words import (
    BUSINESS,
    CARRIER,
    COUNTRY,
    EDUCATION,
    GENERIC,
    GIVEN_NAMES,
    GOVERNMENT,
    HOSTING,
    LEGAL_FORM,
    PRIVATE,
    plain,
)

_CODE_BEFORE = re.compile(r"^(?=\S*\d{4})[A-Z0-9]*[-/]?\d[\dA-Z-]*[_:]\s*(?=\S)")
_NUMBER_AFTER = re.compile(r"[\s,;#/_-]*#?\d{6,}[\d-]*\s*$")
_HOST_AFTER = re.compile(r"\s*\([^()]*\.[a-z]{2,}\)\s*$")
_TALK_BEFORE = re.compile(
    r"^(?:this (?:prefix|network|block) is (?:assigned|allocated) to|(?:assigned|allocated|reassigned) (?:to|for)"
    r"|address space for|(?:ip )?(?:network|range|block|subnet|addresses) (?:of|for)|customer(?: name)?:"
    r"|customer of \S+:|for customer|assignment (?:to|for))\s+",
    re.IGNORECASE,
)
_RECORD_NAME = re.compile(
    r"^(?:orgname|org-name|organisation-name|owner|descr|organization|\[organization\]|org name|custname)"
    r"\s*:\s*(\S.*)$",
    re.IGNORECASE,
)
_CODE_ONLY = re.compile(r"^(?=.*\d)[A-Za-z]{0,8}[\d_.:/#-][\w.:/#-]*$")
_STREET = re.compile(
    r"^\d+[\s,-]+(?:[\w'-]+[\s,-]+){0,2}(?:bis |ter )?(?:rue|r|av|ave|avenue|bd|boulevard|route|rte"
    r"|place|pl|chemin|allee|quai|impasse"
    r"|via|viale|corso|calle|carrera|rua|street|st|road|rd|lane|drive|dr|ul|zone|zi|za)\b",
    re.IGNORECASE,
)
_DESCRIBES = re.compile(r"^(?:descr|custname|\[organization\])\s*:", re.IGNORECASE)
_FIRMS = (LEGAL_FORM, BUSINESS, CARRIER, HOSTING, EDUCATION, GOVERNMENT)


def cleaned(name: str) -> str:
    """Return the name without customer numbers, host names and talk such as "this prefix is assigned to"."""
    text = " ".join(name.split())
    text = _TALK_BEFORE.sub("", text)
    text = _CODE_BEFORE.sub("", text)
    text = _HOST_AFTER.sub("", text)
    text = _NUMBER_AFTER.sub("", text)
    return text.strip(" ,;-_#/").strip()


def is_placeholder(name: str) -> bool:
    """Say whether the cleaned name names nobody: a code, or a carrier's stock phrase such as "Static IP"."""
    if len(name) < 2 or not any(char.isalpha() for char in name):
        return True
    text = plain(name)
    if text.startswith(" reserved "):
        return True
    if _STREET.match(name):
        return True
    if _CODE_ONLY.match(name) and not LEGAL_FORM.find(text):
        return True
    return GENERIC.find(text) is not None and LEGAL_FORM.find(text) is None


def is_private(name: str) -> bool:
    """Say whether the name itself says that its owner is a private person or a firm of one."""
    return PRIVATE.find(plain(name)) is not None


def looks_like_person(name: str) -> bool:
    """Say whether the name reads as given name and surname, with nothing of a firm in it."""
    text = plain(name)
    words = text.split()
    if not 2 <= len(words) <= 4 or not all(word.isalpha() for word in words):
        return False
    if any(trade.find(text) for trade in _FIRMS):
        return False
    return words[0] in GIVEN_NAMES or ("," in name and words[1] in GIVEN_NAMES)


def customer_in(text: str, *, besides: str = "") -> str | None:
    """Return the first name in a registry's record that names somebody, cleaned; None when none does.

    `besides` is an owner that names nobody: then only what describes the range counts, since the organisation of the
    record is its carrier; and nothing does after a street, since the lines that follow are its town.
    """
    if _STREET.match(besides):
        return None
    for line in text.splitlines():
        found = _RECORD_NAME.match(line.strip())
        if found is None or (besides and not _DESCRIBES.match(line.strip())):
            continue
        name = cleaned(found[1])
        if _STREET.match(name):
            return None
        if is_placeholder(name) or (besides and LEGAL_FORM.find(plain(name)) is None):
            continue
        return name
    return None


def named_fully(name: str, handle: str | None) -> str:
    """Return the name of an AS's owner, with its handle's first word before it where the name is only a country's.

    Tables of AS names leave the word out that handle and name share: `SKF`, `Sverige AB`.
    """
    parts = core_words(name)
    first = handle.replace("_", "-").split("-")[0] if handle else ""
    if (
        not parts
        or not all(part in COUNTRY for part in parts)
        or not first.isalpha()
        or plain(first).strip() in COUNTRY
    ):
        return name
    return f"{first} {name}"


def same_name(one: str, other: str) -> bool:
    """Say whether two names are the same but for legal forms and punctuation, or one begins with the other."""
    a, b = core_words(one), core_words(other)
    if not a or not b:
        return False
    if a == b or "".join(a) == "".join(b):
        return True
    shorter, longer = (a, b) if len(a) <= len(b) else (b, a)
    return longer[: len(shorter)] == shorter and len("".join(shorter)) >= 4


def fits(domain: str, name: str) -> bool:
    """Say whether a domain is likely to be the named owner's own, not its carrier's or a contact's."""
    return judge_domain(name, domain).fits


def core_words(name: str) -> list[str]:
    """Return the name's words without legal forms."""
    return [word for word in plain(name).split() if word not in LEGAL_FORM]
