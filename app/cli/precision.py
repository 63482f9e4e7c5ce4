"""Commands about how often the rules that fire were right."""

from __future__ import annotations

from datetime import timedelta

import click
import msgspec

from alerts.precision import store
from alerts.precision.precision import Precision
from app import audit, wiring
from app.own_queries import site_left_out
from core import clock
from core.database import reading, writing
from core.errors import InputError
from core.settings import read_settings

BY = "command line"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON line each.")
def precision(as_json: bool) -> None:
    """Say how often each rule was right, by what people did with its alerts; which ones propose their demotion."""
    settings = read_settings()
    rules = wiring.policy(settings, wiring.engine(settings)).precision
    with reading(wiring.engine(settings)) as connection:
        found = store.precision(connection, clock.now() - timedelta(days=rules.days), site_left_out(connection))
    for each in found:
        if as_json:
            click.echo(
                msgspec.json.encode(
                    {
                        "rule": each.rule,
                        "told": each.told,
                        "judged": each.judged,
                        "right": each.right,
                        "precision": each.share,
                        "demoted": each.is_demoted,
                        "proposes_demotion": each.proposes_demotion(rules),
                    }
                ).decode()
            )
            continue
        said = ""
        if each.proposes_demotion(rules):
            said = f"proposes: digest only (`dormouse alerts demote {each.rule}`)"
        elif each.proposes_return(rules):
            said = f"proposes: at once again (`dormouse alerts restore {each.rule}`)"
        elif each.is_demoted:
            said = "digest only"
        click.echo("\t".join((each.rule, _share(each), f"{each.told} told", said)).rstrip())
    if not found and not as_json:
        click.echo(f"no alert within {rules.days} days", err=True)


@click.command()
@click.argument("rule")
def demote(rule: str) -> None:
    """Have RULE told of in the digest alone."""
    settings = read_settings()
    policy = wiring.policy(settings, wiring.engine(settings))
    with writing(wiring.engine(settings)) as connection:
        told = store.precision(
            connection, clock.now() - timedelta(days=policy.precision.days), site_left_out(connection)
        )
        known = sorted({*policy.again.rank, *(each.rule for each in told)})
        if rule not in known:
            raise InputError(f"there is no rule {rule}: give one of {', '.join(known)}")
        if not store.demote(connection, rule, BY, clock.now()):
            raise InputError(f"{rule} is told of in the digest alone already")
        audit.record(connection, BY, "rule.demote", rule, clock.now())
    click.echo(f"{rule}: told of in the digest alone, from now on")


@click.command()
@click.argument("rule")
def restore(rule: str) -> None:
    """Let a demoted RULE speak at once again."""
    with writing(wiring.engine(read_settings())) as connection:
        if not store.restore(connection, rule, BY, clock.now()):
            raise InputError(f"{rule} isn't demoted: `dormouse alerts precision` names those that are")
        audit.record(connection, BY, "rule.restore", rule, clock.now())
    click.echo(f"{rule}: told at once again, from now on")


def _share(each: Precision) -> str:
    return "not judged" if each.share is None else f"right {each.right} of {each.judged} ({each.share:.0%})"
