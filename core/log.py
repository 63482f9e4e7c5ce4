"""Structured log lines on standard error; addresses and secrets masked."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, MutableMapping
from ipaddress import IPv6Address
from typing import Any

import structlog

_IPV4 = re.compile(r"\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b")
_IPV6 = re.compile(r"(?<![\w:])(?=[0-9a-f]*:[0-9a-f]*:)[0-9a-f:]{3,39}(?![\w:]|\.\d)", re.IGNORECASE)
"""What may be an IPv6 address; a time of day such as 10:20:30 may be too, and is found to be none."""
_SECRET = re.compile(r"xox[a-z]-[A-Za-z0-9-]+|xapp-[A-Za-z0-9-]+|https://hooks\.slack\.com/\S+")
_PASSWORD = re.compile(r"(://[^:/@\s]*):\S+@")
_DETAIL = re.compile(r"\b(DETAIL:).*")
"""PostgreSQL's errors show the failing row there: names, addresses, whatever was in it."""
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def masked(text: str) -> str:
    """Return `text` with the host part of addresses, tokens, passwords in URLs and a database's rows cut out."""
    text = _PASSWORD.sub(r"\1:[secret]@", _SECRET.sub("[secret]", _DETAIL.sub(r"\1 [row]", text)))
    return _IPV6.sub(_masked_ipv6, _IPV4.sub(r"\1.x", text))


def _masked_ipv6(found: re.Match[str]) -> str:
    try:
        groups = IPv6Address(found[0]).exploded.split(":")[:3]
    except ValueError:
        return found[0]
    return ":".join(f"{int(group, 16):x}" for group in groups) + "::x"


def _plain(value: object) -> object:
    """Return `value` masked, whatever it is made of: an address may hide in a list or in an object's text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return masked(str(value))


def _mask(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _plain(value) for key, value in event.items()}


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
