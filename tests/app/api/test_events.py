"""Events from servers: each becomes an activity once, or is answered with why it was not taken."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pages import NOW, MovingClock, dashboard, settings
from sqlalchemy import Engine, select

from app.api import keys, store
from app.api.tables import api_answers
from app.merging import merge
from core.clock import iso
from core.database import reading, writing
from core.domain import Account, AccountId, Activity
from enrichment.account import store as account_store
from enrichment.account.importer.store import write_accounts
from enrichment.network.learned import store as learned_store
from enrichment.network.learned.observation import place
from enrichment.network.learned.tables import learned_observations
from enrichment.tables import activities

DOOR = "/api/v1/events"
ACCOUNTS = (
    Account(id=AccountId("C-1"), name="Hartmann GmbH", domains=("hartmann.example",)),
    Account(id=AccountId("C-2"), name="Lindqvist AB", domains=("lindqvist.example", "group.example")),
    Account(id=AccountId("C-3"), name="Lindqvist Oy", domains=("group.example",)),
)


class Sender:
    """A backend that sends events with its key."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self.engine = engine
        self.clock = MovingClock()
        with writing(engine) as connection:
            write_accounts(connection, ACCOUNTS, NOW)
            text = keys.add(connection, "backend", ("events",), NOW)[1]
        self.headers = {"Authorization": f"Bearer {text}"}
        self.client: FlaskClient = dashboard(engine, home, self.clock).test_client()

    def send(self, *events: dict[str, Any], key: str = "") -> Any:
        """Send a batch."""
        return self.post(json.dumps({"batch": events}).encode(), key)

    def post(self, body: bytes, key: str = "", **more: str) -> Any:
        """Send a body as it is."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {}) | more
        return self.client.post(DOOR, data=body, headers=headers)

    def kept(self, account: str = "C-1") -> tuple[Activity, ...]:
        """The activities of an account."""
        with reading(self.engine) as connection:
            return account_store.activities_of(connection, [AccountId(account)])[AccountId(account)]


@pytest.fixture
def sender(engine: Engine, tmp_path: Path) -> Sender:
    """A backend with a key, and three accounts."""
    return Sender(engine, tmp_path)


def login(message: str = "m1", **more: Any) -> dict[str, Any]:
    """A sign-in of somebody at Hartmann."""
    return {
        "type": "track",
        "event": "Signed In",
        "messageId": message,
        "userId": "u-7",
        "timestamp": iso(NOW - timedelta(hours=1)),
        "context": {"groupId": "C-1", "ip": "192.0.2.7", "userAgent": "Mozilla/5.0"},
    } | more


def test_a_sign_in_an_order_and_use_become_activities(sender: Sender) -> None:
    """Each with its kind, moment and words."""
    order = login("m2", event="Order Completed", properties={"total": 84.5, "currency": "eur", "order_id": 17})
    order["properties"]["products"] = [{"name": "Gripper"}, {"name": "Sensor"}]
    used = login("m3", event="Report Exported", timestamp=iso(NOW - timedelta(minutes=3)))
    answer = sender.send(login(), order, used)
    assert (answer.status_code, answer.get_json()) == (200, {"accepted": 3, "duplicates": 0, "rejected": []})
    assert [(one.kind, one.note, one.product) for one in sorted(sender.kept(), key=lambda one: one.kind)] == [
        ("login", "Signed In", ""),
        ("purchase", "", "Gripper and 1 more"),
        ("usage", "Report Exported", ""),
    ]
    bought = next(one for one in sender.kept() if one.kind == "purchase")
    assert (str(bought.amount), bought.currency, bought.at) == ("84.50", "EUR", NOW - timedelta(hours=1))


@pytest.mark.parametrize(
    ("name", "properties", "kept"),
    [
        ("Email Opened", {"subject": "News"}, ("email_open", "News")),
        ("email_link_clicked", {"delivered_at": iso(NOW - timedelta(days=1))}, ("email_click", "email_link_clicked")),
        (
            "Email Link Clicked",
            {"delivered_at": iso(NOW - timedelta(hours=1, seconds=2)), "link": "/p"},
            ("email_click", "scanner: 2 s after delivery (/p)"),
        ),
        ("Email Opened", {"machine": True}, ("email_open", "scanner: from a data centre (Email Opened)")),
        ("Email Opened", {"userAgent": "python-requests/2"}, ("email_open", "Email Opened")),
        ("Webinar Attended", {"title": "Pumps"}, ("event", "Pumps")),
        ("Ticket Created", {}, ("ticket", "Ticket Created")),
        ("Churn Reason Given", {"reason": "too expensive"}, ("dormancy_reason", "too expensive")),
    ],
)
def test_mails_events_tickets_and_reasons(
    sender: Sender, name: str, properties: dict[str, Any], kept: tuple[str, str]
) -> None:
    """Each by its name; the browser named by the context counts before one in the properties."""
    assert sender.send(login(event=name, properties=properties)).status_code == 200
    (one,) = sender.kept()
    assert (one.kind, one.note) == kept
    if one.kind == "dormancy_reason":
        assert (one.reason, one.source, one.said_by) == ("price", "api", "u-7")


@pytest.mark.parametrize(
    ("given", "account"),
    [
        ({"context": {"groupId": "C-1"}}, "C-1"),
        ({"groupId": "C-1"}, "C-1"),
        ({"properties": {"account_id": "C-1"}}, "C-1"),
        ({"properties": {"company": {"id": "C-1"}}}, "C-1"),
        ({"context": {"groupId": "hartmann.example"}}, "C-1"),
        ({"context": {"traits": {"email": "eva@mail.hartmann.example"}}}, "C-1"),
        ({"traits": {"website": "https://www.hartmann.example/de"}}, "C-1"),
        ({"userId": "eva@hartmann.example"}, "C-1"),
        ({"context": {"groupId": "C-2"}, "userId": "eva@hartmann.example"}, "C-2"),
        ({"context": {"groupId": "their own 99"}, "userId": "eva@hartmann.example"}, "C-1"),
    ],
)
def test_an_account_is_found_by_id_else_by_domain(sender: Sender, given: dict[str, Any], account: str) -> None:
    """In every place where Segment's libraries put it; the id counts before the domain."""
    answer = sender.send({"type": "track", "event": "login"} | given)
    assert answer.get_json()["accepted"] == 1, answer.get_json()
    assert [one.kind for one in sender.kept(account)] == ["login"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (login(context={"groupId": "C-99"}), "unknown_account"),
        ({"type": "track", "event": "login", "context": {"groupId": "group.example"}}, "ambiguous_account"),
        ({"type": "track", "event": "login", "userId": "eva@gmail.com"}, "no_account"),
        ({"type": "track", "event": "login"}, "no_account"),
        (login(type="alias"), "unknown_type"),
        (login(event=""), "malformed"),
        (login(timestamp="yesterday"), "malformed"),
        (login(timestamp="2026-11-22T10:00:00"), "malformed"),
        (login(context="x"), "malformed"),
        (login(event="Order Completed", properties={"total": "free"}), "malformed"),
        (login(event="Order Completed", properties={"total": -5}), "malformed"),
        (login(timestamp=iso(NOW + timedelta(hours=1))), "in_future"),
        (login(properties={"note": "x" * 33_000}), "too_large"),
    ],
)
def test_what_is_not_taken_is_answered_with_its_reason(sender: Sender, event: dict[str, Any], reason: str) -> None:
    """207, one line for the event, the others are taken, and the reason is counted."""
    answer = sender.send(login("good"), event)
    body = answer.get_json()
    assert (answer.status_code, body["accepted"]) == (207, 1)
    assert [(one["index"], one["reason"]) for one in body["rejected"]] == [(1, reason)]
    assert body["rejected"][0]["detail"]
    with reading(sender.engine) as connection:
        assert store.counts(connection, NOW.date()) == {"accepted": 1, reason: 1}


