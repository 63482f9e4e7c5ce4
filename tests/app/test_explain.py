"""The formats of `dormouse explain`, `visits --json` and `alerts --json`: a contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Home:
    """An installation without a server: commands alone."""

    def __init__(self, folder: Path) -> None:
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DORMOUSE_")},
            "DORMOUSE_HOME": str(folder),
        }

    def run(self, *arguments: str, given: str = "") -> str:
        """Run a command; it must succeed."""
        command = [sys.executable, "-m", "app.cli.main", *arguments]
        done = subprocess.run(command, input=given, env=self.env, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def explain(self, what: str, *questions: Any) -> list[dict[str, Any]]:
        """Ask through `-` and return one answer for each question, in order."""
        given = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in questions)
        return [json.loads(line) for line in self.run("explain", what, "-", given=given).splitlines()]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An installation with the demo loaded."""
    home = Home(tmp_path_factory.mktemp("home"))
    home.run("init")
    home.run("demo", "load")
    return home


@pytest.fixture
def nowhere(tmp_path: Path) -> Home:
    """No home, no database: what must answer without."""
    return Home(tmp_path / "missing")


def test_agent(nowhere: Home) -> None:
    """agent → bot, reason; a null agent counts as none."""
    answers = nowhere.explain(
        "agent", {"user_agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, {"user_agent": None}
    )

    assert [set(answer) for answer in answers] == [{"bot", "reason"}] * 2
    assert [answer["bot"] for answer in answers] == [True, True]
    assert not (ROOT / "missing").exists()


def test_names(nowhere: Home) -> None:
    """names → a, b, same, score, why."""
    same, different = nowhere.explain(
        "names",
        {"a": "Hartmann Pumpen GmbH", "b": "HARTMANN PUMPEN G.m.b.H."},
        {"a": "Duke Energy", "b": "Duke University"},
    )

    assert set(same) == {"a", "b", "same", "score", "why"}
    assert (same["same"], different["same"]) == (True, False)
    assert same["score"] > different["score"]
    assert different["why"]


def test_domain(nowhere: Home) -> None:
    """domain → fits, score, why; a null field is an honest no."""
    own, carrier, nothing = nowhere.explain(
        "domain",
        {"name": "Hartmann Pumpen GmbH", "domain": "hartmann-pumpen.de"},
        {"name": "Hartmann Pumpen GmbH", "domain": "telekom.de"},
        {"name": None, "domain": "hartmann-pumpen.de"},
    )

    assert set(own) == {"fits", "score", "why"}
    assert [answer["fits"] for answer in (own, carrier, nothing)] == [True, False, False]
    assert own["score"] > carrier["score"]
    assert own["why"]


def test_network(nowhere: Home) -> None:
    """network → kind, owner_kind, organisation, why; every field may be null or missing."""
    business, carrier, nothing = nowhere.explain(
        "network",
        {
            "owner": "Hartmann Pumpen GmbH",
            "netname": "HARTMANN-NET",
            "range": "203.0.113.0/28",
            "status": "ASSIGNED PA",
        },
        {"asn": "AS64496", "as_name": "Example Broadband Telecom", "owner": None},
        {},
    )

    assert [set(answer) for answer in (business, carrier, nothing)] == [
        {"kind", "owner_kind", "organisation", "why"}
    ] * 3
    assert (business["kind"], business["organisation"]) == ("business", "Hartmann Pumpen GmbH")
    assert carrier["kind"] == "isp"
    assert nothing["kind"] == "unknown"


def test_dormancy(nowhere: Home) -> None:
    """dormancy → id, tier, dormant, silent_days, p_no_purchase, why; judged from what was before as_of."""
    (answer,) = nowhere.explain(
        "dormancy",
        {
            "id": "7",
            "purchases": [{"at": "2024-01-10"}, {"at": "2024-04-10", "amount": 12.5}, {"at": "2026-01-01"}],
            "contacts": None,
            "logins": [],
            "replies": [],
            "as_of": "2025-06-01",
        },
    )

    assert set(answer) == {"id", "tier", "dormant", "silent_days", "p_no_purchase", "why"}
    assert (answer["id"], answer["dormant"], answer["silent_days"]) == ("7", True, 417)
    assert 0 <= answer["p_no_purchase"] <= 1


def test_dormancy_learns_from_what_is_given(nowhere: Home) -> None:
    """--fit learns first, then answers each line in its order; a bad line gets its error; nothing is needed or made."""
    lines = [
        json.dumps(
            {"id": n, "purchases": [f"2024-{1 + n % 6:02}-05", f"2024-{2 + n % 9:02}-17"], "as_of": "2025-01-01"}
        )
        for n in range(30)
    ]
    lines.insert(3, "{")
    given = "\n".join(lines)
    long, short = (
        [
            json.loads(line)
            for line in nowhere.run(
                "explain", "dormancy", "-", "--fit", "--window-days", days, given=given
            ).splitlines()
        ]
        for days in ("365", "30")
    )

    assert list(long[3]) == ["error"]
    assert [answer.get("id") for answer in long] == [0, 1, 2, None, *range(3, 30)]
    assert all(a["p_no_purchase"] < b["p_no_purchase"] for a, b in zip(long, short, strict=True) if "id" in a)
    assert not Path(nowhere.env["DORMOUSE_HOME"]).exists()


def test_a_bad_line_is_answered_in_its_place(nowhere: Home) -> None:
    """A line that can't be read gives {"error"} where its answer would be; the others are answered, in order."""
    answers = nowhere.explain("names", "no json", {"a": "A GmbH"}, {"a": "A GmbH", "b": "A GmbH"}, '{"a": 1, "b": 2}')

    assert [set(answer) == {"error"} for answer in answers] == [True, False, False, True]
    assert answers[1]["same"] is False


@pytest.mark.slow
def test_ip_and_owner(demo: Home) -> None:
    """ip → whose address it is and which account; owner → the imported account's id, or null."""
    ours, carrier, junk = demo.explain("ip", {"ip": "203.0.113.5"}, {"ip": "192.0.2.9"}, {"ip": "junk"})
    known, unknown = demo.explain(
        "owner", {"name": "NORDWIND LOGISTIK"}, {"name": "Nobody We Know Ltd", "domain": None}
    )

    fields = {"ip", "prefix", "kind", "organisation", "domain", "account", "confidence", "why"}
    assert [set(answer) for answer in (ours, carrier, junk)] == [fields] * 3
    assert (ours["account"], ours["prefix"], ours["kind"]) == ("DEMO-01", "203.0.113.0/28", "business")
    assert (carrier["account"], carrier["kind"]) == (None, "isp")
    assert junk["account"] is None
    assert set(known) == {"account", "confidence", "why"}
    assert (known["account"], unknown["account"]) == ("DEMO-02", None)


@pytest.mark.slow
def test_visits_and_alerts_as_json(demo: Home) -> None:
    """visits and alerts print one JSON line each, with exactly the promised fields."""
    visits = [json.loads(line) for line in demo.run("visits", "--json").splitlines()]
    alerts = [json.loads(line) for line in demo.run("alerts", "--json").splitlines()]

    assert {frozenset(visit) for visit in visits} == {
        frozenset(
            (
                *(
                    "id",
                    "site",
                    "started_at",
                    "ip",
                    "prefix",
                    "pages",
                    "kind",
                    "organisation",
                    "account",
                    "score",
                    "drop",
                ),
                *("confidence", "dormant", "silence", "point", "candidates"),
            )
        )
    }
    assert {frozenset(alert) for alert in alerts} == {
        frozenset(
            ("id", "account", "at", "score", "why", "backfill", "deliveries", "kind", "rule", "to", "route", "hold")
        )
    }
    assert any(visit["drop"] == "bot_declared" for visit in visits)
    assert all(alert["deliveries"][0]["status"] == "sent" for alert in alerts)


def test_one_item_prints_for_people(nowhere: Home) -> None:
    """With arguments, the answer is lines for people, and no JSON."""
    text = nowhere.run("explain", "names", "Acme GmbH", "Acme GmbH")

    assert "same           True" in text
    assert "{" not in text
