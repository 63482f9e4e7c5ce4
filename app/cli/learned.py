"""The command that shows the learned map, with the evidence behind each line, and forgets what was learned."""

from __future__ import annotations

import click

from core import clock
from core.domain import AccountId
from core.settings import read_settings


@click.command()
@click.option("--account", default=None, help="Only what was learned about this account.")
@click.option("--all", "everything", is_flag=True, help="Also lines that aren't mapped for want of evidence.")
@click.option("--forget", is_flag=True, help="Delete all evidence about --account.")
def learned(account: str | None, everything: bool, forget: bool) -> None:
    """Show which addresses were learned to be which account's, why, and which are shared.

    Addresses aren't kept: a line is shown by the block of 16 addresses (IPv6: /56) it is in.
    """
    from app import wiring
    from core.database import writing
    from enrichment.network.learned import store
    from enrichment.network.learned.rule import Status
    from enrichment.network.resolvers.learned import sentence

    settings = read_settings()
    engine = wiring.engine(settings)
    if forget:
        if not account:
            raise click.UsageError("--forget needs --account: whose evidence?")
        with writing(engine) as connection:
            number = store.forget(connection, [AccountId(account)])
        click.echo(f"{number} {'piece' if number == 1 else 'pieces'} of evidence about {account} forgotten")
        return
    known = wiring.KnownCache(settings, engine)
    known()
    shown = hidden = 0
    for line in known.learned.memory.lines():
        if account and AccountId(account) not in line.accounts:
            continue
        if line.status is Status.TOO_LITTLE and not everything:
            hidden += 1
            continue
        shown += 1
        names = " and ".join(known.learned.name_of(one) or one for one in line.accounts)
        where = f"an address in {line.block}" if line.host else f"all of {line.block}"
        strength = f"{line.strength:.2f}" if line.strength else "-"
        told = sentence(line, names, where)
        last = f"last on {line.last_at:%Y-%m-%d}"
        click.echo("\t".join((line.status.value, strength, ",".join(line.accounts), line.kind.value, told, last)))
    more = f"; {hidden} more with too little evidence (--all)" if hidden else ""
    click.echo(f"{shown} {'line' if shown == 1 else 'lines'} as of {clock.now():%Y-%m-%d %H:%M} UTC{more}", err=True)
