"""Testing, saving and restoring rules: nothing acts that wasn't checked, and everything can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from alerts.policy import read_policy
from app import audit
from app.rulebook import backtest, store
from app.rulebook.backtest import BackTest
from app.rulebook.current import acting, take_up_file
from app.rulebook.files import RuleFile, rule_file
from app.rulebook.live import read_once, read_policy_once
from app.rulebook.replay import Book, Setting
from app.rulebook.store import Source, Version
from core.database import reading, writing
from core.errors import InputError
from core.settings import Settings
from enrichment.dormancy.rules import read_rules
from enrichment.intent.rules import read_scoring
from enrichment.segments.definitions import read_segments

BUILT_IN = 0
"""The number under which the built-in rules are restored."""
LONGEST_WHY = 2000


def acting_book(settings: Settings, engine: Engine) -> Book:
    """Return all rules that act now. Raises InputError."""
    folder = settings.rules_dir
    return Book(rules=read_once(engine, folder), policy=read_policy_once(engine, folder))


def candidate_book(book: Book, file: RuleFile, text: str) -> Book:
    """Return `book` with one file's rules replaced by `text`. Raises InputError, which names all mistakes."""
    if file.name == "scoring":
        return replace(book, rules=replace(book.rules, scoring=read_scoring(text, file.file_name)))
    if file.name == "dormancy":
        return replace(book, rules=replace(book.rules, dormancy=read_rules(text, file.file_name)))
    if file.name == "segments":
        read_segments(text, file.file_name)
        return book  # who was in a segment at a moment of the past isn't known: rules that name one are replayed as now
    return replace(book, policy=read_policy(text, file.file_name))


def setting_of(settings: Settings) -> Setting:
    """Return what decides beside the rules."""
    return Setting(
        cool_down=timedelta(hours=settings.cool_down_hours),
        zone=settings.time_zone,
        alert_point=settings.alert_point,
    )


def test(
    settings: Settings,
    engine: Engine,
    file: RuleFile,
    text: str,
    now: datetime,
    *,
    days: int = backtest.DAYS,
    most_seconds: float = backtest.MOST_SECONDS,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> BackTest:
    """Back-test `text` against the rules that act. Raises InputError when it has mistakes; writes nothing."""
    book = acting_book(settings, engine)
    return backtest.back_test(
        engine,
        file.name,
        candidate_book(book, file, text),
        book,
        setting_of(settings),
        now,
        days=days,
        most_seconds=most_seconds,
        progress=progress,
    )


def save(
    settings: Settings,
    engine: Engine,
    file: RuleFile,
    text: str,
    by: str,
    why: str,
    now: datetime,
    report: BackTest | None,
    source: Source = "saved",
) -> Version:
    """Make `text` the version that acts. Raises InputError: mistakes, no reason, no change, or somebody was faster."""
    reason = why.strip()
    if not reason:
        raise InputError("say why the rules are changed: whoever looks at the history will want to know")
    file.read(text, file.file_name)
    data = backtest.to_data(report) if report is not None else None
    with writing(engine) as connection:
        take_up_file(connection, file, settings.rules_dir, now)
        head = store.newest(connection, file.name)
        if store.hash_of(text) == (head.hash if head else store.hash_of(file.built_in_text())):
            raise InputError(f"{file.file_name}: these are the rules that act already; nothing was saved")
        kept = store.add(connection, file.name, text, source, by, reason[:LONGEST_WHY], now, data)
        if kept is None:
            raise InputError("somebody saved rules at the same moment: look at them, then save again")
        audit.record(connection, by, "rules.save", f"{file.file_name} version {kept.number}", now)
    return kept


def accept(settings: Settings, engine: Engine, draft: Version, by: str, why: str, now: datetime) -> Version:
    """Make a tested draft the version that acts. Raises InputError when the rules have changed since it was tested."""
    file = rule_file(draft.file)
    with reading(engine) as connection:
        head = store.heads(connection).get(file.name, 0)
    if acting(engine, file, settings.rules_dir).number is None or head != (draft.base or 0):
        raise InputError(
            "the rules were changed since this was tested: test it again, so that you see what it does now"
        )
    report = backtest.from_data(draft.backtest) if draft.backtest else None
    source: Source = "proposal" if draft.source == "proposal" else "saved"
    kept = save(settings, engine, file, draft.text, by, why, now, report, source)
    with writing(engine) as connection:
        store.remove_draft(connection, draft.id)
    return kept


def restore(
    settings: Settings, engine: Engine, file: RuleFile, number: int, by: str, why: str, now: datetime
) -> Version:
    """Make a version of the past act again, as a version of its own; 0 is the built-in rules. Raises InputError."""
    text = ""
    if number != BUILT_IN:
        with reading(engine) as connection:
            old = store.version(connection, file.name, number)
        if old is None:
            raise InputError(
                f"{file.file_name} has no version {number}: `dormouse rules history {file.name}` shows them"
            )
        text = old.text
    reason = why.strip() or (f"version {number} again" if number else "the built-in rules again")
    return save(settings, engine, file, text or file.built_in_text(), by, reason, now, None, "restored")
