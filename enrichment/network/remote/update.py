"""Fetches IANA's table of which registry gave out which addresses."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from core.errors import UnavailableError
from enrichment.network.addresses import parse_prefix
from enrichment.network.remote.registries import REGISTRIES
from enrichment.network.remote.transport import CallError, NoRecordError, ReferralError, Transport

URLS = ("https://data.iana.org/rdap/ipv4.json", "https://data.iana.org/rdap/ipv6.json")
_FEWEST = 200
"""Lines of a whole table: 259 in 2024."""


def fetch_table(urls: tuple[str, ...] = URLS) -> tuple[str, int]:
    """Return IANA's table as lines of prefix TAB registry, and how many there are.

    Raises UnavailableError when IANA can't be reached or gives out something else.
    """
    transport = Transport(lambda url: "iana" if url in urls else None)
    hosts = {urlsplit(registry.url).hostname: name for name, registry in REGISTRIES.items()}
    lines: list[str] = []
    for url in urls:
        try:
            body = transport.get(url, "application/json")
        except (CallError, NoRecordError, ReferralError) as error:
            raise UnavailableError(f"{url}: {error}; try again later, the old table stays") from None
        lines += _lines(body, url, hosts)
    if len(lines) < _FEWEST:
        raise UnavailableError(f"IANA's table has only {len(lines)} lines; the old one stays")
    return f"# IANA's RDAP bootstrap: {', '.join(urls)}\n" + "\n".join(lines) + "\n", len(lines)


def _lines(body: bytes, url: str, hosts: dict[str | None, str]) -> list[str]:
    try:
        services: list[tuple[list[str], list[str]]] = json.loads(body)["services"]
        found = [
            (prefix, hosts[urlsplit(bases[0]).hostname])
            for prefixes, bases in services
            for prefix in prefixes
            if urlsplit(bases[0]).hostname in hosts
        ]
    except (ValueError, KeyError, TypeError, IndexError):
        raise UnavailableError(f"{url}: this isn't IANA's table; the old one stays") from None
    return [f"{prefix}\t{name}" for prefix, name in found if parse_prefix(prefix) is not None]
