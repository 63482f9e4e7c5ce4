"""The one line that a website embeds."""

from __future__ import annotations

from html import escape

from core.settings import Settings


def snippet_tag(settings: Settings, site: str) -> str:
    """Return the HTML to embed on `site`."""
    return f'<script async src="{escape(settings.collector_url)}/dm.js" data-site="{escape(site)}"></script>'
