"""Contracts, do-not-contact, last spoke, e-mails, events, tickets and reasons come in by files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import AccountId
from enrichment.account import store
from enrichment.account.importer.accounts import import_accounts
from enrichment.account.importer.activities import import_activities
from enrichment.account.importer.contacts import import_contacts
from enrichment.account.left_because import reason_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)
C1 = AccountId("C-1")


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_contracts_and_wishes_not_to_be_called(any_engine: Engine, tmp_path: Path) -> None:
    """Columns are guessed in several languages; a later file without them takes nothing back."""
    accounts = write(
        tmp_path,
        "a.csv",
        "Kundennummer;Firma;Vertragsart;Vertragsende;Kontaktsperre\n"
        "C-1;Nordfarm GmbH;Wartung;31.03.2029;ja\nC-2;Hof AG;;;\n",
    )
    again = write(tmp_path, "b.csv", "Kundennummer;Firma\nC-1;Nordfarm GmbH\n")
    people = write(
        tmp_path, "c.csv", "account id,name,email,opted out,last spoke\nC-1,Ada,ada@example.com,yes,2026-08-01\n"
    )
    with writing(any_engine) as connection:
        for path in (accounts, again):
            import_accounts(connection, path, NOW)
        reports = [import_contacts(connection, people, NOW) for _ in range(2)]
    with reading(any_engine) as connection:
        first, second = store.accounts(connection)
        (ada,) = store.contacts_of(connection, [C1])[C1]
    assert (first.contract, first.contract_until, first.do_not_contact) == (
        "Wartung",
        datetime(2029, 3, 31, tzinfo=UTC),
        True,
    )
    assert (second.contract, second.contract_until, second.do_not_contact) == ("", None, False)
    assert (ada.do_not_contact, ada.last_spoke_at) == (True, datetime(2026, 8, 1, tzinfo=UTC))
    assert [report.unchanged for report in reports] == [0, 1]


def test_new_kinds_of_activities(any_engine: Engine, tmp_path: Path) -> None:
    """Opens, clicks, events, tickets, use and reasons by the words of exports; a reason finds its place on the list."""
    rows = "メール開封 E-Mail-Klick Messe Ticket product-usage"
    text = "account id,type,date,note\n" + "".join(
        f"C-1,{kind},2026-0{n}-01,\n" for n, kind in enumerate(rows.split(), 1)
    )
    text = text.replace("E-Mail-Klick", "email clicked").replace("product-usage", "product usage")
    text += "C-1,lost reason,2026-07-01,Went to a competitor\nC-1,lost reason,2026-08-01,Who knows\n"
    with writing(any_engine) as connection:
        import_accounts(connection, write(tmp_path, "a.csv", "account id,company\nC-1,Nordfarm GmbH\n"), NOW)
        import_activities(connection, write(tmp_path, "b.csv", text), NOW)
    with reading(any_engine) as connection:
        found = store.activities_of(connection, [C1])[C1]
    assert [one.kind for one in found] == [
        *("email_open", "email_click", "event", "ticket", "usage", "dormancy_reason", "dormancy_reason"),
    ]
    assert [(one.reason, one.source) for one in found[-2:]] == [("competitor", "import"), ("", "import")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Need met", "need_met"),
        ("contact_left", "contact_left"),
        ("too expensive", "price"),
        ("slow support", "dissatisfaction"),
        ("switched to another supplier", "competitor"),
        ("our contact left the company", "contact_left"),
        ("nobody followed up, we lost touch", "communication_gap"),
        ("budget frozen", "circumstances"),
        ("project finished", "need_met"),
        ("zu teuer", "price"),
        ("競合に乗り換え", "competitor"),
        ("担当者の異動", "contact_left"),
        ("品質への不満", "dissatisfaction"),
        ("", ""),
        ("blue", ""),
    ],
)
def test_words_find_their_reason(text: str, reason: str) -> None:
    """Free text is mapped by its words; what says nothing is no reason of the list."""
    assert reason_of(text) == reason
