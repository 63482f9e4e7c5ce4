"""Users, sessions and login links in the database; of tokens only their hashes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from app.shell import User
from app.tables import login_links, sessions, users
from core.ids import derived, random_token

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=7)
TOUCH_EVERY = timedelta(minutes=1)
LINK_LIVES = timedelta(minutes=15)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def count_users(connection: Connection) -> int:
    """Return how many people may log in."""
    return connection.execute(select(func.count()).select_from(users)).scalar_one()


def all_users(connection: Connection) -> tuple[tuple[User, datetime], ...]:
    """Return everybody who may log in, with the moment they were added."""
    rows = connection.execute(select(users).order_by(users.c.created_at).limit(200))
    return tuple((User(id=row.id, email=row.email, role=row.role), row.created_at) for row in rows)


def add_user(connection: Connection, email: str, password_hash: str, now: datetime) -> User:
    """Add somebody who may log in."""
    user = User(id=derived("user", email.casefold()), email=email, role="admin")
    connection.execute(
        users.insert().values(id=user.id, email=email, password_hash=password_hash, role=user.role, created_at=now)
    )
    return user


def find_user(connection: Connection, email: str) -> tuple[User, str] | None:
    """Return the user with this e-mail address and the hash of the password."""
    row = connection.execute(select(users).where(func.lower(users.c.email) == email.strip().lower())).first()
    return None if row is None else (User(id=row.id, email=row.email, role=row.role), row.password_hash)


def open_session(connection: Connection, user: User, now: datetime) -> str:
    """Start a session and return its secret id, which is stored nowhere; sweep out those that have ended."""
    token = random_token(32)
    connection.execute(
        delete(sessions).where((sessions.c.seen_at < now - IDLE) | (sessions.c.created_at < now - ABSOLUTE))
    )
    connection.execute(sessions.insert().values(id_hash=_hash(token), user=user.id, created_at=now, seen_at=now))
    return token


def session_user(connection: Connection, token: str, now: datetime) -> tuple[User, datetime] | None:
    """Return whose session this is and when it was last used; None once it ended."""
    row = connection.execute(
        select(users.c.id, users.c.email, users.c.role, sessions.c.seen_at)
        .join_from(sessions, users, sessions.c.user == users.c.id)
        .where(
            sessions.c.id_hash == _hash(token),
            sessions.c.seen_at > now - IDLE,
            sessions.c.created_at > now - ABSOLUTE,
        )
    ).first()
    return None if row is None else (User(id=row.id, email=row.email, role=row.role), row.seen_at)


def touch_session(connection: Connection, token: str, now: datetime) -> None:
    """Note that a session was used."""
    connection.execute(update(sessions).where(sessions.c.id_hash == _hash(token)).values(seen_at=now))


def close_session(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.id_hash == _hash(token)))


def add_link(connection: Connection, user: User, now: datetime) -> str:
    """Make a login link's token; it works once, within 15 minutes."""
    token = random_token(24)
    connection.execute(delete(login_links).where(login_links.c.expires_at < now))
    connection.execute(login_links.insert().values(token_hash=_hash(token), user=user.id, expires_at=now + LINK_LIVES))
    return token


def use_link(connection: Connection, token: str, now: datetime) -> User | None:
    """Return whose link this is and burn it; None when it was used, is too old, or never was."""
    found = connection.execute(
        select(users.c.id, users.c.email, users.c.role)
        .join_from(login_links, users, login_links.c.user == users.c.id)
        .where(login_links.c.token_hash == _hash(token), login_links.c.expires_at > now)
    ).first()
    burnt = connection.execute(delete(login_links).where(login_links.c.token_hash == _hash(token))).rowcount
    if found is None or burnt != 1:
        return None
    return User(id=found.id, email=found.email, role=found.role)
