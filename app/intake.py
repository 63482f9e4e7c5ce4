"""Turns the buffer's records into page views, ready for the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import msgspec
from sqlalchemy import Engine

from app.pipeline import Batch
from core.clock import Clock
from core.database import reading, writing
from core.domain import DropReason, PageView, PageViewId, SiteId, VisitorId
from tracker.buffer.protocol import Batch as Records
from tracker.hits import Hit, Tally, decode
from tracker.site_store import living_salt, salt_for
from tracker.sources.beacon import to_page_view, view_id
from tracker.visitor import visitor_id


class Intake:
    """Remembers the daily salts, which are random and shared through the database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._salts: dict[tuple[SiteId, date], bytes | None] = {}

    def batch(self, records: Records, read_from: Mapping[str, int] | None = None) -> Batch:
        """Decode the records, which were read after the offsets `read_from`.

        What can't be decoded is counted, never lost in silence.
        """
        hits: list[Hit] = []
        tallies: list[Tally] = []
        damaged = 0
        for data in records.records:
            try:
                record = decode(data)
            except msgspec.DecodeError:
                damaged += 1
                continue
            if isinstance(record, Tally):
                tallies.append(record)
            else:
                hits.append(record)
        if damaged:
            counts = {"": {DropReason.MALFORMED.value: damaged}}
            tallies.append(Tally(received_at=self._clock(), counts=counts))
        self._load_salts({(SiteId(hit.site), hit.received_at.date()) for hit in hits})
        return Batch(
            views=[self._view(hit) for hit in hits],
            yesterday=self._yesterday(hits),
            tallies=tallies,
            offsets=records.offsets,
            read_from=read_from,
            is_live=True,
        )

    def _load_salts(self, wanted: set[tuple[SiteId, date]]) -> None:
        before = {(site, day - timedelta(days=1)) for site, day in wanted} - wanted
        if not wanted <= self._salts.keys():
            with writing(self._engine) as connection:
                self._salts = {key: salt_for(connection, *key) for key in wanted}
                self._salts.update((key, living_salt(connection, *key)) for key in before)
        elif living := [key for key in before if self._salts.get(key)]:
            with reading(self._engine) as connection:  # once it is removed nobody may use it, out of memory neither
                self._salts.update((key, living_salt(connection, *key)) for key in living)

    def _view(self, hit: Hit) -> PageView:
        return to_page_view(hit, self._visitor(hit, hit.received_at.date()) or VisitorId(""))

    def _yesterday(self, hits: Sequence[Hit]) -> dict[PageViewId, VisitorId]:
        """Whom the hits would have been the day before, while its salt lives: visits go on over midnight."""
        found: dict[PageViewId, VisitorId] = {}
        for hit in hits:
            if visitor := self._visitor(hit, hit.received_at.date() - timedelta(days=1)):
                found[view_id(hit)] = visitor
        return found

    def _visitor(self, hit: Hit, day: date) -> VisitorId | None:
        salt = self._salts.get((SiteId(hit.site), day))
        return visitor_id(salt, SiteId(hit.site), hit.ip, hit.user_agent) if salt else None
