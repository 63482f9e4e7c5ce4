"""Works off the clicks that were kept: each once, however often it arrives and whoever else is at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine

from alerts.buttons import Action
from app.actions import ACTS, Done
from app.slack import store
from app.slack.people import People, UnansweredError
from app.slack.reading import Click
from app.slack.replies import reply
from app.slack.store import Status, Waiting
from app.slack.trying import is_test
from core.clock import Clock
from core.database import DATABASE_AWAY, reading, writing
from core.errors import InputError
from core.log import logger
from enrichment.enrich import Rules

TRIES = 5
"""How often a click is tried while Slack can't say who clicked, or something fails."""

SILENT: frozenset[Action] = frozenset({"left_because", "not_slipping", "take_account", "pick_account", "dont_know"})
"""What changes nothing in the message, so that the clicker must hear of it otherwise."""

GONE = "Nothing was done: the alert is gone, or somebody did the same already. Its message shows how things stand."

FAILED = "Not done: something failed here. Press the button again, or use the dashboard."

Came = tuple[Status, str]
"""What came of a click, and what its clicker hears."""

_log = logger("slack.clicks")


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
            token = store.take(connection, waiting, now)
        if not token:
            return False
        try:
            came = self._do(click, token)
        except DATABASE_AWAY:
            raise  # the same again, when the lease is over
        except Exception as error:
            last = token >= TRIES
            _log.warning("a click can't be worked off", action=click.action, why=type(error).__name__, given_up=last)
            if not last:
                with writing(self._engine) as connection:
                    store.later(connection, click.id, token, now + timedelta(seconds=2**waiting.tries))
                return False
            given_up = self._finish(click, token, "failed", type(error).__name__)
            came = ("failed", FAILED) if given_up else None
        if came is None:
            _log.warning("a click took longer than its lease; another worker has it", action=click.action)
            return False
        status, said = came
        if said and click.response_url and (status != "done" or click.action in SILENT):
            reply(click.response_url, said, self._api_url)
        return True

    def _do(self, click: Click, token: int) -> Came | None:
        """Do what a click asks for; return what came of it, None when it is another worker's by now."""
        team = self._team(token)
        if team and click.team != team:
            _log.warning("a click from another workspace; nothing was done", team=click.team)
            return self._finish(click, token, "refused", "")
        if is_test(click.subject):
            who = self._who(click, token)
            return self._finish(click, token, "refused", f"It works: your click arrived, as {who}'s. Nothing was done.")
        if click.action == "pick_account" and not click.choice:
            where = f"{self._public_url}/alerts/{click.subject}/who"
            return self._finish(click, token, "refused", f"Find the account here: {where}")
        act = ACTS.get(click.action)
        if act is None:
            return self._finish(click, token, "refused", "This button isn't known here any more.")
        by, rules = self._who(click, token), self._rules()
        try:
            with writing(self._engine) as connection:
                # finished first, and in one transaction with the act: a crash in between does neither or both, and who
                # took longer than the lease does nothing
                if not store.finish(connection, click.id, token, "done", ""):
                    return None
                came = _outcome(act(connection, click.subject, by, self._clock(), rules, choice=click.choice))
                store.note(connection, click.id, *came)
                return came
        except InputError as error:
            return self._finish(click, token, "refused", f"Not done: {error}.")

    def _team(self, tries: int) -> str:
        try:
            return self._people.team()
        except UnansweredError:
            if tries < TRIES:
                raise
            return ""  # Slack signed the click for our app: better done than lost

    def _who(self, click: Click, tries: int) -> str:
        try:
            return self._people.name(click.user, click.user_name)
        except UnansweredError:
            if tries < TRIES:
                raise
            return f"{click.user_name or 'somebody'} (Slack {click.user})"  # better a name than a lost click

    def _finish(self, click: Click, token: int, status: Status, said: str) -> Came | None:
        with writing(self._engine) as connection:
            return (status, said) if store.finish(connection, click.id, token, status, said) else None


def _outcome(done: Done | None) -> Came:
    if done is None:
        return "refused", GONE
    return ("refused" if done.refused else "done"), done.said
