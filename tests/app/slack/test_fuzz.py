"""S17: whatever is sent to Slack's addresses, the answer is 401 or a 200 that does nothing; only a good click acts."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies
from pages import NOW, dashboard
from seed import seed
from slack_clicks import SIGNING_SECRET, click, form, headers
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import Engine, func, select, text

from app.slack.signature import Seen, is_slacks, signature
from app.slack.tables import slack_clicks
from core.database import reading, writing
from core.ids import derived

ALERT = derived("alert", "C-1001")
DOOR = "/slack/interactivity"
GOOD = form(click("claim", ALERT))
STAMP = int(NOW.timestamp())


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> Flask:
    seed(engine, NOW)
    return dashboard(engine, tmp_path, slack_signing_secret=SIGNING_SECRET, slack_token="")


def kept(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(slack_clicks)).scalar_one()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One request that must do nothing."""

    name: str
    expected: int
    body: bytes = GOOD
    change: Callable[[dict[str, str]], Any] = lambda found: found
    stamp: str = ""
    secret: str = SIGNING_SECRET
    door: str = DOOR


def _without(name: str) -> Callable[[dict[str, str]], Any]:
    return lambda found: {key: value for key, value in found.items() if key != name}


def _with(name: str, value: str) -> Callable[[dict[str, str]], Any]:
    return lambda found: {**found, name: value}


def _twice(name: str) -> Callable[[dict[str, str]], Any]:
    return lambda found: [*found.items(), (name, found[name])]


_SIGN, _STAMP = "X-Slack-Signature", "X-Slack-Request-Timestamp"


def _odd(**changed: object) -> bytes:
    return form({**click("claim", ALERT), **changed})


def _action(**changed: object) -> bytes:
    payload = click("claim", ALERT)
    payload["actions"][0] |= changed
    return form(payload)


