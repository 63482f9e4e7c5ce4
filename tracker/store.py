"""Keeps page views, visits, the counts of hits, and how far the buffer has been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, delete, select, update

from core.database import chunks, insert_new, upsert
from core.domain import DropReason, PageView, PageViewId, SiteId, Visit, VisitId, VisitorId
from core.errors import LeaseLostError
from core.signing import keyed_hash
from tracker import clue_store
from tracker.sessions import MAX_ENGAGED_MS, SILENCE
from tracker.tables import buffer_offsets, hit_counts, page_views, visits
from tracker.visitor import masked_prefix

_VIEW_COLUMNS = "visit id site at received_at path title referrer engaged_ms source touched clues drop"
"""In the order in which `_view` reads them."""
_GROWING_COLUMNS = ("at", "received_at", "path", "title", "referrer", "engaged_ms", "touched", "clues", "drop")
KEPT = "kept"
"""The outcome of a hit that nothing spoke against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitCount:
    """How many hits of a day of receipt (UTC) came out one way."""

    site: SiteId
    day: date
    source: str
    """`beacon` or `access_log`."""
    outcome: str
    """`kept` or a drop reason."""
    n: int


def known_views(conn: Connection, ids: Collection[PageViewId]) -> dict[PageViewId, int]:
    """Return those of the page views that are stored, with their engaged time in milliseconds."""
    found: dict[PageViewId, int] = {}
    for chunk in chunks(sorted(set(ids))):
        rows = conn.execute(select(page_views.c.id, page_views.c.engaged_ms).where(page_views.c.id.in_(chunk)))
        found.update((PageViewId(row.id), row.engaged_ms) for row in rows)
    return found


def open_visits(
    conn: Connection,
    keys: Collection[tuple[SiteId, VisitorId]],
    around: tuple[datetime, datetime],
    *,
    holding: Collection[PageViewId] = (),
) -> list[Visit]:
    """Return the visits, with their views, that views of these visitors in the span `around` may join.

    Also returned are the visits that hold one of the page views `holding` already, whatever visitor they name now.
    """
    first, last = around
    ids: set[str] = set()
    for site, family in groupby(sorted(keys), key=lambda key: key[0]):
        for some in chunks([visitor for _, visitor in family]):
            near = select(visits.c.id).where(
                visits.c.site == site,
                visits.c.visitor.in_(some),
                visits.c.last_at >= first - SILENCE,
                visits.c.started_at <= last + SILENCE,
            )
            ids.update(conn.execute(near).scalars())
    for chunk in chunks(sorted(set(holding))):
        held = select(page_views.c.visit).where(page_views.c.id.in_(chunk), page_views.c.visit.is_not(None))
        ids.update(conn.execute(held).scalars())
    return visits_by_ids(conn, [VisitId(visit) for visit in ids])


def visits_by_ids(conn: Connection, ids: Collection[VisitId]) -> list[Visit]:
    """Return the visits with their views, in order of their start; unknown ids are left out."""
    found: list[Visit] = []
    for chunk in chunks(sorted(set(ids))):
        visit_rows = conn.execute(select(visits).where(visits.c.id.in_(chunk))).all()
        rows = {row.id: row for row in visit_rows}
        views: dict[str, list[PageView]] = {}
        columns = [page_views.c[name] for name in _VIEW_COLUMNS.split()]
        in_order = select(*columns).order_by(page_views.c.at, page_views.c.id)
        for seen in conn.execute(in_order.where(page_views.c.visit.in_(chunk))):
            if seen[0] in rows:
                views.setdefault(seen[0], []).append(_view(seen, rows[seen[0]]))
        found.extend(_visit(row, views.get(row.id, [])) for row in visit_rows)
    return sorted(found, key=lambda visit: (visit.started_at, visit.id))


