"""The one line that a website embeds."""

from __future__ import annotations

from html import escape

from core.settings import LINK_PARAMETER, Settings


def snippet_tag(settings: Settings, site: str) -> str:
    """Return the HTML to embed on `site`."""
    key = "" if settings.link_parameter == LINK_PARAMETER else f' data-key="{escape(settings.link_parameter)}"'
    return f'<script async src="{escape(settings.collector_url)}/dm.js" data-site="{escape(site)}"{key}></script>'