def test_an_event_twice_counts_once(sender: Sender) -> None:
    """In one batch, in two, and alone: what came before is a duplicate."""
    answers = [sender.send(login(), login()), sender.send(login()), sender.post(json.dumps(login()).encode())]
    assert [(one.get_json()["accepted"], one.get_json()["duplicates"]) for one in answers] == [(1, 1), (0, 1), (0, 1)]
    assert len(sender.kept()) == 1


def test_the_order_of_events_changes_nothing(sender: Sender, tmp_path: Path) -> None:
    """Any order of the same events leaves the same rows."""
    events = [login(f"m{n}", timestamp=iso(NOW - timedelta(days=n))) for n in range(4)]
    sender.send(*events)
    first = sender.kept()
    with writing(sender.engine) as connection:
        connection.execute(activities.delete())
    for event in (events[2], events[0], events[3], events[1], events[2]):
        sender.clock.forward(minutes=7)
        sender.send(event)
    assert sender.kept() == first


def test_two_sign_ins_without_a_stamp_are_two(sender: Sender) -> None:
    """Without messageId and timestamp, only what came at another moment is another event."""
    event = {"type": "track", "event": "login", "groupId": "C-1"}
    for _ in range(2):
        sender.send(event)
        sender.clock.forward(hours=1)
    assert len(sender.kept()) == 2


