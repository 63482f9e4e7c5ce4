"""The command `dormouse`: a list of commands, each loaded only when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NamedTuple

import click

from core.errors import DormouseError
from core.version import __version__


class Entry(NamedTuple):
    """Where a command lives, and its one-line help (so that `--help` imports nothing)."""

    module: str
    name: str
    help: str


COMMANDS: dict[str, Entry] = {
    "init": Entry("app.cli.operate", "init", "Make the home folder, the secret and the tables."),
    "serve": Entry("app.cli.operate", "serve", "Run collector, dashboard and worker together."),
    "web": Entry("app.cli.roles", "web", "Run the dashboard alone."),
    "collector": Entry("app.cli.roles", "collector", "Run the collector alone."),
    "worker": Entry("app.cli.roles", "worker", "Run the worker alone."),
    "migrate": Entry("app.cli.operate", "migrate", "Bring the database's tables up to date."),
    "check": Entry("app.cli.health", "check", "Check the settings; name all mistakes at once."),
    "doctor": Entry("app.cli.health", "doctor", "See what is reachable and what is missing, and what to do."),
    "site": Entry("app.cli.sites", "site", "Add and list websites; print the snippet."),
    "link": Entry("app.cli.links", "link", "Make signed links for customers, one or a mailing's."),
    "import": Entry("app.cli.imports", "import_", "Import accounts, activities or contacts (CSV, XLSX)."),
    "accounts": Entry("app.cli.accounts", "accounts", "Find and merge duplicate accounts; show groups."),
    "import-log": Entry("app.cli.imports", "import_log", "Put a web server's access logs through the line."),
    "send-pageview": Entry("app.cli.imports", "send_pageview", "Send one page view to the collector, as a test."),
    "visits": Entry("app.cli.listings", "visits", "List visits, dropped ones too."),
    "alerts": Entry("app.cli.listings", "alerts", "List alerts and where they stand; how often rules were right."),
    "reps": Entry("app.cli.reps", "reps", "Enter who gets alerts: hours, time zone, deputy, team."),
    "shadow": Entry("app.cli.shadow", "shadow", "Make alerts that nobody gets, and judge samples."),
    "golive": Entry("app.cli.shadow", "golive", "End shadow mode: reps get alerts."),
    "rules": Entry("app.cli.rules", "rules", "Show, check, back-test, save and restore the rules."),
    "segments": Entry("app.cli.segments", "segments", "Show saved segments: definitions, members, who came and went."),
    "deliveries": Entry("app.cli.deliveries", "deliveries", "See how messages fared; send again what was given up."),
    "explain": Entry("app.cli.explain", "explain", "Say why Dormouse thinks what it thinks."),
    "dormancy": Entry("app.cli.dormancy", "dormancy", "Learn from orders; see and accept the thresholds they ask for."),
    "presets": Entry("app.cli.presets", "show", "List rules of dormancy to begin with; print one."),
    "networks": Entry("app.cli.networks", "networks", "Build, update and show network databases."),
    "api-key": Entry("app.cli.api_keys", "api_key", "Make, list and revoke the keys of programs that use the API."),
    "correct": Entry("app.cli.correct", "correct", "Say that a network is, or isn't, an account's."),
    "corrections": Entry("app.cli.correct", "listed", "List what people said of networks; take it back."),
    "coverage": Entry("app.cli.coverage", "show", "Show how far visits come, and where the others are lost."),
    "digest": Entry("app.cli.digest", "show", "Show what somebody's digest would say now."),
    "worth": Entry("app.cli.worth", "show", "Show who ordered after an alert, and whether alerts were the cause."),
    "slack": Entry("app.cli.slack", "slack", "Connect Dormouse to Slack; try it out on yourself first."),
    "demo": Entry("app.cli.demo", "demo", "Load or remove the demo."),
    "tryout": Entry("app.cli.tryout", "tryout", "Find dormant customers in your own access log."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(importlib.import_module(entry.module), entry.name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dormouse")
def dormouse() -> None:
    """Tell sales reps, within a second, that a dormant customer is back on the website, and why we believe so."""


def main() -> Any:
    """Run the command line; errors that Dormouse raises on purpose are one plain line."""
    try:
        return dormouse()
    except DormouseError as error:
        for line in str(error).splitlines():
            click.echo(f"dormouse: {line}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        kind = type(error)  # by name: importing SQLAlchemy for it would make `--help` slow
        if kind.__module__ != "sqlalchemy.exc" or kind.__name__ not in ("OperationalError", "ProgrammingError"):
            raise
        reason = str(error).splitlines()[0]
        if "no such table" in reason or "UndefinedTable" in reason:
            click.echo("dormouse: there are no tables yet: run `dormouse init` first", err=True)
            sys.exit(1)
        click.echo(f"dormouse: the database can't be used: {reason}; `dormouse doctor` says what to do", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
