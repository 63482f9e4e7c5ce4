"""The dashboard's pages: each tells what is stored, and nothing that may not be shown."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pages import NOW, SAME_ORIGIN, dashboard, logged_in, settings
from seed import seed
from seed_customers import CUSTOMERS
from sqlalchemy import Engine, event, select

from alerts.buttons import Action
from alerts.tables import alerts, deliveries, feedback
from app.auth.users import ensure_admin
from app.dashboard import queries_losses
from app.schema import metadata
from app.signed import links
from app.tables import audit
from core.database import open_engine, reading, writing
from core.domain import AlertId
from core.ids import derived
from enrichment.tables import account_states, corrections, judgements

PATHS = (
    "/",
    "/now",
    "/accounts",
    "/accounts?q=hartmann",
    "/accounts?state=awake",
    "/accounts/C-1001",
    "/accounts/C-1001?group=1",
    "/accounts/duplicates",
    "/?group=1",
    "/accounts/C-1003?period=90",
    "/accounts/C-1009?period=all",
    "/link?account=C-1001",
    "/alerts",
    "/alerts?show=stuck",
    "/losses",
    "/losses?period=all",
    "/losses/visits/network_isp",
    "/losses/hits/bot_declared?page=2",
    "/losses/visits/company_person",
    "/networks",
    "/networks?show=all&page=2",
    "/networks?fragment=1",
    "/settings",
    "/?fragment=1",
    "/now?fragment=1",
    "/accounts/C-1001?fragment=1",
    "/alerts?fragment=1",
)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeded world with a first user, made once."""
    path = tmp_path_factory.mktemp("seeded") / "seeded.db"
    engine = open_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    seed(engine, NOW)
    with writing(engine) as connection:
        ensure_admin(connection, NOW)
    engine.dispose()
    return path


@pytest.fixture
def world(seeded: Path, tmp_path: Path) -> Iterator[Engine]:
    """The seeded world, a copy for each test."""
    path = tmp_path / "test.db"
    shutil.copyfile(seeded, path)
    opened = open_engine(f"sqlite:///{path}")
    yield opened
    opened.dispose()


@pytest.fixture
def client(world: Engine, tmp_path: Path) -> FlaskClient:
    """Somebody logged in, on the seeded world."""
    return logged_in(dashboard(world, tmp_path))


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


@pytest.mark.parametrize("path", PATHS)
def test_page_renders(client: FlaskClient, path: str) -> None:
    """Every page can be made of the seeded world, without inline scripts or styles."""
    html = client.get(path).get_data(as_text=True)
    assert client.get(path).status_code == 200
    assert not re.search(r"<script(?![^>]* src=)| style=| on[a-z]+=", html)


@pytest.mark.postgres
def test_every_page_on_postgresql(postgres_engine: Engine, tmp_path: Path) -> None:
    """The same pages can be made on PostgreSQL, the funnel adds up there, and the buttons act."""
    seed(postgres_engine, NOW)
    client = logged_in(dashboard(postgres_engine, tmp_path))
    for path in PATHS:
        assert client.get(path).status_code == 200, path
    assert_funnel_adds_up(postgres_engine)
    alert = derived("alert", "C-1001")
    for do in ("claim", "undo", "wrong_company", "undo"):
        press(client, do, alert)


@pytest.mark.parametrize("path", [path for path in PATHS if "C-1" not in path])
def test_page_renders_empty(engine: Engine, tmp_path: Path, path: str) -> None:
    """Every page can be made of an empty database too."""
    assert logged_in(dashboard(engine, tmp_path)).get(path).status_code == 200


def test_awake_names_dormant_accounts_only(client: FlaskClient) -> None:
    """The awake list has the dormant accounts with visits, the most interested first; active ones are not in it."""
    html = client.get("/").get_data(as_text=True)
    order = re.findall(r'href="/accounts/(C-\d+)"', html)
    assert order == ["C-1001", "C-1002", "C-1003", "C-1004", "C-1006", "C-1005"]
    assert "412 d" in html
    assert "Jo Meier" in html


def test_now_never_names_persons_or_carriers(client: FlaskClient) -> None:
    """A firm of one person and the customers of a carrier are counts, never names."""
    text = text_of(client, "/now")
    assert "Hartmann Pumpen" in text
    assert "Fremde Firma AG" in text
    assert "Jan Muster" not in text
    assert "Example Telecom" not in text
    assert "2 home line of a carrier" not in text
    assert "2 home lines of carriers" in text


def test_person_firm_is_named_nowhere(client: FlaskClient) -> None:
    """No page names a firm that is one person, not even the list of what was dropped."""
    for path in (*PATHS, "/losses/visits/company_person"):
        assert "Jan Muster" not in client.get(path).get_data(as_text=True)


def test_funnel_adds_up(world: Engine, client: FlaskClient) -> None:
    """What comes in at each step is what goes on plus every loss, down to the rows behind each bucket."""
    assert_funnel_adds_up(world)


