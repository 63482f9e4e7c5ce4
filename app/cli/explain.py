"""`dormouse explain`: why Dormouse thinks what it thinks.

One item as arguments prints for people; `-` reads JSON lines and writes one JSON line each, in order.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
import msgspec

from app.explain import EXPLAINERS, Explainer


@click.group()
def explain() -> None:
    """Say why Dormouse thinks what it thinks. `-` reads JSON lines and writes one JSON line each, in order."""


def _stream(answer: Callable[[bytes], object]) -> None:
    encode = msgspec.json.Encoder().encode
    write = sys.stdout.buffer.write
    for line in sys.stdin.buffer:
        try:
            write(encode(answer(line)))
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
            write(encode({"error": str(error) or type(error).__name__}))
        write(b"\n")
    sys.stdout.buffer.flush()


def _print(answer: object) -> None:
    shown = msgspec.to_builtins(answer)
    assert isinstance(shown, dict)
    why = shown.pop("why", None) or []
    for name, value in shown.items():
        click.echo(f"{name:14} {'–' if value is None else value}")
    if isinstance(why, str):
        why = [why]
    for sentence in why:
        click.echo(f"  · {sentence}")


def _command(name: str, make: Callable[[], Explainer], help_text: str, usage: str) -> click.Command:
    @click.command(name, help=f"{help_text}\n\nARGUMENTS: {usage}, or - for JSON lines.")
    @click.argument("arguments", nargs=-1, required=True)
    def run(arguments: tuple[str, ...]) -> None:
        explainer = make()
        if arguments == ("-",):
            _stream(explainer.answer)
        else:
            try:
                _print(explainer.answer(msgspec.json.encode(explainer.from_arguments(arguments))))
            except (msgspec.MsgspecError, ValueError) as error:
                raise click.ClickException(f"{error}; give {usage}") from error

    return run


for _name, _entry in EXPLAINERS.items():
    explain.add_command(_command(_name, _entry.make, _entry.help, _entry.usage))