def save(
    conn: Connection,
    changed: Sequence[Visit],
    prefixes: Mapping[VisitId, str],
    secret: str,
    *,
    before: Sequence[Visit] = (),
    keep_address: bool = True,
) -> None:
    """Store visits that are new or have grown, and those of their page views that differ from `before`.

    `prefixes` gives the network's prefix where one was found; elsewhere the address is masked. `secret` keys the
    hash of the address. With `keep_address=False` the raw address is not stored at all.
    """
    stored = {view.id: view for visit in before for view in visit.views}
    by_columns: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for visit in changed:
        row = _visit_row(visit, prefixes.get(visit.id), secret, keep_address)
        update_too = ["started_at", "last_at", "received_at", "drop"]
        if visit.ip:  # without one, what was derived from it earlier must stay
            update_too += ["ip", "address_hash"]
        if visit.id in prefixes:
            update_too.append("prefix")
        by_columns.setdefault(tuple(update_too), []).append(row)
    for columns, rows in by_columns.items():
        conn.execute(upsert(conn, visits, ("id",), columns), rows)
    views = [_view_row(view, visit.id) for visit in changed for view in visit.views if stored.get(view.id) is not view]
    if views:
        conn.execute(upsert(conn, page_views, ("id",), _GROWING_COLUMNS), views)
    clue_store.count_new(conn, changed, stored)


def save_dropped(conn: Connection, views: Iterable[PageView]) -> tuple[PageView, ...]:
    """Store views that form no visit, without anything about the visitor; return those that were not stored before."""
    by_id = {view.id: view for view in views}
    known = known_views(conn, by_id.keys())
    new = tuple(view for view in by_id.values() if view.id not in known)
    if new:
        conn.execute(insert_new(conn, page_views), [_view_row(view, None) for view in new])
    return new


def count(conn: Connection, new_views: Iterable[PageView]) -> None:
    """Count hits by their outcome; the caller hands in only views that were not stored before."""
    unique = {view.id: view for view in new_views}.values()
    _add(
        conn,
        Counter(
            (view.site, view.received_at.astimezone(UTC).date(), view.source, str(view.drop or KEPT)) for view in unique
        ),
    )


