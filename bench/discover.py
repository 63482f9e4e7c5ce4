"""Measures `networks discover`: a registry dump of a million ranges, and the AS names, on the real log's organisations.

python -m bench.discover [OBJECTS]        the figures (1,000,000 objects)
python -m bench.discover make OUT OBJECTS  writes the dump alone

The dump has the shape of RIPE's: organisations and ranges, people and codes among the owners, streets below them. Its
content is real where ../shared/data is there (owners of ASes and ranges, whole records) and is never kept. Ranges of
labelled owners (names/owner_to_account_train.csv) are among it: they say what was found rightly.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from math import sqrt
from pathlib import Path

from core import clock
from core.database import open_engine, reading, writing
from core.domain import Account, AccountId
from enrichment.account.discovery import store
from enrichment.account.discovery.finder import AccountFinder
from enrichment.account.discovery.run import discover_dumps
from enrichment.account.discovery.store import DiscoveryStore
from enrichment.account.discovery.systems import discover_systems

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
OBJECTS = 1_000_000
SEED = 20261122

STATUSES = (
    ("ASSIGNED PA",) * 88 + ("ASSIGNED PI",) * 3 + ("ALLOCATED PA",) * 3 + ("LEGACY",) * 2 + ("SUB-ALLOCATED PA",) * 4
)
LENGTHS = (28, 28, 28, 29, 29, 29, 29, 29, 30, 30, 27, 26, 25, 24, 24, 24, 23, 22, 21, 20)
STREETS = ("Hauptstr.", "Main Street", "Rue de la Gare", "Via Roma", "Calle Mayor", "Industrieweg", "High Street")
TOWNS = ("Berlin", "Paris", "Roma", "Madrid", "London", "Wien", "Praha", "Warszawa", "Oslo", "Kiel")
GIVEN = ("Maria", "Anna", "Peter", "Hans", "Jean", "Paolo", "Olga", "Ivan", "John", "Carmen")
SURNAMES = (
    "Muster",
    "Beispiel",
    "Exemple",
    "Esempio",
    "Ejemplo",
    "Przyklad",
    "Primer",
    "Example",
    "Sample",
    "Voorbeeld",
)
COUNTRIES = ("DE", "FR", "GB", "IT", "ES", "NL", "PL", "RU", "SE", "AT", "CH", "US", "JP", "CZ", "TR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Right ones of all, with Wilson's 95 % interval."""

    right: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "none"
        p, z, n = self.right / self.of, 1.96, self.of
        middle, wide = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        low, high = (middle - wide) / (1 + z * z / n), (middle + wide) / (1 + z * z / n)
        return f"{p:.3f} ({self.right} of {self.of}; {low:.3f} to {high:.3f})"


def main(arguments: list[str]) -> int:
    """Run the measurement, or write the dump."""
    if arguments[:1] == ["make"]:
        make_dump(Path(arguments[1]), int(arguments[2]))
        return 0
    if not DATA.is_dir():
        print(f"bench-discover needs the folder of real data at {DATA}", file=sys.stderr)
        return 1
    number = int(arguments[0]) if arguments else OBJECTS
    with tempfile.TemporaryDirectory(prefix="dormouse-discover-") as folder:
        _dumps(Path(folder), number)
        _systems(Path(folder))
    return 0


# The dump


