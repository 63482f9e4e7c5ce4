"""Whom an alert is for: owner, deputy, team, fallback; never nobody (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from alerts.policy import Route
from alerts.reps.hours import is_quiet_for, local_day
from alerts.reps.rep import Rep, Roster
from core.domain import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Whom an alert is for, and why."""

    to: str
    """An e-mail address; empty: each channel's fallback, such as the team's channel."""
    why: str = ""
    """A sentence; empty for the account's own owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a route may look at."""

    account: Account
    at: datetime
    product: str = ""
    """The silent product line, else the product bought last."""
    value: Decimal | None = None
    """What the account bought in all; None: not known."""
    told_today: Mapping[str, int] = field(default_factory=dict)
    """How many real-time alerts each rep got today."""


def recipient(account: Account) -> str:
    """Return the owner's e-mail address in lower case, or "" when the account has no usable one.

    "" never means nobody: each channel sends it to its own fallback, such as the team's channel.
    """
    address = account.owner_email.strip().lower()
    name, at, domain = address.partition("@")
    return address if name and at and domain and not any(char.isspace() for char in address) else ""


def route(asked: Asked, roster: Roster, routes: Sequence[Route] = ()) -> Routed:
    """Return whom the alert is for: the owner; while away their deputy; else whom a route names; else the fallback.

    An owner who has left, like one who isn't known at all, has no deputy: the account needs a new owner.
    """
    owner = recipient(asked.account)
    if not owner:
        missing = "'s owner has no usable address" if asked.account.owner_email.strip() else " has no owner"
        return _by_routes(asked, roster, routes, f"{asked.account.name}{missing}")
    rep = roster.rep(owner)
    if rep.has_left:
        return _by_routes(asked, roster, routes, f"{rep.called}, who owned {asked.account.name}, has left")
    if not _is_away(rep, asked.at):
        return Routed(to=owner)
    absent = _absent(rep)
    stands_in = _stand_in(rep, roster, asked.at)
    if stands_in is not None:
        return Routed(to=stands_in.email, why=f"{absent}: {stands_in.called} stands in.")
    return _by_routes(asked, roster, routes, f"{absent} and nobody stands in")


def _stand_in(rep: Rep, roster: Roster, at: datetime) -> Rep | None:
    """The first of the deputies, each one's own after them, who is there; None when they end or go round."""
    asked = {rep.email}
    while rep.deputy:
        rep = roster.rep(rep.deputy)
        if rep.email in asked or rep.has_left:
            return None
        if not _is_away(rep, at):
            return rep
        asked.add(rep.email)
    return None


def _by_routes(asked: Asked, roster: Roster, routes: Sequence[Route], why: str) -> Routed:
    for each in routes:
        reason = _fits(each, asked)
        if reason is None:
            continue
        if each.team:
            member = _of_team(each.team, asked, roster)
            if member is not None:
                return Routed(to=member.email, why=f"{why}: {member.called} of team {each.team}{reason}.")
        else:
            rep = roster.rep(each.to)
            if not rep.has_left and not _is_away(rep, asked.at):
                return Routed(to=rep.email, why=f"{why}: {rep.called}{reason}.")
    return Routed(to="", why=f"{why}: it goes to the whole team.")


def _of_team(name: str, asked: Asked, roster: Roster) -> Rep | None:
    """Whoever of the team was told least today: somebody at work rather than somebody who sleeps."""
    there = [rep for rep in roster.team(name) if not rep.has_left and not _is_away(rep, asked.at)]
    return min(
        there,
        key=lambda rep: (is_quiet_for(rep, asked.at), asked.told_today.get(rep.email, 0), rep.email),
        default=None,
    )


def _fits(each: Route, asked: Asked) -> str | None:
    """Why the route fits, to follow the name of whom it leads to; None when it doesn't."""
    account, reasons = asked.account, []
    exact = (
        ("segment", each.segment, account.segments),
        ("country", each.country, (account.country,)),
        ("industry", each.industry, (account.industry,)),
        ("product", each.product, (asked.product,)),
    )
    for what, wanted, given in exact:
        if not wanted:
            continue
        if wanted.strip().casefold() not in {one.strip().casefold() for one in given}:
            return None
        reasons.append(f"{what} {wanted}")
    if each.region:
        if each.region.strip().casefold() not in account.location.casefold():
            return None
        reasons.append(f"region {each.region}")
    if each.min_value:
        if asked.value is None or asked.value < Decimal(str(each.min_value)):
            return None
        reasons.append(f"bought for {each.min_value:,.0f} or more")
    return f" ({', '.join(reasons)})" if reasons else ""


def _is_away(rep: Rep, at: datetime) -> bool:
    return rep.is_away(local_day(rep.hours, at))


def _absent(rep: Rep) -> str:
    if rep.away_until is None:
        return f"{rep.called} is away"
    return f"{rep.called} is away until {rep.away_until.day} {rep.away_until:%b}"
