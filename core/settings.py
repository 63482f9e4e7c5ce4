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

from core import settings_channels
from core.domain import ALERT_POINT, DIGEST_POINT
from core.errors import SettingsError
from core.settings_reader import Reader

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
    """`DORMOUSE_RULES_DIR`: a folder with your own `dormancy.toml`, `scoring.toml`, `alerting.toml`,
    `segments.toml`; what changes there is taken up while running ([rules.md](rules.md)). Default: the built-in
    rules."""
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
    """`DORMOUSE_CHANNELS`: where alerts go, separated by `,`: `preview`, `slack`, `slack_webhook`, `email`, `teams`,
    `webhook`. Default `preview`."""
    slack_token: str
    """`DORMOUSE_SLACK_TOKEN`: the bot token (`xoxb-…`). Or `DORMOUSE_SLACK_TOKEN_FILE`."""
    slack_channel: str
    """`DORMOUSE_SLACK_CHANNEL`: the channel for alerts whose owner isn't on Slack, such as `#sales`."""
    slack_api_url: str
    """`DORMOUSE_SLACK_API_URL`: Slack's Web API. Default `https://slack.com/api/`."""
    slack_signing_secret: str
    """`DORMOUSE_SLACK_SIGNING_SECRET`: proves that a click on a button comes from Slack. Or
    `DORMOUSE_SLACK_SIGNING_SECRET_FILE`."""
    slack_app_token: str
    """`DORMOUSE_SLACK_APP_TOKEN`: the app-level token (`xapp-…`) for Socket Mode: buttons work without a public URL.
    Or `DORMOUSE_SLACK_APP_TOKEN_FILE`."""
    slack_webhook_url: str
    """`DORMOUSE_SLACK_WEBHOOK_URL`: an incoming webhook, for the channel `slack_webhook`. Or
    `DORMOUSE_SLACK_WEBHOOK_URL_FILE`."""
    smtp_url: str
    """`DORMOUSE_SMTP_URL`: the mail server, `smtp://user:password@host:587` or `smtps://…:465`. Or
    `DORMOUSE_SMTP_URL_FILE`."""
    mail_from: str
    """`DORMOUSE_MAIL_FROM`: the sender of mails, such as `Dormouse <dormouse@example.com>`."""
    mail_to: str
    """`DORMOUSE_MAIL_TO`: who gets the mails about accounts without an owner, such as `sales@example.com`."""
    teams_url: str
    """`DORMOUSE_TEAMS_URL`: the URL of a Teams workflow ("when a webhook request is received"). Or
    `DORMOUSE_TEAMS_URL_FILE`."""
    webhook_urls: tuple[str, ...]
    """`DORMOUSE_WEBHOOK_URLS`: where the channel `webhook` posts events, separated by `,`."""
    webhook_secret: str
    """`DORMOUSE_WEBHOOK_SECRET`: signs them (`whsec_…`, see standardwebhooks.com). Or
    `DORMOUSE_WEBHOOK_SECRET_FILE`."""
    crm_url: str
    """`DORMOUSE_CRM_URL`: where an account is in your CRM, such as `https://crm.example.com/accounts/{account}`."""
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
    "slack_signing_secret": "DORMOUSE_SLACK_SIGNING_SECRET",
    "slack_app_token": "DORMOUSE_SLACK_APP_TOKEN",
    "slack_webhook_url": "DORMOUSE_SLACK_WEBHOOK_URL",
    "smtp_url": "DORMOUSE_SMTP_URL",
    "mail_from": "DORMOUSE_MAIL_FROM",
    "mail_to": "DORMOUSE_MAIL_TO",
    "teams_url": "DORMOUSE_TEAMS_URL",
    "webhook_urls": "DORMOUSE_WEBHOOK_URLS",
    "webhook_secret": "DORMOUSE_WEBHOOK_SECRET",
    "crm_url": "DORMOUSE_CRM_URL",
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

SECRETS = (
    "slack_token",
    "slack_signing_secret",
    "slack_app_token",
    "slack_webhook_url",
    "smtp_url",
    "teams_url",
    "webhook_secret",
    "secret",
)
"""Settings that may also come from a file named by `<VARIABLE>_FILE`, and that are never printed."""

CHANNELS = ("preview", "slack", "slack_webhook", "email", "teams", "webhook")

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "slack": ("slack_token",),
    "slack_webhook": ("slack_webhook_url",),
    "email": ("smtp_url", "mail_from", "mail_to"),
    "teams": ("teams_url",),
    "webhook": ("webhook_urls", "webhook_secret"),
}
"""What each channel can't do without."""

LINK_PARAMETER = "hi"
"""No list of tracking parameters that browsers and blockers take out of addresses knows it."""

LOGIN_EVENTS = "login, logged in, log in, signed in, sign in, signin, user login, user logged in, user signed in"
"""Names that usual libraries and shops give to sign-ins."""

_WEB = ("https://", "http://")
_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")
_REDIS = ("redis://", "rediss://", "unix://")


