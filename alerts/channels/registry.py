"""The name of a channel in the settings → how it is made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from alerts.channels.preview import PreviewChannel
from alerts.channels.protocol import Channel, Links
from core.settings import Settings

Factory = Callable[[Settings, Links], tuple[Channel, ...]]


def _preview(_settings: Settings, _links: Links) -> tuple[Channel, ...]:
    return (PreviewChannel(),)


def _slack(settings: Settings, links: Links) -> tuple[Channel, ...]:
    from alerts.channels.slack import SlackChannel  # slack_sdk takes 0.15 s to import: only who uses it pays

    return (
        SlackChannel(
            token=settings.slack_token,
            fallback=settings.slack_channel,
            api_url=settings.slack_api_url,
            links=links,
            interactive=bool(settings.slack_signing_secret or settings.slack_app_token),
        ),
    )


def _slack_webhook(settings: Settings, links: Links) -> tuple[Channel, ...]:
    from alerts.channels.slack_webhook import SlackWebhookChannel

    return (SlackWebhookChannel(url=settings.slack_webhook_url, links=links),)


def _email(settings: Settings, links: Links) -> tuple[Channel, ...]:
    from alerts.channels.email import EmailChannel

    return (EmailChannel(url=settings.smtp_url, sender=settings.mail_from, fallback=settings.mail_to, links=links),)


def _teams(settings: Settings, links: Links) -> tuple[Channel, ...]:
    from alerts.channels.teams import TeamsChannel

    return (TeamsChannel(url=settings.teams_url, links=links),)


def _webhook(settings: Settings, links: Links) -> tuple[Channel, ...]:
    from alerts.channels.webhook import WebhookChannel

    return tuple(
        WebhookChannel(
            name=_webhook_name(url), url=url, secret=settings.webhook_secret, source=settings.public_url, links=links
        )
        for url in dict.fromkeys(settings.webhook_urls)
    )


CHANNELS: Mapping[str, Factory] = {
    "preview": _preview,
    "slack": _slack,
    "slack_webhook": _slack_webhook,
    "email": _email,
    "teams": _teams,
    "webhook": _webhook,
}


def channel_names(settings: Settings) -> tuple[str, ...]:
    """Return the names that deliveries bear: those of the settings, `webhook` once for each of its addresses."""
    found: list[str] = []
    for name in settings.channels:
        found += map(_webhook_name, settings.webhook_urls) if name == "webhook" else [name]
    return tuple(dict.fromkeys(found))


def make_channels(settings: Settings, links: Links) -> Mapping[str, Channel]:
    """Return the channels that the settings name, by the name that deliveries bear."""
    return {channel.name: channel for name in settings.channels for channel in CHANNELS[name](settings, links)}


def _webhook_name(url: str) -> str:
    """A name of the address alone: it stays when another one is added or taken out."""
    return f"webhook:{hashlib.sha256(url.encode()).hexdigest()[:8]}"