CASES = (
    Case(name="no signature", expected=401, change=_without(_SIGN)),
    Case(name="no timestamp", expected=401, change=_without(_STAMP)),
    Case(name="an empty signature", expected=401, change=_with(_SIGN, "")),
    Case(name="an empty timestamp", expected=401, change=_with(_STAMP, "")),
    Case(name="a wrong signature", expected=401, change=_with(_SIGN, "v0=" + "0" * 64)),
    Case(name="a signature of another version", expected=401, change=lambda h: {**h, _SIGN: "v1" + h[_SIGN][2:]}),
    Case(name="a signature in capitals", expected=401, change=lambda h: {**h, _SIGN: h[_SIGN].upper()}),
    Case(name="a signature cut short", expected=401, change=lambda h: {**h, _SIGN: h[_SIGN][:-1]}),
    Case(name="a signature that is no ASCII", expected=401, change=_with(_SIGN, "v0=\xe9\xe9")),
    Case(name="a signature with another secret", expected=401, secret="another"),
    Case(name="a stamp that is no number", expected=401, stamp="soon"),
    Case(name="a stamp with letters after it", expected=401, stamp=f"{STAMP}x"),
    Case(name="a stamp with a fraction", expected=401, stamp=f"{STAMP}.5"),
    Case(name="a negative stamp", expected=401, stamp=f"-{STAMP}"),
    Case(name="a stamp with blanks inside", expected=401, stamp=f"{STAMP // 1000} {STAMP % 1000}"),
    Case(name="a stamp in other digits", expected=401, change=_with(_STAMP, "\xb2\xb3")),
    Case(name="a stamp of a hundred digits", expected=401, stamp="9" * 100),
    Case(name="an infinite stamp", expected=401, stamp="inf"),
    Case(name="a hexadecimal stamp", expected=401, stamp=hex(STAMP)),
    Case(name="a stamp with an underscore", expected=401, stamp=f"1_{STAMP}"),
    Case(name="five minutes and a second old", expected=401, stamp=str(STAMP - 301)),
    Case(name="five minutes and a second in the future", expected=401, stamp=str(STAMP + 301)),
    Case(name="a year old", expected=401, stamp=str(STAMP - 31_536_000)),
    Case(name="zero", expected=401, stamp="0"),
    Case(name="another stamp than the signed one", expected=401, change=_with(_STAMP, str(STAMP - 1))),
    Case(name="the signature header twice", expected=401, change=_twice(_SIGN)),
    Case(name="the timestamp header twice", expected=401, change=_twice(_STAMP)),
    Case(name="a huge body", expected=401, body=b"payload=" + b"x" * 700_000),
    Case(name="an enormous body", expected=401, body=b"payload=" + b"x" * 3_000_000),
    Case(name="an unknown button", expected=200, body=form(click("dormouse_explode", ALERT))),
    Case(name="another app's button", expected=200, body=form(click("approve", ALERT))),
    Case(name="a link's button", expected=200, body=form(click("timeline", ALERT))),
    Case(name="a button about nothing", expected=200, body=form(click("claim", ""))),
    Case(name="an id far too long", expected=200, body=form(click("claim", "x" * 5000))),
    Case(name="a NUL in the id", expected=200, body=form(click("claim", "a\0b"))),
    Case(name="nobody pressed it", expected=200, body=form(click("claim", ALERT, user=""))),
    Case(name="no JSON", expected=200, body=form("{")),
    Case(name="an empty payload", expected=200, body=form("")),
    Case(name="no payload", expected=200, body=b"other=1"),
    Case(name="an empty body", expected=200, body=b""),
    Case(name="ssl_check", expected=200, body=b"ssl_check=1&token=x"),
    Case(name="no form", expected=200, body=b"\xff\xfe\x00"),
    Case(name="a thousand fields", expected=200, body=b"&".join(b"a%d=1" % n for n in range(1000))),
    Case(name="a list", expected=200, body=form("[]")),
    Case(name="null", expected=200, body=form("null")),
    Case(name="deep JSON", expected=200, body=form("[" * 50_000)),
    Case(name="another kind of payload", expected=200, body=_odd(type="view_submission")),
    Case(name="actions that are none", expected=200, body=_odd(actions="claim")),
    Case(name="no actions", expected=200, body=_odd(actions=[])),
    Case(name="a user that is none", expected=200, body=_odd(user=7)),
    Case(name="an action id that is a number", expected=200, body=_action(action_id=7)),
    Case(name="a value that is an object", expected=200, body=_action(value={"a": 1})),
    Case(name="an option that is a text", expected=200, body=_action(selected_option="x")),
    Case(name="an event without JSON", expected=200, body=b"{", door="/slack/events"),
    Case(name="an event that isn't the handshake", expected=200, body=b'{"type":"event"}', door="/slack/events"),
    Case(name="an unsigned event", expected=401, body=b"{}", change=_without(_SIGN), door="/slack/events"),
    Case(name="a challenge that is no text", expected=200, body=b'{"type":"url_verification","challenge":[1]}',
         door="/slack/events"),
)  # fmt: skip


def send(app: Flask, case: Case) -> int:
    found = case.change(headers(case.body, NOW, secret=case.secret, stamp=case.stamp))
    return app.test_client().post(case.door, data=case.body, headers=found).status_code


def test_whatever_is_odd_is_refused_or_does_nothing(engine: Engine, app: Flask) -> None:
    """Never a 500, never an effect."""
    answers = {case.name: send(app, case) for case in CASES}
    assert answers == {case.name: case.expected for case in CASES}
    assert kept(engine) == 0
    assert len(CASES) >= 30 and set(Counter(answers.values())) == {200, 401}


def test_a_good_click_is_kept_once_and_its_replay_is_refused(engine: Engine, app: Flask) -> None:
    """The same request again is 401; the same click signed anew is acknowledged, and is still one click."""
    signed = headers(GOOD, NOW)
    client = app.test_client()
    answers = [client.post(DOOR, data=GOOD, headers=signed).status_code for _ in range(3)]
    anew = client.post(DOOR, data=GOOD, headers=headers(GOOD, NOW + timedelta(seconds=1))).status_code
    assert (answers, anew, kept(engine)) == ([200, 401, 401], 200, 1)


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_five_minutes_either_way_are_fine(app: Flask, off: int) -> None:
    """Clocks differ, and networks take their time."""
    signed = headers(GOOD, NOW, stamp=str(STAMP + off))
    assert app.test_client().post(DOOR, data=GOOD, headers=signed).status_code == 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=strategies.integers(0, len(GOOD) - 1), bit=strategies.integers(0, 7))