def count_refused(conn: Connection, received_at: datetime, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Count hits that the collector refused without keeping them: site → reason → how many."""
    day = received_at.astimezone(UTC).date()
    _add(
        conn,
        Counter(
            {
                (SiteId(site), day, "beacon", reason): n
                for site, reasons in counts.items()
                for reason, n in reasons.items()
            }
        ),
    )


def read_counts(conn: Connection, since_day: date) -> tuple[HitCount, ...]:
    """Return the counts of all sites from a day of receipt (UTC) on."""
    rows = conn.execute(
        select(hit_counts)
        .where(hit_counts.c.day >= since_day.isoformat())
        .order_by(hit_counts.c.site, hit_counts.c.day, hit_counts.c.source, hit_counts.c.outcome)
    )
    return tuple(
        HitCount(
            site=SiteId(row.site), day=date.fromisoformat(row.day), source=row.source, outcome=row.outcome, n=row.n
        )
        for row in rows
    )


def read_offsets(conn: Connection) -> dict[str, int]:
    """Return how far each segment of the buffer has been worked off."""
    return {row.segment: row.offset for row in conn.execute(select(buffer_offsets))}


def commit_offsets(conn: Connection, offsets: Mapping[str, int], read_from: Mapping[str, int] | None = None) -> None:
    """Store how far the buffer has been worked off, in the transaction of the results.

    With `read_from`, the offsets that the batch was read after, raises LeaseLostError when another process has worked
    off the same records meanwhile: the caller's transaction must not be committed then.
    """
    for segment, offset in sorted(offsets.items()):
        if read_from is None:
            statement = upsert(conn, buffer_offsets, ("segment",), ("offset",))
            conn.execute(statement.values(segment=segment, offset=offset))
        elif segment in read_from:
            unmoved = (buffer_offsets.c.segment == segment, buffer_offsets.c.offset == read_from[segment])
            _expect_one(conn.execute(update(buffer_offsets).where(*unmoved).values(offset=offset)))
        else:
            _expect_one(conn.execute(insert_new(conn, buffer_offsets).values(segment=segment, offset=offset)))


def _expect_one(result: CursorResult[Any]) -> None:
    if result.rowcount != 1:
        raise LeaseLostError("another worker has worked off the same records: its results stand")


def forget_offsets(conn: Connection, segments: Collection[str]) -> None:
    """Remove the offsets of segments that are gone from the buffer."""
    for chunk in chunks(sorted(set(segments))):
        conn.execute(delete(buffer_offsets).where(buffer_offsets.c.segment.in_(chunk)))


def _add(conn: Connection, counts: Counter[tuple[SiteId, date, str, str]]) -> None:
    for (site, day, source, outcome), n in sorted(counts.items()):
        key = {"site": site, "day": day.isoformat(), "source": source, "outcome": outcome}
        conn.execute(insert_new(conn, hit_counts).values(**key, n=0))
        matches = (hit_counts.c[name] == value for name, value in key.items())
        conn.execute(update(hit_counts).where(*matches).values(n=hit_counts.c.n + n))


def _visit_row(visit: Visit, prefix: str | None, secret: str, keep_address: bool) -> dict[str, object]:
    ip = visit.ip
    return {
        "id": visit.id,
        "site": visit.site,
        "visitor": visit.visitor,
        "ip": ip if keep_address else None,
        "prefix": prefix or (masked_prefix(ip) if ip else "") or None,
        "address_hash": keyed_hash(secret, "address", ip) if ip else None,
        "user_agent": _fit(visit.user_agent, 400),
        "started_at": visit.started_at,
        "last_at": visit.last_at,
        "received_at": visit.received_at,
        "drop": visit.drop.value if visit.drop else None,
    }


def _view_row(view: PageView, visit: VisitId | None) -> dict[str, object]:
    return {
        "id": view.id,
        "site": view.site,
        "visit": visit,
        "at": view.at,
        "received_at": view.received_at,
        "path": _fit(view.path, 500),
        "title": _fit(view.title, 200) if visit else "",
        "referrer": _fit(view.referrer, 500) if visit else "",
        "engaged_ms": min(max(view.engaged_ms, 0), MAX_ENGAGED_MS),
        "source": view.source,
        "touched": view.touched if visit else False,
        "clues": clue_store.to_json(view) if visit else None,
        "drop": view.drop.value if view.drop else None,
    }


def _visit(row: Row[Any], views: Sequence[PageView]) -> Visit:
    return Visit(
        id=VisitId(row.id),
        site=SiteId(row.site),
        visitor=VisitorId(row.visitor),
        ip=row.ip,
        user_agent=row.user_agent,
        started_at=row.started_at,
        last_at=row.last_at,
        received_at=row.received_at,
        views=tuple(views),
        drop=DropReason(row.drop) if row.drop else None,
    )


def _view(row: Row[Any], visit: Row[Any]) -> PageView:
    """Read one row of the columns `_VIEW_COLUMNS`; by position, since this is where loading visits spends its time."""
    _, view_id, site, at, received_at, path, title, referrer, engaged_ms, source, touched, told, drop = tuple(row)
    clues, refused = clue_store.from_json(told) if told else ((), ())
    return PageView(
        id=view_id,
        site=site,
        at=at,
        received_at=received_at,
        visitor=visit.visitor,
        ip=visit.ip,
        path=path,
        title=title,
        referrer=referrer,
        user_agent=visit.user_agent,
        engaged_ms=engaged_ms,
        source=source,
        touched=touched,
        clues=clues,
        refused=refused,
        drop=DropReason(drop) if drop else None,
    )


def _fit(text: str, length: int) -> str:
    """Cut text to its column; PostgreSQL takes no NUL."""
    return text[:length].replace("\x00", "")
