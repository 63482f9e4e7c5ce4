"""What there is to say of a visit: a dormant account is back, one silent in a line, one about to leave, or nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from line_world import ACCOUNTS, NOON, PUMPS, page, rules

from core.domain import Account, Activity, ActivityKind, Identification, Signal
from enrichment.dormancy.rules import read_rules
from enrichment.enrich import Lookups, Recognised, Rules, assess
from tracker.sessions import join

CLIENT = Account(id=PUMPS, name=ACCOUNTS[0].name, contract="SaaS")


def ago(days: float, kind: ActivityKind = "purchase", product: str = "") -> Activity:
    return Activity(account=PUMPS, kind=kind, at=NOON - timedelta(days=days), product=product)


MONDAY = (NOON - timedelta(days=NOON.weekday())).replace(hour=0)


def week(number: int, uses: int) -> list[Activity]:
    """So many uses in the week that began so many weeks before this one."""
    start: datetime = MONDAY - timedelta(weeks=number)
    return [Activity(account=PUMPS, kind="usage", at=start + timedelta(hours=hour)) for hour in range(uses)]


FALLEN = [one for number in range(4, 12) for one in week(number, 20)] + [one for n in (1, 2, 3) for one in week(n, 2)]
LINES = '[[line]]\nname = "Pumps"\nproducts = "*pump*"\n[[line]]\nname = "Seals"\nproducts = "*seal*"'


def signal(did: list[Activity], *paths: str, account: Account = CLIENT, text: str = LINES) -> Signal:
    (visit,) = join((), [page(path, seconds=60, at=NOON + timedelta(minutes=n)) for n, path in enumerate(paths)])

    def never(*_: object) -> None:
        raise AssertionError("not asked")

    look = Lookups(
        network=never,  # type: ignore[arg-type]
        match=never,
        rejected=lambda _ip: frozenset(),
        activities=lambda _account: did,
        history=lambda _account: None,
        past=lambda _account: (),
    )
    found = Recognised(visit=visit, account=account, confidence=0.99, seen=Identification())
    return assess(found, look, Rules(dormancy=read_rules(text), scoring=rules().scoring), visit.last_at)


BUYS_SEALS = [ago(500, product="Pump A"), ago(90, product="Seal kit"), ago(20, product="Seal kit")]


@pytest.mark.parametrize(
    ("did", "paths", "said"),
    [
        ([ago(400)], ("/pricing", "/products/pumps"), ("awake", "")),
        (BUYS_SEALS, ("/pricing", "/products/pumps"), ("line", "Pumps")),
        (BUYS_SEALS, ("/pricing", "/products/seals"), (None, "")),
        ([*FALLEN, ago(20)], ("/cancel",), ("rescue", "")),
        ([*FALLEN, ago(400)], ("/compare",), ("rescue", "")),
        ([*FALLEN, ago(20)], ("/pricing",), (None, "")),
        ([*week(1, 20), ago(20)], ("/cancel",), (None, "")),
    ],
)
def test_what_there_is_to_say(did: list[Activity], paths: tuple[str, ...], said: tuple[str | None, str]) -> None:
    """Rescue outranks the others; a line is named only where the account itself isn't dormant."""
    found = signal(did, *paths)
    assert (found.kind, found.line) == said


def test_a_rescue_needs_no_points_but_a_live_contract() -> None:
    """It qualifies on the first page; without a contract, or when it has run out, there is nothing to rescue."""
    found = signal([*FALLEN, ago(20)], "/cancel")
    assert (found.qualified, found.rule) == (True, "rescue:cancel")
    for contract, until in (("", None), ("SaaS", NOON - timedelta(days=1))):
        lapsed = Account(id=PUMPS, name="x", contract=contract, contract_until=until)
        assert signal([*FALLEN, ago(20)], "/cancel", account=lapsed).kind is None


def test_the_pages_are_known_in_several_languages(tmp_path: Path) -> None:
    """Cancelling in German rescues, too."""
    assert signal([*FALLEN, ago(20)], "/kuendigung").rule == "rescue:cancel"
