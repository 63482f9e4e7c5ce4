"""The page that makes a signed link for one account, with its QR code for a letter."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, request
from markupsafe import Markup

from app import audit, links
from app.dashboard import queries_timeline
from app.dashboard.wording import count_of
from app.shell import now, shell, user
from core.database import reading, writing
from core.domain import AccountId
from core.errors import InputError
from tracker.identity import LINK_DAYS, MOST_LINK_DAYS
from tracker.site_store import list_sites

pages = Blueprint("making_links", __name__)


def _name(account: str) -> str:
    with reading(shell().engine) as connection:
        head = queries_timeline.head(connection, account)
    if head is None:
        abort(404, "There is no such account. It may have been removed; the list of accounts knows those there are.")
    return head.name


@pages.get("/link")
def ask() -> Response:
    """Ask for the page that the link of `?account=` opens."""
    account = request.args.get("account", "")
    name = _name(account)
    with reading(shell().engine) as connection:
        sites = [site.id for site in list_sites(connection) if not site.is_demo]
    return _page(account, name, url=f"https://{sites[0]}/" if sites else "", days=str(LINK_DAYS))


@pages.post("/link")
def make() -> Response:
    """Make the link and show it; nothing is kept but a row of the audit."""
    account, who = request.form.get("account", ""), user()
    name, url, days = _name(account), request.form.get("url", "")[:2000], request.form.get("days", "")[:10]
    try:
        if not (days.isascii() and days.isdigit()):
            raise InputError(f"a link works for 1 to {MOST_LINK_DAYS} days: give a whole number")
        with writing(shell().engine) as connection:
            made = links.maker(connection, shell().settings, url, now(), int(days)).link(AccountId(account))
            audit.record(connection, who.email if who else "", "link.make", account, now())
    except InputError as error:
        return _page(account, name, url=url, days=days, mistake=str(error))
    return _page(account, name, url=url, days=days, made=made)


def _page(
    account: str, name: str, *, url: str, days: str, mistake: str = "", made: links.Link | None = None
) -> Response:
    body = render_template(
        "making_links.html",
        account=account,
        name=name,
        url=url,
        days=days,
        most_days=MOST_LINK_DAYS,
        mistake=mistake[:1].upper() + mistake[1:],
        made=made,
        # made by segno of a link that we made: paths and numbers, nothing that came from outside
        code=Markup(links.qr_inline(made.url)) if made else "",  # noqa: S704
        works=count_of(int(days), "day") if made else "",
    )
    return make_response(body, 400 if mistake else 200)
