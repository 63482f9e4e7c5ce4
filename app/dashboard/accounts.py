"""The list of accounts, and each account's timeline as a page and as JSON."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from flask import Blueprint, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.dashboard import as_json, figures, queries_accounts, queries_group, queries_timeline, rolled_up
from app.dashboard.live import page, page_number
from app.dashboard.wording import STATES
from app.shell import now, shell, user
from core.database import reading
from core.domain import AccountId
from enrichment.account import merge_store
from enrichment.segments import store as segment_store

pages = Blueprint("accounts", __name__)

PERIODS = {"90": 90, "365": 365, "all": 3660}
"""How far back a timeline may reach, in days."""

SIZES = {"wide": (720.0, 72), "narrow": (300.0, 30)}
"""The picture's width and its number of bars, for a desk and for a phone."""


@pages.get("/accounts")
def accounts() -> Response:
    """Show the accounts that match `?q=`, `?state=` and `?segment=`."""
    search, state, at = request.args.get("q", "").strip()[:100], request.args.get("state", ""), page_number()
    state = state if state in STATES else ""
    segment = request.args.get("segment", "")[:100]
    with reading(shell().engine) as connection:
        rows = queries_accounts.list_accounts(connection, search, state, at, segment)
        total = queries_accounts.count_accounts(connection, search, state, segment)
        states = dict(queries_accounts.states(connection))
        known_segments = sorted(segment_store.figures(connection, now()))
    return page(
        "accounts.html",
        rows=rows,
        total=total,
        search=search,
        chosen=state,
        segment=segment,
        segments=known_segments,
        states=[(code, words, states[code]) for code, words in STATES.items() if code in states],
        page_at=at,
        page_size=queries_accounts.PAGE_SIZE,
    )


def _period() -> tuple[str, int]:
    name = request.args.get("period", "all")
    return (name, PERIODS[name]) if name in PERIODS else ("all", PERIODS["all"])


def _day(event: queries_timeline.Event) -> date:
    return event.at.astimezone(shell().settings.time_zone).date()


@pages.get("/accounts/<path:account>")
def timeline(account: str) -> Response:
    """Show everything that happened with one account, newest first."""
    period, days = _period()
    with reading(shell().engine) as connection:
        head = queries_timeline.head(connection, account)
        if head is None:
            meant = merge_store.redirects(connection).now(AccountId(account))
            if meant != account:
                return redirect(url_for("accounts.timeline", account=meant))
            abort(
                404, "There is no such account. It may have been removed; the list of accounts knows those there are."
            )
        who = user()
        events = queries_timeline.events(connection, account, now(), days, who.email if who else "")
        own = events
        group, with_group = queries_group.group(connection, account), "group" in request.args
        whose: dict[str, queries_group.Member] = {}
        if with_group:
            events, whose = rolled_up.with_subsidiaries(connection, events, group, now(), days)
    return page(
        "account.html",
        head=head,
        days=[(day, list(of_day)) for day, of_day in groupby(events, key=_day)],
        pictures={size: _picture(events, days, *size_of) for size, size_of in SIZES.items()},
        months=_months(events),
        period=period,
        latest_visit=next((event for event in own if isinstance(event, queries_timeline.VisitEvent)), None),
        corrections=[event for event in events if isinstance(event, queries_timeline.CorrectionEvent)],
        group=group,
        rolled_up=with_group,
        whose=whose,
    )


@pages.get("/accounts/<path:account>.json")
def timeline_json(account: str) -> Response:
    """Return the same as JSON (documented in docs/api.md)."""
    _name, days = _period()
    with reading(shell().engine) as connection:
        head = queries_timeline.head(connection, account)
        events = queries_timeline.events(connection, account, now(), days) if head else ()
        is_part_of_the_id = head is None and queries_timeline.head(connection, f"{account}.json") is not None
        meant = merge_store.redirects(connection).now(AccountId(account))
    if is_part_of_the_id:
        return timeline(f"{account}.json")
    if head is None and meant != account:
        return redirect(url_for("accounts.timeline_json", account=meant))
    body = as_json.text({"error": "There is no such account."} if head is None else as_json.timeline(head, events))
    response = make_response(body, 404 if head is None else 200)
    response.content_type = "application/json"
    return response


def _happening(event: queries_timeline.Event) -> figures.Happening | None:
    if isinstance(event, queries_timeline.VisitEvent):
        return figures.Happening(day=_day(event), kind="visit")
    if isinstance(event, queries_timeline.AlertEvent):
        return figures.Happening(day=_day(event), kind="alert")
    if isinstance(event, queries_timeline.ActivityEvent) and event.kind == "purchase":
        amount = float(event.money.amount) if event.money else 0.0
        return figures.Happening(day=_day(event), kind="order", amount=amount)
    if isinstance(event, queries_timeline.ActivityEvent) and event.kind in ("contact", "reply", "login"):
        return figures.Happening(day=_day(event), kind="contact")
    return None


def _picture(events: tuple[queries_timeline.Event, ...], days: int, width: float, slots: int) -> figures.Picture:
    happenings = [each for event in events if (each := _happening(event))]
    today = now().astimezone(shell().settings.time_zone).date()
    oldest = min((each.day for each in happenings), default=today)
    days = max(90, min(days, (today - oldest).days + 7))
    return figures.timeline(happenings, today, days, width=width, slots=slots)


def _months(events: tuple[queries_timeline.Event, ...]) -> list[tuple[date, dict[str, int]]]:
    """The picture in words: how many visits, orders, contacts and alerts each month had."""
    found: list[tuple[date, dict[str, int]]] = []
    happenings = [each for event in events if (each := _happening(event))]
    for month, of_month in groupby(happenings, key=lambda each: each.day.replace(day=1)):
        counts = dict.fromkeys(("visit", "order", "contact", "alert"), 0)
        for each in of_month:
            counts[each.kind] += 1
        found.append((month, counts))
    return found
