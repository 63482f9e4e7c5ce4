"""Measures how long an alert takes: from the qualifying hit to its arrival at a local Slack stand-in.

One visit each by 200 accounts, each with its own owner, so that no Slack channel queues. Beside it, in the same run,
the bare round trip to the stand-in by the same client library: the part that we can't do anything about.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import urllib3
from slack_sdk import WebClient
from slack_stand_in import SlackStandIn

from bench.instance import Instance

SITE = "shop.example.com"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def address(number: int) -> str:
    """Return the one address of an account's own network."""
    return f"2001:db8:{number:x}::1"


def write_files(folder: Path, accounts: int) -> tuple[Path, Path]:
    """Write the accounts, each with a network and an owner of its own, and their last orders."""
    accounts_file, activities_file = folder / "accounts.csv", folder / "activities.csv"
    ordered = (datetime.now(UTC) - timedelta(days=500)).date()
    with accounts_file.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["account_id", "name", "owner_email", "networks"])
        for number in range(accounts):
            network = f"2001:db8:{number:x}::/48"
            rows.writerow(
                [f"A{number:03}", f"Customer {number:03} Works GmbH", f"owner{number:03}@example.com", network]
            )
    with activities_file.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["account_id", "kind", "at", "product", "amount", "currency"])
        rows.writerows([f"A{number:03}", "purchase", ordered, "X200", "9300", "EUR"] for number in range(accounts))
    return accounts_file, activities_file


def send(
    pool: urllib3.PoolManager, instance: Instance, number: int, name: str, engaged_ms: int, page: str = "Pricing"
) -> float:
    """Send a hit of the account's visitor on a page; return the moment before it was sent."""
    body = {"i": name, "s": SITE, "u": f"https://{SITE}/{page.lower()}", "t": page, "r": "", "e": engaged_ms}
    headers = {"Content-Type": "text/plain", "User-Agent": AGENT, "X-Forwarded-For": address(number)}
    started = time.monotonic()
    answer = pool.request("POST", f"{instance.collector}/b", body=json.dumps(body), headers=headers)
    if answer.status != 204 or "Dormouse-Ignored" in answer.headers:
        raise RuntimeError(f"not kept: {answer.status} {dict(answer.headers)}")
    return started


def measure(accounts: int, per_second: float, patience: float = 60.0) -> tuple[list[float], int, list[float]]:
    """Return (seconds of each alert, messages that are missing or doubled, seconds of bare posts to the stand-in)."""
    with tempfile.TemporaryDirectory() as folder, SlackStandIn() as slack:
        home = Path(folder)
        instance = Instance(
            home,
            env={
                "DORMOUSE_CHANNELS": "slack",
                "DORMOUSE_SLACK_TOKEN": "xoxb-stand-in",
                "DORMOUSE_SLACK_CHANNEL": "#sales",
                "DORMOUSE_SLACK_API_URL": slack.url,
                "DORMOUSE_TRUSTED_PROXIES": "127.0.0.0/8",
            },
        )
        accounts_file, activities_file = write_files(home, accounts)
        for command in (("init",), ("site", "add", SITE)):
            instance.run(*command)
        instance.run("import", "accounts", str(accounts_file))
        instance.run("import", "activities", str(activities_file))
        instance.start()
        try:
            sent = _visits(instance, accounts, per_second)
            arrived = _arrivals(slack, accounts, patience)
        finally:
            instance.stop()
        bare = bare_posts(slack.url, 50)
    seconds = [arrived[name][0] - moment for name, moment in sent.items() if name in arrived]
    wrong = sum(len(arrived.get(name, ())) != 1 for name in sent)
    return seconds, wrong, bare


def _visits(instance: Instance, accounts: int, per_second: float) -> dict[str, float]:
    pool = urllib3.PoolManager(retries=False, timeout=10.0)
    names = {number: str(uuid.uuid4()) for number in range(accounts)}
    for number, name in names.items():
        send(pool, instance, number, name, 0)
    time.sleep(2.0)  # the first views are judged: what follows is the qualifying hit alone
    sent: dict[str, float] = {}
    begun = time.monotonic()
    for number, name in names.items():
        time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        sent[f"Customer {number:03} Works GmbH"] = send(pool, instance, number, name, 31_000)
    return sent


def _arrivals(slack: SlackStandIn, accounts: int, patience: float) -> dict[str, list[float]]:
    deadline = time.monotonic() + patience
    while len(slack.messages) < accounts and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)  # a doubled message would come late
    found: dict[str, list[float]] = {}
    for message in slack.messages:
        found.setdefault(message.text.split(" is back")[0], []).append(message.at)
    return found


def bare_posts(url: str, count: int) -> list[float]:
    client = WebClient(token="xoxb-stand-in", base_url=url)
    seconds = []
    for _ in range(count):
        started = time.monotonic()
        client.chat_postMessage(channel="#sales", text="bare")
        seconds.append(time.monotonic() - started)
    return seconds


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--per-second", type=float, default=20.0)
    chosen = parser.parse_args()
    seconds, wrong, bare = measure(chosen.accounts, chosen.per_second)
    print(
        f"{len(seconds)} of {chosen.accounts} alerts arrived, {wrong} missing or doubled; "
        f"qualifying hit → Slack p50 {percentile(seconds, 0.5) * 1000:.0f} ms, "
        f"p95 {percentile(seconds, 0.95) * 1000:.0f} ms, worst {max(seconds) * 1000:.0f} ms; "
        f"a bare post takes p50 {statistics.median(bare) * 1000:.0f} ms: "
        f"{percentile(seconds, 0.5) / statistics.median(bare):.0f} times that"
    )
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