def test_one_bit_flipped_anywhere_is_refused(app: Flask, engine: Engine, place: int, bit: int) -> None:
    """The raw body is signed, not what is read from it."""
    body = bytearray(GOOD)
    body[place] ^= 1 << bit
    assert app.test_client().post(DOOR, data=bytes(body), headers=headers(GOOD, NOW)).status_code == 401
    assert kept(engine) == 0


_json = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.floats() | strategies.text(max_size=30),
    lambda inner: strategies.lists(inner, max_size=4) | strategies.dictionaries(strategies.text(max_size=12), inner),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changed=strategies.dictionaries(
        strategies.sampled_from(["type", "user", "team", "actions", "response_url", "message"]), _json, max_size=3
    )
)
def test_any_payload_that_slack_signs_is_acknowledged(app: Flask, changed: dict[str, object]) -> None:
    """Whatever a newer Slack sends: 200, and never a failure."""
    body = form(json.dumps({**click("claim", ALERT), **changed}))
    app.extensions.pop("slack_seen", None)
    assert app.test_client().post(DOOR, data=body, headers=headers(body, NOW)).status_code == 200


@settings(max_examples=200, deadline=None)
@given(stamp=strategies.text(max_size=40), given_signature=strategies.text(max_size=90), body=strategies.binary())
def test_no_text_is_ever_a_signature(stamp: str, given_signature: str, body: bytes) -> None:
    """A stranger's words are a plain no, whatever they are."""
    assert is_slacks(SIGNING_SECRET, stamp, given_signature, body, NOW) is False
    assert is_slacks("", str(STAMP), signature("", str(STAMP), body), body, NOW) is False


@given(body=strategies.binary(max_size=300).map(lambda raw: raw.hex()))
def test_the_signature_is_the_one_that_slacks_own_library_makes(body: str) -> None:
    """For whatever text."""
    ours = signature(SIGNING_SECRET, "1531420618", body.encode())
    assert ours == SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp="1531420618", body=body)


def test_without_a_signing_secret_nobody_is_let_in(engine: Engine, tmp_path: Path) -> None:
    """An empty secret would be everybody's."""
    app = dashboard(engine, tmp_path, slack_signing_secret="")
    assert app.test_client().post(DOOR, data=GOOD, headers=headers(GOOD, NOW, secret="")).status_code == 401


def test_the_handshake_of_the_events_api_is_answered(app: Flask) -> None:
    """Slack asks once whether the address is ours."""
    body = b'{"token":"x","challenge":"3eZbrw1aBm2rZgRNFdxV","type":"url_verification"}'
    answer = app.test_client().post("/slack/events", data=body, headers=headers(body, NOW))
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "3eZbrw1aBm2rZgRNFdxV")


def test_used_signatures_are_forgotten_when_they_are_too_old_anyway() -> None:
    """The memory doesn't grow for ever."""
    seen = Seen()
    assert [seen.again("v0=a", NOW), seen.again("v0=a", NOW), seen.again("v0=b", NOW)] == [False, True, False]
    assert seen.again("v0=a", NOW + timedelta(minutes=11)) is False
    assert len(seen._used) == 1


def test_no_other_unsafe_request_without_a_login_is_let_in(app: Flask) -> None:
    """The exemption from the check of where a request comes from is for these two addresses alone."""
    assert app.test_client().post("/act", data={"do": "claim"}).status_code == 403
    assert app.test_client().get(DOOR).status_code in (404, 405)


def test_a_locked_database_doesnt_hold_up_the_answer(any_engine: Engine, tmp_path: Path) -> None:
    """Slack hears within three seconds that it isn't kept; it is as soon as the database is free."""
    engine = any_engine
    app = dashboard(engine, tmp_path, slack_signing_secret=SIGNING_SECRET)
    is_postgresql = engine.dialect.name == "postgresql"
    lock = "LOCK TABLE slack_clicks IN ACCESS EXCLUSIVE MODE" if is_postgresql else "SELECT 1"
    with writing(engine) as connection:
        connection.execute(text(lock))
        begun = time.monotonic()
        answer = app.test_client().post(DOOR, data=GOOD, headers=headers(GOOD, NOW))
        took = time.monotonic() - begun
        assert (answer.status_code, took < 3.0) == (503, True)
    for _ in range(100):
        if kept(engine):
            break
        time.sleep(0.05)
    assert kept(engine) == 1
