"""A segment's definition as one query over accounts: set-based, so that 100,000 accounts are one question."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Select,
    Text,
    and_,
    cast,
    distinct,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from core.domain import ActivityKind, State
from enrichment.segments.definitions import (
    TEXTS,
    Ago,
    Condition,
    Count,
    Done,
    Patterns,
    Scores,
    Segment,
    Silent,
    Spent,
    Visits,
)
from enrichment.segments.definitions import as_tuple as several
from enrichment.tables import account_states, account_values, accounts, activities, judgements

_COLUMNS = {**{key: accounts.c[key] for key in TEXTS if key != "owner"}, "owner": accounts.c.owner_email}
_ORDER: tuple[ActivityKind, ...] = ("purchase",)


def members_query(
    connection: Connection, segment: Segment, now: datetime, ids: Sequence[str] | None = None
) -> Select[tuple[str]]:
    """Return the query of the ids of the accounts that are in `segment` at `now`; of `ids` only, where given.

    Each question about many rows is asked once, for all accounts, and joined; none is asked account by account.
    """
    return _Compiler(connection, now, ids).query(segment)


class _Compiler:
    """Turns conditions into conditions on `accounts` and what it was joined to."""

    def __init__(self, connection: Connection, now: datetime, ids: Sequence[str] | None) -> None:
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._now = now
        self._ids = ids
        self._joined: FromClause = accounts

    def query(self, segment: Segment) -> Select[tuple[str]]:
        holds = [self._condition(one) for one in segment.all]
        if segment.any:
            holds.append(or_(*(self._condition(one) for one in segment.any)))
        holds += [not_(self._condition(one)) for one in segment.none]
        if self._ids is not None:
            holds.append(accounts.c.id.in_(self._ids))
        return select(accounts.c.id).select_from(self._joined).where(and_(true(), *holds))

    def _condition(self, one: Condition) -> ColumnElement[bool]:
        found = [
            _like(column, patterns) for key, column in _COLUMNS.items() if (patterns := getattr(one, key)) is not None
        ]
        if one.do_not_contact is not None:
            found.append(accounts.c.do_not_contact.is_(one.do_not_contact))
        if one.has_contract is not None:
            until = accounts.c.contract_until
            live = or_(until > self._now, and_(until.is_(None), accounts.c.contract != ""))
            live = func.coalesce(live, false())
            found.append(live if one.has_contract else not_(live))
        if one.contract_ends_within_days is not None:
            until, last = accounts.c.contract_until, self._days(-one.contract_ends_within_days)
            found.append(and_(until.is_not(None), until > self._now, until <= last))
        if one.orders is not None:
            found.append(
                self._counted(self._done(_ORDER, one.orders, one.orders.product), one.orders, self._day_count())
            )
        if one.did is not None:
            found.append(self._counted(self._done(_kinds(one.did), one.did, one.did.product), one.did, func.count()))
        if one.spent is not None:
            found.append(self._spent(one.spent))
        if one.last_order is not None:
            found.append(self._last(_ORDER, one.last_order))
        if one.silent is not None:
            found.append(self._last(_kinds(one.silent), one.silent))
        if one.rfm is not None:
            found.append(self._has(_scores(one.rfm)))
        found += self._standing(one)
        if one.reason is not None:
            found.append(self._reason(several(one.reason)))
        if one.visits is not None:
            found.append(self._visits(one.visits))
        return and_(true(), *found)

    # -- joining

    def _has(self, rows: Select[tuple[str]]) -> ColumnElement[bool]:
        """Join one row per account, and return whether the account has it."""
        part = rows.subquery()
        self._joined = self._joined.outerjoin(part, part.c.account == accounts.c.id)
        return part.c.account.is_not(None)

    def _among(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        return column.in_(self._ids) if self._ids is not None else true()

    def _counted(
        self, rows: Select[tuple[str]], count: Count, how: ColumnElement[int], also: ColumnElement[bool] | None = None
    ) -> ColumnElement[bool]:
        """Whether the number of an account's rows lies where `count` wants it; no rows are none, and may be wanted."""
        low = 1 if count.at_least is None and count.at_most is None else count.at_least or 0
        if also is not None:
            low = max(low, 1)
            rows = rows.having(also)
        if low == 0:
            return not_(self._has(rows.having(how > count.at_most))) if count.at_most is not None else true()
        rows = rows.having(how >= low)
        return self._has(rows if count.at_most is None else rows.having(how <= count.at_most))

    # -- activities

    def _done(self, kinds: Sequence[ActivityKind], count: Count | None, product: Patterns = ()) -> Select[tuple[str]]:
        """The activities of these kinds, to be counted by account; a credit note is no order."""
        table = activities.c
        rows = select(table.account).where(
            self._among(table.account),
            table.kind.in_(kinds),
            table.at <= self._now,
            or_(table.kind != "purchase", table.amount_hundredths.is_(None), table.amount_hundredths >= 0),
        )
        if count is not None and count.within_days is not None:
            rows = rows.where(table.at > self._days(count.within_days))
        if product != ():
            rows = rows.where(_like(table.product, product))
        return rows.group_by(table.account)

    def _day_count(self) -> ColumnElement[int]:
        at = activities.c.at
        day = func.substr(cast(at, Text), 1, 10) if self._is_sqlite else cast(func.timezone("UTC", at), Date)
        return func.count(distinct(day))

    def _last(self, kinds: Sequence[ActivityKind], ago: Ago) -> ColumnElement[bool]:
        rows, last = self._done(kinds, None), func.max(activities.c.at, type_=activities.c.at.type)
        if ago.at_least is not None:
            rows = rows.having(last <= self._days(ago.at_least))
        if ago.at_most is not None:
            rows = rows.having(last >= self._days(ago.at_most))
        return self._has(rows)

    def _spent(self, spent: Spent) -> ColumnElement[bool]:
        """By currency: one must reach `at_least`, none may exceed `at_most`."""
        table, total = activities.c, func.sum(activities.c.amount_hundredths)
        sums = select(table.account).where(self._among(table.account), table.kind == "purchase", table.at <= self._now)
        if spent.within_days is not None:
            sums = sums.where(table.at > self._days(spent.within_days))
        if spent.currency:
            sums = sums.where(table.currency == spent.currency.upper())
        sums = sums.group_by(table.account, table.currency)
        found: ColumnElement[bool] = true()
        if spent.at_least is not None:
            found = self._has(_once(sums.having(total >= round(spent.at_least * 100))))
        if spent.at_most is not None:
            found = and_(found, not_(self._has(_once(sums.having(total > round(spent.at_most * 100))))))
        return found

    def _reason(self, wanted: Sequence[str]) -> ColumnElement[bool]:
        table = activities.c
        newest = func.row_number().over(partition_by=table.account, order_by=(table.at.desc(), table.id.desc()))
        of_reasons = (self._among(table.account), table.kind == "dormancy_reason", table.note != "")
        given = select(table.account, table.at, table.reason, newest.label("place"))
        said = given.where(*of_reasons, table.at <= self._now).subquery()
        last = func.max(table.at, type_=table.at.type).label("at")
        order = self._done(_ORDER, None).add_columns(last).subquery()
        standing = select(said.c.account).select_from(said.outerjoin(order, order.c.account == said.c.account))
        is_settled = and_(order.c.at.is_not(None), order.c.at > said.c.at)
        return self._has(standing.where(said.c.place == 1, said.c.reason.in_(wanted), not_(is_settled)))

    # -- where it stands, and visits

    def _standing(self, one: Condition) -> list[ColumnElement[bool]]:
        table, found = account_states.c, []
        for column, wanted in ((table.state, one.state), (table.tier, one.tier)):
            if wanted is None:
                continue
            words = {str(word) for word in several(wanted)}
            holds = self._has(select(table.account).where(column.in_(words)))
            if State.UNKNOWN.value in words:  # an account that was never judged has no row
                known = self._has(select(table.account).where(column != State.UNKNOWN.value))
                holds = or_(holds, not_(known))
            found.append(holds)
        return found

    def _visits(self, visits: Visits) -> ColumnElement[bool]:
        table = judgements.c
        rows = select(table.account).where(
            table.account.is_not(None), self._among(table.account), table.drop.is_(None), table.at <= self._now
        )
        if visits.within_days is not None:
            rows = rows.where(table.at > self._days(visits.within_days))
        if visits.points is not None:
            rows = rows.where(table.points >= visits.points)
        if visits.qualified:
            rows = rows.where(table.qualified)
        if visits.page != ():
            rows = rows.where(or_(false(), *(_told(f"page:{name}") for name in several(visits.page))))
        also = func.count(distinct(table.visitor)) >= visits.visitors if visits.visitors is not None else None
        return self._counted(rows.group_by(table.account), visits, func.count(), also)

    def _days(self, ago: int) -> datetime:
        return self._now - timedelta(days=ago)


