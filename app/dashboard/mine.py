"""My list: what the one who looks has to do, what is overdue, and how long teams take to call."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, request

from alerts.buttons import CHOICES
from alerts.policy import roster_of
from alerts.reps.store import entries
from app.dashboard.live import page
from app.dashboard.team import policy
from app.follow_up import queries
from app.follow_up.figures import by_team
from app.follow_up.work import my_list
from app.shell import now, shell, user
from app.signed import is_of_demo
from core.database import reading

pages = Blueprint("mine", __name__)

LOOK_BACK = timedelta(days=60)
FIGURES_OVER = timedelta(days=90)


@pages.get("/mine")
def mine() -> Response:
    """Show alerts to call, calls promised, what is overdue; and how quickly teams call."""
    rules, who, moment = policy(), user(), now()
    email = who.email if who else ""
    of_demo: list[str] = []
    with reading(shell().engine) as connection:
        roster = roster_of(entries(connection), rules, shell().settings.time_zone)
        if who is not None and who.role == "admin":
            of_demo = [rep.email for rep in roster.all() if is_of_demo(rep.email) and not rep.has_left]
        if (asked := request.args.get("as", "")) in of_demo:
            email = asked
        tasks = queries.tasks(connection, moment - FIGURES_OVER)
    recent = [task for task in tasks if task.told_at >= moment - LOOK_BACK]
    lists = my_list(recent, roster.rep(email), moment, rules.follow_up.remind_after_working_days)
    return page(
        "mine.html",
        lists=lists,
        email=email,
        of_demo=of_demo,
        choices=CHOICES,
        rows=by_team(tasks, roster.rep, email),
        days=FIGURES_OVER.days,
    )
