"""Every setting of Dormouse, read once; the only reader of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from core.domain import ALERT_POINT, DIGEST_POINT
from core.errors import SettingsError

Ack = Literal["write", "fsync"]
BufferKind = Literal["segment_log", "redis_stream"]
IpNetwork = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings with their defaults. The comment of each is its documentation (see docs/settings.md)."""

    home: Path
    """`DORMOUSE_HOME`: the folder for the database, the buffer and the secret. Default `var`."""
    bind: str
    """`DORMOUSE_BIND`: the address that both ports listen on. Default `127.0.0.1`."""
    port: int
    """`PORT`: the dashboard's port. Default 8080."""
    collector_port: int
    """`COLLECTOR_PORT`: the collector's port, the only one that the internet must reach. Default `PORT` + 1."""
    public_url: str
    """`DORMOUSE_PUBLIC_URL`: where people open the dashboard; used in messages. Default `http://127.0.0.1:PORT`."""
    collector_url: str
    """`DORMOUSE_COLLECTOR_URL`: where websites load the snippet. Default `http://127.0.0.1:COLLECTOR_PORT`."""
    database_url: str
    """`DORMOUSE_DATABASE_URL`: `sqlite:///…` or `postgresql://…`. Default SQLite under the home folder."""
    ack: Ack
    """`ACK`: `write` acknowledges a hit once it is written, `fsync` once it is on disk. Default `write`."""
    buffer: BufferKind
    """`DORMOUSE_BUFFER`: `segment_log` (files under the home folder) or `redis_stream`. Default `segment_log`."""
    redis_url: str
    """`DORMOUSE_REDIS_URL`: for `redis_stream`. Default `redis://127.0.0.1:6379/0`."""
    mmdb_paths: tuple[Path, ...]
    """`MMDB_PATHS`: network databases, separated by `:` or `,`; asked in this order. Default: `*.mmdb` in `networks/`
    under the home folder."""
    trusted_proxies: tuple[IpNetwork, ...]
    """`DORMOUSE_TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is believed, separated by `,`. Default none."""
    raw_ip_hours: int
    """`DORMOUSE_RAW_IP_HOURS`: hours from receipt until a raw address is removed; 0 stores none, and the
    buffer's file with it goes within about a minute. Default 24."""
    rules_dir: Path | None
    """`DORMOUSE_RULES_DIR`: a folder with your own `dormancy.toml`, `scoring.toml`. Default: the built-in rules."""
    cool_down_hours: int
    """`DORMOUSE_COOL_DOWN_HOURS`: hours after an alert in which the same account causes no other. Default 24."""
    alert_point: float
    """`DORMOUSE_ALERT_POINT`: how sure an account must be, from 0 to 1, before a rep is told. Default 0.8."""
    digest_point: float
    """`DORMOUSE_DIGEST_POINT`: how sure an account must be, from 0 to 1, to be named at all; below it is only a
    candidate. At most `DORMOUSE_ALERT_POINT`. Default 0.5."""
    time_zone: ZoneInfo
    """`DORMOUSE_TIME_ZONE`: the zone of the times in messages and pages. Default `UTC`."""
    channels: tuple[str, ...]
    """`DORMOUSE_CHANNELS`: where alerts go, separated by `,`: `preview`, `slack`. Default `preview`."""
    slack_token: str
    """`DORMOUSE_SLACK_TOKEN`: the bot token (`xoxb-…`). Or `DORMOUSE_SLACK_TOKEN_FILE`."""
    slack_channel: str
    """`DORMOUSE_SLACK_CHANNEL`: the channel for alerts whose owner isn't on Slack, such as `#sales`."""
    slack_api_url: str
    """`DORMOUSE_SLACK_API_URL`: Slack's Web API. Default `https://slack.com/api/`."""
    secret: str
    """`DORMOUSE_SECRET`: signs links and hashes addresses. Or `DORMOUSE_SECRET_FILE`. Default: the file `secret` in
    the home folder, made by `dormouse init`."""
    link_parameter: str
    """`DORMOUSE_LINK_PARAMETER`: the name of the parameter that carries a signed link's token. Default `hi`."""
    login_events: tuple[str, ...]
    """`DORMOUSE_LOGIN_EVENTS`: names of events that are sign-ins, separated by `,` (case, `_` and `-` don't matter).
    Default `login, logged in, log in, signed in, sign in, signin, user login, user logged in, user signed in`."""
    rdap: bool
    """`DORMOUSE_RDAP`: `on` asks the internet registries who uses a visitor's network; it sends them the address.
    Default `off`."""
    rdap_url: str
    """`DORMOUSE_RDAP_URL`: one base URL for all registries, or `ripencc=https://…,arin=https://…`. Default: the
    registries' own."""
    rdns: bool
    """`DORMOUSE_RDNS`: `on` asks the DNS for the host name of a visitor's address. Default `off`."""
    dns_server: str
    """`DORMOUSE_DNS_SERVER`: the name server to ask, such as `192.0.2.53` or `192.0.2.53:5353`. Default: the
    system's."""
    log_level: str
    """`DORMOUSE_LOG_LEVEL`: `debug`, `info`, `warning` or `error`. Default `info`."""

    @property
    def buffer_dir(self) -> Path:
        return self.home / "buffer"

    @property
    def networks_dir(self) -> Path:
        return self.home / "networks"


