"""Sends alerts through a Slack stand-in that fails in every way we know, and keeps a ledger of what became of each.

Prints what was lost, doubled and marked; whether Retry-After and one message a second were kept to; and what became of
workers that were frozen for three leases and of clocks that were set back and forth.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from alert_signals import full_briefing, numbered
from slack_stand_in import Fault, FaultKind, SlackStandIn
from sqlalchemy import Engine, select

import alerts.store as store
from alerts.channels.slack import SlackChannel
from alerts.decide import Context, decide
from alerts.deliveries.store import DeliveryQueue, dead_letters, retry_dead
from alerts.outbox import Outbox, Policy
from alerts.tables import deliveries
from app.schema import metadata
from core import clock
from core.alerting import Alert
from core.database import open_engine, reading, writing

ROOT = Path(__file__).parents[1]
CLASSES = (
    ("service_unavailable", "internal_error", "ratelimited"),
    ("channel_not_found", "not_in_channel", "is_archived"),
    ("invalid_auth", "token_revoked", "account_inactive"),
    ("invalid_blocks", "msg_too_long", "no_text"),
)
"""Slack's `ok: false` by what it means: again later, one channel, the workspace, this message."""
AMBIGUOUS = {"accepted_reset", "truncated", "hang", "server_error", "internal_error"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much, and how patient."""

    alerts: int = 10_000
    channels: int = 100
    longest_wait: float = 30.0
    """Seconds of the longest Retry-After."""
    hang: float = 3.0
    outage: float = 10.0
    lease: float = 20.0
    mend: float = 1.0
    pace: float = 1.1
    timeout: int = 2
    longest_back_off: float = 5.0
    threads: int = 16
    reconcile: bool = True
    """Whether the app may read the channels' history."""
    seed: int = 1
    patience: float = 3600.0


@dataclass
class Ledger:
    """What became of the alerts."""

    alerts: int
    lost: int
    doubled: int
    doubled_unmarked: int
    marked: int
    ambiguous: int
    replayed: int
    too_early: int
    """Calls before a Retry-After was over."""
    throttled: int
    too_close: int
    """Messages less than a second after the one before in their channel."""
    outcomes: Counter[str]
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.alerts:,} alerts in {self.seconds:.0f} s: lost {self.lost}, doubled {self.doubled} "
            f"(unmarked {self.doubled_unmarked}), marked possibly twice {self.marked}, ambiguous failures "
            f"{self.ambiguous}; dead letters sent again {self.replayed}; Retry-After broken {self.too_early} of "
            f"{self.throttled}; closer than 1 s {self.too_close}\n  {dict(self.outcomes)}"
        )


