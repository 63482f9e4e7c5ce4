"""Commands about the rules: show, check, test, save, history, restore, propose."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import wiring
from app.cli.progress import Bar
from core import clock
from core.database import reading
from core.errors import InputError
from core.rule_file import rule_text
from core.settings import read_settings

if TYPE_CHECKING:
    from app.rulebook.files import RuleFile

BY = "command line"


@click.group()
def rules() -> None:
    """Show, check, back-test, save and restore the rules: scoring, dormancy, alerting."""


@rules.command()
@click.argument("name", required=False)
@click.option("--version", "number", type=click.IntRange(1), help="A version of the past.")
def show(name: str | None, number: int | None) -> None:
    """Show which rules act; with NAME (scoring, dormancy, alerting), their text."""
    from app.rulebook import store
    from app.rulebook.current import acting
    from app.rulebook.files import FILES, rule_file

    settings = read_settings()
    engine = wiring.engine(settings)
    if name is None:
        for each in FILES:
            found = acting(engine, each, settings.rules_dir)
            click.echo(f"{each.file_name:14} {found.where:24} {each.title}")
        return
    file = rule_file(name)
    if number is None:
        click.echo(acting(engine, file, settings.rules_dir).text.rstrip("\n"))
        return
    with reading(engine) as connection:
        old = store.version(connection, file.name, number)
    if old is None:
        raise InputError(f"{file.file_name} has no version {number}: `dormouse rules history {file.name}` shows them")
    click.echo((old.text or file.built_in_text()).rstrip("\n"))


@rules.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as", "name", default="", help="Which rules these are, where the file's name doesn't say.")
def check(paths: tuple[Path, ...], name: str) -> None:
    """Name all mistakes of rule files at once. Changes nothing; needs no database."""
    from app.rulebook.files import mistakes

    wrong = 0
    for path in paths:
        file, text = _read(path, name)
        found = mistakes(file, text)
        for one in found:
            click.echo(f"{path}{f', line {one.line}' if one.line else ''}: {one.text}", err=True)
        wrong += len(found)
        if not found:
            click.echo(f"{path}: no mistakes")
    if wrong:
        click.echo(f"{wrong} {'mistake' if wrong == 1 else 'mistakes'}", err=True)
        sys.exit(1)


@rules.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--as", "name", default="", help="Which rules these are, where the file's name doesn't say.")
@click.option("--days", type=click.IntRange(1, 90), default=30, show_default=True, help="So many days back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object (docs/rules.md).")
def test(path: Path, name: str, days: int, as_json: bool) -> None:
    """Say what the rules in PATH would have done with the visits that were recorded. Changes nothing."""
    from app.rulebook import backtest, report, versions

    settings = read_settings()
    file, text = _read(path, name)
    with Bar() as bar:
        done = versions.test(
            settings,
            wiring.engine(settings),
            file,
            text,
            clock.now(),
            days=days,
            progress=lambda some, total: bar("visits replayed", some, total),
        )
    if as_json:
        click.echo(json.dumps(backtest.to_data(done), ensure_ascii=False))
        return
    for line in report.lines(done):
        click.echo(line)


@rules.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--why", required=True, help="Why they are changed: stands in the history.")
@click.option("--as", "name", default="", help="Which rules these are, where the file's name doesn't say.")
@click.option("--by", default=BY, help="In whose name (e-mail address).")
@click.option("--days", type=click.IntRange(1, 90), default=30, show_default=True, help="Days of the back-test.")
def save(path: Path, why: str, name: str, by: str, days: int) -> None:
    """Back-test the rules in PATH, then make them act; running processes follow within a second."""
    from app.rulebook import report, versions

    settings = read_settings()
    engine = wiring.engine(settings)
    file, text = _read(path, name)
    now = clock.now()
    with Bar() as bar:
        done = versions.test(
            settings,
            engine,
            file,
            text,
            now,
            days=days,
            progress=lambda some, total: bar("visits replayed", some, total),
        )
    kept = versions.save(settings, engine, file, text, by, why, now, done)
    for line in report.lines(done):
        click.echo(line)
    before = kept.base or 0
    click.echo(f"{file.file_name} version {kept.number} acts; undo: dormouse rules restore {file.name} {before}")


@rules.command()
@click.argument("name")
@click.option("--diff", "with_diff", is_flag=True, help="What each version changed.")
def history(name: str, with_diff: bool) -> None:
    """List the versions of NAME (scoring, dormancy, alerting), the newest first: who, when, why."""
    from app.rulebook import store
    from app.rulebook.changes import changed
    from app.rulebook.files import rule_file

    file = rule_file(name)
    with reading(wiring.engine(read_settings())) as connection:
        found = store.history(connection, file.name)
    texts = {one.number: one.text or file.built_in_text() for one in found}
    for place, one in enumerate(found):
        acts = "acts" if place == 0 else "    "
        click.echo(f"{one.number:4}  {acts}  {one.at:%Y-%m-%d %H:%M}  {one.by}: {one.why}")
        if with_diff:
            before = texts.get((one.number or 1) - 1, file.built_in_text())
            for line in changed(file, before, texts[one.number]):
                click.echo(f"            {line}")
    click.echo("   0  the built-in rules" if found else "   0  acts  the built-in rules: nobody has saved others")


@rules.command()
@click.argument("name")
@click.argument("number", type=click.IntRange(0))
@click.option("--why", default="", help="Why: stands in the history.")
@click.option("--by", default=BY, help="In whose name (e-mail address).")
def restore(name: str, number: int, why: str, by: str) -> None:
    """Make version NUMBER of NAME act again; 0 stands for the built-in rules."""
    from app.rulebook import versions
    from app.rulebook.files import rule_file

    settings = read_settings()
    file = rule_file(name)
    kept = versions.restore(settings, wiring.engine(settings), file, number, by, why, clock.now())
    click.echo(f"{file.file_name} version {kept.number} acts: {kept.why}")


@rules.command()
@click.option("--days", type=click.IntRange(1, 90), default=30, show_default=True, help="Days of the back-test.")
def propose(days: int) -> None:
    """Say which weights the feedback of a year asks for, if later weeks agree. Never applied by itself."""
    from app.rulebook import backtest, proposing, report, store

    settings = read_settings()
    engine = wiring.engine(settings)
    with Bar() as bar:
        found = proposing.propose(
            settings,
            engine,
            clock.now(),
            days=days,
            progress=lambda some, total: bar("visits replayed", some, total),
        )
    click.echo(found.said)
    if found.draft is None:
        return
    with reading(engine) as connection:
        kept = store.draft(connection, found.draft)
    if kept is not None and kept.backtest is not None:
        for line in report.lines(backtest.from_data(kept.backtest)):
            click.echo(line)
    click.echo(f"let it act: dormouse rules accept {found.draft}")


@rules.command()
@click.argument("draft")
@click.option("--by", default=BY, help="In whose name (e-mail address).")
def accept(draft: str, by: str) -> None:
    """Make the proposal DRAFT (its id) the version that acts; its figures stand in the history as the reason."""
    from app.rulebook import store, versions

    settings = read_settings()
    engine = wiring.engine(settings)
    with reading(engine) as connection:
        found = store.draft(connection, draft)
    if found is None:
        raise InputError(f"there is no proposal {draft!r}: `dormouse rules propose` makes one")
    kept = versions.accept(settings, engine, found, by, found.why or "accepted as tested", clock.now())
    click.echo(
        f"{kept.file}.toml version {kept.number} acts; undo: dormouse rules restore {kept.file} {kept.base or 0}"
    )


def _read(path: Path, name: str) -> tuple[RuleFile, str]:
    """Return which rules a file holds, by `--as` or its name, and its text. Raises InputError."""
    from app.rulebook.files import rule_file

    try:
        return rule_file(name or path.name), rule_text(path)
    except InputError as error:
        if name or path.is_file() is False:
            raise
        raise InputError(f"{error}, by --as or the file's name") from error
