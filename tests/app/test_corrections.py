"""Right and wrong company: past visits follow, the future does, and undo restores every row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from line_world import (
    FREIGHT,
    FREIGHT_IP,
    ISP_IP,
    NOON,
    PUMPS,
    PUMPS_IP,
    STRANGER_IP,
    TWIN_A,
    TWIN_B,
    TWINS_IP,
    address_hash,
    content,
    fill,
    line,
    page,
    purchases,
)
from sqlalchemy import Engine, delete, select, update

from alerts.tables import alerts
from app import actions, corrections, merging
from app.pipeline import Batch, Pipeline, Result
from app.review_queries import open_questions
from app.settling import Standing, settle
from app.tables import audit
from core.alerting import Silence
from core.clock import at
from core.database import reading, writing
from core.domain import Account, AccountId, Drop, IdentityClue, Signal
from core.errors import InputError
from enrichment.account.importer.store import write_accounts, write_activities
from enrichment.network import store as network_store
from enrichment.network.learned.tables import learned_observations
from enrichment.tables import account_states, judgements
from tracker.tables import page_views, visits

ADMIN, ANNA, BOB = "admin@localhost", "anna@example.com", "bob@example.com"
LATER = NOON + timedelta(hours=30)
EXCEPT = ("audit", "corrections", "feedback", "dormancy_transitions", "source_reliability", "alerts", "deliveries")


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    fill(any_engine)
    return any_engine


def see(engine: Engine, folder: Path, ip: str, visitor: str, when: timedelta = timedelta()) -> Signal | Drop:
    pipeline: Pipeline = line(engine, folder, at(NOON + when))
    view = page(seconds=90, ip=ip, visitor=visitor, at=NOON + when)
    return pipeline.run(Batch(views=[view])).visits[-1].outcome


def visit_of(engine: Engine, visitor: str) -> str:
    with reading(engine) as connection:
        return connection.execute(select(visits.c.id).where(visits.c.visitor == visitor)).scalar_one()


def whose(engine: Engine, visitor: str) -> tuple[str | None, str | None]:
    with reading(engine) as connection:
        row = connection.execute(
            select(judgements.c.account, judgements.c.drop).where(judgements.c.visitor == visitor)
        ).one()
    return row.account, row.drop


def forget_addresses(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(visits).values(ip=None))


def standing_of(engine: Engine, account: AccountId) -> str | None:
    with reading(engine) as connection:
        return connection.execute(select(account_states.c.state).where(account_states.c.account == account)).scalar()


def forget_evidence(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(delete(learned_observations))


def rows_of(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows for name, rows in content(engine).items() if name not in EXCEPT}


def test_right_gives_past_visits_and_the_future_and_undo_restores_every_row(world: Engine, tmp_path: Path) -> None:
    """A stranger's network is said to be a customer's: judged as if declared; undone, all is as it was."""
    see(world, tmp_path, STRANGER_IP, "past")
    forget_addresses(world)
    before = rows_of(world)
    assert whose(world, "past") == (None, "account_none")
    with writing(world) as connection:
        spoken = corrections.of_visit(connection, visit_of_(connection, "past"), "right", FREIGHT, ADMIN, NOON)
    assert spoken is not None and spoken.for_all and len(spoken.moved) == 1
    with reading(world) as connection:
        row = connection.execute(select(judgements)).one()
        assert (row.account, row.drop, row.dormant, row.confidence) == (FREIGHT, None, True, 0.97)
        assert row.points > 0 and row.why["correction"][0]["code"] == f"given:{FREIGHT}"
        assert [each.what for each in connection.execute(select(audit))] == ["correction.right"]
    outcome = see(world, tmp_path, "192.0.2.140", "future", timedelta(minutes=5))
    assert isinstance(outcome, Signal) and outcome.account.id == FREIGHT and outcome.confidence >= 0.9
    with writing(world) as connection:
        for table in (visits, judgements):
            connection.execute(table.delete().where(table.c.visitor == "future"))
        connection.execute(page_views.delete().where(page_views.c.at > NOON + timedelta(minutes=1)))
        assert corrections.undo(connection, spoken.id, ADMIN, LATER) is not None
        assert corrections.undo(connection, spoken.id, ADMIN, LATER) is None
    after = rows_of(world)
    for counted in ("hit_counts", "account_states"):
        after.pop(counted), before.pop(counted)
    assert after == before


def visit_of_(connection, visitor: str) -> str:  # type: ignore[no-untyped-def]
    found: str = connection.execute(select(visits.c.id).where(visits.c.visitor == visitor)).scalar_one()
    return found


def test_an_address_of_a_carrier_is_corrected_by_its_hash_after_it_is_gone(world: Engine, tmp_path: Path) -> None:
    """A home line is a customer's: only that address, found by its hash; the carrier's network is refused."""
    see(world, tmp_path, ISP_IP, "home")
    see(world, tmp_path, "192.0.2.11", "neighbour")
    forget_addresses(world)
    with writing(world) as connection:
        with pytest.raises(InputError, match="shared by many"):
            corrections.of_place(connection, "prefix", "192.0.2.0/26", "right", PUMPS, ADMIN, NOON, hashed=address_hash)
        corrections.of_place(connection, "address", ISP_IP, "right", PUMPS, ADMIN, NOON, hashed=address_hash)
    assert (whose(world, "home"), whose(world, "neighbour")) == ((PUMPS, None), (None, "network_isp"))
    outcomes = [see(world, tmp_path, ip, f"new{ip}", timedelta(hours=1)) for ip in (ISP_IP, "192.0.2.12")]
    assert [isinstance(outcome, Signal) for outcome in outcomes] == [True, False]


def test_wrong_by_a_rep_acts_for_the_rep_and_by_two_for_all(world: Engine, tmp_path: Path) -> None:
    """Anna, the account's owner, isn't told again; for others the visit stays until Bob says so too; undo works."""
    see(world, tmp_path, PUMPS_IP, "one")
    with writing(world) as connection:
        first = corrections.of_visit(connection, visit_of_(connection, "one"), "wrong", PUMPS, ANNA, NOON)
    assert first is not None and not first.for_all
    assert whose(world, "one") == (PUMPS, None)
    pipeline = line(world, tmp_path, at(NOON + timedelta(days=2)), cool_down=timedelta())
    result = pipeline.run(Batch(views=[page(seconds=90, visitor="two", at=NOON + timedelta(days=2))]))
    assert (result.alerts, result.visits[0].silence) == ((), Silence.CORRECTED)
    with writing(world) as connection:
        second = corrections.of_visit(connection, visit_of_(connection, "one"), "wrong", PUMPS, BOB, LATER)
    assert second is not None and second.for_all and len(second.moved) == 2
    assert whose(world, "two") == (None, "company_rejected")
    with reading(world) as connection:
        state = connection.execute(select(account_states.c.state).where(account_states.c.account == PUMPS)).scalar()
    assert state == "dormant"
    with writing(world) as connection:
        corrections.undo(connection, second.id, BOB, LATER)
    assert whose(world, "two") == (PUMPS, None)


def test_one_rep_s_words_about_some_accounts_silence_no_other(world: Engine, tmp_path: Path) -> None:
    """Anna says "wrong company" on three accounts known by declared networks: a fourth one still alerts, as sure."""
    names = [AccountId(f"D-{number}") for number in range(4)]
    with writing(world) as connection:
        made = [Account(id=name, name=f"Maker {name} GmbH", owner_email=ANNA) for name in names]
        write_accounts(connection, made, NOON)
        bought = [item for name in names for item in purchases(name, NOON - timedelta(days=400))]
        write_activities(connection, {f"of-{number}": item for number, item in enumerate(bought)})
        for number, account in enumerate(made):
            network_store.declare(connection, f"203.0.113.{64 + 16 * number}/28", account.id, account.name, now=NOON)
    for number in range(3):
        signal = see(world, tmp_path, f"203.0.113.{66 + 16 * number}", f"on {number}")
        assert isinstance(signal, Signal) and signal.account.id == names[number]
        with writing(world) as connection:
            alert = connection.execute(select(alerts.c.id).where(alerts.c.account == names[number])).scalar_one()
            actions.wrong_company(connection, alert, ANNA, NOON)
    signal = see(world, tmp_path, "203.0.113.114", "on 3", timedelta(hours=1))
    assert isinstance(signal, Signal) and signal.confidence == 0.9603
    with reading(world) as connection:
        assert connection.execute(select(alerts.c.id).where(alerts.c.account == names[3])).scalar_one()


def test_words_may_come_and_go_in_any_order(world: Engine, tmp_path: Path) -> None:
    """Wrong for one, right for another, the first undone, then the second: what was judged stands again."""
    see(world, tmp_path, FREIGHT_IP, "one")
    forget_addresses(world)
    before = content(world)["judgements"]
    with writing(world) as connection:
        visit = visit_of_(connection, "one")
        wrong = corrections.of_visit(connection, visit, "wrong", FREIGHT, ADMIN, NOON)
        right = corrections.of_visit(connection, visit, "right", PUMPS, ADMIN, LATER)
        assert wrong and right
    assert whose(world, "one") == (PUMPS, None)
    with writing(world) as connection:
        corrections.undo(connection, wrong.id, ADMIN, LATER)
    assert whose(world, "one") == (PUMPS, None)
    with writing(world) as connection:
        corrections.undo(connection, right.id, ADMIN, LATER)
    assert content(world)["judgements"] == before


def test_a_whole_as_is_corrected(world: Engine, tmp_path: Path) -> None:
    """By the AS number that was judged, where the address is gone too."""
    see(world, tmp_path, FREIGHT_IP, "one")
    with writing(world) as connection:
        connection.execute(update(judgements).values(asn=64500))
        done = corrections.of_place(connection, "as", "AS64500", "wrong", FREIGHT, ADMIN, NOON, hashed=address_hash)
    assert len(done.moved) == 1
    assert whose(world, "one") == (None, "company_rejected")
    with writing(world) as connection:
        done = corrections.of_place(connection, "as", "AS64500", "right", FREIGHT, ADMIN, LATER, hashed=address_hash)
    assert done.said.startswith("Noted: AS64500 is ")


def test_contradicting_voices_make_a_question_and_an_answer_closes_it(world: Engine, tmp_path: Path) -> None:
    """One rep says right, another wrong: nobody is told, the queue asks; an admin's answer settles it, undo reopens."""
    see(world, tmp_path, PUMPS_IP, "one")
    with writing(world) as connection:
        visit = visit_of_(connection, "one")
        corrections.of_visit(connection, visit, "wrong", PUMPS, ANNA, NOON)
        corrections.of_visit(connection, visit, "right", PUMPS, BOB, NOON)
    assert whose(world, "one") == (None, "account_ambiguous")
    assert isinstance(see(world, tmp_path, PUMPS_IP, "new", timedelta(hours=2)), Drop)
    with reading(world) as connection:
        asked = open_questions(connection, now=LATER)
        assert [(each.visits, [c.id for c in each.choices]) for each in asked] == [(2, [PUMPS])]
        assert open_questions(connection, now=LATER, viewer=BOB) == ()
    with writing(world) as connection:
        answer = corrections.of_visit(connection, asked[0].newest, "right", PUMPS, ADMIN, LATER)
        assert answer is not None
    assert whose(world, "one") == (PUMPS, None)
    with writing(world) as connection:
        assert open_questions(connection, now=LATER) == ()
        corrections.undo(connection, answer.id, ADMIN, LATER)
        assert len(open_questions(connection, now=LATER)) == 1