def test_a_senders_clock_that_is_ahead_is_set_right(sender: Sender) -> None:
    """`sentAt` in our future proves the skew; one in the past is only a delay."""
    ahead = login("a", timestamp=iso(NOW + timedelta(minutes=59)), sentAt=iso(NOW + timedelta(hours=1)))
    late = login("b", timestamp=iso(NOW - timedelta(hours=3)), sentAt=iso(NOW - timedelta(hours=2)))
    assert sender.send(ahead, late).get_json()["accepted"] == 2
    assert [one.at for one in sender.kept()] == [NOW - timedelta(hours=3), NOW - timedelta(minutes=1)]


def test_an_order_is_that_of_the_import(sender: Sender) -> None:
    """The same order number twice, under other messageIds, is one order."""
    order = {"event": "Order Completed", "properties": {"order_id": "A-17", "total": 5}}
    answer = sender.send(login("a", **order), login("b", **order))
    assert answer.get_json()["duplicates"] == 1
    assert len(sender.kept()) == 1


def test_an_idempotency_key_answers_alike(sender: Sender) -> None:
    """Twice the same request: the same answer, said to be a repetition, and nothing done."""
    first = sender.send(login(), login("m2", context={"groupId": "C-99"}), key="k-1")
    again = sender.send(login(), login("m2", context={"groupId": "C-99"}), key="k-1")
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    with reading(sender.engine) as connection:
        assert store.counts(connection, NOW.date()) == {"accepted": 1, "unknown_account": 1}


def test_an_idempotency_key_is_for_one_body(sender: Sender) -> None:
    """Another body under the same key is a mistake of the sender's: 422, nothing kept."""
    sender.send(login(), key="k-1")
    assert sender.send(login("m2"), key="k-1").status_code == 422
    assert len(sender.kept()) == 1


def test_an_idempotency_key_ends_after_a_day(sender: Sender) -> None:
    """After 24 hours it is a new request."""
    sender.send(login(), key="k-1")
    sender.clock.forward(hours=24, minutes=1)
    assert sender.send(login("m2"), key="k-1").get_json()["accepted"] == 1


@contextmanager
def begun(sender: Sender, body: bytes) -> Iterator[None]:
    """A request that was begun and hasn't ended."""
    sender.post(body, "k-1")
    with writing(sender.engine) as connection:
        connection.execute(api_answers.update().values(status=0, answer=""))
    yield


