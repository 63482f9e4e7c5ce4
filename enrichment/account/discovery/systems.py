"""Looks through network databases for AS names, and owners of ranges, that are accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from pathlib import Path
from tempfile import TemporaryDirectory

from core.domain import AccountMatch, Evidence, OwnerKind
from enrichment.account.discovery.finder import AccountFinder
from enrichment.account.discovery.judging import Finding, Group, may_be_anybodys, weighed
from enrichment.network.addresses import Prefix
from enrichment.network.build import build
from enrichment.network.kinds import NetworkFacts, classify
from enrichment.network.owners import cleaned
from enrichment.network.resolvers.mmdb import open_mmdb
from enrichment.network.resolvers.mmdb_layouts import evidence_from

Progress = Callable[[str, int, int], None]

_SURE = 0.93
"""How sure an AS's name or a database's owner is, where the name is an account's letter for letter."""
_LARGE = 1 << 18
"""Addresses: an AS of more serves others too, whatever its name."""
_LARGE_CEILING = 0.6
_SHOW_EVERY = 20_000

_Key = tuple[int | None, str, str]


def systems_of_tables(
    prefixes: Path, names: Path, finder: AccountFinder, progress: Progress, now: datetime
) -> list[Finding]:
    """Return the same from a table of announced prefixes and a list of AS names, as `networks build` takes them.

    Raises InputError when a file can't be read.
    """
    with TemporaryDirectory(prefix="dormouse-") as folder:
        made = Path(folder) / names.name
        build(prefixes, names, made, progress, now=now)
        return discover_systems((made,), finder, progress)


def discover_systems(paths: Sequence[Path], finder: AccountFinder, progress: Progress) -> list[Finding]:
    """Return what the MMDB files say: prefixes announced by an account's own AS, ranges whose owner is an account.

    Raises InputError when a file can't be read.
    """
    found: list[Finding] = []
    for path in paths:
        found += _of_file(path, finder, progress)
    return found


def _of_file(path: Path, finder: AccountFinder, progress: Progress) -> list[Finding]:
    judged: dict[_Key, tuple[AccountMatch, Evidence] | None] = {}
    prefixes: dict[_Key, list[Prefix]] = {}
    with open_mmdb(path) as reader:
        database_type, total = reader.metadata().database_type, reader.metadata().node_count
        for count, (network, record) in enumerate(reader):
            if count % _SHOW_EVERY == 0:
                progress(f"AS names in {path.name}", min(count, total), total)
            evidence = evidence_from(record, source=path.name, prefix="", database_type=database_type)
            if evidence is None:
                continue
            key = (evidence.asn, evidence.as_name or "", evidence.organisation or "")
            if key not in judged:
                judged[key] = _judged(evidence, finder)
            if judged[key] is not None:
                prefixes.setdefault(key, []).append(network)
    progress(f"AS names in {path.name}", total, total)
    return [
        finding
        for key, known in judged.items()
        if known is not None
        for prefix in _collapsed(prefixes[key])
        if may_be_anybodys(prefix)
        for finding in _findings(*known, prefix)
    ]


def _collapsed(prefixes: Iterable[Prefix]) -> list[Prefix]:
    v4 = [prefix for prefix in prefixes if isinstance(prefix, IPv4Network)]
    v6 = [prefix for prefix in prefixes if isinstance(prefix, IPv6Network)]
    return [*collapse_addresses(v4), *collapse_addresses(v6)]


def _judged(evidence: Evidence, finder: AccountFinder) -> tuple[AccountMatch, Evidence] | None:
    """Return the account whose range or AS it is, unless the owner serves others."""
    name = evidence.organisation or evidence.as_name or ""
    domain = (evidence.domain if evidence.organisation else evidence.as_domain) or ""
    if not name or not (domain or finder.may_be_in(name.encode(), evidence.country or "")):
        return None
    match = finder.match(name, domain, evidence.country or "")
    if match is None:
        return None
    verdict = classify(
        NetworkFacts(
            asn=evidence.asn,
            as_name=evidence.as_name,
            as_domain=evidence.as_domain,
            as_handle=evidence.as_handle,
            as_addresses=evidence.as_addresses,
            as_prefixes=evidence.as_prefixes,
            owner=evidence.organisation,
            domain=evidence.domain,
            country=evidence.country,
        )
    )
    serves_others = verdict.owner_kind in (OwnerKind.CARRIER, OwnerKind.PERSON)
    return None if serves_others else (match, replace(evidence, organisation=name))


def _findings(match: AccountMatch, evidence: Evidence, prefix: Prefix) -> Iterable[Finding]:
    is_own_as = evidence.organisation == evidence.as_name
    name = cleaned(evidence.organisation or "")
    group: Group = "as" if is_own_as else "registry"
    text = (
        f"AS{evidence.asn}, named {name}, announces {prefix}"
        if is_own_as
        else f"{evidence.source} gives {prefix} to {name}"
    )
    source = f"as:{evidence.asn}" if is_own_as else f"mmdb:{evidence.source}"
    is_large = is_own_as and (evidence.as_addresses or 0) > _LARGE
    for account in match.candidates:
        yield weighed(
            account,
            match,
            prefix,
            name=name,
            country=evidence.country or "",
            sure=_SURE,
            ceiling=_LARGE_CEILING if is_large else 1.0,
            waits=f"AS{evidence.asn} is so large that it may serve others too" if is_large else "",
            source=source,
            group=group,
            text=text,
        )