def make_dump(out: Path, number: int) -> None:
    """Write a dump of `number` ranges, and organisations for a tenth of them."""
    dice = random.Random(SEED)
    owners = _owners()
    with gzip.open(out, "wb", compresslevel=1) as file:
        file.write(b"% Made for a measurement: nothing in it is a registry's\n\n")
        for place in range(number // 10):
            file.write(_organisation(place, dice.choice(owners), dice).encode())
        special = dict(zip(dice.sample(range(number), len(labelled()) + len(_records())), _special(), strict=True))
        for place in range(number):
            file.write((special.get(place) or _range(place, number, owners, dice)).encode())


def labelled() -> list[tuple[str, str, str]]:
    """Return (prefix, owner, account or NONE) of the labelled owners."""
    with (DATA / "names/owner_to_account_train.csv").open(encoding="utf-8") as file:
        rows = [(row["network_owner"], row["expected_account_id"]) for row in csv.DictReader(file)]
    return [(f"{IPv4Address((45 << 24) + 16 * place)}/28", *row) for place, row in enumerate(rows)]


def _records() -> list[dict[str, str]]:
    with gzip.open(DATA / "rdap/whois_net_train.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _special() -> Iterator[str]:
    for prefix, owner, _ in labelled():
        yield _object(prefix, "CUSTOMER-NET", (owner, "Somewhere 1"), "", "ASSIGNED PA")
    for record in _records():
        yield _object(record["range"], record["netname"], (record["owner"],), record["country"], record["status"])


def _object(stated: str, netname: str, descr: tuple[str, ...], country: str, status: str, org: str = "") -> str:
    network = ip_network(stated, strict=False) if "-" not in stated else None
    is_v6 = ":" in stated
    text = f"{network[0]} - {network[-1]}" if network is not None and not is_v6 else stated
    lines = [f"{'inet6num' if is_v6 else 'inetnum'}:        {text}", f"netname:        {netname}"]
    lines += [f"descr:          {line}" for line in descr if line]
    lines += [f"country:        {country}"] * bool(country) + [f"org:            {org}"] * bool(org)
    lines += ["admin-c:        DUMY-RIPE", "tech-c:         DUMY-RIPE", f"status:         {status}"]
    lines += [
        "mnt-by:         CARRIER-MNT",
        "created:        2014-01-02T03:04:05Z",
        "last-modified:  2020-01-02T03:04:05Z",
    ]
    lines += ["source:         RIPE", "remarks:        ****************************"]
    lines += ["remarks:        * THIS OBJECT CONTAINS PLACEHOLDER DATA", "remarks:        ****************************"]
    return "\n".join(lines) + "\n\n"


def _organisation(place: int, name: str, dice: random.Random) -> str:
    return (
        f"organisation:   ORG-{place}-RIPE\norg-name:       {name}\ncountry:        {dice.choice(COUNTRIES)}\n"
        f"org-type:       OTHER\naddress:        Dummy address for ORG-{place}-RIPE\nsource:         RIPE\n\n"
    )


def _range(place: int, number: int, owners: list[str], dice: random.Random) -> str:
    length = dice.choice(LENGTHS)
    base = (dice.randrange(1 << 24, 220 << 24) >> (32 - length)) << (32 - length)
    prefix, country = f"{IPv4Address(base)}/{length}", dice.choice(COUNTRIES)
    status = dice.choice(STATUSES)
    roll = dice.random()
    if roll < 0.12:
        return _object(prefix, f"NET-{place}", (), country, status, org=f"ORG-{dice.randrange(number // 10)}-RIPE")
    if roll < 0.22:
        person = f"{dice.choice(GIVEN)} {dice.choice(SURNAMES)}"
        return _object(prefix, f"CUST-{place}", (person,), country, status)
    if roll < 0.40:
        return _object(prefix, f"POOL-{place}", (f"Dynamic pool {place}", "Residential customers"), country, status)
    if roll < 0.50:
        return _object(prefix, f"CUST-{place}", (f"{dice.choice(owners)}-{dice.randrange(10**9)}",), country, status)
    street = f"{dice.choice(STREETS)} {dice.randrange(200)}"
    return _object(prefix, f"NET-{place}", (dice.choice(owners), street, dice.choice(TOWNS)), country, status)


def _owners() -> list[str]:
    names: list[str] = []
    with gzip.open(DATA / "network/asn_org_2026-07.csv.gz", "rt", encoding="utf-8") as file:
        names += [row["name"] for row in csv.DictReader(file) if row["name"]]
    with (DATA / "network/ip_range_owner_train.csv").open(encoding="utf-8") as file:
        names += [row["registered_name"] for row in csv.DictReader(file) if row["registered_name"]]
    return [" ".join(name.split()) for name in names]


# The measurement


def _accounts(path: str) -> list[Account]:
    with (DATA / path).open(encoding="utf-8") as file:
        return [
            Account(
                id=AccountId(row["account_id"]),
                name=row["name"],
                domains=tuple(filter(None, (row.get("domain", ""),))),
                country=row["country"],
            )
            for row in csv.DictReader(file)
        ]


def _engine(folder: Path, name: str) -> DiscoveryStore:
    from app.schema import metadata

    engine = open_engine(f"sqlite:///{folder / name}")
    metadata.create_all(engine)
    return DiscoveryStore(engine)


def _quiet(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def _dumps(folder: Path, number: int) -> None:
    dump = folder / "made.db.gz"
    subprocess.run([sys.executable, "-m", "bench.discover", "make", str(dump), str(number)], check=True)
    started = clock.monotonic()
    finder = AccountFinder(_accounts("names/crm_accounts.csv"))
    indexed, before = clock.monotonic() - started, _megabytes()
    kept = _engine(folder, "dumps.db")
    started, used = clock.monotonic(), _cpu()
    report = discover_dumps((dump,), finder, kept, _quiet, clock.now())
    seconds, used = clock.monotonic() - started, _cpu() - used
    print(f"dump: {number:,} ranges and {number // 10:,} organisations, {dump.stat().st_size / 2**20:.0f} MB gzipped")
    print(
        f"  accounts {len(finder):,}, index {indexed:.1f} s;"
        f" {report.objects:,} objects in {seconds:.0f} s ({used:.0f} s of CPU)"
    )
    print(
        f"  {report.objects / used:,.0f} objects for each second of CPU,"
        f" memory {before:.0f} MB before, {_megabytes():.0f} MB at most"
    )
    print(f"  {report.owners:,} organisations are accounts', {report.new:,} proposals")
    started = clock.monotonic()
    again = discover_dumps((dump,), finder, kept, _quiet, clock.now())
    print(
        f"  again: {again.objects:,} objects, {again.new} new,"
        f" {again.changed} changed, {clock.monotonic() - started:.1f} s"
    )
    _score_labelled(kept)


def _score_labelled(kept: DiscoveryStore) -> None:
    with reading(kept._engine) as connection:
        proposals = store.proposals(connection, limit=10_000_000)
    by_prefix: dict[str, list[store.Proposal]] = {}
    for proposal in proposals:
        by_prefix.setdefault(proposal.prefix, []).append(proposal)
    for half in (0, 1):
        right = named = there = offered = 0
        wrong = []
        for prefix, owner, account in labelled():
            if hashlib.sha256(owner.encode()).digest()[0] % 2 != half:
                continue
            found = by_prefix.get(prefix, [])
            there += account != "NONE"
            offered += any(each.account == account for each in found)
            acting = [each.account for each in found if each.acts]
            if acting:
                named += 1
                right += acting == [account]
                if acting != [account]:
                    wrong.append((owner, acting, account))
        print(f"labelled owners, half {half}: precision {Share(right=right, of=named)}")
        print(f"  recall acting {Share(right=right, of=there)}, with those that wait {Share(right=offered, of=there)}")
        if half == 0:
            print("  wrong in this half:", wrong[:20])


def _systems(folder: Path) -> None:
    from bench.real_log import network_database

    finder = AccountFinder(accounts := _accounts("crm/accounts.csv"))
    database = network_database(DATA, Path(tempfile.gettempdir()))
    started = clock.monotonic()
    findings = discover_systems((database,), finder, _quiet)
    seconds = clock.monotonic() - started
    kept = _engine(folder, "systems.db")
    kept.propose(findings, clock.now())
    with writing(kept._engine) as connection:
        proposals = store.proposals(connection, limit=10_000_000)
    acting = [(each, ip_network(each.prefix)) for each in proposals if each.acts]
    print(
        f"AS names: {seconds:.0f} s, {len(proposals):,} proposals, {len(acting):,} act"
        f" for {len({each.account for each, _ in acting})} of {len(accounts):,} accounts"
    )
    with (DATA / "crm/visitors_of_accounts_train.csv").open(encoding="utf-8") as file:
        truth = [(ip_address(row["ip"]), row["account_id"]) for row in csv.DictReader(file)]
    named = [(account, {each.account for each, network in acting if ip in network}) for ip, account in truth]
    right = sum(found == {account} for account, found in named)
    offered = sum(
        any(each.account == account and ip in ip_network(each.prefix) for each in proposals) for ip, account in truth
    )
    print(f"  the log's visitors: precision {Share(right=right, of=sum(bool(found) for _, found in named))}")
    print(
        f"  recall acting {Share(right=right, of=len(truth))},"
        f" with those that wait {Share(right=offered, of=len(truth))}"
    )
    decoys = sorted({(each.account, each.organisation) for each, _ in acting if each.account.startswith("D-")})
    print(f"  decoys with a network that acts: {decoys}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
