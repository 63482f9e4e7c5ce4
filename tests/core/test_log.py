"""Log lines: no whole address and no secret gets into them."""

from __future__ import annotations

import json
from ipaddress import ip_address

import pytest
import structlog

from core.log import logger, masked, set_up


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hit from 203.0.113.77 refused", "hit from 203.0.113.x refused"),
        ("203.0.113.77:4711", "203.0.113.x:4711"),
        ("from 2001:db8:1:2:3:4:5:6.", "from 2001:db8:1::x."),
        ("from 2001:db8::1, again", "from 2001:db8:0::x, again"),
        ("[2001:DB8:aa:bb::7]:443", "[2001:db8:aa::x]:443"),
        ("fe80::1%eth0", "fe80:0:0::x%eth0"),
        ("::ffff:203.0.113.77", "::ffff:203.0.113.x"),
        ("token xoxb-12-34-abC and xapp-1-A-2", "token [secret] and [secret]"),
        ("https://hooks.slack.com/services/T/B/x failed", "[secret] failed"),
        ("postgresql://me:geheim@db.example.com/d", "postgresql://me:[secret]@db.example.com/d"),
    ],
)
def test_what_names_a_person_or_opens_a_door_is_cut_out(text: str, said: str) -> None:
    """Of an address only the network stays, of a secret nothing."""
    assert masked(text) == said


@pytest.mark.parametrize(
    "text", ["at 10:20:30 UTC", "2026-11-22T10:20:30.123456+00:00", "ratio 1.5", "Foo::bar", "a:b", "12:34", "x::y::z"]
)
def test_other_text_stays(text: str) -> None:
    """Times and names are no addresses."""
    assert masked(text) == text


def test_lines_are_masked_however_deep_an_address_hides(capsys: pytest.CaptureFixture[str]) -> None:
    """In lists, mappings, objects and tracebacks too; figures stay figures."""
    before = structlog.get_config()
    set_up("info", "test")
    try:
        try:
            raise RuntimeError("no answer from 203.0.113.77")
        except RuntimeError:
            logger("tests").exception(
                "failed", ip=ip_address("2001:db8::77"), many=["203.0.113.78"], deep={"a": ("203.0.113.79",)}, n=7
            )
        logger("tests").debug("not written")
    finally:
        structlog.configure(**before)
        structlog.contextvars.clear_contextvars()
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["level"], said["role"], said["at"], said["n"]) == ("error", "test", "tests", 7)
    assert (said["ip"], said["many"], said["deep"]) == ("2001:db8:0::x", ["203.0.113.x"], {"a": ["203.0.113.x"]})
    assert "203.0.113.x" in said["exception"]
    assert ".77" not in line and "::77" not in line


def test_a_databases_failing_row_is_cut_out() -> None:
    """PostgreSQL quotes the row that it refused; the log keeps the error and loses the row."""
    text = "null value violates a constraint\nDETAIL:  Failing row contains (Maria Keller, 203.0.113.7).\n[SQL: INSERT]"

    assert masked(text) == "null value violates a constraint\nDETAIL: [row]\n[SQL: INSERT]"
