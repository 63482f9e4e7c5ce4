"""`dormouse explain`: why Dormouse thinks what it thinks.

One item as arguments prints for people; `-` reads JSON lines and writes one JSON line each, in order.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

import click
import msgspec

from app.explain import EXPLAINERS, Explainer, dormancy_answers, fit_lines
from app.outlook import fitted_or_none


@click.group()
def explain() -> None:
    """Say why Dormouse thinks what it thinks. `-` reads JSON lines and writes one JSON line each, in order."""


def _stream(answer: Callable[[bytes], object], lines: Iterable[bytes] | None = None) -> None:
    encode = msgspec.json.Encoder().encode
    write = sys.stdout.buffer.write
    for line in sys.stdin.buffer if lines is None else lines:
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
    if _name != "dormancy":
        explain.add_command(_command(_name, _entry.make, _entry.help, _entry.usage))


@explain.command("dormancy")
@click.argument("arguments", nargs=-1, required=True)
@click.option(
    "--fit", is_flag=True, help="First learn from all histories given; only from what was before their as_of."
)
@click.option("--window-days", type=click.IntRange(1, 3650), default=90, show_default=True, help="Look so far ahead.")
def dormancy(arguments: tuple[str, ...], fit: bool, window_days: int) -> None:
    """How silent is a customer with this history, and how likely is it that no order comes?

    ARGUMENTS: - for JSON lines. Without --fit the model fitted on the imported accounts answers, if there is one.
    """
    if arguments != ("-",):
        raise click.ClickException("dormancy takes histories as JSON lines on standard input: give -")
    if fit:
        lines = sys.stdin.buffer.readlines()
        _stream(dormancy_answers(fit_lines(lines, window_days), window_days).answer, lines)
    else:
        _stream(dormancy_answers(fitted_or_none(), window_days).answer)