VARIABLES: Mapping[str, str] = {
    "home": "DORMOUSE_HOME",
    "bind": "DORMOUSE_BIND",
    "port": "PORT",
    "collector_port": "COLLECTOR_PORT",
    "public_url": "DORMOUSE_PUBLIC_URL",
    "collector_url": "DORMOUSE_COLLECTOR_URL",
    "database_url": "DORMOUSE_DATABASE_URL",
    "ack": "ACK",
    "buffer": "DORMOUSE_BUFFER",
    "redis_url": "DORMOUSE_REDIS_URL",
    "mmdb_paths": "MMDB_PATHS",
    "trusted_proxies": "DORMOUSE_TRUSTED_PROXIES",
    "raw_ip_hours": "DORMOUSE_RAW_IP_HOURS",
    "rules_dir": "DORMOUSE_RULES_DIR",
    "cool_down_hours": "DORMOUSE_COOL_DOWN_HOURS",
    "alert_point": "DORMOUSE_ALERT_POINT",
    "digest_point": "DORMOUSE_DIGEST_POINT",
    "time_zone": "DORMOUSE_TIME_ZONE",
    "channels": "DORMOUSE_CHANNELS",
    "slack_token": "DORMOUSE_SLACK_TOKEN",
    "slack_channel": "DORMOUSE_SLACK_CHANNEL",
    "slack_api_url": "DORMOUSE_SLACK_API_URL",
    "secret": "DORMOUSE_SECRET",
    "link_parameter": "DORMOUSE_LINK_PARAMETER",
    "login_events": "DORMOUSE_LOGIN_EVENTS",
    "rdap": "DORMOUSE_RDAP",
    "rdap_url": "DORMOUSE_RDAP_URL",
    "rdns": "DORMOUSE_RDNS",
    "dns_server": "DORMOUSE_DNS_SERVER",
    "log_level": "DORMOUSE_LOG_LEVEL",
}
"""The environment variable of each setting; a test holds it against the fields and docs/settings.md."""

_PASSWORD = re.compile(r"(://[^:/@\s]*):\S+@|([?&;]password=)[^&;\s]*")

SECRETS = ("slack_token", "secret")
"""Settings that may also come from a file named by `<VARIABLE>_FILE`, and that are never printed."""

CHANNELS = ("preview", "slack")

LINK_PARAMETER = "hi"
"""No list of tracking parameters that browsers and blockers take out of addresses knows it."""

LOGIN_EVENTS = "login, logged in, log in, signed in, sign in, signin, user login, user logged in, user signed in"
"""Names that usual libraries and shops give to sign-ins."""

_WEB = ("https://", "http://")
_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")
_REDIS = ("redis://", "rediss://", "unix://")


