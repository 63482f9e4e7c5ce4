"""Measures recognition on the real access log: who was recognised, rightly or not, how fast, and if twice is once."""

from __future__ import annotations

import csv
import hashlib
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from app import wiring
from app.listing_queries import VisitLine, visit_lines
from app.log_import import import_logs
from app.schema import metadata
from app.setup import initialise
from app.tryout.findings import Funnel
from app.tryout.queries import seen_visits
from app.tryout.steps import funnel
from app.tryout.words import funnel_line
from core import clock
from core.database import reading, writing
from core.settings import Settings, read_settings
from enrichment.account.importer.accounts import import_accounts
from enrichment.account.importer.activities import import_activities
from enrichment.account.importer.contacts import import_contacts
from enrichment.network.build import build
from tracker.site_store import add_site

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
SITE = "semicomplete.com"
LOG = "web_logs/semicomplete_train.log"
PREFIXES, NAMES = "network/ip2asn_v4_2014-05-13.tsv.gz", "network/asn_names_2016-05.csv.gz"
MADE_BY = ("enrichment/network/build.py", "enrichment/network/mmdb_file.py")
NOT_A_COMPANYS = frozenset({"isp", "mobile", "hosting", "vpn", "content"})

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many of those named were right, and how many of those there were named."""

    right: int
    named: int
    there: int

    @property
    def precision(self) -> float:
        return self.right / self.named if self.named else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.there if self.there else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} ({self.right} of {self.named}), "
            f"recall {self.recall:.3f} ({self.right} of {self.there})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the line made of the real log."""

    accounts: Score
    dormant: Score
    """Of the dormant ones: address, account and dormancy must all be right."""
    misjudged: int
    """Addresses rightly recognised whose dormancy is judged otherwise than by hand."""
    decoys: int
    """Visits given to an account that must never be alerted."""
    not_companies: int
    """Visits given to an account although a carrier, a hoster or a crawler is behind them."""
    wrong: tuple[Pair, ...]
    """What was recognised wrongly: the account, and whose network it was taken from."""
    funnel: Funnel
    lines: int
    seconds: float
    second_changed: tuple[str, ...]
    """Tables that differ after everything was imported a second time."""


def network_database(data: Path, folder: Path) -> Path:
    """Return the MMDB of the log's season, built once for each version of its sources and its builder."""
    key = hashlib.sha256()
    for path in (data / PREFIXES, data / NAMES, *(ROOT / name for name in MADE_BY)):
        key.update(path.read_bytes())
    out = folder / f"dormouse-real-{key.hexdigest()[:16]}.mmdb"
    if not out.exists():
        fresh = out.with_suffix(".new")
        build(data / PREFIXES, data / NAMES, fresh, lambda *_: None, now=clock.now())
        fresh.replace(out)
    return out


def _import_all(data: Path, settings: Settings, engine: Engine) -> tuple[int, float]:
    """Import customers and log as they are; return the log's lines and the seconds that they took."""
    now = clock.now()
    with writing(engine) as connection:
        import_accounts(connection, data / "crm" / "accounts.csv", now)
        import_activities(connection, data / "crm" / "activities.csv", now)
        import_contacts(connection, data / "crm" / "contacts.csv", now)
        add_site(connection, SITE, now)
    started = clock.monotonic()
    report = import_logs(engine, wiring.pipeline(settings, engine), (data / LOG,), SITE, now, lambda *_: None)
    return report.lines, clock.monotonic() - started


def _digests(engine: Engine) -> dict[str, str]:
    """Return a digest of the rows of each table."""
    found = {}
    with reading(engine) as connection:
        for table in metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def measure(data: Path, mmdb: Path, home: Path) -> Outcome:
    """Import everything twice into a fresh installation at `home` and hold it against what was found by hand."""
    settings, _ = initialise(read_settings({"DORMOUSE_HOME": str(home), "MMDB_PATHS": str(mmdb)}), lambda _line: None)
    engine = wiring.engine(settings)
    started = clock.now()
    lines, seconds = _import_all(data, settings, engine)
    before = _digests(engine)
    with reading(engine) as connection:
        visits = list(visit_lines(connection, None, None, None))
        asleep = {visit.id for visit in seen_visits(connection) if visit.dormant}
        steps = funnel(connection, started, lines)
    _import_all(data, settings, engine)
    after = _digests(engine)
    engine.dispose()
    return _outcome(
        data, visits, asleep, steps, lines, seconds, [name for name in before if before[name] != after[name]]
    )


def _outcome(
    data: Path,
    visits: Iterable[VisitLine],
    asleep: set[str],
    steps: Funnel,
    lines: int,
    seconds: float,
    changed: Iterable[str],
) -> Outcome:
    with (data / "crm" / "visitors_of_accounts_train.csv").open(encoding="utf-8") as file:
        truth = {(row["ip"], row["account_id"]): row["dormant"] == "yes" for row in csv.DictReader(file)}
    named = [visit for visit in visits if visit.account and visit.drop is None and visit.ip]
    pairs = {(visit.ip or "", visit.account or "") for visit in named}
    dormant = {(visit.ip or "", visit.account or "") for visit in named if visit.id in asleep}
    truly = {pair for pair, is_dormant in truth.items() if is_dormant}
    return Outcome(
        accounts=Score(right=len(pairs & truth.keys()), named=len(pairs), there=len(truth)),
        dormant=Score(right=len(dormant & truly), named=len(dormant), there=len(truly)),
        misjudged=sum((pair in dormant) != truth[pair] for pair in pairs & truth.keys()),
        decoys=sum(str(visit.account).startswith("D-") for visit in visits if visit.account),
        not_companies=sum(
            visit.kind in NOT_A_COMPANYS or str(visit.drop or "").startswith("bot") for visit in visits if visit.account
        ),
        wrong=tuple(
            sorted(
                {
                    (str(visit.account), str(visit.organisation))
                    for visit in named
                    if (visit.ip, visit.account) not in truth
                }
            )
        ),
        funnel=steps,
        lines=lines,
        seconds=seconds,
        second_changed=tuple(changed),
    )


def main() -> int:
    """Print the figures; 1 when something was recognised wrongly or importing twice changed something."""
    if not DATA.is_dir():
        print("the folder of real data is not at shared/data beside the checkout", file=sys.stderr)
        return 2
    mmdb = network_database(DATA, Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory() as home:
        found = measure(DATA, mmdb, Path(home))
    print(f"recognised accounts    {found.accounts}")
    print(f"the dormant among them {found.dormant}")
    for account, organisation in found.wrong:
        print(f"  wrong: {account}, from a network of {organisation}")
    print(f"dormancy misjudged     {found.misjudged}")
    print(f"decoys recognised      {found.decoys}")
    print(f"carriers, hosters, crawlers recognised  {found.not_companies}")
    print(funnel_line(found.funnel))
    for loss in found.funnel.losses:
        print(f"  {loss.count:>6,}  {loss.step:<11} {loss.words}")
    print(f"{found.lines:,} lines in {found.seconds:.2f} s: {found.lines / found.seconds:,.0f} a second")
    print(f"imported twice, changed: {', '.join(found.second_changed) or 'nothing'}")
    return int(bool(found.wrong or found.decoys or found.not_companies or found.second_changed))


if __name__ == "__main__":
    sys.exit(main())
