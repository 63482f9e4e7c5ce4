"""The outbox's rows: claims what is due by conditional UPDATE, and writes down how it went.

A claim is a lease with a token: whoever comes back too late finds the row in other hands and changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, RowMapping, and_, func, literal, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.elements import ColumnElement

from alerts.deliveries import log_store as log
from alerts.deliveries.claim_store import Needless, Wait, post_of
from alerts.deliveries.log_store import Outcome
from alerts.deliveries.post import Post
from alerts.store import EDIT_AFTER, delivery_of
from alerts.tables import alerts, deliveries, notices
from core.alerting import Delivery
from core.database import UtcTime, reading, writing
from core.domain import DeliveryId
from core.errors import DormouseError
from core.ids import random_token

_FARTHEST = timedelta(hours=27)
"""No wait is longer: a webhook's last one is 24 hours and a tenth."""
_AFTER_ITS_ALERT = timedelta(seconds=1)
"""How long after its alert a notice looks again whether that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One delivery in our hands until `until`, with the message as it should read now."""

    id: DeliveryId
    channel: str
    post: Post
    remote: str
    """Where the message is already; empty when it must be sent for the first time."""
    attempts: int
    """Tries so far, this one included."""
    in_doubt: bool
    """The message may have arrived already: ask the channel first."""
    token: str
    until: datetime


class UnreadableError(DormouseError):
    """A kept message can't be read: an older or newer Dormouse wrote it, or somebody else."""


class DeliveryQueue:
    """The due deliveries of one database; each method is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def due(self, now: datetime, lease: timedelta, channels: Collection[str], limit: int) -> tuple[DeliveryId, ...]:
        """Return deliveries that may be claimed now, the longest due first."""
        with reading(self._engine) as connection:
            found = connection.execute(
                select(deliveries.c.id)
                .where(
                    _claimable(now, lease),
                    deliveries.c.channel.in_(tuple(channels)),
                    deliveries.c.channel.not_in(log.resting(now)),
                )
                .order_by(deliveries.c.due_at)
                .limit(limit)
            )
            return tuple(DeliveryId(row.id) for row in found)

    def next_due(self, channels: Collection[str], now: datetime) -> datetime | None:
        """Return when the next delivery on one of `channels` that don't rest is due; see `next_due`."""
        with reading(self._engine) as connection:
            resting = {str(row.channel) for row in connection.execute(log.resting(now))}
            return next_due(connection, [name for name in channels if name not in resting])

    def pause(self, channel: str, until: datetime | None, why: str, now: datetime, tell: Collection[str]) -> bool:
        """Let a channel rest and tell the operator by other channels; see `log_store.pause`."""
        with writing(self._engine) as connection:
            return log.pause(connection, channel, until, why, now, tell)

    def end_pauses(self) -> None:
        """Let the channels try again whose settings may have been corrected."""
        with writing(self._engine) as connection:
            log.end_pauses(connection)

    def claim(self, delivery: DeliveryId, now: datetime, lease: timedelta, holder: str) -> Claim | None:
        """Take a delivery for `lease`; None when somebody else was quicker or it is gone.

        Raises UnreadableError, and claims nothing, when its message can't be read; see `give_up`.
        """
        token = f"{holder[:40]}:{random_token(12)}"
        with writing(self._engine) as connection:
            taken = connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery, _claimable(now, lease))
                .values(
                    # a claim that was never finished may have sent its message
                    in_doubt=or_(deliveries.c.in_doubt, deliveries.c.status == "sending"),
                    status="sending",
                    attempts=deliveries.c.attempts + 1,
                    due_at=now + EDIT_AFTER[0],  # the earliest edit, should the message change while we send it
                    claimed_by=token,
                    claimed_until=now + lease,
                )
            )
            if taken.rowcount != 1:
                return None
            try:
                row = connection.execute(select(deliveries).where(deliveries.c.id == delivery)).mappings().one()
                post = post_of(connection, row, now)
            except SQLAlchemyError:
                raise
            except Exception as error:
                raise UnreadableError(f"its message can't be read: {type(error).__name__}") from error
            if isinstance(post, Post):
                return _claim(row, post)
            _lay_down(connection, row, post, now)
            return None

    def give_up(self, delivery: DeliveryId, now: datetime, lease: timedelta, why: str) -> bool:
        """Make a due delivery a dead one without a try, since there is nothing to try; False when it isn't due."""
        with writing(self._engine) as connection:
            done = connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery, _claimable(now, lease))
                .values(status="dead", due_at=now, error=why[:500], claimed_by=None, claimed_until=None)
            )
            if done.rowcount == 1:
                log.note(connection, delivery, now, "dead", why)
            return done.rowcount == 1

    def sent(
        self, claim: Claim, remote: str, version: int, now: datetime, note: str = "", outcome: Outcome = "sent"
    ) -> bool:
        """Write down that `version` of the message is at `remote`; due again when it has changed since.

        A `note` says why it is possibly there twice.
        """
        table = notices if claim.post.is_notice else alerts
        # what arrived may be older than what we read: then nothing that people did is known to be told
        heard = list(claim.post.said) if version == claim.post.version else []
        with writing(self._engine) as connection:
            # locked (where rows can be): whoever changes the message now sees either our claim or that it was sent
            newest = connection.execute(
                select(table.c.version).where(table.c.id == claim.post.id).with_for_update()
            ).scalar_one()
            done = connection.execute(
                update(deliveries)
                .where(_held(claim))
                .values(
                    status="due" if newest > version else "sent",
                    sent_at=now,
                    heard=heard,
                    first_sent_at=func.coalesce(deliveries.c.first_sent_at, literal(now, UtcTime())),
                    sent_version=version,
                    edits=deliveries.c.edits + (1 if claim.remote else 0),
                    remote=remote,
                    attempts=0,
                    in_doubt=False,
                    error=note[:500],
                    possibly_twice=or_(deliveries.c.possibly_twice, literal(bool(note))),
                    claimed_by=None,
                    claimed_until=None,
                )
            )
            if done.rowcount == 1:
                log.note(connection, claim.id, now, outcome, note)
                log.works_again(connection, claim.channel)
            return done.rowcount == 1

    def where(self, delivery: DeliveryId) -> str:
        """Return where the message is by what was written down; "" while nobody knows."""
        with reading(self._engine) as connection:
            found = connection.execute(select(deliveries.c.remote).where(deliveries.c.id == delivery))
            return str(found.scalar_one_or_none() or "")

    def mark_twice(self, delivery: DeliveryId) -> None:
        """Write down that the message is possibly there twice."""
        with writing(self._engine) as connection:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery)
                .values(possibly_twice=True, error="possibly sent twice: two processes sent it at the same time")
            )

    def bring_forward(self, now: datetime) -> None:
        """Let all that waits try now: their times were written by a clock that has been set back since."""
        with writing(self._engine) as connection:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.status.in_(("due", "failed")), deliveries.c.due_at > now)
                .values(due_at=now)
            )

    def put_back(
        self,
        claim: Claim,
        now: datetime,
        due_at: datetime,
        error: str,
        *,
        counts: bool,
        in_doubt: bool,
        dead: bool = False,
    ) -> bool:
        """Give a delivery back for a later try, or for good; `counts` says whether this try uses one up.

        Without an `error` nobody was asked: it only waited its turn.
        """
        with writing(self._engine) as connection:
            status = "dead" if dead else "failed" if error else "due"
            done = connection.execute(
                update(deliveries)
                .where(_held(claim))
                .values(
                    status=status,
                    due_at=due_at,
                    attempts=claim.attempts if counts else claim.attempts - 1,
                    in_doubt=in_doubt,
                    claimed_by=None,
                    claimed_until=None,
                    **({"error": error[:500]} if error else {}),
                )
            )
            if done.rowcount == 1 and error:
                log.note(connection, claim.id, now, "dead" if dead else "failed" if counts else "waits", error)
            return done.rowcount == 1


