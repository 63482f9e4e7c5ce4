"""What the demo's reps did with their past alerts, each at its own moment, by the same acts as the buttons'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from sqlalchemy import Engine

from app.actions import ACTS
from app.demo.data import Story, order_after
from core.alerting import Alert
from core.database import writing
from core.domain import AccountId
from core.ids import derived
from enrichment.account.importer.store import write_activities
from enrichment.enrich import Rules

_FIRST = timedelta(hours=2, minutes=10)
_NEXT = timedelta(days=1, hours=1)
_ORDER_AFTER = timedelta(days=9)
_STANDS_IN = "jo@dormouse.example"
"""Who answers what went to the whole team."""


@dataclass(frozen=True, slots=True, order=True)
class _Answer:
    at: datetime
    alert: str
    does: str
    choice: str
    by: str
    account: str


class Answers:
    """Answers that are due as the past goes by."""

    def __init__(self, engine: Engine, stories: Sequence[Story], rules: Rules, until: datetime) -> None:
        self._engine = engine
        self._stories: Mapping[AccountId, Story] = {story.account.id: story for story in stories}
        self._rules = rules
        self._until = until
        self._due: list[_Answer] = []

    def plan(self, alert: Alert) -> None:
        """Remember what will be done with an alert."""
        for number, words in enumerate(self._stories[alert.account].answers):
            does, _, choice = words.partition("=")
            wait = _ORDER_AFTER if does == "order" else _FIRST + number * _NEXT
            by = alert.to or _STANDS_IN
            heappush(self._due, _Answer(alert.at + wait, alert.id, does, choice, by, alert.account))

    def give(self, now: datetime) -> None:
        """Do what is due at `now`; nothing later than the end of the past."""
        while self._due and self._due[0].at <= min(now, self._until):
            one = heappop(self._due)
            with writing(self._engine) as connection:
                if one.does == "order":
                    order = order_after(self._stories[AccountId(one.account)], one.at)
                    key = derived("demo_activity", one.account, one.alert, "order")
                    write_activities(connection, {key: order})
                else:
                    ACTS[one.does](connection, one.alert, one.by, one.at, self._rules, choice=one.choice)