def assert_funnel_adds_up(engine: Engine) -> None:
    with reading(engine) as connection:
        since = NOW - timedelta(days=29)
        stages = queries_losses.visit_stages(connection, since)
        hits = queries_losses.hits(connection, since)
        assert hits.total == hits.kept + sum(loss.count for loss in hits.losses) > 0
        for before, after in pairwise(stages):
            assert after.before == before.after
        for stage in stages:
            assert stage.before == stage.after + sum(loss.count for loss in stage.losses)
            for loss in stage.losses:
                assert queries_losses.count_bucket(connection, loss.code, since) == loss.count, loss.code
                assert len(queries_losses.bucket_rows(connection, loss.code, since)) == min(50, loss.count)
        assert stages[-1].after == queries_losses.count_bucket(connection, "alerted", since) == 4


def test_timeline_has_everything(client: FlaskClient) -> None:
    """The timeline tells visits with pages, the alert with deliveries, orders, states and the evidence."""
    text = text_of(client, "/accounts/C-1001?period=all")
    for words in (
        "Pricing",
        "2:10",
        "Slack sent",
        "Order",
        "Active → dormant",
        "203.0.113.0/28 is registered to",
        "+30",
        "Maria Keller",
        "has left",
        "support",
    ):
        assert words in text, words


def test_alert_shows_its_message(client: FlaskClient) -> None:
    """The list of alerts shows the very lines that were sent, and who was told."""
    text = text_of(client, "/alerts")
    for words in ("The message", "office network registered to them", "for Anna Berg", "Contact form opened +25"):
        assert words in text, words


WORKING: tuple[Action, ...] = ("claim", "wrong_company", "timeline", "undo")


def test_every_button_of_a_message_leads_to_a_page(world: Engine, client: FlaskClient, tmp_path: Path) -> None:
    """The address behind each button of a message opens; Timeline leads to the account of the alert."""
    with reading(world) as connection:
        alert = connection.execute(select(alerts.c.id).where(alerts.c.account == "C-1001")).scalars().first()
    link = links(settings(tmp_path, public_url="http://localhost"))
    answers = {action: client.get(link(AlertId(str(alert)), action)) for action in WORKING}
    assert {action: answer.status_code for action, answer in answers.items()} == {
        "claim": 200,
        "wrong_company": 200,
        "timeline": 302,
        "undo": 200,
    }
    assert answers["timeline"].headers["Location"] == "/accounts/C-1001"
    assert client.get("/alerts/long-gone").status_code == 410


def test_timeline_json_says_the_same(client: FlaskClient) -> None:
    """The JSON of an account has its facts and all events, newest first, and can't break out of a page."""
    answer = client.get("/accounts/C-1001.json?period=all")
    body = json.loads(answer.get_data(as_text=True))
    assert answer.content_type == "application/json"
    assert body["account"]["name"] == "Hartmann Pumpen GmbH"
    assert {each["type"] for each in body["events"]} >= {"visit", "alert", "purchase", "state", "contact", "login"}
    assert [each["at"] for each in body["events"]] == sorted((each["at"] for each in body["events"]), reverse=True)
    assert client.get("/accounts/nobody.json").status_code == 404


def test_account_ids_may_hold_anything(world: Engine, client: FlaskClient) -> None:
    """An account whose id has slashes, spaces and marks has a page that the list leads to."""
    from core.database import writing
    from enrichment.tables import accounts

    odd = "a/b c?d#e%.json"
    with writing(world) as connection:
        connection.execute(accounts.insert().values(id=odd, name="Odd & Sons", imported_at=NOW))
    link = re.search(r'href="(/accounts/a[^"]+)"', client.get("/accounts?q=odd").get_data(as_text=True))
    assert link is not None
    assert client.get(link[1]).status_code == 200


def test_search_finds_by_name_domain_and_id(client: FlaskClient) -> None:
    """The list is searched by parts of names and domains, and by whole ids; `%` is only a character."""
    for search, found in (("hartm", 1), ("c-1004.example", 1), ("C-1009", 1), ("%", 0), ("gmbh", 2), ("みどり", 1)):
        html = client.get("/accounts", query_string={"q": search}).get_data(as_text=True)
        assert len(re.findall(r'<th scope="row"><a', html)) == found, search


