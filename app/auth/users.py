"""The first admin, and one-time login links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.auth import store
from app.auth.passwords import hashed
from core.errors import InputError
from core.ids import random_token

FIRST_USER = "admin@localhost"


def ensure_admin(connection: Connection, now: datetime) -> str | None:
    """Make the first user, `admin@localhost`, where there is none.

    Returns its random password, to be shown once; None when there was a user already.
    """
    if store.count_users(connection):
        return None
    password = random_token(12)
    store.add_user(connection, FIRST_USER, hashed(password), now)
    return password


def login_link(connection: Connection, now: datetime, user: str = FIRST_USER) -> str:
    """Return a token for `user` (an e-mail address): `/go/<token>` logs in, once, within 15 minutes.

    Raises InputError when there is no such user.
    """
    found = store.find_user(connection, user)
    if found is None:
        raise InputError(f"There is no user {user!r}.")
    return store.add_link(connection, found[0], now)
