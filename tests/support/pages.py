"""The dashboard for tests: settings, a logged-in client, a server on a free loopback port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.serving import make_server

from app.auth.users import ensure_admin, login_link
from app.factory import create_app
from core import clock
from core.database import writing
from core.settings import Settings, read_settings

NOW = datetime(2026, 11, 22, 10, 42, tzinfo=UTC)
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class MovingClock:
    """A clock that tests move by hand."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        """Move on, such as `forward(minutes=20)`."""
        self.at += timedelta(**span)


def settings(home: Path, **values: object) -> Settings:
    """Settings for tests, with `values` laid over them."""
    base = read_settings(
        {"DORMOUSE_HOME": str(home), "DORMOUSE_SECRET": "only for tests", "DORMOUSE_TIME_ZONE": "Europe/Berlin"}
    )
    return replace(base, **values)  # type: ignore[arg-type]


def dashboard(engine: Engine, home: Path, now: clock.Clock | None = None, **values: object) -> Flask:
    """The dashboard on this database."""
    return create_app(settings(home, **values), engine, now or clock.at(NOW), schema_is_current=lambda _: True)


def logged_in(app: Flask) -> FlaskClient:
    """A client with a session, by a login link."""
    shell = app.extensions["dormouse"]
    with writing(shell.engine) as connection:
        ensure_admin(connection, shell.clock())
        token = login_link(connection, shell.clock())
    base = "https://localhost" if shell.is_https else "http://localhost"
    client = app.test_client()
    assert client.get(f"/go/{token}", base_url=base).status_code == 303
    return client


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve `app` on a free loopback port; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
