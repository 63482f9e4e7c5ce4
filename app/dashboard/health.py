"""The strip that says whether everything that must work works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection  # only as a type

from alerts.channels.registry import channel_names
from app.dashboard import queries_health, wording
from app.shell import now, shell

OLD_NETWORK_DATA_DAYS = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must work."""

    name: str
    text: str
    is_good: bool | None
    """None: nothing to say yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFile:
    """A file of network data and how old it is."""

    name: str
    changed_at: datetime | None
    size: int


def network_files(paths: tuple[Path, ...]) -> tuple[NetworkFile, ...]:
    """Return the files of network data; a missing one has no date."""
    return tuple(_network_file(path) for path in paths)


def _network_file(path: Path) -> NetworkFile:
    try:
        found = path.stat()
    except OSError:
        return NetworkFile(name=path.name, changed_at=None, size=0)
    return NetworkFile(name=path.name, changed_at=datetime.fromtimestamp(found.st_mtime, UTC), size=found.st_size)


def checks(connection: Connection) -> tuple[Check, ...]:
    """Return the strip: snippet, network data, channels."""
    return (_snippet(connection), _network_data(), *_channels(connection))


def _snippet(connection: Connection) -> Check:
    sites = queries_health.site_rows(connection)
    seen = [site.snippet_seen_at for site in sites if site.snippet_seen_at]
    if not sites:
        return Check(name="snippet", text="no website added yet", is_good=None)
    if not seen:
        return Check(name="snippet", text=f"not seen yet on {wording.count_of(len(sites), 'site')}", is_good=None)
    text = f"{wording.ago(max(seen), now())}, seen on {len(seen)}/{len(sites)} sites"
    return Check(name="snippet", text=text, is_good=len(seen) == len(sites))


def _network_data() -> Check:
    files = network_files(shell().settings.mmdb_paths)
    if not files:
        return Check(name="network data", text="none; only declared networks are recognised", is_good=None)
    dates = [each.changed_at for each in files if each.changed_at]
    if len(dates) < len(files):
        return Check(name="network data", text="a file is missing", is_good=False)
    age = max(0, (now() - min(dates)).days)
    return Check(name="network data", text=f"{age} d old", is_good=age <= OLD_NETWORK_DATA_DAYS)


def _channels(connection: Connection) -> tuple[Check, ...]:
    known = queries_health.channel_health(connection)
    found: list[Check] = []
    for channel in channel_names(shell().settings):
        health = known.get(channel)
        if health is None:
            found.append(Check(name=channel, text="nothing sent yet", is_good=None))
        elif health.dead:
            found.append(
                Check(name=channel, text=f"{wording.count_of(health.dead, 'message')} given up", is_good=False)
            )
        else:
            text = f"last sent {wording.ago(health.last_sent_at, now())}"
            waiting = f", {health.waiting} waiting" if health.waiting else ""
            found.append(Check(name=channel, text=text + waiting, is_good=True))
    return tuple(found)
