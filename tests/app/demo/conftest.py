"""Fixtures of the demo's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_shop import Shop, close
from sqlalchemy import Engine


@pytest.fixture
def shop(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """The demo, loaded without its past."""
    made = Shop(engine, tmp_path, monkeypatch)
    yield made
    close(made)


@pytest.fixture
def any_shop(any_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """The same, once on SQLite and once on PostgreSQL."""
    made = Shop(any_engine, tmp_path, monkeypatch)
    yield made
    close(made)
