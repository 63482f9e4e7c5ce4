"""The name of a channel in the settings → how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alerts.channels.preview import PreviewChannel
from alerts.channels.protocol import Channel, Links
from core.settings import Settings

Factory = Callable[[Settings, Links], Channel]


def _preview(_settings: Settings, _links: Links) -> Channel:
    return PreviewChannel()


def _slack(settings: Settings, links: Links) -> Channel:
    from alerts.channels.slack import SlackChannel  # slack_sdk takes 0.15 s to import: only who uses it pays

    return SlackChannel(
        token=settings.slack_token, fallback=settings.slack_channel, api_url=settings.slack_api_url, links=links
    )


CHANNELS: Mapping[str, Factory] = {
    "preview": _preview,
    "slack": _slack,
}


def make_channels(settings: Settings, links: Links) -> Mapping[str, Channel]:
    """Return the channels that the settings name, by name."""
    return {name: CHANNELS[name](settings, links) for name in settings.channels}
