"""Signed tokens: one purpose, one use, one life."""

from __future__ import annotations

import time

import pytest

from app import signed
from app.signed import LinkedAction
from core.domain import AlertId
from core.signing import keyed_hash, read, sign

SECRET = "a secret of the tests"


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the signer's clock, which is its own, run ahead."""
    present = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: present + seconds)


def test_a_token_gives_back_what_it_was_minted_with() -> None:
    """Any JSON value travels."""
    assert read(SECRET, "test", sign(SECRET, "test", ["ä", 1, None, {"x": True}]), 60) == ["ä", 1, None, {"x": True}]


def test_a_token_serves_one_purpose() -> None:
    """What was minted for one thing opens nothing else, nor does another secret's."""
    token = sign(SECRET, "one", "x")
    assert read(SECRET, "other", token, 60) is None
    assert read("another secret", "one", token, 60) is None


def test_a_token_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read until its age is reached, and not after; one from the future is not read either."""
    token = sign(SECRET, "test", "x")
    later(monkeypatch, 59)
    assert read(SECRET, "test", token, 60) == "x"
    later(monkeypatch, 62)
    assert read(SECRET, "test", token, 60) is None
    later(monkeypatch, -3600)
    assert read(SECRET, "test", token, 60) is None


def test_no_altered_token_is_read() -> None:
    """Not one character may change."""
    token = sign(SECRET, "test", {"alert": "1"})
    altered = {f"{token[:i]}{'A' if token[i] != 'A' else 'B'}{token[i + 1 :]}" for i in range(len(token) - 1)}
    assert [text for text in altered if read(SECRET, "test", text, 60) is not None] == []


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "ü", "\x00", "💣" * 1000, "\ud800"])
def test_nonsense_is_read_as_nothing(text: str) -> None:
    """Whatever somebody puts into the address bar is refused, and nothing fails."""
    assert read(SECRET, "test", text, 60) is None


def test_without_a_secret_nothing_is_signed() -> None:
    """An empty key would let anybody sign."""
    with pytest.raises(ValueError, match="dormouse init"):
        sign("", "test", "x")


def test_hashes_are_apart_by_purpose_and_secret() -> None:
    """The same address under another purpose or secret can't be joined."""
    hashes = {keyed_hash(*parts, "192.0.2.1") for parts in (("s", "a"), ("s", "b"), ("t", "a"))}
    assert len(hashes) == 3
    assert {len(text) for text in hashes} == {64}
    assert keyed_hash("s", "a", "192.0.2.1") in hashes


def test_action_links_and_demo_tokens_cant_be_swapped() -> None:
    """The demo's visitor opens no action, and a link to an action makes nobody somebody else."""
    link = signed.action_token(SECRET, LinkedAction(alert=AlertId("a-1"), action="claim", by="anna@example.com"))
    visitor = signed.demo_visitor_token(SECRET, "192.0.2.1", "Firefox")
    assert signed.read_action(SECRET, visitor) is None
    assert signed.read_demo_visitor(SECRET, link) is None
    assert signed.read_demo_visitor(SECRET, visitor) == ("192.0.2.1", "Firefox")
    assert signed.read_action(SECRET, link) == LinkedAction(alert=AlertId("a-1"), action="claim", by="anna@example.com")


def test_tokens_live_as_long_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo visitor lives for five minutes, a link in a message for two weeks."""
    link = signed.action_token(SECRET, LinkedAction(alert=AlertId("a-1"), action="claim"))
    visitor = signed.demo_visitor_token(SECRET, "192.0.2.1", "Firefox")
    later(monkeypatch, 302)
    assert signed.read_demo_visitor(SECRET, visitor) is None
    assert signed.read_action(SECRET, link) is not None
    later(monkeypatch, 14 * 24 * 3600 + 2)
    assert signed.read_action(SECRET, link) is None


@pytest.mark.parametrize("payload", [["a-1", "delete", ""], ["a-1"], "a-1", {"alert": "a-1"}, None])
def test_a_well_signed_token_of_another_shape_is_no_action(payload: object) -> None:
    """What an older version signed differently is refused, not misread."""
    assert signed.read_action(SECRET, sign(SECRET, "act", payload)) is None
