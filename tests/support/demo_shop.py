"""The demo for tests: loaded without its past, and visits to the shop as the line gets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pages
import pytest
from sqlalchemy import Engine

from app import wiring
from app.demo import load
from app.demo.data import stories
from app.demo.past import TITLES
from app.demo.visitors import Choice, choices
from app.pipeline import Batch, Pipeline
from app.signed import DEMO_SITE
from core.domain import PageView, PageViewId, SiteId, VisitorId
from core.settings import Settings
from tracker.bots import judge_agent

CHOICES = {choice.key: choice for choice in choices({story.account.id: story for story in stories()})}


class Shop:
    """The demo in a database of its own, with a clock that tests move."""

    def __init__(self, engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(load, "past_visits", lambda *_: [])
        self.engine = engine
        self.home = home
        self.clock = pages.MovingClock()
        load.load_demo(pages.settings(home), engine, lambda _: None, self.clock.at)
        self.settings: Settings = pages.settings(home)  # read anew: it finds the demo's networks
        self.loaded = self.clock.at
        self.pipeline = self.fresh_pipeline()
        self.outbox = wiring.outbox(self.settings, engine, now=self.clock)
        self.clock.forward(minutes=1)
        self._visits = 0
        self._last: PageView | None = None

    def fresh_pipeline(self) -> Pipeline:
        """A line that has looked at the newest accounts and corrections."""
        return wiring.pipeline(self.settings, self.engine, now=self.clock)

    def visit(self, key: str, path: str = "", read_seconds: Sequence[int] = (0, 10, 30)) -> str:
        """Let the visitor of the card `key` read one page, a hit for each reading time; return the view's id."""
        choice: Choice = CHOICES[key]
        self._visits += 1
        address, agent = choice.identity(self._visits)
        path = path or choice.starts_at
        view = PageView(
            id=PageViewId(f"view-{self._visits}"),
            site=SiteId(DEMO_SITE),
            at=self.clock.at,
            received_at=self.clock.at,
            visitor=VisitorId(f"visitor-{self._visits}"),
            ip=address,
            path=path,
            title=TITLES[path],
            user_agent=agent,
            drop=judge_agent(agent)[0],
        )
        begun, self._last = self.clock.at, view
        for seconds in read_seconds:
            self.clock.at = begun + timedelta(seconds=seconds / 10)
            self.read_on(seconds)
        self.clock.forward(seconds=30)
        return view.id

    def read_on(self, seconds: int) -> None:
        """Let the last visitor have read the page for so long."""
        assert self._last is not None
        self._hit(replace(self._last, at=self.clock.at, received_at=self.clock.at, engaged_ms=seconds * 1000))

    def _hit(self, view: PageView) -> None:
        result = self.pipeline.run(Batch(views=[view]))
        if result.alerts:
            self.clock.forward(milliseconds=400)
            self.outbox.run_due()
            self.outbox.settle()

    def now(self) -> datetime:
        """The moment that the shop's clock shows."""
        return self.clock.at


def close(shop: Shop) -> None:
    """End the shop's outbox."""
    shop.outbox.close()
