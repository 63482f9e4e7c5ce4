"""What every page of the dashboard may use: settings, database, clock, and who is logged in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, g
from sqlalchemy import Engine

from core.clock import Clock
from core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who is logged in."""

    id: str
    email: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The parts that a request works with."""

    settings: Settings
    engine: Engine
    clock: Clock

    @property
    def is_https(self) -> bool:
        """Whether people open the dashboard over TLS; decides cookie names, `Secure` and HSTS."""
        return self.settings.public_url.startswith("https://")


def shell() -> Shell:
    """Return the parts of the app that serves this request."""
    return cast(Shell, current_app.extensions["dormouse"])


def now() -> datetime:
    """Return the present moment, the same one all through a request."""
    if "now" not in g:
        g.now = shell().clock()
    return cast(datetime, g.now)


def user() -> User | None:
    """Return who is logged in on this request, if anybody."""
    return cast("User | None", g.get("user"))
