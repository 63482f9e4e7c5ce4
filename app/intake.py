"""Turns the buffer's records into page views, ready for the line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import Engine

from app.pipeline import Batch
from core.clock import Clock
from core.database import writing
from core.domain import DropReason, PageView, SiteId
from tracker.buffer.protocol import Batch as Records
from tracker.hits import Hit, Tally, decode
from tracker.site_store import salt_for
from tracker.sources.beacon import to_page_view
from tracker.visitor import visitor_id


class Intake:
    """Remembers the daily salts, which are random and shared through the database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._salts: dict[tuple[SiteId, date], bytes] = {}

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
        return Batch(views=self._views(hits), tallies=tallies, offsets=records.offsets)

    def _views(self, hits: Sequence[Hit]) -> list[PageView]:
        wanted = {(SiteId(hit.site), hit.received_at.date()) for hit in hits}
        missing = wanted - self._salts.keys()
        if missing:
            with writing(self._engine) as connection:
                self._salts = {key: salt_for(connection, *key) for key in wanted}
        return [self._view(hit) for hit in hits]

    def _view(self, hit: Hit) -> PageView:
        salt = self._salts[(SiteId(hit.site), hit.received_at.date())]
        return to_page_view(hit, visitor_id(salt, SiteId(hit.site), hit.ip, hit.user_agent))
