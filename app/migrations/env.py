"""Runs the migrations on the engine that app.migrate hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from app.schema import metadata
from core.database import UtcTime, writing


def _render(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UtcTime):
        autogen_context.imports.add("from core.database import UtcTime")
        return "UtcTime()"
    return False


with writing(context.config.attributes["engine"]) as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=_render,
        transactional_ddl=True,
    )
    context.run_migrations()