def test_fragment_unchanged_costs_nothing(client: FlaskClient) -> None:
    """A fragment asked for again with its ETag answers 304 without a body."""
    first = client.get("/?fragment=1")
    again = client.get("/?fragment=1", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.get_data() == b""


def test_settings_never_show_secrets(client: FlaskClient) -> None:
    """The settings say that the secret is set, not what it is, and show the snippet to paste."""
    html = client.get("/settings").get_data(as_text=True)
    assert "only for tests" not in html
    assert "(set)" in html
    assert "data-site=&#34;www.example.com&#34;" in html
    assert "24 hours" in html


def press(client: FlaskClient, do: str, id_: str) -> None:
    answer = client.post("/act", data={"do": do, "id": id_, "back": "/alerts"}, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/alerts")


def test_claim_and_undo(world: Engine, client: FlaskClient) -> None:
    """Taking an account puts it in contact and shows who took it; undoing gives it back. Each leaves an audit row."""
    alert = derived("alert", "C-1001")
    press(client, "claim", alert)
    assert "admin@localhost took it" not in client.get("/").get_data(as_text=True)
    assert "<strong>Admin</strong>" in client.get("/").get_data(as_text=True)
    with reading(world) as connection:
        assert state_of(connection, "C-1001") == "in_contact"
    press(client, "undo", alert)
    with reading(world) as connection:
        assert state_of(connection, "C-1001") == "awake"
        rows = connection.execute(select(feedback).where(feedback.c.alert == alert)).all()
        assert [row.undone_at is not None for row in rows] == [True]
        assert {"alert.claim", "alert.undo"} <= set(connection.execute(select(audit.c.what)).scalars())


def state_of(connection, account: str) -> str:  # type: ignore[no-untyped-def]
    return str(connection.execute(select(account_states.c.state).where(account_states.c.account == account)).scalar())


def test_wrong_company_moves_visits_and_undo_restores(world: Engine, client: FlaskClient) -> None:
    """After "wrong company" the network's visits are nobody's and the account sleeps; undo restores every row."""
    alert = derived("alert", "C-1001")

    def snapshot() -> list[tuple[object, ...]]:
        with reading(world) as connection:
            rows = connection.execute(select(judgements).order_by(judgements.c.visit)).all()
            return [tuple(row) for row in rows]

    before = snapshot()
    press(client, "wrong_company", alert)
    with reading(world) as connection:
        moved = connection.execute(
            select(judgements.c.account, judgements.c.drop).where(judgements.c.prefix == "203.0.113.0/28")
        ).all()
        assert [tuple(row) for row in moved] == [(None, "company_rejected")] * 4
        assert state_of(connection, "C-1001") == "dormant"
        standing = select(corrections.c.prefix).where(corrections.c.account == "C-1001")
        assert list(connection.execute(standing).scalars()) == ["203.0.113.0/24"]  # a database's /28, widened
    assert "C-1001" not in client.get("/").get_data(as_text=True)
    press(client, "undo", alert)
    assert snapshot() == before
    with reading(world) as connection:
        assert state_of(connection, "C-1001") == "awake"
        assert all(
            row.undone_at for row in connection.execute(select(corrections).where(corrections.c.account == "C-1001"))
        )


def test_wrong_visit_and_undo_of_the_correction(world: Engine, client: FlaskClient) -> None:
    """The same works from a visit on the timeline, with the undo of the correction there."""
    press(client, "wrong_visit", derived("v", "C-1004", 0))
    page = client.get("/accounts/C-1004").get_data(as_text=True)
    assert "isn&#39;t Alpen Foods eG" in page or "isn't Alpen Foods eG" in page
    with reading(world) as connection:
        correction = connection.execute(select(corrections.c.id).where(corrections.c.account == "C-1004")).scalar_one()
    press(client, "undo_correction", correction)
    with reading(world) as connection:
        query = select(judgements.c.visit).where(judgements.c.account == "C-1004")
        assert len(connection.execute(query).all()) == 2


def test_retry_sends_a_dead_letter_again(world: Engine, client: FlaskClient) -> None:
    """A message that was given up shows why, and Retry puts it back into the outbox."""
    assert "channel_not_found" in client.get("/alerts?show=stuck").get_data(as_text=True)
    delivery = derived("d", derived("alert", "C-1002"), "slack")
    press(client, "retry", delivery)
    with reading(world) as connection:
        assert connection.execute(select(deliveries.c.status).where(deliveries.c.id == delivery)).scalar() == "due"


@pytest.mark.parametrize(
    "path", ["/", "/now", "/accounts", "/alerts", "/losses", "/losses/visits/account_none", "/accounts/C-1001"]
)
def test_no_query_per_row(world: Engine, client: FlaskClient, path: str) -> None:
    """A page asks a fixed number of questions, however many rows it shows."""
    asked: list[str] = []
    event.listen(world, "before_cursor_execute", lambda *args: asked.append(args[2]))
    client.get(path)
    assert 0 < len([each for each in asked if each.startswith(("SELECT", "WITH"))]) <= 26


def test_demo_banner(world: Engine, client: FlaskClient) -> None:
    """While demo data is loaded, every page says so."""
    from core.database import writing
    from tracker.tables import sites

    assert "DEMO" not in client.get("/").get_data(as_text=True)
    with writing(world) as connection:
        connection.execute(sites.update().values(is_demo=True))
    for path in ("/", "/now", "/accounts", "/alerts", "/losses", "/settings"):
        assert "<strong>DEMO</strong>" in client.get(path).get_data(as_text=True)


def test_seed_is_what_these_tests_believe() -> None:
    """The seeded world has ten customers, each with an owner or none."""
    assert len(CUSTOMERS) == 10
