"""What alerts brought: who was won back, and whether it was the alerts."""

from __future__ import annotations

from math import sqrt

from flask import Blueprint, Response

from app import wiring
from app.dashboard.live import page
from app.shell import now, shell
from app.worth.measure import brought, explained
from core.database import reading

pages = Blueprint("worth", __name__)

WIDTH = 400.0


def _place(difference: float) -> float:
    """Where a difference of shares (-1 to 1) is drawn; the middle, where people look, is stretched."""
    sign = 1.0 if difference >= 0 else -1.0
    return round(WIDTH / 2 * (1 + sign * sqrt(abs(difference))), 1)


@pages.get("/worth")
def worth() -> Response:
    """Show it."""
    policy = wiring.policy(shell().settings).holdout
    with reading(shell().engine) as connection:
        found = brought(connection, now(), share=policy.share, expected=policy.expected_orders)
    compared = found.worth.compared
    return page(
        "worth.html",
        found=found,
        compared=compared,
        explained=explained(compared),
        has_both=bool(compared.held.accounts and compared.alerted.accounts),
        low=_place(compared.low),
        high=_place(compared.high),
        seen=_place(compared.difference),
        ticks=[(_place(share / 100), share) for share in (-50, -20, -5, 0, 5, 20, 50)],
        width=WIDTH,
        release_days=policy.release_days,
    )
