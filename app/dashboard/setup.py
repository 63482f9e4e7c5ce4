"""The settings: websites with their snippet, network data, what is stored how long, who may log in."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response

from app import privacy
from app.auth import store
from app.dashboard import health, queries_health
from app.dashboard.live import page
from app.dashboard.wording import count_of
from app.shell import shell
from app.snippet import snippet_tag
from core.database import reading
from core.settings import SECRETS, VARIABLES, shown

pages = Blueprint("setup", __name__)


@pages.get("/settings")
def settings() -> Response:
    """Show the settings; secrets only as set or not set."""
    with reading(shell().engine) as connection:
        sites = queries_health.site_rows(connection)
        users = store.all_users(connection)
        strip = health.checks(connection)
    secrets = {VARIABLES[field] for field in SECRETS}
    return page(
        "settings.html",
        sites=[(site, snippet_tag(shell().settings, site.id)) for site in sites],
        users=users,
        strip=strip,
        files=health.network_files(shell().settings.mmdb_paths),
        shown=[(name, value, name in secrets) for name, value in shown(shell().settings).items()],
        kept=[(each, _kept(each)) for each in privacy.DATA_CLASSES],
        collector_url=shell().settings.collector_url,
    )


def _kept(data_class: privacy.DataClass) -> str:
    """Return for how long a class of data is kept, in words."""
    if data_class.name == "addresses":
        hours = shell().settings.raw_ip_hours
        return count_of(hours, "hour") if hours else "not at all"
    if data_class.keep is None:
        return "until you remove it"
    if data_class.keep < timedelta(days=3):
        return count_of(round(data_class.keep.total_seconds() / 3600), "hour")
    return count_of(data_class.keep.days, "day")