class _Reader:
    """Reads values and collects every mistake, so that an operator sees all of them at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.mistakes: list[str] = []

    def text(self, field: str, default: str) -> str:
        return self.environment.get(VARIABLES[field], "").strip() or default

    def number(self, field: str, default: int, low: int, high: int) -> int:
        text = self.text(field, str(default))
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        self.mistakes.append(f"{VARIABLES[field]}={text!r}: give a whole number from {low} to {high}")
        return default

    def share(self, field: str, default: float) -> float:
        text = self.text(field, str(default))
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if 0 <= value <= 1:
            return value
        self.mistakes.append(f"{VARIABLES[field]}={text!r}: give a number from 0 to 1, such as {default}")
        return default

    def choice(self, field: str, default: str, allowed: tuple[str, ...]) -> str:
        text = self.text(field, default)
        if text in allowed:
            return text
        self.mistakes.append(f"{VARIABLES[field]}={text!r}: give one of {', '.join(allowed)}")
        return default

    def several(self, field: str, default: str = "", separators: str = ",") -> tuple[str, ...]:
        text = self.text(field, default)
        for separator in separators[1:]:
            text = text.replace(separator, separators[0])
        return tuple(part.strip() for part in text.split(separators[0]) if part.strip())

    def address(self, field: str, default: str, starts: tuple[str, ...]) -> str:
        text = self.text(field, default)
        if not text.startswith(starts):
            # not the value: it may hold a password
            self.mistakes.append(f"{VARIABLES[field]}: it must begin with {' or '.join(starts)}")
        return text

    def secret(self, field: str, default_file: Path | None = None) -> str:
        name = VARIABLES[field]
        if value := self.environment.get(name, "").strip():
            return value
        named = self.environment.get(f"{name}_FILE", "").strip()
        path = Path(named) if named else default_file
        if path is None:
            return ""
        try:
            return path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            if named:
                self.mistakes.append(f"{name}_FILE={named!r}: there is no such file")
        except OSError as error:
            self.mistakes.append(f"{name}_FILE={str(path)!r}: can't be read ({error.strerror})")
        except UnicodeDecodeError:
            self.mistakes.append(f"{name}_FILE={str(path)!r}: isn't text")
        return ""


def _networks(reader: _Reader) -> tuple[IpNetwork, ...]:
    found: list[IpNetwork] = []
    for text in reader.several("trusted_proxies"):
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            reader.mistakes.append(f"DORMOUSE_TRUSTED_PROXIES: {text!r} isn't a network such as 10.0.0.0/8")
    return tuple(found)


def _bind(reader: _Reader) -> str:
    text = reader.text("bind", "127.0.0.1")
    try:
        ip_address("127.0.0.1" if text == "localhost" else text)
    except ValueError:
        reader.mistakes.append(f"DORMOUSE_BIND={text!r}: give an address such as 127.0.0.1, or 0.0.0.0 for all")
    return text


def _mmdb_paths(reader: _Reader, home: Path) -> tuple[Path, ...]:
    named = tuple(Path(text) for text in reader.several("mmdb_paths", separators=",:"))
    for path in named:
        if not path.is_file():
            reader.mistakes.append(f"MMDB_PATHS: there is no file {str(path)!r}")
    return named or tuple(sorted((home / "networks").glob("*.mmdb")))


def _time_zone(reader: _Reader) -> ZoneInfo:
    text = reader.text("time_zone", "UTC")
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        reader.mistakes.append(f"DORMOUSE_TIME_ZONE={text!r}: give a zone such as Europe/Berlin")
        return ZoneInfo("UTC")


def _channels(reader: _Reader) -> tuple[str, ...]:
    channels = reader.several("channels", "preview")
    for name in channels:
        if name not in CHANNELS:
            reader.mistakes.append(
                f"DORMOUSE_CHANNELS: there is no channel {name!r}; give some of {', '.join(CHANNELS)}"
            )
    return channels


def _rules_dir(reader: _Reader) -> Path | None:
    text = reader.text("rules_dir", "")
    if text and not Path(text).is_dir():
        reader.mistakes.append(f"DORMOUSE_RULES_DIR={text!r}: there is no such folder")
    return Path(text) if text else None


def _link_parameter(reader: _Reader) -> str:
    text = reader.text("link_parameter", LINK_PARAMETER)
    if not re.fullmatch(r"(?!utm_)[A-Za-z][A-Za-z0-9_-]{0,30}", text):
        reader.mistakes.append(f"DORMOUSE_LINK_PARAMETER={text!r}: give a short name of letters and digits, not utm_…")
    return text


def _rdap_url(reader: _Reader) -> str:
    text = reader.text("rdap_url", "")
    for part in reader.several("rdap_url"):
        if not re.fullmatch(r"(?:[a-z.]+=)?https?://[^\s=]+", part):
            reader.mistakes.append("DORMOUSE_RDAP_URL: give one URL, or ripencc=https://…,arin=https://…")
            return ""
    return text


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = set(VARIABLES.values()) | {f"{VARIABLES[field]}_FILE" for field in SECRETS}
    return [
        f"{name}: there is no such setting (see docs/settings.md)"
        for name in sorted(environment)
        if name.startswith("DORMOUSE_") and name not in known
    ]


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read all settings from `environment` (default: the process's own).

    Raises SettingsError with every mistake found.
    """
    reader = _Reader(os.environ if environment is None else environment)
    reader.mistakes.extend(_unknown(reader.environment))
    home = Path(reader.text("home", "var")).absolute()
    port = reader.number("port", 8080, 1, 65535)
    collector_port = reader.number("collector_port", min(port + 1, 65535), 1, 65535)
    if port == collector_port:
        reader.mistakes.append(f"PORT and COLLECTOR_PORT are both {port}: give two different ports")
    settings = Settings(
        home=home,
        bind=_bind(reader),
        port=port,
        collector_port=collector_port,
        public_url=reader.address("public_url", f"http://127.0.0.1:{port}", _WEB).rstrip("/"),
        collector_url=reader.address("collector_url", f"http://127.0.0.1:{collector_port}", _WEB).rstrip("/"),
        database_url=reader.address("database_url", f"sqlite:///{home / 'dormouse.db'}", _DATABASES),
        ack=reader.choice("ack", "write", get_args(Ack)),  # type: ignore[arg-type]
        buffer=reader.choice("buffer", "segment_log", get_args(BufferKind)),  # type: ignore[arg-type]
        redis_url=reader.address("redis_url", "redis://127.0.0.1:6379/0", _REDIS),
        mmdb_paths=_mmdb_paths(reader, home),
        trusted_proxies=_networks(reader),
        raw_ip_hours=reader.number("raw_ip_hours", 24, 0, 24 * 30),
        rules_dir=_rules_dir(reader),
        cool_down_hours=reader.number("cool_down_hours", 24, 0, 24 * 365),
        alert_point=reader.share("alert_point", ALERT_POINT),
        digest_point=reader.share("digest_point", DIGEST_POINT),
        time_zone=_time_zone(reader),
        channels=_channels(reader),
        slack_token=reader.secret("slack_token"),
        slack_channel=reader.text("slack_channel", ""),
        slack_api_url=reader.address("slack_api_url", "https://slack.com/api/", _WEB),
        secret=reader.secret("secret", home / "secret"),
        link_parameter=_link_parameter(reader),
        login_events=reader.several("login_events", LOGIN_EVENTS),
        rdap=reader.choice("rdap", "off", ("off", "on")) == "on",
        rdap_url=_rdap_url(reader),
        rdns=reader.choice("rdns", "off", ("off", "on")) == "on",
        dns_server=reader.text("dns_server", ""),
        log_level=reader.choice("log_level", "info", ("debug", "info", "warning", "error")),
    )
    if "slack" in settings.channels and not settings.slack_token:
        reader.mistakes.append("DORMOUSE_CHANNELS names slack: set DORMOUSE_SLACK_TOKEN or DORMOUSE_SLACK_TOKEN_FILE")
    if settings.digest_point > settings.alert_point:
        reader.mistakes.append(
            f"DORMOUSE_DIGEST_POINT={settings.digest_point} is above DORMOUSE_ALERT_POINT={settings.alert_point}: "
            "whoever is told of is named too, so give a smaller one"
        )
    if reader.mistakes:
        raise SettingsError(reader.mistakes)
    return settings


def shown(settings: Settings) -> dict[str, str]:
    """Return each variable with its value as text; secrets only as set or not set."""
    return {
        VARIABLES[field.name]: _shown_value(field.name, getattr(settings, field.name)) for field in fields(settings)
    }


def _shown_value(name: str, value: object) -> str:
    if name in SECRETS:
        return "(set)" if value else "(not set)"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else _PASSWORD.sub(_without_password, str(value))


def _without_password(found: re.Match[str]) -> str:
    return f"{found[1]}:***@" if found[2] is None else f"{found[2]}***"
