"""START HERE: the whole try-out in order: files in, the log through the line, findings out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection

from app import wiring
from app.tryout import cards, judge, queries, steps
from app.tryout.findings import Candidate, Customer, Findings, Imported, Log, NetworkData, Period, Unclear
from app.tryout.imports import Files, Say, Watch, import_all_logs, import_sheets
from app.tryout.seen import UnclearVisit
from app.tryout.shown import without_addresses
from app.tryout.words import worth
from app.tryout.workspace import Workspace
from core import clock
from core.database import chunks, reading
from core.domain import Account, AccountId, Activity
from enrichment.account import store as account_store
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.rules import DormancyRules
from enrichment.network.resolvers.mmdb import MmdbResolver
from enrichment.network.show import shown_databases


def try_out(place: Workspace, files: Files, now: datetime, say: Say, watch: Watch, outbound: int = 0) -> Findings:
    """Import the files into the workspace and return what the log shows. Asks nothing of the outside world.

    `outbound` is how many queries somebody allowed before. Raises InputError where a file of customers can't be used
    at all.
    """
    started = clock.monotonic()
    imports = import_sheets(place, files, now, say, watch)
    logs = import_all_logs(place, files.logs, now, say, watch)
    rules = wiring.rules(place.settings).dormancy
    with reading(place.engine) as connection:
        found = _findings(connection, place, files, rules, imports, logs, now, watch)
    return replace(found, outbound_queries=outbound, seconds=round(clock.monotonic() - started, 1))


def _findings(
    connection: Connection,
    place: Workspace,
    files: Files,
    rules: DormancyRules,
    imports: tuple[Imported, ...],
    logs: tuple[Log, ...],
    now: datetime,
    watch: Watch,
) -> Findings:
    span = queries.period(connection)
    period = Period(first=span[0], last=span[1], days=(span[1].date() - span[0].date()).days + 1) if span else None
    seen = _customers(connection)
    dormant = tuple(customer for customer in seen if customer.dormant)
    active = tuple(customer for customer in seen if not customer.dormant)
    accounts, with_orders = queries.count_accounts(connection)
    asleep = _count_dormant(connection, rules, period.last if period else now, watch)
    bands = [customer.band for customer in dormant]
    sure, probable, unsure = (judge.count(bands, word) for word in ("sure", "probable", "unsure"))
    expected = judge.normal(asleep, with_orders - asleep, len(active))
    value = worth(judge.total_worth(judge.spoken_of(dormant)))
    return Findings(
        made_at=now,
        site=files.logs.site,
        headline=judge.headline(sure, probable, unsure, value, period),
        sentences=judge.beside(sure, probable, unsure)
        if dormant
        else judge.none_found(asleep, accounts, with_orders, expected),
        period=period,
        accounts=accounts,
        accounts_with_orders=with_orders,
        dormant_accounts=asleep,
        rule=steps.rule_in_words(rules),
        sure=sure,
        probable=probable,
        unsure=unsure,
        would_alert=queries.count_alerts(connection),
        normal=expected,
        funnel=steps.funnel(connection, now, sum(log.lines for log in logs)),
        dormant=dormant,
        active=active,
        unclear=_unclear(connection, rules),
        imports=imports,
        logs=logs,
        networks=_networks(place, now),
        notes=_notes(place, files, imports, logs, period),
        seconds=0.0,
    )


def _customers(connection: Connection) -> tuple[Customer, ...]:
    visits = queries.seen_visits(connection)
    ids = sorted({AccountId(visit.account) for visit in visits})
    known = cards.Known(
        accounts=account_store.accounts_by_id(connection, ids),
        activities=account_store.activities_of(connection, ids),
        contacts=account_store.contacts_of(connection, ids),
        pages=queries.pages_of(connection, [visit.id for visit in visits]),
    )
    return cards.customers(visits, known)


def _count_dormant(connection: Connection, rules: DormancyRules, as_of: datetime, watch: Watch) -> int:
    """Return how many of all accounts were dormant at `as_of`."""
    accounts = account_store.accounts(connection)
    number, done = 0, 0
    for part in chunks(accounts):
        activities = account_store.activities_of(connection, [account.id for account in part], until=as_of)
        number += sum(_is_dormant(account, activities, rules, as_of) for account in part)
        done += len(part)
        watch("who is dormant", done, len(accounts))
    return number


def _is_dormant(
    account: Account, activities: Mapping[AccountId, Sequence[Activity]], rules: DormancyRules, as_of: datetime
) -> bool:
    return judge_dormancy(account, activities.get(account.id, ()), rules, as_of).dormant


def _unclear(connection: Connection, rules: DormancyRules) -> tuple[Unclear, ...]:
    groups: dict[tuple[str, ...], list[UnclearVisit]] = {}
    for visit in queries.unclear_visits(connection):
        groups.setdefault((visit.organisation, *visit.candidates), []).append(visit)
    ids = sorted({AccountId(one) for _, *candidates in groups for one in candidates})
    accounts = account_store.accounts_by_id(connection, ids)
    activities = account_store.activities_of(connection, ids)
    found = []
    for (organisation, *candidates), visits in groups.items():
        last = visits[-1].started_at
        found.append(
            Unclear(
                organisation=organisation,
                visits=len(visits),
                last_at=last,
                candidates=tuple(
                    Candidate(
                        account=account.id,
                        name=account.name,
                        dormant=_is_dormant(account, activities, rules, last),
                    )
                    for one in candidates
                    if (account := accounts.get(AccountId(one)))
                ),
            )
        )
    return tuple(found)


def _networks(place: Workspace, now: datetime) -> tuple[NetworkData, ...]:
    loaded = shown_databases(MmdbResolver(place.settings.mmdb_paths), now)
    return tuple(
        NetworkData(file=one.facts.path.name, built_at=one.facts.built_at, attribution=one.attribution)
        for one in loaded
    )


def _notes(
    place: Workspace,
    files: Files,
    imports: tuple[Imported, ...],
    logs: tuple[Log, ...],
    period: Period | None,
) -> tuple[str, ...]:
    notes = [log.problem for log in logs if log.problem]
    if not place.settings.mmdb_paths:
        notes.append(NO_NETWORKS)
    else:
        notes += MmdbResolver(place.settings.mmdb_paths).problems()
    if period is None and not any(log.problem for log in logs):
        notes.append("No line could be read: is it an access log in common or combined format?")
    if files.logs.others:
        notes.append(
            f"Lines of other websites were left out ({', '.join(files.logs.others[:5])}); --site HOST chooses one."
        )
    return tuple(map(without_addresses, notes))


NO_NETWORKS = (
    "There is no network database, so only networks that your accounts declare (a column “networks”) are known: "
    "run `dormouse networks update` (fetches DB-IP Lite, free), or `dormouse networks build`, and try again."
)
