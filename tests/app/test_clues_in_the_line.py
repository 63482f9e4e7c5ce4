"""Identity clues through the whole line: over batches, from a quiet visit to the message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from line_world import FREIGHT, ISP_IP, NOON, PUMPS, PUMPS_IP, content, fill, line, page
from sqlalchemy import Engine, select

from alerts.tables import alerts
from app.pipeline import Batch, Result
from core.clock import at
from core.database import reading
from core.domain import DropReason, IdentityClue, PageView
from enrichment.tables import judgements

SIGNED_IN = IdentityClue(kind="identify", value=FREIGHT, at=NOON + timedelta(minutes=2))
LINK = IdentityClue(kind="signed_link", value=FREIGHT, at=NOON)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    fill(any_engine)
    return any_engine


def run(world: Engine, folder: Path, views: Sequence[PageView], minute: int) -> Result:
    return line(world, folder, at(NOON + timedelta(minutes=minute))).run(Batch(views=views))


def owners(world: Engine) -> list[tuple[str | None, str | None]]:
    """(account, drop) of each visit."""
    with reading(world) as connection:
        rows = connection.execute(select(judgements.c.account, judgements.c.drop)).all()
    return [(row.account, row.drop) for row in rows]


def test_signing_in_links_what_was_read_before(world: Engine, tmp_path: Path) -> None:
    """The whole visit becomes the account's, with the pages of earlier batches, and one message goes out."""
    early = page("/pricing", ip=ISP_IP, seconds=60, touched=True)
    first = run(world, tmp_path, [early], 1)
    assert owners(world) == [(None, "network_isp")]
    here = page("/login", ip=ISP_IP, at=NOON + timedelta(minutes=2), seconds=4, touched=True, clues=(SIGNED_IN,))
    second = run(world, tmp_path, [here], 3)
    assert owners(world) == [(FREIGHT, None)]
    assert (len(first.alerts), len(second.alerts)) == (0, 1)
    (now,) = (row["text"] for row in second.alerts[0].message["lines"] if row["label"] == "Now")  # type: ignore[attr-defined]
    assert "Pricing" in now
    later = page("/terms", ip=ISP_IP, at=NOON + timedelta(minutes=5), seconds=9)
    assert run(world, tmp_path, [later], 6).alerts == ()
    assert owners(world) == [(FREIGHT, None)]


def test_a_word_that_adds_no_time_is_heard(world: Engine, tmp_path: Path) -> None:
    """An identify call may come in a beacon with the same reading time as the one before."""
    seen = page("/account", ip=ISP_IP, seconds=40)
    run(world, tmp_path, [seen], 1)
    run(world, tmp_path, [page("/account", ip=ISP_IP, seconds=40, clues=(SIGNED_IN,))], 2)
    assert owners(world) == [(FREIGHT, None)]


def test_a_link_counts_from_the_moment_on_that_shows_a_person(world: Engine, tmp_path: Path) -> None:
    """Opened, then used: the same page view, two batches; the alert comes with the second."""
    opened = page("/pricing", ip=ISP_IP, clues=(LINK,))
    assert run(world, tmp_path, [opened], 0).alerts == ()
    assert owners(world) == [(None, "network_isp")]
    used = page("/pricing", ip=ISP_IP, seconds=12, touched=True, clues=(LINK,))
    assert len(run(world, tmp_path, [used], 1).alerts) == 1
    assert owners(world) == [(FREIGHT, None)]


def test_two_people_of_two_customers_settle_nothing(world: Engine, tmp_path: Path) -> None:
    """One browser, two links: what was sure becomes open again."""
    run(world, tmp_path, [page("/pricing", ip=ISP_IP, seconds=20, touched=True, clues=(LINK,))], 1)
    other = IdentityClue(kind="signed_link", value=PUMPS, at=NOON + timedelta(minutes=1))
    views = [page("/quote", ip=ISP_IP, at=NOON + timedelta(minutes=1), seconds=20, touched=True, clues=(other,))]
    run(world, tmp_path, views, 2)
    with reading(world) as connection:
        (row,) = connection.execute(select(judgements.c.drop, judgements.c.candidates)).all()
    assert (row.drop, row.candidates) == ("account_ambiguous", [PUMPS, FREIGHT])


def test_the_same_batch_again_changes_nothing(world: Engine, tmp_path: Path) -> None:
    """At-least-once delivery of clues, refusals and their counts."""
    views = [page("/pricing", ip=ISP_IP, seconds=12, touched=True, clues=(LINK,), refused=("identify_unsigned",))]
    run(world, tmp_path, views, 1)
    before = content(world)
    run(world, tmp_path, views, 1)
    assert content(world) == before


def test_a_privacy_signal_leaves_no_trace_of_who(world: Engine, tmp_path: Path) -> None:
    """Even if a clue came so far, it is not written."""
    quiet = page("/pricing", ip=None, clues=(LINK,), touched=True, drop=DropReason.PRIVACY_SIGNAL)
    run(world, tmp_path, [quiet], 1)
    assert FREIGHT not in repr(content(world)["page_views"]) + repr(content(world)["clue_counts"])


def test_a_guest_in_a_customers_network_is_not_that_customer(world: Engine, tmp_path: Path) -> None:
    """The message goes to the owner of whom the clue names."""
    run(world, tmp_path, [page("/pricing", ip=PUMPS_IP, seconds=60, touched=True, clues=(LINK,))], 1)
    with reading(world) as connection:
        assert connection.execute(select(alerts.c.account, alerts.c.to)).all() == [(FREIGHT, "jo@example.com")]
