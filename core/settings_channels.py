"""Says what is wrong with the settings of the channels, so that no alert finds it out first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from email.utils import getaddresses
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit


class Chosen(Protocol):
    """The settings that channels have."""

    @property
    def channels(self) -> tuple[str, ...]: ...
    @property
    def slack_webhook_url(self) -> str: ...
    @property
    def teams_url(self) -> str: ...
    @property
    def webhook_urls(self) -> tuple[str, ...]: ...
    @property
    def webhook_secret(self) -> str: ...
    @property
    def smtp_url(self) -> str: ...
    @property
    def mail_from(self) -> str: ...
    @property
    def mail_to(self) -> str: ...


def mistakes(settings: Chosen, variables: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the channels in use; what another one would need may be left half done."""
    found: list[str] = []
    if "slack_webhook" in settings.channels and settings.slack_webhook_url:
        found.append(web_mistake(variables["slack_webhook_url"], settings.slack_webhook_url))
    if "teams" in settings.channels and settings.teams_url:
        found.append(web_mistake(variables["teams_url"], settings.teams_url))
    if "webhook" in settings.channels:
        found += [web_mistake(variables["webhook_urls"], url) for url in settings.webhook_urls]
        found.append(secret_mistake(settings.webhook_secret) if settings.webhook_secret else "")
    if "email" in settings.channels:
        mails = [("mail_from", settings.mail_from), ("mail_to", settings.mail_to)]
        found += [mail_mistake(variables[field], text) for field, text in mails if text]
        found.append(smtp_mistake(settings.smtp_url) if settings.smtp_url else "")
    return [one for one in found if one]


def smtp_mistake(url: str) -> str:
    """Return what is wrong with DORMOUSE_SMTP_URL, or ""; never the value, which holds a password."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    return "" if good else "DORMOUSE_SMTP_URL: give smtp://user:password@host:587 or smtps://user:password@host:465"


def mail_mistake(variable: str, text: str) -> str:
    """Return what is wrong with a setting that holds a mail address, or ""."""
    found = getaddresses([text])
    address = found[0][1] if len(found) == 1 else ""
    good = address.isascii() and address.count("@") == 1 and not any(char in address for char in " ,;<>\r\n")
    good = good and all(address.split("@")) and "\n" not in text and "\r" not in text
    return "" if good else f"{variable}: give one mail address, such as Dormouse <dormouse@example.com>"


def web_mistake(variable: str, url: str) -> str:
    """Return what is wrong with an address that customers' names are posted to, or ""; never the value."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("https", "http"):
        return f"{variable}: give an address that begins with https://"
    if parts.scheme == "http" and not _is_near(host):
        return f"{variable}: give an https:// address; http:// is only for this machine and your own network"
    return ""


def secret_mistake(text: str) -> str:
    """Return what is wrong with DORMOUSE_WEBHOOK_SECRET, or ""."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if text.startswith("whsec_") and 24 <= len(key) <= 64:
        return ""
    return (
        "DORMOUSE_WEBHOOK_SECRET: give whsec_ and 24 to 64 bytes in Base64; "
        "`echo whsec_$(openssl rand -base64 32)` makes one"
    )


def _is_near(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host  # localhost, or a container's name
    return address.is_loopback or address.is_private
