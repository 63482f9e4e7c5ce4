"""Merging accounts that are one customer, and taking it back so that nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

from alerts.tables import alerts
from app import merging
from app.schema import metadata
from core.database import writing
from core.domain import AccountId, Company
from core.errors import InputError
from enrichment.account import store
from enrichment.account.importer.accounts import import_accounts
from enrichment.account.importer.activities import import_activities
from enrichment.account.importer.contacts import import_contacts
from enrichment.account.match import AccountIndex
from enrichment.tables import account_states, activities, corrections, judgements

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
A, B = AccountId("A-1"), AccountId("B-2")

ACCOUNTS = """id,name,domain,country,owner,networks,parent,last order
A-1,Hartmann Pumpen GmbH,hartmann.de,,,192.0.2.0/24,,2024-01-02
B-2,Hartman Pumpen,hartmann-pumpen.com,DE,anna@example.com,192.0.2.0/24 198.51.100.0/24,H-9,2024-01-02
C-3,Hartmann Service,,,,,B-2,
H-9,Hartmann Holding AG,hartmann-holding.de,DE,bo@example.com,,,
"""
ORDERS = """account id,kind,date,product
A-1,purchase,2025-02-03,Pump
B-2,purchase,2025-02-03,Pump
Hartman Pumpen,call,2025-03-04,
"""
PEOPLE = "account id,name,email\nA-1,Maria,maria@hartmann.de\nB-2,Maria,maria@hartmann.de\n"


def snapshot(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for merges themselves, the audit, remembered columns and marks of what is due."""
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in metadata.sorted_tables
        if table.name not in ("account_merges", "audit", "import_mappings", "states_due")
    }


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def import_all(connection: Connection, folder: Path, when: datetime = NOW) -> tuple[int, ...]:
    """Import the three files; returns how many records were added and changed."""
    reports = (
        import_accounts(connection, write(folder, "a.csv", ACCOUNTS), when),
        import_activities(connection, write(folder, "b.csv", ORDERS.replace("Hartman Pumpen,", "B-2,")), when),
        import_contacts(connection, write(folder, "c.csv", PEOPLE), when),
    )
    return tuple(number for report in reports for number in (report.added, report.changed, report.purchases_added))


@pytest.fixture
def customers(any_engine: Engine, tmp_path: Path) -> Engine:
    """Two accounts that are one customer, with everything that can hang on an account."""
    with writing(any_engine) as connection:
        import_all(connection, tmp_path)
        for account in (A, B):
            connection.execute(
                account_states.insert().values(
                    account=account, state="dormant", tier="a" if account == A else "b", since=NOW, judged_at=NOW
                )
            )
            visit(connection, f"visit-{account}", account, NOW - timedelta(days=9))
        connection.execute(
            corrections.insert().values(id="c1", account=B, prefix="203.0.113.0/24", by="anna@example.com", at=NOW)
        )
        connection.execute(
            alerts.insert().values(
                id="alert-1",
                account=B,
                visit=f"visit-{B}",
                site="example.com",
                at=NOW,
                why=[],
                created_at=NOW,
                score=1.5,
                backfill=False,
                to="",
                message={"a": [1]},
                version=1,
            )
        )
    return any_engine


def visit(connection: Connection, key: str, account: AccountId, at: datetime) -> None:
    connection.execute(
        judgements.insert().values(
            visit=key, site="example.com", visitor="v", at=at, account=account, candidates=[], qualified=True, why={}
        )
    )


def test_a_preview_says_what_stays_what_is_filled_and_what_moves(customers: Engine) -> None:
    """The master keeps its own facts and gets the other's where it has none; nothing is written."""
    with writing(customers) as connection:
        before = snapshot(connection)
        told = merging.preview(connection, A, B)
        assert snapshot(connection) == before
    assert [(one.field, one.after) for one in told.fields] == [
        ("country", "DE"),
        ("owner_email", "anna@example.com"),
        ("parent", "H-9"),
    ]
    assert (told.domains, told.aliases) == (("hartmann-pumpen.com",), ("Hartman Pumpen",))
    assert dict(told.moves)["visits"] == 1
    assert "Hartman Pumpen (B-2) becomes part of it" in told.lines[0]


def test_an_unmerge_puts_back_every_byte(customers: Engine) -> None:
    """All tables of all stages are as before, and the merge was whole: nothing of the other account was left."""
    with writing(customers) as connection:
        before = snapshot(connection)
        merging.merge(connection, A, B, "admin@example.com", LATER)
        merged = snapshot(connection)
        leftovers = [name for name, rows in merged.items() for row in rows if B in row]
        master = store.account(connection, A)
        done = merging.unmerge(connection, B, "admin@example.com", LATER)
        after = snapshot(connection)
        said = connection.execute(select(metadata.tables["audit"].c.what)).scalars().all()
    assert leftovers == []
    assert master is not None and (master.owner_email, master.former_ids) == ("anna@example.com", (B,))
    assert master.domains == ("hartmann-pumpen.com", "hartmann.de")
    assert after == before
    assert sorted(said) == ["account.merge", "account.unmerge"]
    assert done.stay == {}


