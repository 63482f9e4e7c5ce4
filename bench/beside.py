"""Measures how long alerts take while another process imports many accounts, and while the worker takes them up.

    .venv/bin/python -m bench.beside [--rows 50000] [--url postgresql://…]

A real installation is up; visitors of accounts that it has known all along come back several times a second, before,
during and after the import. Each alert must reach the Slack stand-in as if nothing else were going on.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import urllib3
from slack_stand_in import SlackStandIn

from bench.accounts import make_rows, write_csv
from bench.instance import Instance
from bench.latency import SITE, percentile, send, write_files

PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Seconds from the qualifying hit to its message, by what went on when the hit was sent."""

    before: list[float]
    during: list[float]
    """While the import ran."""
    after: list[float]
    """In the seconds after it: the worker takes up what is new."""
    missing: int
    import_seconds: float


def measure(*, rows: int, before: int, after: int, per_second: float, most: int = 400, url: str = "") -> Beside:
    """Send `before` visits, then visits for as long as the import of `rows` accounts takes, then `after` more."""
    with tempfile.TemporaryDirectory() as folder, SlackStandIn() as slack:
        home = Path(folder)
        instance = _installed(home, slack, most, url)
        big = write_csv(home / "many.csv", make_rows(rows))
        instance.start()
        pool = urllib3.PoolManager(retries=False, timeout=30.0)
        names = [str(uuid.uuid4()) for _ in range(most)]
        try:
            for number, name in enumerate(names):
                send(pool, instance, number, name, 0)
            time.sleep(3.0)  # the first views are judged: what follows is the qualifying hit alone
            sent: dict[str, tuple[float, str]] = {}

            def visit(phase: str) -> None:
                number = len(sent)
                time.sleep(1 / per_second)
                moment = send(pool, instance, number, names[number], 31_000)
                sent[f"Customer {number:03} Works GmbH"] = (moment, phase)

            for _ in range(before):
                visit("before")
            began = time.monotonic()
            with subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", "import", "accounts", str(big)],
                env=instance.env,
                stdout=subprocess.DEVNULL,
            ) as importing:
                while importing.poll() is None and len(sent) < most - after:
                    visit("during")
                if importing.wait() != 0:
                    raise RuntimeError("the import failed")
            took = time.monotonic() - began
            for _ in range(after):
                visit("after")
            arrived = _arrived(slack, len(sent))
        finally:
            instance.stop()
    waits = [(phase, arrived[name] - moment) for name, (moment, phase) in sent.items() if name in arrived]
    of = {phase: [wait for said, wait in waits if said == phase] for phase in ("before", "during", "after")}
    return Beside(**of, missing=len(sent) - len(waits), import_seconds=took)


def _installed(home: Path, slack: SlackStandIn, accounts: int, url: str) -> Instance:
    env = {
        "DORMOUSE_CHANNELS": "slack",
        "DORMOUSE_SLACK_TOKEN": "xoxb-stand-in",
        "DORMOUSE_SLACK_CHANNEL": "#sales",
        "DORMOUSE_SLACK_API_URL": slack.url,
        "DORMOUSE_TRUSTED_PROXIES": "127.0.0.0/8",
    }
    instance = Instance(home, env=env | ({"DORMOUSE_DATABASE_URL": url} if url else {}))
    accounts_file, activities_file = write_files(home, accounts)
    for command in (("init",), ("site", "add", SITE)):
        instance.run(*command)
    instance.run("import", "accounts", str(accounts_file))
    instance.run("import", "activities", str(activities_file))
    return instance


def _arrived(slack: SlackStandIn, expected: int) -> dict[str, float]:
    deadline = time.monotonic() + PATIENCE
    while len(slack.messages) < expected and time.monotonic() < deadline:
        time.sleep(0.05)
    return {message.text.split(" is back")[0]: message.at for message in reversed(slack.messages)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--per-second", type=float, default=5.0)
    parser.add_argument("--url", default="", help="an empty database; else SQLite in a temporary folder")
    given = parser.parse_args()
    found = measure(rows=given.rows, before=25, after=75, per_second=given.per_second, url=given.url)
    print(
        f"{given.rows:,} accounts imported in {found.import_seconds:.1f} s beside the alerts, {found.missing} missing"
    )
    for phase, waits in (("before", found.before), ("during", found.during), ("after", found.after)):
        print(
            f"  {phase:7} p50 {1000 * statistics.median(waits):5.0f} ms, p95 {1000 * percentile(waits, 0.95):5.0f} ms, "
            f"worst {1000 * max(waits):5.0f} ms  (n={len(waits)})"
        )


if __name__ == "__main__":
    main()
