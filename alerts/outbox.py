"""Sends what is due: claims, hands over to the channel, retries, and gives up loudly.

One alert reaches one channel once. Where a failure may have been a success, or a process died while sending, the
channel is asked before anything is sent again. No network call happens inside a transaction.
"""

from __future__ import annotations

import math
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.channels.protocol import Channel, MisconfiguredError
from alerts.deliveries.log_store import Outcome
from alerts.deliveries.store import Claim, DeliveryQueue, UnreadableError
from alerts.pacing import Pacer
from core.clock import Clock, monotonic
from core.domain import DeliveryId
from core.errors import ChannelError
from core.log import logger

_log = logger(__name__)
_uniform = secrets.SystemRandom().uniform
_LATER = 0.1  # of a channel's own wait, at most: never earlier than its schedule

_STEP = 30.0  # seconds: clocks that are only corrected stay below
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)

PREVIEW = "preview"
"""The channel that reaches nobody by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How patient the outbox is; times in seconds."""

    attempts: int = 8
    """Failed tries after which a delivery is dead. Being asked to wait is not a failed try."""
    first_wait: float = 4.0
    growth: float = 4.0
    """Each wait may be this many times longer than the one before: 8 tries span about 2 hours."""
    longest_wait: float = 3600.0
    doubt_wait: float = 2.0
    """The least wait before asking whether a message arrived: a slow server may still be at it."""
    lease: float = 60.0
    """How long a claim holds; a process that is killed delays its deliveries by at most this."""
    threads: int = 8
    """Calls at the same time: one that hangs leaves the others."""
    mend: float = 300.0
    """How soon to try again what a person must mend: an archived channel, a revoked token."""
    poll: float = 1.0
    """How often to look for deliveries that another process made due."""