def test_the_merged_id_goes_on_working(customers: Engine) -> None:
    """A signed link or a network that names the merged id means the master."""
    with writing(customers) as connection:
        merging.merge(connection, A, B, "admin@example.com", LATER)
        index = AccountIndex(store.accounts(connection))
    match = index.match(Company(name=None, domain=None, accounts=(B,), confidence=1.0, why=()), by_clue=True)
    assert match is not None and match.account is not None and match.account.id == A


def test_importing_the_crm_again_changes_nothing_and_never_resurrects_the_duplicate(
    customers: Engine, tmp_path: Path
) -> None:
    """All three files with both ids: no row is added or changed, and after an un-merge again none."""
    with writing(customers) as connection:
        before = snapshot(connection)
        merging.merge(connection, A, B, "admin@example.com", LATER)
        merged = snapshot(connection)
        assert import_all(connection, tmp_path, LATER) == (0,) * 9
        assert snapshot(connection) == merged
        merging.unmerge(connection, B, "admin@example.com", LATER)
        assert snapshot(connection) == before
        assert import_all(connection, tmp_path, LATER) == (0,) * 9


def test_what_the_crm_says_of_the_merged_account_later_is_not_lost(customers: Engine, tmp_path: Path) -> None:
    """Its new domain helps the master at once, and is its own after an un-merge; the master's own changes stay."""
    text = "id,name,domain,owner\nB-2,Hartman Pumpen,hartmann-pumpen.com hartmann-shop.com,carl@example.com\n"
    text += "A-1,Hartmann Pumpen SE,,\n"
    with writing(customers) as connection:
        merging.merge(connection, A, B, "admin@example.com", LATER)
        report = import_accounts(connection, write(tmp_path, "new.csv", text), LATER)
        master = store.account(connection, A)
        merging.unmerge(connection, B, "admin@example.com", LATER)
        first, second = store.account(connection, A), store.account(connection, B)
    assert (report.changed, report.merged, report.added) == (1, 1, 0)
    assert master is not None and "hartmann-shop.com" in master.domains
    assert first is not None and (first.name, first.domains) == ("Hartmann Pumpen SE", ("hartmann.de",))
    assert second is not None
    assert (second.domains, second.owner_email) == (("hartmann-pumpen.com", "hartmann-shop.com"), "carl@example.com")


def test_what_happens_after_a_merge_stays_with_the_master_and_is_told(customers: Engine) -> None:
    """Nobody can say whose a later visit is: it is counted and stays; what was there before goes back."""
    with writing(customers) as connection:
        merging.merge(connection, A, B, "admin@example.com", NOW)
        visit(connection, "later", A, LATER)
        done = merging.unmerge(connection, B, "admin@example.com", LATER)
        owners = dict(connection.execute(select(judgements.c.visit, judgements.c.account)).all())
    assert owners == {f"visit-{A}": A, f"visit-{B}": B, "later": A}
    assert done.stay == {"visits": 1}
    assert "1 visits: they stay with A-1" in done.lines[1]


def test_merges_in_a_row_are_undone_in_turn(customers: Engine) -> None:
    """C into B into A: both ids mean A, and the second merge must be undone before the first."""
    c = AccountId("C-3")
    with writing(customers) as connection:
        before = snapshot(connection)
        merging.merge(connection, B, c, "admin@example.com", NOW)
        merging.merge(connection, A, B, "admin@example.com", NOW + timedelta(hours=1))
        found = store.account(connection, A)
        assert found is not None and set(found.former_ids) == {B, c}
        with pytest.raises(InputError, match="undo that first"):
            merging.unmerge(connection, c, "admin@example.com", LATER)
        merging.unmerge(connection, B, "admin@example.com", LATER)
        merging.unmerge(connection, c, "admin@example.com", LATER)
        assert snapshot(connection) == before


def test_what_cannot_be_merged_says_why(customers: Engine) -> None:
    """Unknown accounts, an account with itself, and an un-merge of what was never merged."""
    with writing(customers) as connection:
        with pytest.raises(InputError, match="no account 'X'"):
            merging.merge(connection, A, AccountId("X"), "admin@example.com", NOW)
        with pytest.raises(InputError, match="same account already"):
            merging.merge(connection, A, A, "admin@example.com", NOW)
        with pytest.raises(InputError, match="isn't merged"):
            merging.unmerge(connection, A, "admin@example.com", NOW)


def test_orders_by_name_find_their_rows_again_after_a_merge(customers: Engine, tmp_path: Path) -> None:
    """A list of orders that names the merged firm by name, not by id, adds nothing twice."""
    text = "company,kind,date,product\nHartman Pumpen,purchase,2023-05-06,Valve\n"
    with writing(customers) as connection:
        first = import_activities(connection, write(tmp_path, "d.csv", text), NOW)
        merging.merge(connection, A, B, "admin@example.com", LATER)
        again = import_activities(connection, tmp_path / "d.csv", LATER)
        rows = connection.execute(select(activities.c.account).where(activities.c.product == "Valve")).scalars().all()
    assert (first.added, again.added, again.unchanged, rows) == (1, 0, 1, [A])
