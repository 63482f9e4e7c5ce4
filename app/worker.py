"""Turns the crank: works off the buffer, hands over what is due, does the chores."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Callable, Mapping

from sqlalchemy import Engine

import tracker.store
from alerts.outbox import Outbox
from app.intake import Intake
from app.jobs import Job, run_due
from app.locks import STOPPING, visit_builder
from app.pipeline import Batch, Pipeline, Result
from app.second_pass import SecondPass
from app.set_aside import SetAside
from app.slack.clicks import Clicks
from app.slack.listening import Listening
from core.clock import Clock, monotonic
from core.database import AWAY, reading, writing
from core.domain import DropReason
from core.errors import LeaseLostError
from core.log import logger
from tracker.buffer.protocol import Batch as Records
from tracker.buffer.protocol import BufferReader
from tracker.hits import Tally

BATCH = 2_000
"""Records worked off in one transaction: large enough to be fast, small enough to hold the lock for < 1 s."""

IDLE_SECONDS = 0.02
"""How long the worker sleeps on an empty buffer; it bounds what idleness adds to an alert's delay."""

TIDY_SECONDS = 5.0
"""How often an idle worker looks for segments that were closed after it had read them."""

ASK_SECONDS = 1.0
"""How often the second pass looks for addresses to ask about."""

CHORE_SECONDS = 30.0
"""How often it looks whether chores are due."""

CLICK_SECONDS = 0.2
"""How often the worker looks for clicks in Slack."""

CONNECT_SECONDS = 10.0
"""How long it waits before it tries to connect to Slack's Socket Mode again."""

SWITCH_SECONDS = 0.0005
"""How soon the line gets the interpreter back from a thread that computes: Python's own 5 ms, paid at each question to
the database, would add up to most of a second per alert."""

TRIES = 3
"""How often the line may fail on one record before it goes on without it."""

_log = logger("worker")