class Faults:
    """Chooses what goes wrong, and remembers what it asked for."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._dice = random.Random(plan.seed)
        self._lock = threading.Lock()
        self.out_until = 0.0
        self.waits: list[tuple[str, float, float]] = []
        self.made: Counter[str] = Counter()

    def __call__(self, method: str, body: Mapping[str, Any]) -> Fault | None:
        with self._lock:
            if time.monotonic() < self.out_until:
                self.made["outage"] += 1
                return Fault(kind="reset")
            if method == "conversations.history" and not self._plan.reconcile:
                return Fault(kind="refused", code="missing_scope")
            if method != "chat.postMessage":
                return None
            fault = self._chosen(str(body.get("channel")))
            if fault is not None:
                self.made[fault.code if fault.kind == "refused" else fault.kind] += 1
            return fault

    def _chosen(self, channel: str) -> Fault | None:
        shares: tuple[tuple[float, FaultKind], ...] = (
            (0.10, "rate_limited"), (0.10, "server_error"), (0.05, "hang"), (0.05, "accepted_reset"),
            (0.03, "truncated"),
        )  # fmt: skip
        at = self._dice.random()
        for share, kind in shares:
            if at < share:
                if kind == "rate_limited":
                    seconds = float(self._dice.randint(1, max(1, int(self._plan.longest_wait))))
                    self.waits.append((channel, time.monotonic(), seconds))
                    return Fault(kind=kind, seconds=seconds)
                return Fault(kind=kind, seconds=self._plan.hang)
            at -= share
        for codes in CLASSES:
            if at < 0.02:
                # without a Retry-After we wait 30 s: too long for a short run
                short = [code for code in codes if code != "ratelimited" or self._plan.longest_wait >= 30]
                return Fault(kind="refused", code=self._dice.choice(short))
            at -= 0.02
        return None


def faults(engine: Engine, plan: Plan) -> Ledger:
    """Deliver all alerts of the plan through the faults, send the dead letters again, and count."""
    started = time.monotonic()
    with SlackStandIn() as slack:
        chosen = Faults(plan)
        slack.script = chosen
        channel = SlackChannel(
            token="xoxb-test", fallback="#sales", api_url=slack.url, timeout=plan.timeout, pace=plan.pace,
            links=lambda alert, action, choice="": f"https://dormouse.example.com/{action}",
        )  # fmt: skip
        policy = Policy(
            attempts=40, first_wait=0.2, growth=2.0, longest_wait=plan.longest_back_off, doubt_wait=plan.hang / 10,
            lease=plan.lease, threads=plan.threads, poll=0.2, mend=plan.mend,
        )  # fmt: skip
        ids = _save(engine, plan.alerts, plan.channels)
        outbox = Outbox(DeliveryQueue(engine), {"slack": channel}, clock.now, "chaos", policy)
        outbox.start()
        _wait(lambda: len(slack.messages) > plan.alerts // 3, plan.patience)
        chosen.out_until = time.monotonic() + plan.outage
        replayed = 0
        until = time.monotonic() + plan.patience
        while (left := _left(engine)) and time.monotonic() < until:
            if set(left) == {"dead"}:
                with writing(engine) as connection:
                    for one in dead_letters(connection):
                        replayed += retry_dead(connection, one.id, clock.now())
                outbox.wake()
            time.sleep(0.2)
        outbox.close()
        return _count(engine, slack, chosen, ids, replayed, time.monotonic() - started)


def _count(engine: Engine, slack: SlackStandIn, chosen: Faults, ids: set[str], replayed: int, seconds: float) -> Ledger:
    by_alert = {alert: len(found) for alert, found in slack.by_alert().items()}
    doubled = {alert for alert, count in by_alert.items() if count > 1}
    with reading(engine) as connection:
        marked = set(connection.execute(select(deliveries.c.alert).where(deliveries.c.possibly_twice)).scalars())
    calls = defaultdict(list)
    for call in slack.calls("chat.postMessage"):
        calls[str(call.body.get("channel"))].append(call.at)
    early = sum(any(asked + 0.05 < at < asked + wait for at in calls[channel]) for channel, asked, wait in chosen.waits)
    arrivals = defaultdict(list)
    for message in slack.messages:
        arrivals[message.channel].append(message.at)
    return Ledger(
        alerts=len(ids),
        lost=len(ids - set(by_alert)),
        doubled=len(doubled),
        doubled_unmarked=len(doubled - marked),
        marked=len(marked),
        ambiguous=sum(chosen.made[kind] for kind in AMBIGUOUS | {"outage"}),
        replayed=replayed,
        too_early=early,
        throttled=len(chosen.waits),
        too_close=sum(later - earlier < 1.0 for times in arrivals.values() for earlier, later in pairwise(times)),
        outcomes=chosen.made,
        seconds=seconds,
    )


def frozen(engine: Engine, pauses: int, lease: float = 2.0, each: int = 24, seed: int = 1) -> str:
    """Freeze a worker (SIGSTOP) for three leases, `pauses` times, while another goes on: (lost, doubled) as text."""
    dice = random.Random(seed)
    with SlackStandIn() as slack:
        slack.script = lambda method, _body: (
            Fault(kind="slow", seconds=dice.uniform(0, 0.05)) if method == "chat.postMessage" else None
        )
        channel = SlackChannel(
            token="t",
            fallback="#sales",
            api_url=slack.url,
            timeout=1,
            links=lambda alert, action, choice="": "",
            pace=0.0,
        )
        policy = Policy(lease=lease, poll=0.05, doubt_wait=0.05, first_wait=0.05)
        ids: set[str] = set()
        url = engine.url.render_as_string(hide_password=False)
        for number in range(pauses):
            ids |= _save(engine, each, each, first=number * each)
            child = subprocess.Popen(
                [sys.executable, ROOT / "tests" / "support" / "outbox_process.py", url, slack.url, str(lease)],
                env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}"}, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            assert child.stdout is not None
            child.stdout.readline()
            before = len(slack.messages)
            _wait(lambda before=before: len(slack.messages) > before or not _left(engine), 10)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.05))
            child.send_signal(signal.SIGSTOP)
            other = Outbox(DeliveryQueue(engine), {"slack": channel}, clock.now, "other", policy)
            other.start()
            time.sleep(3 * lease)
            child.send_signal(signal.SIGCONT)
            _wait(lambda: not _left(engine), 30)
            time.sleep(1.0)  # what the frozen one still had in hand comes now
            other.close()
            child.kill()
            child.wait()
            child.stdout.close()
        counts = {alert: len(found) for alert, found in slack.by_alert().items()}
        taken_back = len([call for call in slack.calls("chat.delete") if call.outcome == "ok"])
    doubled = sum(count > 1 for count in counts.values())
    return (
        f"{pauses} freezes of {3 * lease:g} s, {len(ids)} alerts: lost {len(ids - set(counts))}, doubled {doubled} "
        f"({taken_back} taken back)"
    )


def clocks(engine: Engine, count: int = 120) -> str:
    """Two workers 5 minutes apart, their clock set by ±1 h and ±1 day meanwhile: (lost, doubled, stuck) as text."""
    shift = [timedelta()]
    with SlackStandIn() as slack:
        slack.script = lambda method, _body: (
            Fault(kind="server_error") if random.random() < 0.2 and method == "chat.postMessage" else None
        )
        channel = SlackChannel(
            token="t",
            fallback="#sales",
            api_url=slack.url,
            timeout=1,
            links=lambda alert, action, choice="": "",
            pace=0.1,
        )
        policy = Policy(attempts=40, lease=5.0, poll=0.05, doubt_wait=0.05, first_wait=0.1, longest_wait=1.0)
        ids = _save(engine, count, 12)

        def workers(skew: timedelta) -> Outbox:
            def now() -> datetime:
                return clock.now() + shift[0] + skew

            return Outbox(DeliveryQueue(engine), {"slack": channel}, now, f"skew {skew}", policy)

        both = [workers(timedelta()), workers(timedelta(minutes=5))]
        for one in both:
            one.start()
        for step in (timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)):
            time.sleep(0.6)
            shift[0] += step
        _wait(lambda: not _left(engine), 60)
        time.sleep(0.5)
        stuck = sum(_left(engine).values())
        for one in both:
            one.close()
        counts = {alert: len(found) for alert, found in slack.by_alert().items()}
    doubled = sum(number > 1 for number in counts.values())
    return (
        f"{len(ids)} alerts, clocks ±1 h, ±1 day, 5 min apart: lost {len(ids - set(counts))}, doubled {doubled}, "
        f"stuck {stuck}"
    )


def _save(engine: Engine, count: int, channels: int, first: int = 0) -> set[str]:
    ids = set()
    for start in range(first, first + count, 500):
        made = []
        for number in range(start, min(start + 500, first + count)):
            signal_ = numbered(number, f"rep{number % channels}@example.com")
            alert = decide(signal_, full_briefing(), Context(), signal_.at)
            assert isinstance(alert, Alert)
            made.append(alert)
            ids.add(str(alert.id))
        with writing(engine) as connection:
            store.save(connection, made, ("slack",), clock.now())
    return ids


def _left(engine: Engine) -> Counter[str]:
    with reading(engine) as connection:
        rows = connection.execute(select(deliveries.c.status).where(deliveries.c.status != "sent"))
        return Counter(row.status for row in rows)


def _wait(done: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.02)


def _engine(folder: str, name: str) -> Engine:
    engine = open_engine(f"sqlite:///{folder}/{name}.db")
    metadata.create_all(engine)
    return engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--channels", type=int, default=100)
    parser.add_argument("--freezes", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ledger = faults(
            _engine(folder, "faults"), Plan(alerts=chosen.alerts, channels=chosen.channels, seed=chosen.seed)
        )
        print(f"faults, with reconciliation: {ledger}", flush=True)
        unread = Plan(alerts=chosen.alerts // 10, channels=chosen.channels, seed=chosen.seed, reconcile=False)
        blind = faults(_engine(folder, "blind"), unread)
        print(f"faults, without: {blind}", flush=True)
        print(clocks(_engine(folder, "clocks")), flush=True)
        print(frozen(_engine(folder, "frozen"), chosen.freezes), flush=True)
    if ledger.lost or ledger.doubled or blind.lost or blind.doubled_unmarked or ledger.too_early or ledger.too_close:
        sys.exit(1)


if __name__ == "__main__":
    main()
