"""Keeps addresses out of what leaves the workspace: networks are shown, addresses never (pure)."""

from __future__ import annotations

import re
from ipaddress import ip_network

NARROWEST = {4: 24, 6: 48}
"""The longest prefix that is shown, by IP version: anything longer is close to one person's line."""

_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?:/\d{1,3})?(?![\w:]|\.\d)"
)


def shown_network(prefix: str) -> str:
    """Return a network that may be shown for `prefix`: itself, or the /24 or /48 around it; "" for what is none."""
    try:
        network = ip_network(prefix.strip(), strict=False)
    except ValueError:
        return ""
    length = NARROWEST[network.version]
    return str(network if network.prefixlen <= length else network.supernet(new_prefix=length))


def without_addresses(text: str) -> str:
    """Return `text` with every address in it widened to its network."""
    return _ADDRESS.sub(lambda found: shown_network(found[0]) or found[0], text)