class Outbox:
    """Delivers alerts; `start` and `wake` for a worker, or `run_due` and `settle` by hand."""

    def __init__(
        self,
        queue: DeliveryQueue,
        channels: Mapping[str, Channel],
        clock: Clock,
        holder: str,
        policy: Policy | None = None,
        jitter: Callable[[float, float], float] = _uniform,
    ) -> None:
        self._queue = queue
        self._channels = channels
        self._clock = clock
        self._holder = holder
        self._policy = policy or Policy()
        self._jitter = jitter
        self._pacer = Pacer()
        self._pool = ThreadPoolExecutor(self._policy.threads, thread_name_prefix="outbox")
        self._slots = threading.Semaphore(self._policy.threads)
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._dispatcher: threading.Thread | None = None
        self._forward_again_at = math.inf
        self._ahead = (clock() - _EPOCH).total_seconds() - monotonic()

    def start(self) -> None:
        """Deliver in the background until `close`; call `wake` after a commit that made something due."""
        self._dispatcher = threading.Thread(target=self._dispatch, name="outbox-dispatcher", daemon=True)
        self._dispatcher.start()

    def wake(self) -> None:
        """Look for due deliveries now."""
        self._woken.set()

    def run_due(self, limit: int = 100) -> int:
        """Start up to `limit` due deliveries, as far as threads are free, and return how many were started.

        Doesn't wait for them: see `settle`.
        """
        started = 0
        lease = timedelta(seconds=self._policy.lease)
        for delivery in self._queue.due(self._clock(), lease, tuple(self._channels), limit):
            if self._closing.is_set() or not self._slots.acquire(blocking=False):
                break
            try:
                claim = self._claim(delivery, lease)
            except BaseException:
                self._slots.release()
                raise
            if claim is None:
                self._slots.release()
                continue
            self._pool.submit(self._work, claim)
            started += 1
        return started

    def _claim(self, delivery: DeliveryId, lease: timedelta) -> Claim | None:
        """Claim a delivery; one that can't be read is given up, so that it doesn't keep all others waiting."""
        try:
            return self._queue.claim(delivery, self._clock(), lease, self._holder)
        except UnreadableError as error:
            _log.exception("a delivery can't be read and is given up", delivery=delivery)
            self._queue.give_up(delivery, self._clock(), lease, str(error))
            return None

    def settle(self, timeout: float = 30.0) -> bool:
        """Wait until no delivery is under way; False when `timeout` seconds were not enough."""
        until = monotonic() + timeout
        taken = 0
        while taken < self._policy.threads and self._slots.acquire(timeout=max(0.0, until - monotonic())):
            taken += 1
        if taken:
            self._slots.release(taken)
        return taken == self._policy.threads

    def close(self) -> None:
        """Claim nothing more, and return when what is under way is written down."""
        self._closing.set()
        self._woken.set()
        if self._dispatcher is not None:
            self._dispatcher.join()
        self._pool.shutdown(wait=True)

    def _dispatch(self) -> None:
        try:
            self._queue.end_pauses()  # a restart is how corrected settings come into force
        except Exception:
            _log.exception("pauses can't be ended; they end by themselves")
        while not self._closing.is_set():
            self._woken.clear()
            pause = self._policy.poll
            try:
                self._notice_clock()
                if self._has_slot():  # else whoever is done wakes us
                    pause = 0.0 if self.run_due() else self._pause()
            except Exception:
                _log.exception("the outbox can't read what is due")
            if pause:
                self._woken.wait(pause)

    def _has_slot(self) -> bool:
        if not self._slots.acquire(blocking=False):
            return False
        self._slots.release()
        return True

    def _notice_clock(self) -> None:
        """What was put off by a clock that has been set back since would wait as much longer: let it try now.

        Nobody who asked us to wait is asked sooner for it: the pacer counts by another clock.
        """
        ahead = (self._clock() - _EPOCH).total_seconds() - monotonic()
        if ahead < self._ahead - _STEP:
            _log.warning("the clock was set back", seconds=round(self._ahead - ahead))
            self._queue.bring_forward(self._clock())
            # what was under way meanwhile may still be put off by the old time
            self._forward_again_at = monotonic() + self._policy.lease
        elif monotonic() >= self._forward_again_at:
            self._queue.bring_forward(self._clock())
            self._forward_again_at = math.inf
        self._ahead = ahead

    def _pause(self) -> float:
        """Seconds until something is due, at most one poll and never a busy loop."""
        try:
            due_at = self._queue.next_due(tuple(self._channels), self._clock())
        except Exception:
            _log.exception("the outbox can't read what is due")
            return self._policy.poll
        seconds = (due_at - self._clock()).total_seconds() if due_at else self._policy.poll
        return min(self._policy.poll, max(0.005, seconds))

    def _work(self, claim: Claim) -> None:
        try:
            self._deliver(claim, self._channels[claim.channel])
        except Exception as error:
            _log.exception("a delivery failed unexpectedly", delivery=claim.id, message=claim.post.id)
            self._failed_unexpectedly(claim, error)
        finally:
            self._slots.release()
            self._woken.set()

    def _deliver(self, claim: Claim, channel: Channel) -> None:
        post = claim.post
        destination = claim.channel
        in_doubt = claim.in_doubt and not claim.remote
        note = ""
        try:
            destination = channel.destination(post.to, claim.remote or post.thread)
            if in_doubt and not channel.recognises:
                found, note = self._find(claim, channel, destination)
                if found:
                    # in which version it arrived we can't know: counted as the first, it is edited if it has changed
                    self._queue.sent(claim, found, 1, self._clock(), outcome="found")
                    return
        except ChannelError as error:
            self._failed(claim, channel, error, f"{claim.channel} lookup {destination}", in_doubt)
            return
        key = f"{claim.channel} {'edit' if claim.remote else 'new'} {destination}"
        if wait := self._pacer.wait(claim.id, key, claim.channel, channel.pace, monotonic()):
            self._put_back(claim, wait, "", counts=False, in_doubt=in_doubt)
            return
        if self._clock() + timedelta(seconds=channel.patience) >= claim.until:
            # the machine slept or the channel was slow: by the time we are done, another process may have begun
            self._put_back(claim, 0.0, "", counts=False, in_doubt=in_doubt)
            return
        try:
            try:
                remote, outcome = _hand_over(claim, channel, destination)
            finally:
                self._pacer.over(key, channel.pace, monotonic())
        except ChannelError as error:
            self._failed(claim, channel, error, key, in_doubt or (error.ambiguous and not claim.remote))
            return
        # a receiver that had it already has thrown away what we sent now: it may know the first version only
        version = 1 if in_doubt and channel.recognises else post.version
        if not self._queue.sent(claim, remote, version, self._clock(), note, outcome):
            _log.warning("a delivery was taken over while it was sent", delivery=claim.id, message=post.id)
            if not claim.remote:
                self._take_back(claim, channel, remote)

    def _take_back(self, claim: Claim, channel: Channel, remote: str) -> None:
        """Undo what we sent when another process sent it too: we slept in the middle of a call, or clocks differ.

        Not before it is known where the other one's is: it may have found ours and call it its own.
        """
        until = monotonic() + self._policy.lease
        while not (kept := self._queue.where(claim.id)) and monotonic() < until and not self._closing.wait(0.1):
            pass
        if not kept or kept == remote or channel.recognises:
            return
        try:
            gone = channel.retract(remote)
        except ChannelError as error:
            _log.warning("a message that was sent twice can't be taken back", message=claim.post.id, why=str(error))
            gone = False
        if not gone:
            self._queue.mark_twice(claim.id)

    def _find(self, claim: Claim, channel: Channel, destination: str) -> tuple[str | None, str]:
        """Ask where the message is, if it arrived after all; the note says that nobody could tell."""
        try:
            return channel.find(claim.post, destination), ""
        except ChannelError as error:
            if not error.permanent:
                raise
            _log.warning(
                "can't tell whether a message arrived; sending it again", message=claim.post.id, why=str(error)
            )
            return None, f"possibly sent twice: {error}"

    def _failed(self, claim: Claim, channel: Channel, error: ChannelError, key: str, in_doubt: bool) -> None:
        if isinstance(error, MisconfiguredError) and error.whole_channel:
            self._pause_channel(claim, error, in_doubt)
            return
        if error.retry_after is not None:
            wait = self._policy.mend if isinstance(error, MisconfiguredError) else error.retry_after
            self._pacer.hold(key, wait, monotonic())
            self._put_back(claim, wait, str(error), counts=False, in_doubt=in_doubt)
            _log.warning("a channel asks us to wait", channel=claim.channel, seconds=wait, why=str(error))
            return
        dead = error.permanent or claim.attempts >= self._tries(channel.retries)
        wait = self._back_off(claim.attempts, in_doubt, channel.retries)
        self._put_back(claim, wait, str(error), counts=True, in_doubt=in_doubt, dead=dead)
        tell = _log.error if dead else _log.warning
        tell("a delivery failed", message=claim.post.id, attempts=claim.attempts, dead=dead, why=str(error))

    def _failed_unexpectedly(self, claim: Claim, error: Exception) -> None:
        """A fault of ours, or a database that was away: nobody knows how far we came, so the channel is asked."""
        schedule = self._channels[claim.channel].retries
        dead = claim.attempts >= self._tries(schedule)
        why = f"unexpected {type(error).__name__}: see the log"  # its text may hold what isn't for a table
        try:
            wait = self._back_off(claim.attempts, True, schedule)
            self._put_back(claim, wait, why, counts=True, in_doubt=not claim.remote, dead=dead)
        except Exception:
            _log.exception("a failed delivery can't be put back; its lease runs out", delivery=claim.id)

    def _tries(self, schedule: tuple[float, ...]) -> int:
        return len(schedule) + 1 if schedule else self._policy.attempts

    def _pause_channel(self, claim: Claim, error: MisconfiguredError, in_doubt: bool) -> None:
        """Let the whole channel rest until its settings are corrected, and say so elsewhere; nothing is lost."""
        wait = self._policy.mend if error.retry_after is not None else None
        if wait is not None:
            self._pacer.hold(claim.channel, wait, monotonic())
        others = [name for name in self._channels if name not in (claim.channel, PREVIEW)]
        until = self._in(wait) if wait is not None else None
        if self._queue.pause(claim.channel, until, str(error), self._clock(), others):
            _log.error("a channel is paused", channel=claim.channel, why=str(error))
        self._put_back(claim, wait or 0.0, str(error), counts=False, in_doubt=in_doubt)

    def _put_back(
        self, claim: Claim, wait: float, error: str, *, counts: bool, in_doubt: bool, dead: bool = False
    ) -> None:
        now = self._clock()
        due_at = now + timedelta(seconds=wait)
        self._queue.put_back(claim, now, due_at, error, counts=counts, in_doubt=in_doubt, dead=dead)

    def _back_off(self, attempts: int, in_doubt: bool, schedule: tuple[float, ...]) -> float:
        """Return the channel's own wait, or one with full jitter: many failures at once don't come back at once."""
        policy = self._policy
        doubt = policy.doubt_wait if in_doubt else 0.0
        if schedule:
            wait = schedule[min(attempts, len(schedule)) - 1]
            return wait + self._jitter(0.0, wait * _LATER) + doubt
        ceiling = min(policy.longest_wait, policy.first_wait * policy.growth ** (attempts - 1))
        return self._jitter(0.0, ceiling) + doubt

    def _in(self, seconds: float) -> datetime:
        return self._clock() + timedelta(seconds=seconds)


def _hand_over(claim: Claim, channel: Channel, destination: str) -> tuple[str, Outcome]:
    if claim.remote:
        told = channel.update(claim.post, claim.remote)
        return claim.remote, "edited" if told else "untold"
    return channel.send(claim.post, destination), "sent"
