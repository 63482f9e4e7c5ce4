"""Commands about shadow mode: begin it, see what it brings, judge samples, go live."""

from __future__ import annotations

import click

import alerts.store
from alerts.message import as_text
from alerts.shadow import store
from alerts.shadow.golive import VERDICTS, Figures, Verdict, warnings
from app import audit, wiring
from core import clock
from core.database import reading, writing
from core.domain import AlertId
from core.errors import InputError
from core.settings import read_settings

BY = "command line"
NOT_ON = "shadow mode is off: reps are told. `dormouse shadow start` begins it"


@click.group()
def shadow() -> None:
    """Make alerts that nobody gets, judge samples of them, then go live with `dormouse golive`."""


@shadow.command()
@click.option(
    "--days", type=click.IntRange(1, 365), default=None, help="How long it is meant to run; else the policy's."
)
def start(days: int | None) -> None:
    """From now on reps get nothing, until somebody goes live."""
    settings = read_settings()
    with writing(wiring.engine(settings)) as connection:
        before = store.running(connection)
        run = store.start(
            connection, days or wiring.policy(settings, wiring.engine(settings)).shadow.days, BY, clock.now()
        )
        if before is None:
            audit.record(connection, BY, "shadow.start", run.id, clock.now())
    if before is not None:
        click.echo(f"shadow mode has been on since {clock.iso(run.started_at)}; nothing was changed")
        return
    click.echo(f"shadow mode is on for {run.days} days: alerts are made and kept, reps get nothing")
    click.echo("judge samples on the page Shadow, or with `dormouse shadow judge`; then `dormouse golive`")


@shadow.command()
def status() -> None:
    """Say what reps would have had, and how the judged samples stand."""
    settings = read_settings()
    with reading(wiring.engine(settings)) as connection:
        run = store.last_run(connection)
        figures = store.figures(connection, run, clock.now()) if run else None
    if figures is None:
        click.echo(NOT_ON)
        return
    for line in lines(figures):
        click.echo(line)


@shadow.command()
@click.argument("verdict", type=click.Choice(VERDICTS), required=False)
@click.option("--alert", default=None, help="The alert's id, as it was shown.")
def judge(verdict: Verdict | None, alert: str | None) -> None:
    """Show a sample; with VERDICT (right, wrong, unknown) and its id, keep what you say of it and show the next."""
    with writing(wiring.engine(read_settings())) as connection:
        run = store.last_run(connection)
        if run is None:
            raise InputError(NOT_ON)
        if (verdict is None) != (alert is None):
            raise InputError("give a verdict together with --alert ID; without both, a sample is shown")
        if verdict and alert and not store.judge(connection, AlertId(alert), verdict, BY, clock.now()):
            raise InputError(f"{alert} is no alert of shadow mode: `dormouse shadow judge` shows one")
        sample = store.next_sample(connection, run)
        row = alerts.store.alert_row(connection, sample) if sample else None
    if row is None:
        click.echo("no sample is left to judge")
        return
    click.echo(as_text(row.text))
    click.echo(f"\nright, wrong or unknown?  dormouse shadow judge right --alert {row.alert.id}")


@click.command()
@click.option("--yes", is_flag=True, help="Go live, whatever is said against it.")
def golive(yes: bool) -> None:
    """End shadow mode: reps get alerts. Shows the figures and what speaks against it; --yes does it."""
    settings = read_settings()
    with writing(wiring.engine(settings)) as connection:
        run = store.running(connection)
        if run is None:
            raise InputError(NOT_ON)
        figures = store.figures(connection, run, clock.now())
        against = warnings(figures, wiring.policy(settings, wiring.engine(settings)).shadow)
        if yes:
            store.go_live(connection, figures, BY, clock.now())
            audit.record(connection, BY, "shadow.golive", run.id, clock.now())
    for line in (*lines(figures), *(f"WARNING: {text}" for text in against)):
        click.echo(line)
    if not yes:
        raise InputError(
            "nothing was changed: `dormouse golive --yes` goes live" + (" all the same" if against else "")
        )
    click.echo("live: from now on reps get alerts")


def lines(figures: Figures) -> list[str]:
    """Return a run's figures as lines."""
    run, total = figures.run, sum(figures.per_rep.values())
    until = f"until {clock.iso(run.ended_at)} ({run.ended_by} went live)" if run.ended_at else f"for {run.days} days"
    found = [f"shadow mode since {clock.iso(run.started_at)}, {until}: {total} alerts"]
    found += [
        f"{rep or 'everybody (no owner)'} would have had {figures.a_week(rep):.1f} a week"
        for rep in sorted(figures.per_rep, key=lambda each: (-figures.per_rep[each], each))
    ]
    share = f", {figures.wrong} wrong ({figures.wrong_share:.0%})" if figures.judged else ""
    return [*found, f"judged {figures.judged}{share}; {figures.unknown} nobody can tell"]
