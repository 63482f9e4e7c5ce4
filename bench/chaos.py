"""Kills the whole of Dormouse while page views come in, and counts what was lost or doubled.

Every page view that was acknowledged (204) goes into a ledger. The process group is killed with SIGKILL at random
moments, or its parent alone, and started again. At the end: ledger − stored = lost; counted − stored = doubled.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import urllib3
from sqlalchemy import func, select

from bench.instance import Instance
from core.database import open_engine, reading
from core.ids import derived
from tracker.tables import hit_counts, page_views, visits

SITE = "shop.example.com"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class Clients:
    """Browsers that send page views and remember which were acknowledged."""

    def __init__(self, instance: Instance, wanted: int, threads: int = 8) -> None:
        self._instance = instance
        self._wanted = wanted
        self._lock = threading.Lock()
        self.acknowledged: list[str] = []
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    @property
    def done(self) -> int:
        return len(self.acknowledged)

    def _send(self, number: int) -> None:
        pool = urllib3.PoolManager(retries=False, timeout=5.0)
        count = 0
        while self.done < self._wanted:
            name = str(uuid.uuid4())
            count += 1
            body = json.dumps(
                {"i": name, "s": SITE, "u": f"https://{SITE}/p/{number}/{count}", "t": "A page", "r": "", "e": 0}
            )
            try:
                headers = {"Content-Type": "text/plain", "User-Agent": f"{AGENT} v{number}.{count // 20}"}
                answer = pool.request("POST", f"{self._instance.collector}/b", body=body, headers=headers)
            except urllib3.exceptions.HTTPError:
                time.sleep(0.02)
                continue
            if answer.status == 204 and "Dormouse-Ignored" not in answer.headers:
                with self._lock:
                    self.acknowledged.append(name)
            else:
                time.sleep(0.02)


@dataclass
class Outcome:
    """What the ledger says against the tables."""

    acknowledged: int
    stored: int
    lost: int
    doubled: int
    in_visits: int
    group_kills: int
    parent_kills: int
    restart_seconds: list[float]
    orphan_seconds: list[float]

    def __str__(self) -> str:
        restarts = sorted(self.restart_seconds)
        return (
            f"{self.acknowledged:,} acknowledged, {self.stored:,} stored, {self.lost} lost, {self.doubled} doubled, "
            f"{self.in_visits:,} in visits; {self.group_kills} group kills, {self.parent_kills} parent kills; "
            f"ready again in {restarts[len(restarts) // 2]:.1f} s (median), {restarts[-1]:.1f} s (worst); "
            f"orphans gone in {max(self.orphan_seconds, default=0):.2f} s (worst)"
        )


def torment(instance: Instance, hits: int, group_kills: int, parent_kills: int, seed: int) -> Outcome:
    """Kill the installation again and again while `hits` page views are acknowledged; then drain and compare."""
    dice = random.Random(seed)
    instance.run("init")
    instance.run("site", "add", SITE)
    instance.start()
    clients = Clients(instance, hits)
    clients.start()
    kinds = ["group"] * group_kills + ["parent"] * parent_kills
    dice.shuffle(kinds)
    orphans: list[float] = []
    for number, kind in enumerate(kinds):
        aim = hits * (number + 1) // (len(kinds) + 1)  # spread over the run, so that every kill meets traffic
        while clients.done < aim:
            time.sleep(0.002)
        time.sleep(dice.uniform(0.0, 0.3))
        if kind == "group":
            instance.kill_group()
        else:
            orphans.append(instance.kill_parent())
        instance.start()
    clients.join()
    ledger = {derived("page_view", SITE, name) for name in clients.acknowledged}
    stored, counted, in_visits = _drained(instance, ledger)
    instance.stop()
    return Outcome(
        acknowledged=len(clients.acknowledged),
        stored=len(stored),
        lost=len(ledger - stored),
        doubled=counted - len(stored),
        in_visits=in_visits,
        group_kills=group_kills,
        parent_kills=parent_kills,
        restart_seconds=instance.restarts,
        orphan_seconds=orphans,
    )


def _drained(instance: Instance, ledger: set[str], patience: float = 60.0) -> tuple[set[str], int, int]:
    """Wait until the worker has caught up: (ids stored, hits counted, views that belong to a stored visit)."""
    engine = open_engine(instance.database())
    deadline = time.monotonic() + patience
    while True:
        with reading(engine) as connection:
            stored = set(connection.execute(select(page_views.c.id)).scalars())
            counted = connection.execute(select(func.coalesce(func.sum(hit_counts.c.n), 0))).scalar_one()
            joined = page_views.join(visits, page_views.c.visit == visits.c.id)
            in_visits = connection.execute(select(func.count()).select_from(joined)).scalar_one()
        if ledger <= stored or time.monotonic() > deadline:
            engine.dispose()
            return stored, int(counted), int(in_visits)
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=5_000)
    parser.add_argument("--group-kills", type=int, default=10)
    parser.add_argument("--parent-kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = torment(Instance(Path(folder)), chosen.hits, chosen.group_kills, chosen.parent_kills, chosen.seed)
    print(f"seed {chosen.seed}: {outcome}")
    if outcome.lost or outcome.doubled or outcome.in_visits != outcome.stored:
        sys.exit(1)


if __name__ == "__main__":
    main()
