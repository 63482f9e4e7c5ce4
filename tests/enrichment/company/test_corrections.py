"""Corrections are kept, undone, and apply to every address of their scope."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from enrichment.company.corrections import Corrections, covering
from enrichment.company.reliability import Counts
from enrichment.company.store import listed, reject, say, undo, verdicts, version, words
from enrichment.company.voices import Scope, Verdict, Word, decide

NOW = datetime(2026, 11, 22, tzinfo=UTC)
A, B = AccountId("A"), AccountId("B")


def word(
    verdict: Verdict = "wrong",
    account: AccountId = A,
    by: str = "anna@example.com",
    *,
    admin: bool = False,
    minutes: int = 0,
    scope: Scope = "prefix",
    **more: object,
) -> Word:
    fields: dict[str, object] = {"prefix": "192.0.2.0/24"} if scope == "prefix" else {}
    return Word(
        id=f"{verdict}{account}{by}{minutes}{more}",
        verdict=verdict,
        scope=scope,
        account=account,
        by=by,
        at=NOW + timedelta(minutes=minutes),
        for_all=admin,
        **(fields | more),  # type: ignore[arg-type]
    )


def test_a_word_stands_until_undone_and_its_sources_are_uncounted(any_engine: Engine) -> None:
    """A correction counts until it is taken back, once, and so do its verdicts on the sources."""
    with writing(any_engine) as connection:
        first = word(admin=True)
        assert [say(connection, first, ["mmdb:a", "match:name"]), say(connection, first, ["mmdb:a"])] == [True, False]
        assert verdicts(connection) == {"mmdb:a": Counts(wrong=1), "match:name": Counts(wrong=1)}
        before = version(connection)
    with writing(any_engine) as connection:
        assert (undo(connection, first.id, NOW), undo(connection, first.id, NOW)) == (True, False)
    with reading(any_engine) as connection:
        assert words(connection) == ()
        assert verdicts(connection) == {}
        assert version(connection) != before
        assert [kept.undone_at for kept in listed(connection)] == [NOW]
        assert listed(connection, standing_only=True) == ()


def test_only_words_that_act_for_all_judge_the_sources(any_engine: Engine) -> None:
    """A lone rep's word says nothing of a source yet; with a second one's it counts, once, until either is undone."""
    lone, second = word(), word(by="bob@example.com", minutes=1)
    other = replace(word(by="bob@example.com", minutes=2), id="elsewhere", prefix="198.51.100.0/24")
    with writing(any_engine) as connection:
        say(connection, lone, ["mmdb:a"])
        say(connection, other, ["mmdb:a"])
        assert verdicts(connection) == {}
        say(connection, second, ["mmdb:a"])
        assert verdicts(connection) == {"mmdb:a": Counts(wrong=1)}
        undo(connection, lone.id, NOW)
        assert verdicts(connection) == {}
        assert undo(connection, second.id, NOW)
        assert verdicts(connection) == {}


def test_prefix_that_is_none_is_refused(engine: Engine) -> None:
    """A correction without a network could never apply."""
    with writing(engine) as connection, pytest.raises(InputError, match="isn't a network"):
        reject(connection, A, "somewhere", "anna@example.com", NOW)


def test_one_reps_word_is_the_reps_alone_and_a_second_ones_everybodys() -> None:
    """A rep's word waits for a second person; an admin's doesn't; the same person twice is one voice."""
    alone = decide([word(), word(minutes=5)])
    assert (alone.rejected, alone.alone) == (frozenset(), {"anna@example.com": {A}})
    assert decide([word(), word(by="bob@example.com")]).rejected == {A}
    assert decide([word(admin=True)]).rejected == {A}


def test_who_changes_their_mind_contradicts_nobody() -> None:
    """Of one person the newest word counts."""
    assert decide([word(admin=True), word("right", admin=True, minutes=1)]).right == A
    assert decide([word("right", admin=True), word("right", B, admin=True, minutes=1)]).right == B


def test_contradicting_voices_settle_nothing_until_an_admin_speaks() -> None:
    """Right against wrong, or two accounts each said to be right, is contested; a later admin's word settles it."""
    against = [word("wrong"), word("right", by="bob@example.com")]
    assert decide(against).contested == {A}
    two = [word("right"), word("right", B, by="bob@example.com")]
    assert decide(two).contested == {A, B}
    assert decide(two).right is None
    settled = decide([*two, word("right", B, by="admin@example.com", admin=True, minutes=9)])
    assert (settled.right, settled.contested) == (B, frozenset())
    reopened = [word("right", B, by="boss@example.com", admin=True), word("wrong", B, minutes=5)]
    assert decide(reopened).contested == {B}


def test_every_corrected_network_around_an_address_counts_and_the_narrowest_knows_best() -> None:
    """Wide and narrow corrections add up; a narrower "right" beats a wider "wrong"; addresses outside are free."""
    said = Corrections(
        [
            word(admin=True),
            word("wrong", B, admin=True, prefix="192.0.2.64/28"),
            word("wrong", B, admin=True, prefix="2001:db8::/32"),
            word("right", A, admin=True, scope="address", address_hash="h:192.0.2.9"),
            word("wrong", B, admin=True, scope="as", asn=64500),
        ],
        lambda ip: f"h:{ip}",
    )
    assert [said.at(ip).rejected for ip in ("192.0.2.1", "192.0.2.70", "198.51.100.1", "2001:db8::1", "nobody")] == [
        {A},
        {A, B},
        frozenset(),
        {B},
        frozenset(),
    ]
    assert (said.at("192.0.2.9").right, said.at("192.0.2.9").rejected) == (A, frozenset())
    assert said.at("198.51.100.1", 64500).rejected == {B}
    assert Corrections().at("192.0.2.1").rejected == frozenset()


@pytest.mark.parametrize(
    ("prefix", "evidence", "verdict", "covered"),
    [
        ("203.0.113.64/27", [("mmdb:a", "203.0.113.64/27")], "wrong", "203.0.113.0/24"),
        ("203.0.113.64/27", [("mmdb:a", "203.0.113.64/27")], "right", "203.0.113.64/27"),
        (
            "203.0.113.64/27",
            [("mmdb:a", "203.0.113.64/27"), ("rdap:x", "203.0.113.64/26")],
            "wrong",
            "203.0.113.64/26",
        ),
        ("203.0.112.0/20", [("mmdb:a", "203.0.112.0/20")], "wrong", "203.0.112.0/20"),
        ("2001:db8:1:2::/64", [("mmdb:a", "2001:db8:1:2::/64")], "wrong", "2001:db8:1::/48"),
        ("203.0.113.64/28", [("declared", "203.0.113.64/28")], "wrong", "203.0.113.64/28"),
    ],
)
def test_a_correction_covers_what_the_rep_saw(
    prefix: str, evidence: list[tuple[str, str]], verdict: str, covered: str
) -> None:
    """A registry's network counts as it is; a database's fragment is widened for "wrong", never for "right"."""
    found = covering(prefix, evidence, verdict)
    assert found.prefix == covered
    assert bool(found.how) == (covered != prefix)
