"""Structured log lines on standard error; addresses and secrets masked."""

from __future__ import annotations

import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_ADDRESS = re.compile(r"\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b|\b((?:[0-9a-f]{1,4}:){3})[0-9a-f:]{2,}", re.IGNORECASE)
_SECRET = re.compile(r"xox[a-z]-[A-Za-z0-9-]+|https://hooks\.slack\.com/\S+")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def masked(text: str) -> str:
    """Return `text` with the host part of addresses and with tokens cut out."""
    text = _SECRET.sub("[secret]", text)
    return _ADDRESS.sub(lambda found: f"{found[1]}.x" if found[1] else f"{found[2]}:x", text)


def _mask(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}


def set_up(level: str, role: str) -> None:
    """Write one JSON line an event to standard error, from `level` up, each with the process's `role`."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role)


def logger(name: str) -> Any:
    """Return a logger; call `.info("what happened", key=value)`."""
    return structlog.get_logger(at=name)