def test_two_accounts_in_one_building_are_asked_about_by_network(world: Engine, tmp_path: Path) -> None:
    """Both candidates are offered to their owners; "right" for one settles past and future, "neither" all."""
    see(world, tmp_path, TWINS_IP, "one")
    see(world, tmp_path, "203.0.113.41", "two")
    with reading(world) as connection:
        (question,) = open_questions(connection, now=NOON)
        assert (question.network, question.visits) == ("203.0.113.32/28", 2)
        assert [choice.id for choice in question.choices] == [TWIN_A, TWIN_B]
        assert open_questions(connection, "nobody@example.com", now=NOON) == ()
    with writing(world) as connection:
        right = corrections.of_visit(connection, question.newest, "right", TWIN_B, ADMIN, NOON)
    assert right and {whose(world, name) for name in ("one", "two")} == {(TWIN_B, None)}
    with writing(world) as connection:
        corrections.undo(connection, right.id, ADMIN, LATER)
        for account in (TWIN_A, TWIN_B):
            corrections.of_visit(connection, question.newest, "wrong", account, ADMIN, LATER)
    assert whose(world, "one") == (None, "company_rejected")
    outcome = see(world, tmp_path, TWINS_IP, "three", timedelta(hours=2))
    assert isinstance(outcome, Drop) and outcome.reason == "company_rejected"


