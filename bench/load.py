"""How long an alert takes while the website is busy: 50 page views a second over 10,000 accounts, one of which crosses
the threshold each second; and when the network must first be asked of a registry that answers in 500 ms.

Part one runs the whole installation as processes, hits over HTTP, alerts to a local Slack stand-in; in the same run,
the bare round trip to the stand-in. Each owner gets one alert, so that no message waits for another's place. What the
pace of a channel's messages would add where owners share them is worked out from the same arrivals, and told apart.
Part two runs line, second pass and outbox in one process, with the worker's own pauses.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import urllib3
from asking_world import AskingWorld, TurnedClock
from line_world import counts, fill
from rdap_stand_in import RdapStandIn, Record
from slack_stand_in import SlackStandIn

from app import wiring
from app.migrate import upgrade
from app.worker import ASK_SECONDS, IDLE_SECONDS
from bench.instance import Instance
from bench.latency import SITE, bare_posts, percentile, send, write_files
from core.clock import now
from core.database import open_engine, reading, writing
from core.domain import Account, AccountId, Activity
from enrichment.account.importer.store import write_accounts, write_activities

NAMES = "Customer {:03} Works GmbH"
PACE = 1.1
"""Seconds between two messages to one Slack channel (`alerts.channels.slack`)."""


def busy(accounts: int, seconds: int, views_per_second: int) -> tuple[list[float], int, list[float], float]:
    """Return (seconds of each alert, alerts missing or doubled, seconds of bare posts, page views a second sent)."""
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
            sent, rate = _traffic(instance, accounts, seconds, views_per_second)
            arrived = _arrivals(slack, len(sent))
        finally:
            instance.stop()
        bare = bare_posts(slack.url, 50)
    delays = [arrived[name][0] - moment for name, moment in sent.items() if name in arrived]
    wrong = sum(len(arrived.get(name, ())) != 1 for name in sent)
    return delays, wrong, bare, rate


def _traffic(instance: Instance, accounts: int, seconds: int, per_second: int) -> tuple[dict[str, float], float]:
    """Send the traffic: each second one account reads the pricing page for long, the others glance at the blog."""
    pool = urllib3.PoolManager(retries=False, timeout=10.0)
    chance = random.Random(1)
    buyers = chance.sample(range(accounts), seconds)
    opened = {number: str(uuid.uuid4()) for number in buyers}
    for number, name in opened.items():
        send(pool, instance, number, name, 0)
    _wait_until_judged(instance, seconds)  # what follows is the qualifying hit alone
    others = sorted(set(range(accounts)) - set(buyers))
    sent: dict[str, float] = {}
    begun = time.monotonic()
    for place in range(seconds * per_second):
        time.sleep(max(0.0, begun + place / per_second - time.monotonic()))
        if place % per_second:
            send(pool, instance, chance.choice(others), str(uuid.uuid4()), 0, "Blog")
        else:
            number = buyers[place // per_second]
            sent[NAMES.format(number)] = send(pool, instance, number, opened[number], 31_000)
    return sent, seconds * per_second / (time.monotonic() - begun)


def _wait_until_judged(instance: Instance, visits: int, patience: float = 60.0) -> None:
    engine = open_engine(instance.database())
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with reading(engine) as connection:
            if counts(connection)["visits"] >= visits:
                break
        time.sleep(0.2)
    else:
        raise RuntimeError(f"the first {visits} page views weren't judged within {patience:.0f} s")
    engine.dispose()


def _arrivals(slack: SlackStandIn, wanted: int, patience: float = 60.0) -> dict[str, list[float]]:
    deadline = time.monotonic() + patience
    while len(slack.messages) < wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)  # a doubled message would come late
    found: dict[str, list[float]] = {}
    for message in slack.messages:
        found.setdefault(message.text.split(" is back")[0], []).append(message.at)
    return found


def asking(visits: int, answer_seconds: float) -> list[float]:
    """Return the seconds of each alert whose network a registry had to name, which takes `answer_seconds`."""
    with tempfile.TemporaryDirectory() as folder, SlackStandIn() as slack, RdapStandIn() as rdap:
        engine = open_engine(f"sqlite:///{folder}/bench.db")
        upgrade(engine, lambda _line: None)
        fill(engine)
        _customers_of_registries(engine, rdap, visits)
        rdap.delay = answer_seconds
        world = AskingWorld(engine, Path(folder), rdap_url=rdap.by_registry, clock=_Present())
        settings = replace(
            world.settings,
            channels=("slack",),
            slack_token="xoxb-stand-in",
            slack_channel="#sales",
            slack_api_url=slack.url,
        )
        line = wiring.pipeline(settings, engine)
        world.line = line
        second = world.second_pass()
        outbox = wiring.outbox(settings, engine)
        outbox.start()
        stopping = threading.Event()

        def ask() -> None:
            while not stopping.is_set():
                step = second.step()
                if step.alerts:
                    outbox.wake()
                stopping.wait(IDLE_SECONDS if step.round.asked else ASK_SECONDS)

        thread = threading.Thread(target=ask)
        thread.start()
        sent: dict[str, float] = {}
        for number in range(visits):
            sent[NAMES.format(number)] = time.monotonic()
            world.visit(f"2001:db8:{0x8000 + number:x}::1", visitor=f"visitor-{number}")
            outbox.wake()
            time.sleep(2.5)  # 24 a minute: below the 30 that a registry is asked at most
        arrived = _arrivals(slack, visits)
        stopping.set()
        thread.join()
        outbox.close()
        engine.dispose()
    return [arrived[name][0] - moment for name, moment in sent.items() if name in arrived]


class _Present(TurnedClock):
    def __call__(self):  # type: ignore[no-untyped-def]
        self.moment = now()
        return self.moment


def _customers_of_registries(engine, rdap: RdapStandIn, count: int) -> None:  # type: ignore[no-untyped-def]
    """Add customers whose networks no source here knows, but their registry."""
    made, bought = [], {}
    for number in range(count):
        name = NAMES.format(number)
        account = AccountId(f"R{number:03}")
        made.append(Account(id=account, name=name, owner_email=f"owner{number}@example.com"))
        bought[f"order {number}"] = Activity(
            account=account, kind="purchase", at=TurnedClock().moment.replace(year=2024)
        )
        rdap.add(Record(prefix=f"2001:db8:{0x8000 + number:x}::/48", name=name, registry="apnic"))
    with writing(engine) as connection:
        write_accounts(connection, made, now())
        write_activities(connection, bought)


def paced(ready: Sequence[float], owners: int, pace: float) -> list[float]:
    """Return how long each message waits for its turn where so many owners get them in turn, `pace` seconds apart."""
    free_at: dict[int, float] = {}
    waited = []
    for number, moment in enumerate(sorted(ready)):
        goes = max(moment, free_at.get(number % owners, moment))
        free_at[number % owners] = goes + pace
        waited.append(goes - moment)
    return waited


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--views-per-second", type=int, default=50)
    parser.add_argument("--asked", type=int, default=20)
    chosen = parser.parse_args()
    delays, wrong, bare, rate = busy(chosen.accounts, chosen.seconds, chosen.views_per_second)
    print(
        f"{rate:.0f} page views/s over {chosen.accounts} accounts for {chosen.seconds} s: {len(delays)} alerts, "
        f"{wrong} missing or doubled; {_told(delays)}; a bare post p50 {statistics.median(bare) * 1000:.0f} ms"
    )
    for owners in (20, 1):
        waited = paced([place + delay for place, delay in enumerate(delays)], owners, PACE)
        print(f"beside that, {owners} owner(s) sharing these alerts wait for their channel's turn: {_told(waited)}")
    asked = asking(chosen.asked, 0.5)
    print(f"a registry asked first, answering in 500 ms: {len(asked)} of {chosen.asked} alerts; {_told(asked)}")
    if wrong or len(asked) != chosen.asked:
        raise SystemExit(1)


def _told(delays: list[float]) -> str:
    return ", ".join(
        f"{name} {value * 1000:.0f} ms"
        for name, value in (
            ("p50", percentile(delays, 0.5)),
            ("p95", percentile(delays, 0.95)),
            ("p99", percentile(delays, 0.99)),
            ("worst", max(delays)),
        )
    )


if __name__ == "__main__":
    main()
