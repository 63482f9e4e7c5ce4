"""Registrable domains, and those that belong to everybody and so to no customer (pure)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from ipaddress import ip_address

import idna
import tldextract


class SharedBy(StrEnum):
    """Why a domain says nothing about which customer somebody belongs to."""

    DISPOSABLE = "disposable"
    FREE_MAIL = "free_mail"
    CARRIER = "carrier"


_LISTS = {
    SharedBy.FREE_MAIL: "free_email_domains.txt",
    SharedBy.DISPOSABLE: "disposable_email_domains.txt",
    SharedBy.CARRIER: "carrier_domains.txt",
}
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:(//)?", re.IGNORECASE)
_LABEL = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?<!-)$")


@cache
def _extractor() -> tldextract.TLDExtract:
    # No list is ever fetched and none cached on disk: the snapshot inside the package is the list.
    # Private suffixes count, so that two tenants of github.io are two domains.
    # The endings of RFC 2606 are for examples, the demo's companies among them.
    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, extra_suffixes=("example", "test")
    )


@cache
def _listed(shared: SharedBy) -> frozenset[str]:
    text = (resources.files("enrichment.account.lists") / _LISTS[shared]).read_text(encoding="utf-8")
    return frozenset(line for raw in text.splitlines() if (line := raw.strip()) and not line.startswith("#"))


def host_of(text: str) -> str | None:
    """Return the host in `text` (URL, e-mail address, host name) in lower case as A-labels; None if there is none."""
    host = _SCHEME.sub("", text.strip().strip("<>\"'")).strip()
    host = re.split(r"[/?#\\\s]", host, maxsplit=1)[0]
    host = host.rpartition("@")[2].partition(":")[0].rstrip(".").removeprefix("*.").removeprefix("@")
    if not host or host.startswith(".") or "." not in host:
        return None
    try:
        ascii_host = idna.encode(host, uts46=True).decode("ascii") if not host.isascii() else host.lower()
    except idna.IDNAError:
        return None
    if len(ascii_host) > 253 or not all(_LABEL.match(label) for label in ascii_host.split(".")):
        return None
    return ascii_host


@lru_cache(maxsize=65536)
def registrable(text: str) -> str | None:
    """Return the registrable domain of a URL, e-mail address or host name, as lower-case A-labels.

    None for addresses, bare words and public suffixes themselves: nothing in them names an organisation.
    """
    host = host_of(text)
    if host is None or _is_address(host):
        return None
    found = _extractor()(host)
    if not found.suffix or not found.domain:
        return None
    return f"{found.domain}.{found.suffix}"


def label(domain: str) -> str:
    """Return the part of a registrable domain before its public suffix: `acme` of `acme.co.uk`."""
    return domain.partition(".")[0]


@lru_cache(maxsize=65536)
def shared_by(domain: str) -> SharedBy | None:
    """Return why the registrable `domain` can't name a customer, or None if it can."""
    for shared in SharedBy:
        if domain in _listed(shared):
            return shared
    return None


def is_carrier(domain: str) -> bool:
    """Return whether the registrable `domain` is that of a carrier, cloud or hoster (also if it gives free mail)."""
    return domain in _listed(SharedBy.CARRIER)


def own_domain(text: str) -> str | None:
    """Return the registrable domain of `text` if one organisation alone uses it, else None."""
    domain = registrable(text)
    return domain if domain and shared_by(domain) is None else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