def test_claims_and_wrong_company_judge_the_sources(world: Engine, tmp_path: Path) -> None:
    """Taking an account on counts for its sources, "wrong company" against them; undo takes both back."""
    from enrichment.company.store import verdicts

    pipeline = line(world, tmp_path, at(NOON))
    result = pipeline.run(Batch(views=[page(seconds=90, ip=FREIGHT_IP)]))
    alert = result.alerts[0].id
    with writing(world) as connection:
        actions.claim(connection, alert, ADMIN, NOON)
        actions.claim(connection, alert, ADMIN, NOON)
        counted = verdicts(connection)
        assert {(counts.right, counts.wrong) for counts in counted.values()} == {(1, 0)}
        assert {name.partition(":")[0] for name in counted} == {"mmdb", "match"}
        actions.wrong_company(connection, alert, ADMIN, NOON)
        assert {(counts.right, counts.wrong) for counts in verdicts(connection).values()} == {(1, 1)}
        actions.undo(connection, alert, ADMIN, NOON)
        assert {(counts.right, counts.wrong) for counts in verdicts(connection).values()} == {(1, 0)}


@pytest.mark.parametrize(
    ("scope", "place", "says"),
    [
        ("address", "somewhere", "isn't an address"),
        ("as", "ASx", "isn't an AS"),
        ("prefix", "10.0.0.0/4", "too wide"),
        ("prefix", "203.0.113.7/32", "only a few addresses"),
    ],
)
def test_odd_places_are_refused_with_what_to_do(world: Engine, scope: str, place: str, says: str) -> None:
    """Each mistake is named."""
    with writing(world) as connection, pytest.raises(InputError, match=says):
        corrections.of_place(connection, scope, place, "wrong", PUMPS, ADMIN, NOON, hashed=address_hash)  # type: ignore[arg-type]