def _networks(reader: Reader) -> tuple[IpNetwork, ...]:
    found: list[IpNetwork] = []
    for text in reader.several("trusted_proxies"):
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            reader.mistakes.append(f"DORMOUSE_TRUSTED_PROXIES: {text!r} isn't a network such as 10.0.0.0/8")
    return tuple(found)


def _bind(reader: Reader) -> str:
    text = reader.text("bind", "127.0.0.1")
    try:
        ip_address("127.0.0.1" if text == "localhost" else text)
    except ValueError:
        reader.mistakes.append(f"DORMOUSE_BIND={text!r}: give an address such as 127.0.0.1, or 0.0.0.0 for all")
    return text


def _mmdb_paths(reader: Reader, home: Path) -> tuple[Path, ...]:
    named = tuple(Path(text) for text in reader.several("mmdb_paths", separators=",:"))
    for path in named:
        if not path.is_file():
            reader.mistakes.append(f"MMDB_PATHS: there is no file {str(path)!r}")
    return named or tuple(sorted((home / "networks").glob("*.mmdb")))


def _time_zone(reader: Reader) -> ZoneInfo:
    text = reader.text("time_zone", "UTC")
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        reader.mistakes.append(f"DORMOUSE_TIME_ZONE={text!r}: give a zone such as Europe/Berlin")
        return ZoneInfo("UTC")


def _channels(reader: Reader) -> tuple[str, ...]:
    channels = reader.several("channels", "preview")
    for name in channels:
        if name not in CHANNELS:
            reader.mistakes.append(
                f"DORMOUSE_CHANNELS: there is no channel {name!r}; give some of {', '.join(CHANNELS)}"
            )
    return channels


def _rules_dir(reader: Reader) -> Path | None:
    text = reader.text("rules_dir", "")
    if text and not Path(text).is_dir():
        reader.mistakes.append(f"DORMOUSE_RULES_DIR={text!r}: there is no such folder")
    return Path(text) if text else None


def _link_parameter(reader: Reader) -> str:
    text = reader.text("link_parameter", LINK_PARAMETER)
    if not re.fullmatch(r"(?!utm_)[A-Za-z][A-Za-z0-9_-]{0,30}", text):
        reader.mistakes.append(f"DORMOUSE_LINK_PARAMETER={text!r}: give a short name of letters and digits, not utm_…")
    return text


def _rdap_url(reader: Reader) -> str:
    text = reader.text("rdap_url", "")
    for part in reader.several("rdap_url"):
        if not re.fullmatch(r"(?:[a-z.]+=)?https?://[^\s=]+", part):
            reader.mistakes.append("DORMOUSE_RDAP_URL: give one URL, or ripencc=https://…,arin=https://…")
            return ""
    return text


def _crm_url(reader: Reader) -> str:
    text = reader.text("crm_url", "")
    if text and (not text.startswith(_WEB) or "{account}" not in text):
        reader.mistakes.append("DORMOUSE_CRM_URL: give an address with {account} where the account's id belongs")
    return text


def _contradictions(settings: Settings) -> list[str]:
    found = []
    if settings.digest_point > settings.alert_point:
        found.append(
            f"DORMOUSE_DIGEST_POINT={settings.digest_point} is above DORMOUSE_ALERT_POINT={settings.alert_point}: "
            "whoever is told of is named too, so give a smaller one"
        )
    for channel in settings.channels:
        for field in _NEEDS.get(channel, ()):
            if not getattr(settings, field):
                name = VARIABLES[field]
                also = f" or {name}_FILE" if field in SECRETS else ""
                found.append(f"DORMOUSE_CHANNELS names {channel}: set {name}{also}")
    return [*found, *settings_channels.mistakes(settings, VARIABLES)]


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
    reader = Reader(os.environ if environment is None else environment, VARIABLES)
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
        slack_signing_secret=reader.secret("slack_signing_secret"),
        slack_app_token=reader.secret("slack_app_token"),
        slack_webhook_url=reader.secret("slack_webhook_url"),
        smtp_url=reader.secret("smtp_url"),
        mail_from=reader.text("mail_from", ""),
        mail_to=reader.text("mail_to", ""),
        teams_url=reader.secret("teams_url"),
        webhook_urls=reader.several("webhook_urls"),
        webhook_secret=reader.secret("webhook_secret"),
        crm_url=_crm_url(reader),
        secret=reader.secret("secret", home / "secret"),
        link_parameter=_link_parameter(reader),
        login_events=reader.several("login_events", LOGIN_EVENTS),
        rdap=reader.choice("rdap", "off", ("off", "on")) == "on",
        rdap_url=_rdap_url(reader),
        rdns=reader.choice("rdns", "off", ("off", "on")) == "on",
        dns_server=reader.text("dns_server", ""),
        log_level=reader.choice("log_level", "info", ("debug", "info", "warning", "error")),
    )
    reader.mistakes.extend(_contradictions(settings))
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