def test_a_request_in_flight_is_not_done_twice(sender: Sender) -> None:
    """409 with Retry-After; after a minute the first is taken for dead, and its repetition is worked off."""
    body = json.dumps(login()).encode()
    with begun(sender, body):
        answer = sender.post(body, "k-1")
        assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
        sender.clock.forward(seconds=61)
        assert sender.post(body, "k-1").status_code == 200


def test_the_same_request_at_once_is_worked_off_once(sender: Sender) -> None:
    """Of eight at the same time one does the work; the others hear of it, or that it is in flight."""
    body = json.dumps(login()).encode()
    statuses: list[int] = []
    client = sender.client.application.test_client

    def post() -> None:
        headers = sender.headers | {"Idempotency-Key": "k-1"}
        statuses.append(client().post(DOOR, data=body, headers=headers).status_code)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 409} and 200 in statuses
    with reading(sender.engine) as connection:
        assert store.counts(connection, NOW.date()) == {"accepted": 1}


def test_a_request_that_fails_may_come_again(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database away is 503 with Retry-After, and nothing of the request is kept."""

    def away(*_: object) -> None:
        raise OSError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(store, "keep_answer", away)
        answer = sender.send(login(), key="k-1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert sender.kept() == ()
    assert sender.send(login(), key="k-1").get_json()["accepted"] == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"batch": {}}', b"\xff", b"[" * 10_000])
def test_a_body_that_is_no_json_object_is_refused(sender: Sender, body: bytes) -> None:
    """400: sending it again won't help."""
    answer = sender.post(body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_too_much_is_refused(sender: Sender) -> None:
    """413 for a batch over 500 KB and a single event over 32 KB; 415 for a compressed body."""
    assert sender.post(b'{"batch": []}' + b" " * 500 * 1024).status_code == 413
    assert sender.post(json.dumps(login(properties={"x": "y" * 33_000})).encode()).status_code == 413
    assert sender.post(b"{}", **{"Content-Encoding": "gzip"}).status_code == 415
    assert sender.post(b'{"batch": []}').get_json() == {"accepted": 0, "duplicates": 0, "rejected": []}


def test_a_sign_in_is_evidence_about_its_address(sender: Sender, tmp_path: Path) -> None:
    """Sign-ins and identify calls with an address are kept for the learned map, without the address."""
    identify = {"type": "identify", "userId": "u-7", "messageId": "i", "context": {"groupId": "C-1", "ip": "192.0.2.7"}}
    used = login("m3", event="Report Exported")
    private = login("m4", context={"groupId": "C-1", "ip": "10.0.0.1"})
    assert sender.send(login(), identify, used, private).get_json()["accepted"] == 4
    where = place(settings(tmp_path).secret, "192.0.2.7")
    with reading(sender.engine) as connection:
        found = learned_store.observations(connection)
        assert where is not None
        assert sorted((one.kind, one.account, one.host, one.block) for one in found) == [
            ("identify", "C-1", where.host, "192.0.2.0/28"),
            ("login", "C-1", where.host, "192.0.2.0/28"),
        ]
        assert "192.0.2.7" not in str(connection.execute(select(learned_observations)).all())


def test_odd_text_is_kept_without_harm(any_engine: Engine, tmp_path: Path) -> None:
    """NUL, very long names, numbers as ids: nothing fails, on either database."""
    sender = Sender(any_engine, tmp_path)
    odd = login("x\x00y", event="Signed\x00 In" + "n" * 500, userId=7)
    answer = sender.send(odd, login(9), {"type": "page", "name": "Home", "groupId": "C-1", "extra": [1]})  # type: ignore[arg-type]
    assert (answer.status_code, answer.get_json()["accepted"]) == (200, 3)


def test_a_merged_accounts_id_goes_on_working(sender: Sender) -> None:
    """Backends know the old id; its events are the master's."""
    with writing(sender.engine) as connection:
        merge(connection, AccountId("C-2"), AccountId("C-1"), "anna@example.com", NOW)
    assert sender.send(login()).get_json()["accepted"] == 1
    assert [one.kind for one in sender.kept("C-2")] == ["login"]
