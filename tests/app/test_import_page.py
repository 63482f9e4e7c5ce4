"""Importing an uploaded file in the dashboard: columns, check, import, and everything that can be wrong with a file."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pages import NOW, SAME_ORIGIN, MovingClock, dashboard, logged_in
from sqlalchemy import Engine, func, select, update

from app import privacy, upload_queries, uploads
from app.tables import users
from core.database import reading, writing
from enrichment.tables import accounts, contacts

EVIL = "<script>alert(1)</script>"
CRM = f"Nr;Firma;Website;{EVIL}\n1;Hartmann Pumpen GmbH;hartmann.example.com;x\n2;;zeta.example.com;{EVIL}\n".encode()


@pytest.fixture
def client(any_engine: Engine, tmp_path: Path) -> FlaskClient:
    return logged_in(dashboard(any_engine, tmp_path))


def send(client: FlaskClient, data: bytes, name: str = "crm.csv", what: str = "accounts") -> tuple[int, str]:
    """Upload; (status, the address it leads to, or the page)."""
    form = {"what": what, "file": (io.BytesIO(data), name)}
    answer = client.post("/import", data=form, headers=SAME_ORIGIN)
    return answer.status_code, answer.headers.get("Location") or answer.text


def press(client: FlaskClient, at: str, do: str, **columns: str) -> str:
    """Press a button and wait until the work is done; the page that then stands there."""
    answer = client.post(at, data={"do": do, **columns}, headers=SAME_ORIGIN, follow_redirects=True)
    for _ in range(200):
        page = client.get(at)
        if "Refresh" not in page.headers:
            return page.text if answer.status_code == 200 else answer.text
        assert "This page renews itself" in page.text
        time.sleep(0.05)
    raise AssertionError("the import never ended")


def count(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(accounts)).scalar_one()


def test_columns_check_import(client: FlaskClient, any_engine: Engine, tmp_path: Path) -> None:
    """Guessed columns are shown with samples and can be chosen; the check writes nothing; the import does; the file
    is gone then. Nothing of the file is taken for a page's code."""
    status, at = send(client, CRM, f"../../{EVIL}.csv")
    assert status == 303
    page = client.get(at).text
    assert '<option value="name" selected>company</option>' in page and "hartmann.example.com" in page
    assert EVIL not in page and "&lt;script&gt;" in page and ".." not in page.split("<h1>")[1].split("</h1>")[0]
    assert [path.parent for path in (tmp_path / "uploads").iterdir()] == [tmp_path / "uploads"]
    checked = press(client, at, "check", column_2="")
    assert "What it would do" in checked and "Nothing is written yet" in checked and EVIL not in checked
    assert "<dt>left out</dt><dd>1</dd>" in checked and count(any_engine) == 0
    done = press(client, at, "import", column_2="")
    assert '<h2 id="report">Imported</h2>' in done and "<dt>new</dt><dd>1</dd>" in done
    with reading(any_engine) as connection:
        assert [(row.id, row.name) for row in connection.execute(select(accounts))] == [("1", "Hartmann Pumpen GmbH")]
    assert list((tmp_path / "uploads").iterdir()) == []
    status, again = send(client, CRM)
    assert 'name="column_2"' in client.get(again).text  # what was said of such columns is remembered
    assert '<option value="domain" selected>' not in client.get(again).text
    assert "<dt>unchanged</dt><dd>1</dd>" in press(client, again, "check")


def test_a_workbook_of_contacts_is_imported(client: FlaskClient, any_engine: Engine) -> None:
    """XLSX too, and the other kinds of file."""
    import openpyxl

    press(client, send(client, CRM)[1], "import")
    book, kept = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Kundennummer", "Name", "E-Mail"])
    book.active.append(["1", "Maria Keller", "maria@hartmann.example.com"])
    book.save(kept)
    assert "Imported" in press(client, send(client, kept.getvalue(), "people.xlsx", "contacts")[1], "import")
    with reading(any_engine) as connection:
        assert connection.execute(select(contacts.c.name)).scalars().all() == ["Maria Keller"]


def test_files_that_cannot_be_used_are_refused_by_name(client: FlaskClient, tmp_path: Path) -> None:
    """Empty, no table, too large, an archive that unpacks to gigabytes: each with what to do, none is kept."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (uploads.LARGEST_UNPACKED + 1))
    for data, says in (
        (b"", "is empty"),
        (b"\x89PNG" + bytes(range(256)) * 40, "a text file"),
        (b"PK\x03\x04 broken", "damaged workbook"),
        (bomb.getvalue(), "unpacks to 200 MB"),
    ):
        status, page = send(client, data, "it.xlsx")
        assert (status, says in page, str(tmp_path) in page) == (400, True, False), page
    status, page = send(client, b"a;b\n" + b"x" * (uploads.LARGEST + 200_000))
    assert status == 413
    assert list((tmp_path / "uploads").iterdir()) == []


def test_two_columns_cannot_hold_the_same(client: FlaskClient) -> None:
    """The page says which, and nothing is started."""
    at = send(client, CRM)[1]
    page = client.post(at, data={"do": "check", "column_1": "name", "column_2": "name"}, headers=SAME_ORIGIN)
    assert (page.status_code, "can&#39;t both be the company" in page.text) == (400, True)


def test_a_restart_says_that_the_import_was_interrupted(
    client: FlaskClient, any_engine: Engine, tmp_path: Path
) -> None:
    """A new process finds the row of a dead one's import, and importing again works."""
    at = send(client, CRM)[1]
    with writing(any_engine) as connection:
        found = upload_queries.one(connection, at.rsplit("/", 1)[1])
        assert found is not None
        upload_queries.put(connection, found.id, "running", found.state)
    restarted = logged_in(dashboard(any_engine, tmp_path))
    assert "was interrupted" in restarted.get(at).text
    assert "Imported" in press(restarted, at, "import")


def test_uploads_are_gone_after_an_hour(any_engine: Engine, tmp_path: Path) -> None:
    """Row and file; the page says so."""
    now = MovingClock()
    client = logged_in(dashboard(any_engine, tmp_path, now))
    at = send(client, CRM)[1]
    now.forward(minutes=61)
    assert client.get(at).status_code == 404
    privacy.expire(any_engine, now(), timedelta(hours=24))
    with reading(any_engine) as connection:
        assert upload_queries.one(connection, at.rsplit("/", 1)[1]) is None
    (kept,) = (tmp_path / "uploads").iterdir()
    age = kept.stat().st_mtime
    from datetime import UTC, datetime

    assert uploads.expire_files(tmp_path / "uploads", datetime.fromtimestamp(age, UTC) + timedelta(minutes=59)) == 0
    assert uploads.expire_files(tmp_path / "uploads", datetime.fromtimestamp(age, UTC) + timedelta(minutes=61)) == 1


def test_only_an_admin_imports(client: FlaskClient, any_engine: Engine) -> None:
    """Others are refused, for pages and buttons alike, and the list of accounts offers them nothing."""
    at = send(client, CRM)[1]
    assert 'href="/import"' in client.get("/accounts").text
    with writing(any_engine) as connection:
        connection.execute(update(users).values(role="rep"))
    assert 'href="/import"' not in client.get("/accounts").text
    assert [client.get(path).status_code for path in ("/import", at)] == [403, 403]
    assert client.post(at, data={"do": "import"}, headers=SAME_ORIGIN).status_code == 403
    assert send(client, CRM)[0] == 403
    assert client.get("/import/../../etc/passwd").status_code in (403, 404)
    assert NOW is not None
