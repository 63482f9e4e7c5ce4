"""Tells which requests in a log are pages that a person looked at (pure)."""

from __future__ import annotations

import re
from functools import lru_cache

_NO_PAGES = (
    # parts of a page
    "css js mjs map png gif jpg jpeg jpe webp avif svg svgz ico cur bmp tif tiff heic woff woff2 ttf otf eot wasm"
    " swf htc less scss webmanifest manifest appcache axd ashx"
    # sound and pictures that move
    " mp3 mp4 m4a m4v m4s ogg oga ogv opus wav flac webm avi mov wmv flv mkv mpg mpeg m3u8 mpd ts vtt srt"
    # data for programs
    " json jsonp ndjson xml xsl xslt xsd dtd rss atom rdf ics kml gpx yml yaml toml sql db bak"
    # programs and archives
    " zip gz tgz bz2 xz zst lz4 7z rar tar jar war ear deb rpm apk ipa dmg pkg msi exe dll so bin iso img gem whl pyc"
    " class torrent sig asc md5 sha1 sha256"
)
_SUFFIXES = frozenset(_NO_PAGES.split())
"""Names that end so are no page. Documents (pdf, docx, txt …) are: a price list may be one."""

_NO_PAGE = re.compile(
    r"""(?:^|/)(?:
        feeds?|rss2?|atom|rdf|xmlrpc\.php|wp-cron\.php|admin-ajax\.php|wp-comments-post\.php|matomo\.php|piwik\.php
        |robots\.txt|(?:app-)?ads\.txt|humans\.txt|security\.txt|llms(?:-full)?\.txt|sitemap[^/]*\.txt|favicon[^/]*
        |graphql|healthz?|readyz|livez|server-status|nginx_status
    )/?$
    |(?:^|/)(?:\.well-known|cdn-cgi|wp-json|socket\.io|_next/data|apple-touch-icon[^/]*)(?:/|$)
    |^/(?:api|rest|rpc|ajax)(?:/|$)""",
    re.VERBOSE,
)
_FEED_QUERY = re.compile(
    r"(?:^|[&;])(?:feed|flav|format|type|output|alt)=(?:feed|rss|atom|rdf|xml|json)", re.IGNORECASE
)


def is_page(path: str, query: str) -> bool:
    """Say whether a path and its query ask for a page, and not for a part of one, a feed, data or a program."""
    return _is_page_path(path) and not (query and _FEED_QUERY.search(query))


@lru_cache(maxsize=20_000)
def _is_page_path(path: str) -> bool:
    if not path.startswith("/"):
        return False
    lower = path.lower()
    name = lower.rpartition("/")[2]
    if "." in name and name.rpartition(".")[2] in _SUFFIXES:
        return False
    return _NO_PAGE.search(lower) is None
