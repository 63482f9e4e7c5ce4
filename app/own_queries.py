"""Whether the operator has customers of their own: figures count the demo's only as long as there are none."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_, select

from app.signed import DEMO_SITE
from enrichment.tables import accounts


def has_own(connection: Connection) -> bool:
    """Return whether there is an account that isn't the demo's."""
    return connection.execute(select(accounts.c.id).where(accounts.c.is_demo.is_(False)).limit(1)).first() is not None


def site_left_out(connection: Connection) -> str:
    """Return the site whose alerts don't count in figures: the demo's, unless there is nothing else."""
    return DEMO_SITE if has_own(connection) else ""


def counted() -> ColumnElement[bool]:
    """Return the condition on `accounts` that it counts: the operator's own; the demo's where there are none."""
    other = accounts.alias("own_accounts")
    return or_(accounts.c.is_demo.is_(False), ~select(other.c.id).where(other.c.is_demo.is_(False)).exists())