def next_due(connection: Connection, channels: Collection[str]) -> datetime | None:
    """Return when the next delivery on one of `channels` is due or its lease runs out; None when nothing waits."""
    ours = deliveries.c.channel.in_(tuple(channels))
    waiting = connection.execute(
        select(deliveries.c.due_at)
        .where(ours, deliveries.c.status.in_(("due", "failed")))
        .order_by(deliveries.c.due_at)
        .limit(1)
    ).scalar_one_or_none()
    leased = connection.execute(
        select(deliveries.c.claimed_until)
        .where(ours, deliveries.c.status == "sending", deliveries.c.claimed_until.is_not(None))
        .order_by(deliveries.c.claimed_until)
        .limit(1)
    ).scalar_one_or_none()
    return min(filter(None, (waiting, leased)), default=None)


def dead_letters(connection: Connection) -> tuple[Delivery, ...]:
    """Return the deliveries that were given up, newest first, each with its error."""
    rows = connection.execute(
        select(deliveries).where(deliveries.c.status == "dead").order_by(deliveries.c.due_at.desc())
    )
    return tuple(delivery_of(row) for row in rows.mappings())


def retry_dead(connection: Connection, delivery: DeliveryId, now: datetime) -> bool:
    """Put a dead delivery back to be tried at once; False when it isn't dead."""
    done = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery, deliveries.c.status == "dead")
        .values(status="due", due_at=now, attempts=0)
    )
    return done.rowcount == 1


def _claimable(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    return or_(
        and_(
            deliveries.c.status.in_(("due", "failed")),
            # further ahead than anything is ever put off: by a clock that has been set back since
            or_(deliveries.c.due_at <= now, deliveries.c.due_at > now + _FARTHEST),
        ),
        and_(
            deliveries.c.status == "sending",
            # a lease further ahead than we ever give was written by a clock that has been set back since
            or_(deliveries.c.claimed_until <= now, deliveries.c.claimed_until > now + 2 * lease),
        ),
    )


def _held(claim: Claim) -> ColumnElement[bool]:
    return and_(deliveries.c.id == claim.id, deliveries.c.status == "sending", deliveries.c.claimed_by == claim.token)


def _lay_down(connection: Connection, row: RowMapping, why: Wait | Needless | None, now: datetime) -> None:
    """Give back what can't be sent now, or ever; nobody was asked, so the try doesn't count."""
    values: dict[str, object] = {"claimed_by": None, "claimed_until": None, "attempts": row["attempts"] - 1}
    if isinstance(why, Wait):
        values |= {"status": "due", "due_at": max(why.until, now) + _AFTER_ITS_ALERT}
    else:
        reason = why.why if why else "its text was removed"
        values |= {"status": "dropped", "due_at": now, "error": reason}
    connection.execute(update(deliveries).where(deliveries.c.id == row["id"]).values(values))


def _claim(row: RowMapping, post: Post) -> Claim:
    return Claim(
        id=DeliveryId(row["id"]),
        channel=row["channel"],
        post=post,
        remote=row["remote"],
        attempts=row["attempts"],
        in_doubt=row["in_doubt"],
        token=row["claimed_by"],
        until=row["claimed_until"],
    )
