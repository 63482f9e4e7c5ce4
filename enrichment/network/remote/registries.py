"""The internet registries: where each is asked, how often it may be asked, and whose an address is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from ipaddress import ip_address
from types import MappingProxyType
from urllib.parse import urlsplit

from core.errors import InputError
from enrichment.network.addresses import parse_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One registry and how often it may be asked."""

    name: str
    """As in evidence, such as `ripencc`."""
    title: str
    """As people know it."""
    url: str
    """Without a slash at its end; `/ip/<address>` is added. For JPNIC and KRNIC the page that is asked."""
    per_minute: int
    per_day: int
    hosts: tuple[str, ...]
    """Hosts that its answers may lead on to, and those under them."""


_ALL = (
    Registry(
        name="arin",
        title="ARIN",
        url="https://rdap.arin.net/registry",
        per_minute=30,
        per_day=10_000,
        hosts=("rdap.arin.net",),
    ),
    Registry(
        name="ripencc",
        title="RIPE NCC",
        url="https://rdap.db.ripe.net",
        per_minute=30,
        per_day=900,  # its fair use: 1,000 records of people a day, and most answers carry some
        hosts=("rdap.db.ripe.net",),
    ),
    Registry(
        name="apnic",
        title="APNIC",
        url="https://rdap.apnic.net",
        per_minute=30,
        per_day=5_000,
        hosts=("rdap.apnic.net",),
    ),
    Registry(
        name="lacnic",
        title="LACNIC",
        url="https://rdap.lacnic.net/rdap",
        per_minute=10,  # its own limit; it blocks whoever asks more often
        per_day=2_000,
        hosts=("rdap.lacnic.net",),
    ),
    Registry(
        name="afrinic",
        title="AFRINIC",
        url="https://rdap.afrinic.net/rdap",
        per_minute=10,
        per_day=2_000,
        hosts=("rdap.afrinic.net",),
    ),
    Registry(
        name="registro.br",
        title="registro.br",
        url="https://rdap.registro.br",
        per_minute=6,
        per_day=1_000,
        hosts=("rdap.registro.br",),
    ),
    Registry(
        name="jpnic",
        title="JPNIC",
        url="https://whois.nic.ad.jp/cgi-bin/whois_gw",
        per_minute=6,
        per_day=1_000,
        hosts=("whois.nic.ad.jp",),
    ),
    Registry(
        name="krnic",
        title="KRNIC",
        url="https://xn--c79as89aj0e29b77z.xn--3e0b707e/eng/whois.jsc",
        per_minute=6,
        per_day=1_000,
        hosts=("xn--c79as89aj0e29b77z.xn--3e0b707e",),
    ),
)

REGISTRIES: Mapping[str, Registry] = MappingProxyType({registry.name: registry for registry in _ALL})

SCRAPED = ("jpnic", "krnic")
"""Registries that answer with a page for people instead of RDAP."""


def with_urls(text: str) -> Mapping[str, Registry]:
    """Return the registries, asked elsewhere: `text` is one base URL for all or `ripencc=https://…,arin=https://…`.

    Raises InputError for a registry that isn't known.
    """
    if not text:
        return REGISTRIES
    found = dict(REGISTRIES)
    for part in text.split(","):
        name, equals, url = part.strip().partition("=")
        if not equals or "://" in name:
            return {key: _moved(registry, part.strip()) for key, registry in REGISTRIES.items()}
        if name not in REGISTRIES:
            raise InputError(f"DORMOUSE_RDAP_URL: there is no registry {name!r}; give some of {', '.join(REGISTRIES)}")
        found[name] = _moved(REGISTRIES[name], url)
    return found


def registry_at(url: str, registries: Mapping[str, Registry]) -> str | None:
    """Return which registry an address of the web belongs to; None when it is no registry's.

    Scheme, host, port and path must be of one that we ask: an answer can't lead us anywhere else.
    """
    try:
        asked = urlsplit(url)
        port = asked.port
    except ValueError:
        return None
    if asked.username or asked.password or not asked.hostname:
        return None
    best: tuple[int, str] | None = None
    for registry in registries.values():
        base = urlsplit(registry.url)
        if asked.scheme != base.scheme or port != base.port or not _among(asked.hostname, registry.hosts):
            continue
        inside = asked.path == base.path or asked.path.startswith(f"{base.path}/")
        if inside and (best is None or len(base.path) > best[0]):
            best = (len(base.path), registry.name)
    return best[1] if best else None


def _among(host: str, hosts: Iterable[str]) -> bool:
    return any(host == known or host.endswith(f".{known}") for known in hosts)


def _moved(registry: Registry, url: str) -> Registry:
    return replace(registry, url=url.rstrip("/"), hosts=(urlsplit(url).hostname or "",))


class Bootstrap:
    """Says which registry gave out an address."""

    def __init__(self, text: str) -> None:
        """Read lines of prefix TAB registry.

        Raises InputError naming the line that isn't one.
        """
        tables: dict[tuple[int, int], dict[int, str]] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            prefix, _, name = line.partition("\t")
            network = parse_prefix(prefix)
            if network is None or name.strip() not in REGISTRIES:
                raise InputError(f"line {number} of the table of registries isn't `prefix TAB registry`: {line[:80]!r}")
            shift = network.max_prefixlen - network.prefixlen
            tables.setdefault((network.version, shift), {})[int(network.network_address) >> shift] = name.strip()
        self._tables = sorted(tables.items())  # the smallest shift is the longest prefix

    def registry(self, ip: str) -> str | None:
        """Return the registry's name; None for addresses that no registry has given out."""
        address = ip_address(ip)
        number = int(address)
        for (version, shift), table in self._tables:
            if version == address.version and (name := table.get(number >> shift)):
                return name
        return None


@lru_cache(maxsize=1)
def built_in() -> Bootstrap:
    """Return the table that comes with Dormouse."""
    return Bootstrap(files(__package__).joinpath("bootstrap.tsv").read_text(encoding="utf-8"))
