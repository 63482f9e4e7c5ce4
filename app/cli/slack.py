"""Commands that connect Dormouse to Slack, and try the connection out on one person."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app import signed, wiring
from app.slack import connecting, trying
from app.slack.manifest import EXAMPLE_URL, install_link, is_reachable, manifest
from core import clock
from core.database import reading
from core.errors import InputError
from core.settings import Settings, read_settings

STEPS = """\
1. Open this address, choose your workspace and press Create:

   {link}

2. In the app: Install App → Install, and copy the bot token (xoxb-…).
3. {third}
4. Give them to this command, and say where to write them:

   dormouse slack connect --tokens-from FILE --write {file}
   (one token a line; `--tokens-from -` reads standard input)
"""
_HTTP = "Basic Information → App Credentials: copy the signing secret. Clicks come to {url}/slack/interactivity."
_SOCKET = (
    "Basic Information → App-Level Tokens: generate one with the permission connections:write (xapp-…). "
    "Clicks come by Socket Mode: no public URL is needed."
)


@click.group()
def slack() -> None:
    """Connect Dormouse to Slack, and try it out on one person."""


@slack.command()
@click.option("--socket-mode/--http", "socket_mode", default=None, help="How clicks come. Default: by the public URL.")
@click.option("--manifest", "only_manifest", is_flag=True, help="Print the app's manifest, and no more.")
@click.option(
    "--tokens-from", type=click.File("r"), help="Read tokens from this file, one a line; - is standard input."
)
@click.option(
    "--write",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the tokens into this environment file, for its owner alone.",
)
def connect(socket_mode: bool | None, only_manifest: bool, tokens_from: click.File | None, file: Path | None) -> None:
    """Make the Slack app from a manifest, then check its tokens and write them down.

    Without tokens it says what to do; with them (from a file, standard input or the settings) it asks Slack what they
    are good for. It never prints them.
    """
    settings = read_settings()
    by_http = is_reachable(settings.public_url) if socket_mode is None else not socket_mode
    text = manifest((settings.public_url if is_reachable(settings.public_url) else EXAMPLE_URL) if by_http else "")
    if only_manifest:
        click.echo(text, nl=False)
        return
    tokens = _tokens(settings, tokens_from)
    if not tokens and sys.stdin.isatty() and sys.stdout.isatty() and tokens_from is None:
        _explain(settings, text, by_http, file)
        tokens = _asked(by_http)
    if not tokens:
        _explain(settings, text, by_http, file)
        return
    checked = connecting.check(tokens, settings.slack_api_url)
    for line in (*checked.good, *checked.missing):
        click.echo(line)
    if file is not None:
        connecting.write(file, tokens)
        click.echo(f"Written to {file}, for its owner alone: {', '.join(sorted(tokens))}. Start Dormouse with it.")
    click.echo("Next: dormouse slack test --to you@example.com")


@slack.command()
@click.option("--to", required=True, help="Your e-mail address in Slack. Nobody else gets anything.")
def test(to: str) -> None:
    """Send the best alert there is, or a sample, to one person only."""
    settings = read_settings()
    if not settings.slack_token:
        raise InputError("there is no bot token: run `dormouse slack connect` first, then set DORMOUSE_SLACK_TOKEN")
    with reading(wiring.engine(settings)) as connection:
        tried = trying.try_out(connection, settings, signed.links(settings), to.strip().lower(), clock.now())
    what = "a sample" if tried.is_sample else f"the alert about {tried.about}"
    click.echo(f"Sent {what} to {to} alone, as a direct message from Dormouse.")
    if settings.slack_signing_secret or settings.slack_app_token:
        click.echo("Press a button in it: a word that only you see says that your click arrived. The worker must run.")
    else:
        click.echo(
            "Its buttons are links to a page that asks again: there is no signing secret and no app-level token."
        )


def _tokens(settings: Settings, tokens_from: click.File | None) -> dict[str, str]:
    """The tokens of the settings, and over them those that were given."""
    known = {
        connecting.TOKEN: settings.slack_token,
        connecting.APP_TOKEN: settings.slack_app_token,
        connecting.SIGNING_SECRET: settings.slack_signing_secret,
        connecting.WEBHOOK: settings.slack_webhook_url,
    }
    given = connecting.recognised(tokens_from.read()) if tokens_from is not None else {}  # type: ignore[attr-defined]
    return {**{name: value for name, value in known.items() if value}, **given}


def _asked(by_http: bool) -> dict[str, str]:
    second = "Signing secret" if by_http else "App-level token (xapp-…)"
    pasted = [
        click.prompt(label, hide_input=True, default="", show_default=False) for label in ("Bot token (xoxb-…)", second)
    ]
    return dict(connecting.recognised("\n".join(pasted)))


def _explain(settings: Settings, text: str, by_http: bool, file: Path | None) -> None:
    if by_http and not is_reachable(settings.public_url):
        click.echo(
            f"Slack can't reach {settings.public_url}: set DORMOUSE_PUBLIC_URL to the dashboard's https address, or "
            "use --socket-mode.\n"
        )
    third = _HTTP.format(url=settings.public_url) if by_http else _SOCKET
    click.echo(STEPS.format(link=install_link(text), third=third, file=file or "FILE.env"))
    click.echo("The manifest behind that address (also: `dormouse slack connect --manifest`):\n")
    click.echo(text, nl=False)