class Worker:
    """The line, the outbox and the chores, side by side. `stop()` lets each finish what it is at."""

    def __init__(
        self,
        engine: Engine,
        reader: BufferReader,
        pipeline: Pipeline,
        outbox: Outbox,
        jobs: tuple[Job, ...],
        set_aside: SetAside,
        clock: Clock,
        *,
        second_pass: SecondPass | None = None,
        clicks: Clicks | None = None,
        listening: Listening | None = None,
    ) -> None:
        self._engine = engine
        self._clicks = clicks
        self._listening = listening
        self._second_pass = second_pass
        self._reader = reader
        self._pipeline = pipeline
        self._outbox = outbox
        self._jobs = jobs
        self._set_aside = set_aside
        self._clock = clock
        self._batch_size = BATCH
        self._failures = 0
        self._intake = Intake(engine, clock)
        self._offsets: Mapping[str, int] = {}
        self._tidied_at = float("-inf")
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until `stop()` is called or SIGTERM or SIGINT arrives."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self.stop())
        sys.setswitchinterval(SWITCH_SECONDS)
        chores = threading.Thread(target=self._repeat, args=(self._chores,), name="chores")
        long_chores = threading.Thread(target=self._repeat, args=(self._long_chores,), name="long chores")
        asking = threading.Thread(target=self._repeat, args=(self._ask_outside,), name="asking")
        chores.start()
        long_chores.start()
        if self._second_pass:
            asking.start()
        clicking = threading.Thread(target=self._repeat, args=(self._work_off_clicks,), name="clicks")
        connecting = threading.Thread(target=self._repeat, args=(self._listen,), name="listening")
        if self._clicks:
            clicking.start()
        if self._listening:
            connecting.start()
        self._outbox.start()
        self._get_ready()
        self._repeat(self._crank)
        chores.join()
        long_chores.join()
        for each in (asking, clicking, connecting):
            if each.is_alive():
                each.join()
        if self._listening:
            self._listening.close()
        self._outbox.close()

    def stop(self) -> None:
        """Finish the batch and the message at hand, then return from `run()`."""
        self._stopping.set()

    def _repeat(self, step: Callable[[], None]) -> None:
        """Run one step again and again; a failing step is told of and tried again, ever more slowly."""
        pause = 0.1
        while not self._stopping.is_set():
            try:
                step()
                pause = 0.1
            except Exception:
                _log.exception("step failed", step=step.__name__)
                self._stopping.wait(pause)
                pause = min(pause * 2, 30.0)

    def _get_ready(self) -> None:
        """Know the accounts before the first page view comes, and look through them for garbage never again."""
        try:
            self._pipeline.get_ready()
        except Exception:
            _log.exception("not ready yet; the first page views will tell")
        gc.collect()
        gc.freeze()

    def _crank(self) -> None:
        result = self.work_once()
        if result is None:
            if monotonic() - self._tidied_at > TIDY_SECONDS:
                self.tidy()
            self._stopping.wait(IDLE_SECONDS)
        elif result.alerts:
            self._outbox.wake()

    def work_once(self) -> Result | None:
        """Work off one batch of the buffer; None when there was nothing."""
        if not self._reader.backlog(self._offsets):
            return None
        with visit_builder(self._engine):
            with reading(self._engine) as connection:
                self._offsets = tracker.store.read_offsets(connection)
            records = self._reader.read(self._offsets, self._batch_size)
            if records.damaged:
                _log.warning("skipped the torn end of a killed process's segment", bytes=records.damaged)
            if not records.offsets:
                return None
            result = self._judge(records)
        self._offsets = {**self._offsets, **records.offsets}
        self.tidy()
        return result

    def _judge(self, records: Records) -> Result:
        """Let the line judge the records; on a failure that isn't the database's, find the record that causes it."""
        try:
            batch = self._intake.batch(records, self._offsets)
            result = self._pipeline.run(batch)
        except Exception as error:
            if isinstance(error, (*AWAY, LeaseLostError)):
                raise  # the database or disk is away, or another worker was quicker: the same again, later
            self._failures += 1
            if len(records.records) > 1:
                self._batch_size = max(1, len(records.records) // 2)
                raise
            if self._failures < TRIES:
                raise
            result = self._go_on_without(records, f"{type(error).__name__}: {error}")
        self._failures = 0
        self._batch_size = min(BATCH, self._batch_size * 2)
        return result

    def _go_on_without(self, records: Records, why: str) -> Result:
        for record in records.records:
            self._set_aside.keep(record, why)
        counts = {"": {DropReason.FAILED.value: len(records.records)}}
        tally = Tally(received_at=self._clock(), counts=counts)
        return self._pipeline.run(Batch(views=(), tallies=(tally,), offsets=records.offsets, read_from=self._offsets))

    def tidy(self) -> None:
        """Remove from the buffer what was worked off, addresses with it, and the offsets of what is gone."""
        self._tidied_at = monotonic()
        gone = self._reader.forget(self._offsets)
        if gone:
            with writing(self._engine) as connection:
                tracker.store.forget_offsets(connection, gone)
            self._offsets = {segment: offset for segment, offset in self._offsets.items() if segment not in gone}

    def _ask_outside(self) -> None:
        assert self._second_pass is not None
        step = self._second_pass.step()
        if step.alerts:
            self._outbox.wake()
        self._stopping.wait(IDLE_SECONDS if step.round.asked else ASK_SECONDS)

    def _work_off_clicks(self) -> None:
        assert self._clicks is not None
        if self._clicks.work_off():
            self._outbox.wake()  # the message tells of it
        self._stopping.wait(CLICK_SECONDS)

    def _listen(self) -> None:
        assert self._listening is not None
        self._stopping.wait(60.0 if self._listening.start() else CONNECT_SECONDS)

    def _chores(self) -> None:
        STOPPING.set(self._stopping)
        run_due(self._engine, tuple(job for job in self._jobs if not job.is_long), self._clock())
        self._stopping.wait(CHORE_SECONDS)

    def _long_chores(self) -> None:
        STOPPING.set(self._stopping)
        run_due(self._engine, tuple(job for job in self._jobs if job.is_long), self._clock())
        self._stopping.wait(CHORE_SECONDS)