def test_an_unknown_account_is_refused(world: Engine) -> None:
    """A word about nobody would act on nothing."""
    with writing(world) as connection, pytest.raises(InputError, match="there is no account"):
        corrections.of_place(
            connection, "prefix", "203.0.113.0/28", "right", AccountId("no"), ADMIN, NOON, hashed=address_hash
        )
    assert Standing(became="as_judged", account=None).candidates == ()


def test_a_visit_by_a_link_that_was_passed_on_is_taken_away(world: Engine, tmp_path: Path) -> None:
    """A rep's word acts for the rep, a second one's for all, though a clue names the account; only another clue or
    the word taken back overrules them, and nothing is said of the network."""

    def read_on(minute: int, account: AccountId) -> None:
        when = NOON + timedelta(minutes=minute)
        clue = IdentityClue(kind="signed_link", value=account, at=when)
        view = page(name=str(minute), seconds=30, ip=ISP_IP, visitor="guest", at=when, touched=True, clues=(clue,))
        line(world, tmp_path, at(when)).run(Batch(views=[view]))

    read_on(0, FREIGHT)
    with writing(world) as connection:
        visit = visit_of_(connection, "guest")
        one = corrections.of_visit(connection, visit, "wrong", FREIGHT, ANNA, NOON)
    assert one is not None and (one.for_all, "this visit" in one.said, "there" in one.said) == (False, True, False)
    assert whose(world, "guest") == (FREIGHT, None)
    with writing(world) as connection:
        two = corrections.of_visit(connection, visit, "wrong", FREIGHT, BOB, NOON)
    assert two is not None and (two.for_all, whose(world, "guest")) == (True, (None, "company_rejected"))
    assert standing_of(world, FREIGHT) == "dormant"
    forget_evidence(world)
    read_on(3, FREIGHT)  # the same link again is no news
    assert whose(world, "guest") == (None, "company_rejected")
    assert standing_of(world, FREIGHT) == "dormant", "a visit that was taken away wakes nobody"
    assert rows_of(world)["learned_observations"] == [], "and proves nothing of its address"
    with writing(world) as connection:
        with pytest.raises(corrections.NotTheirsError, match="only they or an admin"):
            corrections.undo(connection, two.id, ANNA, LATER)
        assert corrections.undo(connection, two.id, BOB.upper(), LATER) is not None
    assert whose(world, "guest") == (FREIGHT, None)


