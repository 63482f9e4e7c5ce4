"""What a university is called and which domains are its own, by the vendored list (pure)."""

from __future__ import annotations

import csv
import gzip
import io
from functools import cache
from importlib import resources

from enrichment.account.normal_form import loose_key, normal_form


@cache
def _listed() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return domain → names, and key of a name → domains."""
    packed = (resources.files("enrichment.network") / "lists" / "university_domains.csv.gz").read_bytes()
    names: dict[str, dict[str, None]] = {}
    domains: dict[str, dict[str, None]] = {}
    for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode("utf-8"))):
        names.setdefault(row["domain"], {})[row["name"]] = None
    for domain, known in names.items():
        for name in known:
            domains.setdefault(loose_key(normal_form(name)), {})[domain] = None
    return {key: tuple(found) for key, found in names.items()}, {key: tuple(found) for key, found in domains.items()}


def university_names(domain: str) -> tuple[str, ...]:
    """Return the names of the university whose domain this is; empty if it is none's."""
    return _listed()[0].get(domain, ())


def university_domains(key: str) -> tuple[str, ...]:
    """Return the domains of the university of this name (its `loose_key`); empty if none or several are called so."""
    found = _listed()[1].get(key, ())
    return found if len(found) == 1 else ()
