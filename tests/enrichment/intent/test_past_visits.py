"""What is read of an account's past for a score: bounded, and yet the same score as from everything."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from core.database import reading, writing
from core.domain import AccountId, Dormancy, PageView, PageViewId, SiteId, State, Visit, VisitId, VisitorId
from enrichment.intent.history import LOOK_BACK, PastVisit
from enrichment.intent.rules import load_scoring
from enrichment.intent.scoring import score
from enrichment.intent.store import NEWEST, Asked, past_visits
from enrichment.tables import judgements

RULES = load_scoring()
AT = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
A, B = AccountId("A-1"), AccountId("A-2")
HORIZON = timedelta(days=RULES.horizon_days)
VISIT = VisitId("now")
NOW = Visit(
    id=VISIT,
    site=SiteId("shop.example.com"),
    visitor=VisitorId("me"),
    ip=None,
    user_agent="",
    started_at=AT,
    last_at=AT,
    received_at=AT,
    views=(
        PageView(
            id=PageViewId("p"),
            site=SiteId("shop.example.com"),
            at=AT,
            received_at=AT,
            visitor=VisitorId("me"),
            ip=None,
            path="/pricing",
            engaged_ms=31_000,
        ),
    ),
)


SILENCE = Dormancy(
    account=A,
    as_of=AT,
    state=State.DORMANT,
    tier="1_year",
    dormant=True,
    silent_days=412,
    usual_gap_days=90.0,
    p_no_purchase=None,
    rule="default",
    left_over="",
    why=(),
)


def row(account: AccountId, number: int, past: PastVisit) -> dict[str, object]:
    return {
        "visit": f"{account}-{number:06}",
        "site": "shop.example.com",
        "visitor": past.visitor,
        "at": past.at,
        "candidates": [],
        "why": {},
        "account": account,
        "own_points": past.own_points,
        "held": " ".join(past.held),
    }


def keep(engine: Engine, account: AccountId, visits: list[PastVisit]) -> list[PastVisit]:
    rows = [row(account, number, past) for number, past in enumerate(visits)]
    with writing(engine) as connection:
        if rows:
            connection.execute(insert(judgements), rows)
    return [
        PastVisit(
            id=VisitId(f"{account}-{number:06}"),
            at=past.at,
            visitor=past.visitor,
            own_points=past.own_points,
            held=past.held,
        )
        for number, past in enumerate(visits)
    ]


def drawn(seed: int, number: int, days: float) -> list[PastVisit]:
    """Visits at whole seconds of the last `days`, some worth nothing, some with triggers."""
    dice = random.Random(seed)
    return [
        PastVisit(
            at=AT - timedelta(seconds=dice.randrange(1, int(days * 86_400))),
            visitor=VisitorId(dice.choice("abcd")),
            own_points=dice.choice([0, 0, 2, 5, 7.5, 15, 30]),
            held=dice.choice([(), (), (), ("trigger:pricing",), ("trigger:form", "trigger:signed_click")]),
        )
        for _ in range(number)
    ]


@pytest.mark.parametrize(
    ("number", "days"), [(0, 1), (5, 400), (40, 60), (60, 700), (300, 700), (900, 30), (2_000, 700)]
)
def test_the_score_is_that_of_everything(any_engine: Engine, number: int, days: float) -> None:
    """Few visits or many, rare or daily: reasons, points and triggers are those of a score from all visits."""
    everything = keep(any_engine, A, drawn(number, number, days))
    keep(any_engine, B, drawn(number + 1, 30, 50))
    with reading(any_engine) as connection:
        found = past_visits(connection, [Asked(account=A, visit=VISIT, at=AT)], HORIZON)[VISIT]
    assert len(found) <= NEWEST + 1 + 2 * (RULES.horizon_days + 2)
    assert score(NOW, found, SILENCE, RULES, AT) == score(NOW, everything, SILENCE, RULES, AT)


def test_few_visits_are_read_whole_but_for_those_that_say_nothing(any_engine: Engine) -> None:
    """Not the visit itself, nor later ones, nor careers visits, nor those of another account or of years ago."""
    mine = [
        PastVisit(at=AT - timedelta(days=days), visitor=VisitorId("v"), own_points=points)
        for days, points in [(1, 5.0), (2, 0.0), (-1, 9.0), (LOOK_BACK.days + 1, 9.0), (LOOK_BACK.days - 1, 3.0)]
    ]
    kept = keep(any_engine, A, mine)
    keep(any_engine, B, mine)
    with reading(any_engine) as connection:
        asked = [Asked(account=A, visit=VISIT, at=AT), Asked(account=A, visit=kept[0].id, at=kept[0].at)]
        found = past_visits(connection, asked, HORIZON)
    assert found == {VISIT: [kept[0], kept[4]], kept[0].id: [kept[4]]}


def test_visits_of_one_batch_each_get_what_was_before_them(any_engine: Engine) -> None:
    """An imported log asks of many moments of one busy account at once."""
    everything = keep(any_engine, A, drawn(7, 500, 100))
    asked = [
        Asked(account=A, visit=VisitId(f"x{days}"), at=AT - timedelta(days=days, microseconds=0))
        for days in (0, 20, 50)
    ]
    with reading(any_engine) as connection:
        together = past_visits(connection, asked, HORIZON)
        for one in asked:
            alone = past_visits(connection, [one], HORIZON)[one.visit]
            assert sorted(together[one.visit], key=lambda past: past.id) == sorted(alone, key=lambda past: past.id)
            assert {past.id for past in alone} <= {past.id for past in everything if past.at <= one.at}
            assert max(past.at for past in alone) == max(
                past.at for past in everything if past.at <= one.at and past.own_points > 0
            )