def test_a_visit_by_a_clue_that_was_said_to_be_anothers_tells_nobody_else(world: Engine, tmp_path: Path) -> None:
    """An admin named whose it was: while it goes on, the account that the clue names isn't told of, nor woken."""

    def read_on(minute: int, seconds: int) -> Result:
        when = NOON + timedelta(minutes=minute)
        clue = IdentityClue(kind="identify", value=FREIGHT, at=when)
        path = "/pricing" if minute else "/about"
        view = page(path, name=str(minute), seconds=seconds, ip=ISP_IP, visitor="guest", at=when, touched=True)
        return line(world, tmp_path, at(when)).run(Batch(views=[replace(view, clues=(clue,))]))

    assert read_on(0, 5).alerts == ()
    with writing(world) as connection:
        corrections.of_visit(connection, visit_of_(connection, "guest"), "right", PUMPS, ADMIN, NOON)
    assert whose(world, "guest") == (PUMPS, None)
    assert read_on(3, 90).alerts == ()
    assert (whose(world, "guest"), standing_of(world, FREIGHT)) == ((PUMPS, None), None)


def test_words_about_an_account_that_was_merged_stand_and_are_taken_back(world: Engine, tmp_path: Path) -> None:
    """After a merge what was judged of the merged account is its master's: "wrong" still holds, undo leads there."""
    see(world, tmp_path, PUMPS_IP, "past")
    with writing(world) as connection:
        said = corrections.of_visit(connection, visit_of_(connection, "past"), "wrong", PUMPS, ADMIN, NOON)
        merging.merge(connection, FREIGHT, PUMPS, ADMIN, NOON)
        settle(connection, [visit_of_(connection, "past")], ADMIN, LATER)
    assert whose(world, "past") == (None, "company_rejected")
    with writing(world) as connection:
        corrections.undo(connection, said.id if said else "", ADMIN, LATER)
    assert whose(world, "past") == (FREIGHT, None)


def test_a_name_in_capitals_is_no_second_voice(world: Engine, tmp_path: Path) -> None:
    """A rep's word by a link in a message and again in the dashboard is one voice, however the address is spelled."""
    see(world, tmp_path, PUMPS_IP, "past")
    with writing(world) as connection:
        visit = visit_of_(connection, "past")
        corrections.of_visit(connection, visit, "wrong", PUMPS, ANNA.title(), NOON)
        again = corrections.of_visit(connection, visit, "wrong", PUMPS, ANNA, LATER)
    assert again is not None and not again.for_all
    assert whose(world, "past") == (PUMPS, None)
