"""Turns the buffer's records into page views, ready for the line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
from sqlalchemy import Engine

from app.pipeline import Batch
from core.clock import Clock
from core.database import writing
from core.domain import DropReason, PageView, PageViewId, SiteId, VisitorId
from tracker.buffer.protocol import Batch as Records
from tracker.hits import Hit, Tally, decode
from tracker.sessions import SILENCE
from tracker.site_store import living_salt, salt_for
from tracker.sources.beacon import to_page_view, view_id
from tracker.visitor import visitor_id


class Intake:
    """Remembers the daily salts, which are random and shared through the database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._salts: dict[tuple[SiteId, date], bytes | None] = {}

    def batch(self, records: Records) -> Batch:
        """Decode the records; what can't be decoded is counted, never lost in silence."""
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
        )

    def _load_salts(self, wanted: set[tuple[SiteId, date]]) -> None:
        if wanted <= self._salts.keys():
            return
        with writing(self._engine) as connection:
            self._salts = {key: salt_for(connection, *key) for key in wanted}
            for site, day in wanted:
                before = (site, day - timedelta(days=1))
                if before not in self._salts:
                    self._salts[before] = living_salt(connection, *before)

    def _view(self, hit: Hit) -> PageView:
        return to_page_view(hit, self._visitor(hit, hit.received_at.date()) or VisitorId(""))

    def _yesterday(self, hits: Sequence[Hit]) -> dict[PageViewId, VisitorId]:
        """Whom the hits of the first minutes of a day would have been the day before: visits go on over midnight."""
        found: dict[PageViewId, VisitorId] = {}
        for hit in hits:
            at = hit.received_at
            if at.hour == 0 and at.minute < SILENCE.total_seconds() / 60:
                visitor = self._visitor(hit, at.date() - timedelta(days=1))
                if visitor:
                    found[view_id(hit)] = visitor
        return found

    def _visitor(self, hit: Hit, day: date) -> VisitorId | None:
        salt = self._salts.get((SiteId(hit.site), day))
        return visitor_id(salt, SiteId(hit.site), hit.ip, hit.user_agent) if salt else None
