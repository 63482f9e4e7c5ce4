"""Prepares the home folder for the first start, and says what to try."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import replace

from app import store, wiring
from app.auth.users import FIRST_USER, ensure_admin, login_link
from app.migrate import current, is_current, upgrade
from core import clock
from core.database import reading, writing
from core.errors import UnavailableError
from core.settings import Settings

Say = Callable[[str], None]


def initialise(settings: Settings, say: Say) -> tuple[Settings, str | None]:
    """Make what is missing: folders, secret, tables, the first user.

    Returns the settings with their secret, and the first user's password if it was made now.
    """
    settings = _with_secret(settings)
    engine = wiring.engine(settings)
    try:
        if not is_current(engine):
            if engine.dialect.name != "sqlite" and current(engine):
                raise UnavailableError("the database's tables are from another version: run `dormouse migrate` first")
            upgrade(engine, say)
            say("database ready")
        with writing(engine) as connection:
            password = ensure_admin(connection, clock.now())
    finally:
        engine.dispose()
    return settings, password


def _with_secret(settings: Settings) -> Settings:
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.networks_dir.mkdir(exist_ok=True)
    if settings.secret:
        return settings
    secret = secrets.token_urlsafe(32)
    path, draft = settings.home / "secret", settings.home / f".secret-{secrets.token_hex(8)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    if path.is_file() and not path.read_text(encoding="utf-8").strip():
        path.unlink()  # begun and never finished
    try:
        path.hardlink_to(draft)  # whole or not at all, and never over another process's
    except FileExistsError:
        secret = path.read_text(encoding="utf-8").strip()
    except OSError:  # a file system without links
        draft.replace(path)
    draft.unlink(missing_ok=True)
    return replace(settings, secret=secret)


def load_demo_once(settings: Settings, say: Say) -> None:
    """Load the demo on the very first start; removed or refused demos never come back by themselves."""
    from app.demo.load import load_demo

    engine = wiring.engine(settings)
    with reading(engine) as connection:
        if store.fact(connection, "demo") is not None:
            return
    load_demo(settings, engine, say)
    engine.dispose()


def welcome(settings: Settings, password: str | None, seconds: float) -> list[str]:
    """Return the lines that a person sees when everything runs."""
    engine = wiring.engine(settings)
    with writing(engine) as connection:
        token = login_link(connection, clock.now())
        demo = store.fact(connection, "demo") == "loaded"
    engine.dispose()
    lines = [f"Ready in {seconds:.1f} s: {settings.public_url}/go/{token} (one-time login link)"]
    if password:
        lines.append(f"Later: log in as {FIRST_USER} with the password {password} (shown only now)")
    if demo:
        lines.append("Try first: open the link, choose “visit as …”, open Pricing, and watch Slack and the tape.")
    lines.append("Ctrl-C stops; `make run` takes up where it left off.")
    return lines
