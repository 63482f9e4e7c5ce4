"""Fixtures that every room's tests share: real databases, the shared data, no network but loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import tracker.tables  # noqa: F401
from core.database import metadata, open_engine

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite database with all tables."""
    opened = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    metadata.create_all(opened)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; skips loudly where it isn't there."""
    if not SHARED.is_dir():
        pytest.skip(f"real data not found at {SHARED}")
    return SHARED
