"""Registry dumps: the accounts' ranges are found in every format, once, and a stopped run goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from registry_dumps import ARIN_TEXT, ARIN_XML, RIPE_ORGANISATIONS, RIPE_RANGES, write
from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import Account, AccountId
from core.errors import InputError
from enrichment.account.discovery import store
from enrichment.account.discovery.finder import AccountFinder
from enrichment.account.discovery.run import DumpReport, discover_dumps
from enrichment.account.discovery.store import DiscoveryStore

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNTS = (
    Account(id=AccountId("H"), name="Hartmann Pumpen", country="DE"),
    Account(id=AccountId("F"), name="Falk Logistik AG", country="AT"),
    Account(id=AccountId("T"), name="Tidewater Instruments, Inc.", country="US"),
)


def quiet(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def discover(engine: Engine, *paths: Path, keep_every: int = 50_000) -> DumpReport:
    """Run the search on these files."""
    finder = AccountFinder(ACCOUNTS)
    return discover_dumps(paths, finder, DiscoveryStore(engine), quiet, NOW, keep_every=keep_every)


def found(engine: Engine) -> list[tuple[str, str, bool]]:
    """Return what is proposed: account, prefix, whether it acts."""
    with reading(engine) as connection:
        return sorted((each.account, each.prefix, each.acts) for each in store.proposals(connection))


RIPE = [
    ("F", "192.0.2.64/28", True),
    ("H", "192.0.2.0/28", True),
    ("H", "2001:db8:7::/48", True),
    ("H", "203.0.113.0/25", False),
]


def test_ranges_and_organisations_of_split_files(any_engine: Engine, tmp_path: Path) -> None:
    """A range is an account's by its description or by the organisation that holds it; an allocation waits."""
    ranges = write(tmp_path, "ripe.db.inetnum.gz", RIPE_RANGES)
    organisations = write(tmp_path, "ripe.db.organisation.gz", RIPE_ORGANISATIONS)
    report = discover(any_engine, ranges, organisations)
    assert (found(any_engine), report.owners, report.new) == (RIPE, 1, 4)


def test_again_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    """The same files again are not read again, and nothing is proposed twice."""
    whole = write(tmp_path, "ripe.db.gz", RIPE_ORGANISATIONS + "\n" + RIPE_RANGES)
    discover(engine, whole)
    again = discover(engine, whole)
    assert (again.objects, again.new, again.changed, again.skipped) == (0, 0, 0, ("ripe.db.gz",))
    assert found(engine) == RIPE


@pytest.mark.parametrize(("name", "crlf"), [("ripe.db", False), ("ripe.db", True), ("ripe.db.gz", True)])
def test_a_stopped_run_goes_on(engine: Engine, tmp_path: Path, name: str, crlf: bool) -> None:
    """After a stop at any object the next run reads only the rest, and ends with the same proposals."""
    whole = write(tmp_path, name, RIPE_ORGANISATIONS + "\n" + RIPE_RANGES, crlf=crlf)
    finder = AccountFinder(ACCOUNTS)
    stops = 0

    class Stopped(Exception):
        pass

    class Stopping(DiscoveryStore):
        def keep_findings(self, *args: object) -> tuple[int, int]:
            nonlocal stops
            super().keep_findings(*args)  # type: ignore[arg-type]
            stops += 1
            raise Stopped

    read = []
    while True:
        try:
            report = discover_dumps((whole,), finder, Stopping(engine), quiet, NOW, keep_every=1)
        except Stopped:
            continue
        read.append(report.objects)
        break
    assert stops == 9  # 8 blocks (the remark is one), and the end
    assert read == [0]
    assert found(engine) == RIPE


def test_crlf_is_read_like_lf(engine: Engine, tmp_path: Path) -> None:
    """Line ends don't matter."""
    discover(engine, write(tmp_path, "ripe.db", RIPE_ORGANISATIONS + "\n" + RIPE_RANGES, crlf=True))
    assert found(engine) == RIPE


@pytest.mark.parametrize(("name", "text"), [("arin_db.txt", ARIN_TEXT), ("arin_db.xml.gz", ARIN_XML)])
def test_arin_in_both_formats(engine: Engine, tmp_path: Path, name: str, text: str) -> None:
    """ARIN's reassigned customer is found in its text and in its XML."""
    discover(engine, write(tmp_path, name, text))
    with reading(engine) as connection:
        (proposal,) = store.proposals(connection)
    assert (proposal.account, proposal.prefix, proposal.acts) == ("T", "198.51.100.64/29", True)
    assert proposal.evidence[0].text == (
        "ARIN registers 198.51.100.64/29 to Tidewater Instruments (netname CARRIER-TIDEWATER)"
    )


def test_rejections_hold(engine: Engine, tmp_path: Path) -> None:
    """What a person rejected is not proposed anew, by other accounts' sake or another file."""
    discover(engine, write(tmp_path, "ripe.db", RIPE_RANGES))
    with writing(engine) as connection:
        (of_hartmann,) = store.find(connection, "192.0.2.0/28", "H")
        store.decide(connection, of_hartmann.id, "rejected", "rep@example.com", NOW)
    discover(engine, write(tmp_path, "newer.db", RIPE_RANGES + "\n"))
    with reading(engine) as connection:
        (again,) = store.find(connection, "192.0.2.0/28", "H")
        acting = [each.prefix for each in store.acting(connection)]
    assert (again.status, again.acts, "192.0.2.0/28" in acting) == ("rejected", False, False)


def test_a_damaged_file_is_told(engine: Engine, tmp_path: Path) -> None:
    """A file that is cut off says so and what to do; what was found before stays."""
    path = write(tmp_path, "ripe.db.inetnum.gz", RIPE_RANGES)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="cut off or damaged: fetch it again"):
        discover(engine, path)
