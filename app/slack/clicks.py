"""Keeps clicks before Slack gets its answer, and works them off: each once, however often it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from alerts.buttons import Action
from app.actions import ACTS, Done
from app.slack import store
from app.slack.people import People
from app.slack.reading import Click
from app.slack.replies import reply
from app.slack.store import Status, Waiting
from app.slack.trying import is_test
from core.clock import Clock
from core.database import AWAY, reading, writing
from core.errors import InputError
from core.log import logger
from enrichment.enrich import Rules

TRIES = 5
"""How often a click is tried while Slack can't say who clicked, or something fails."""

SILENT: frozenset[Action] = frozenset({"left_because", "not_slipping", "take_account", "pick_account", "dont_know"})
"""What changes nothing in the message, so that the clicker must hear of it otherwise."""

GONE = "Nothing was done: the alert is gone, or somebody did the same already. Its message shows how things stand."

_log = logger("slack.clicks")


def keep(engine: Engine, clicks: Iterable[Click], now: datetime) -> int:
    """Keep clicks; return how many are new."""
    with writing(engine) as connection:
        return sum(store.keep(connection, click, now) for click in clicks)


class Clicks:
    """Works off the queue; any number of processes may do so at once."""

    def __init__(
        self,
        engine: Engine,
        people: People,
        clock: Clock,
        *,
        rules: Callable[[], Rules],
        api_url: str,
        public_url: str = "",
    ) -> None:
        self._engine = engine
        self._people = people
        self._clock = clock
        self._rules = rules
        self._api_url = api_url
        self._public_url = public_url

    def work_off(self) -> int:
        """Do what the waiting clicks ask for; return how many were worked off."""
        with reading(self._engine) as connection:
            found = store.waiting(connection, self._clock())
        return sum(self._work(each) for each in found)

    def _work(self, waiting: Waiting) -> bool:
        click, now = waiting.click, self._clock()
        with writing(self._engine) as connection:
            if not store.take(connection, click.id, now):
                return False
        try:
            status, said = self._do(click, waiting.tries + 1)
        except AWAY:
            raise  # the database is away: the same again, when the lease is over
        except Exception as error:
            last = waiting.tries + 1 >= TRIES
            _log.warning("a click can't be worked off", action=click.action, why=type(error).__name__, given_up=last)
            with writing(self._engine) as connection:
                if not last:
                    store.later(connection, click.id, now + timedelta(seconds=2**waiting.tries))
                    return False
                store.finish(connection, click.id, "failed", type(error).__name__)
            status, said = "failed", "Not done: something failed here. Press the button again, or use the dashboard."
        if said and click.response_url and (status != "done" or click.action in SILENT):
            reply(click.response_url, said, self._api_url)
        return True

    def _do(self, click: Click, tries: int) -> tuple[Status, str]:
        team = self._people.team()
        if team and click.team != team:
            _log.warning("a click from another workspace; nothing was done", team=click.team)
            return self._finish(click, "refused", "")
        if is_test(click.subject):
            who = self._who(click, tries)
            return self._finish(click, "refused", f"It works: your click arrived, as {who}'s. Nothing was done.")
        if click.action == "pick_account" and not click.choice:
            where = f"{self._public_url}/alerts/{click.subject}/who"
            return self._finish(click, "refused", f"Find the account here: {where}")
        act = ACTS.get(click.action)
        if act is None:
            return self._finish(click, "refused", "This button isn't known here any more.")
        by, rules = self._who(click, tries), self._rules()
        try:
            with writing(self._engine) as connection:
                done = act(connection, click.subject, by, self._clock(), rules, choice=click.choice)
                status, said = _outcome(done)
                # with the act, in one transaction: a crash in between does neither or both
                store.finish(connection, click.id, status, said)
                return status, said
        except InputError as error:
            return self._finish(click, "refused", f"Not done: {error}.")

    def _who(self, click: Click, tries: int) -> str:
        try:
            return self._people.name(click.user, click.user_name)
        except Exception:
            if tries < TRIES:
                raise
            return f"{click.user_name or 'somebody'} (Slack {click.user})"  # better a name than a lost click

    def _finish(self, click: Click, status: Status, said: str) -> tuple[Status, str]:
        with writing(self._engine) as connection:
            store.finish(connection, click.id, status, said)
        return status, said


def _outcome(done: Done | None) -> tuple[Status, str]:
    if done is None:
        return "refused", GONE
    return ("refused" if done.refused else "done"), done.said