def _kinds(said: Done | Silent) -> tuple[ActivityKind, ...]:
    return said.kind if isinstance(said.kind, tuple) else (said.kind,)


def _once(rows: Select[tuple[str]]) -> Select[tuple[str]]:
    """An account that several currencies bring is one account."""
    part = rows.subquery()
    return select(part.c.account).distinct()


def _scores(scores: Scores) -> Select[tuple[str]]:
    rows = select(account_values.c.about.label("account"))
    for name in ("recency", "frequency", "monetary"):
        column, low, high = account_values.c[name], getattr(scores, name), getattr(scores, f"{name}_at_most")
        if low is not None:
            rows = rows.where(column >= low)
        if high is not None:
            rows = rows.where(column <= high)
    return rows


def _told(code: str) -> ColumnElement[bool]:
    """Whether a judgement gives a reason of this code: the reasons are JSON, as Python writes it."""
    return cast(judgements.c.why, Text).like(f"%{_escaped(json.dumps(code))}%", escape="!")


def _like(column: ColumnElement[str], patterns: Patterns) -> ColumnElement[bool]:
    """Whether one of the patterns fits; `*` is anything, the empty pattern fits nothing but the empty text."""
    ways: list[ColumnElement[bool]] = [false()]
    for pattern in (given.strip() for given in several(patterns)):
        if not pattern:
            ways.append(column == "")
            continue
        ways.append(func.lower(column).like(_wild(pattern.lower()), escape="!"))
        if not pattern.isascii():  # a PostgreSQL of the locale C makes no small letters beyond a to z
            written = {pattern, pattern.lower(), pattern.upper(), pattern.capitalize(), pattern.title()}
            ways += [column.like(_wild(way), escape="!") for way in sorted(written)]
    return or_(*ways)


def _wild(pattern: str) -> str:
    return _escaped(pattern).replace("*", "%")


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
