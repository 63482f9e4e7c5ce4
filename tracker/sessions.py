"""Joins page views into visits, cut at a silence of 30 minutes (pure).

What is promised:

- A view joins a visit of the same site and visitor when at most 30 minutes lie between it and either end of the
  visit, so late and unsorted views find theirs. Of several such visits, the nearest takes it.
- A view seen before is merged into the visit that has it, whatever visitor it now claims (a tab left open over
  midnight meets a new salt): most engaged time, earliest moments, the first path and title unless they were empty.
- Within one call, neither order nor repetition of the views matters. Over several calls a late view may find two visits
  that it would have bridged: it joins the nearer one and the two stay two, for an alert may already tell of each.
- A visit holds at most 500 views: what goes on longer is a loop or a robot, and a new visit goes on where it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from core.domain import IdentityClue, PageView, PageViewId, Visit, VisitId, VisitorId
from core.ids import derived

SILENCE = timedelta(minutes=30)
MAX_VIEWS = 500
MAX_ENGAGED_MS = 24 * 3600 * 1000
"""A day: more engaged time than that on one page is a broken clock."""


def forms_visit(view: PageView) -> bool:
    """Say whether a view belongs into a visit; other drops are only kept and counted."""
    return view.drop is None or view.drop.is_bot


def join(open_visits: Sequence[Visit], views: Sequence[PageView]) -> tuple[Visit, ...]:
    """Return the visits that `views` began or changed, as new objects in order of their start.

    `open_visits` are those that the views may touch: of the same visitors within 30 minutes, and those that hold one
    of the views already (see `tracker.store.open_visits`).
    """
    growing = [_Growing(visit) for visit in open_visits]
    holders = {view_id: visit for visit in growing for view_id in visit.views}
    by_visitor: dict[tuple[str, str], list[_Growing]] = {}
    for visit in growing:
        by_visitor.setdefault((visit.before.site, visit.before.visitor), []).append(visit)

    fresh: list[PageView] = []
    for view in _folded(filter(forms_visit, views)):
        holder = holders.get(view.id)
        if holder is None:
            fresh.append(view)
        else:
            holder.put(merged(holder.views[view.id], view))
    for view in fresh:
        family = by_visitor.setdefault((view.site, view.visitor), [])
        near = [visit for visit in family if len(visit.views) < MAX_VIEWS and visit.gap(view) <= SILENCE]
        if near:
            min(near, key=lambda visit: (visit.gap(view), visit.started_at, visit.before.id)).put(view)
        else:
            family.append(_Growing(_begun(view), is_new=True))
    changed = (visit.after() for visit in chain.from_iterable(by_visitor.values()) if visit.changed)
    return tuple(sorted(changed, key=lambda visit: (visit.started_at, visit.id)))


def carried_over(
    open_visits: Sequence[Visit], views: Sequence[PageView], yesterday: Mapping[PageViewId, VisitorId]
) -> list[PageView]:
    """Return the views, those that go on with a visit from before midnight under that visit's visitor.

    `yesterday` gives the visitor that a view would have been under the salt of the day before, while that salt lives.
    """
    active: dict[tuple[str, str], datetime] = {}
    for visit in open_visits:
        key = (visit.site, visit.visitor)
        active[key] = max(visit.last_at, active.get(key, visit.last_at))
    carried: list[PageView] = []
    for view in sorted(views, key=lambda view: (view.at, view.id)):
        before = yesterday.get(view.id)
        last = None if before is None else active.get((view.site, before))
        if before is not None and last is not None and view.at - last <= SILENCE:
            view = replace(view, visitor=before)
        key = (view.site, view.visitor)
        active[key] = max(ended(view), active.get(key, view.at))
        carried.append(view)
    return carried


def merged(known: PageView, again: PageView) -> PageView:
    """Return `known` with what a second hit of the same page view adds; `known` itself if that is nothing."""
    both = replace(
        known,
        at=min(known.at, again.at),
        received_at=min(known.received_at, again.received_at),
        engaged_ms=min(max(known.engaged_ms, again.engaged_ms), MAX_ENGAGED_MS),
        path=known.path or again.path,
        title=known.title or again.title,
        referrer=known.referrer or again.referrer,
        touched=known.touched or again.touched,
        clues=_all_clues(known.clues, again.clues),
        refused=known.refused + tuple(why for why in again.refused if why not in known.refused),
        drop=known.drop or again.drop,
    )
    if both == known:
        return known
    # What is stored may have lost its address, or was never allowed to keep it. A replay alone brings none back.
    return replace(both, ip=known.ip or again.ip)


def _all_clues(known: tuple[IdentityClue, ...], again: tuple[IdentityClue, ...]) -> tuple[IdentityClue, ...]:
    """Return the clues of both hits, each once, as of when it was first given: every hit of a view repeats them."""
    first: dict[tuple[str, str], IdentityClue] = {}
    for clue in (*known, *again):
        before = first.get((clue.kind, clue.value))
        if before is None or clue.at < before.at:
            first[clue.kind, clue.value] = clue
    return tuple(first.values())


def ended(view: PageView) -> datetime:
    """Return when the visitor was last seen active on the page."""
    return view.at + timedelta(milliseconds=min(max(view.engaged_ms, 0), MAX_ENGAGED_MS))


def _folded(views: Iterable[PageView]) -> list[PageView]:
    """Return the views in order of time, each id once."""
    folded: dict[PageViewId, PageView] = {}
    for view in sorted(views, key=lambda view: (view.at, view.id, view.received_at, -view.engaged_ms)):
        known = folded.get(view.id)
        folded[view.id] = view if known is None else merged(known, view)
    return list(folded.values())


def _begun(view: PageView) -> Visit:
    """Return the visit that `view` begins."""
    return Visit(
        id=VisitId(derived("visit", view.site, view.visitor, view.id)),
        site=view.site,
        visitor=view.visitor,
        ip=view.ip,
        user_agent=view.user_agent,
        started_at=view.at,
        last_at=ended(view),
        received_at=view.received_at,
        views=(view,),
        drop=view.drop,
    )


class _Growing:
    """A visit while views are being put into it."""

    def __init__(self, before: Visit, *, is_new: bool = False) -> None:
        self.before = before
        self.views = {view.id: view for view in before.views}
        self.started_at = before.started_at
        self.last_at = before.last_at
        self.changed = is_new

    def gap(self, view: PageView) -> timedelta:
        """Return the silence between the visit and the view; zero or less when they overlap."""
        return max(self.started_at - ended(view), view.at - self.last_at)

    def put(self, view: PageView) -> None:
        known = self.views.get(view.id)
        if known is not None and known == view:
            return
        self.views[view.id] = view
        self.started_at = min(self.started_at, view.at)
        self.last_at = max(self.last_at, ended(view))
        self.changed = True

    def after(self) -> Visit:
        """Return the visit as it is now; its id, visitor and browser stay those of its first view."""
        views = tuple(sorted(self.views.values(), key=lambda view: (view.at, view.id)))
        return replace(
            self.before,
            ip=self.before.ip or next((view.ip for view in views if view.ip), None),
            started_at=self.started_at,
            last_at=self.last_at,
            received_at=max(self.before.received_at, *(view.received_at for view in views)),
            views=views,
            drop=self.before.drop or next((view.drop for view in views if view.drop), None),
        )
