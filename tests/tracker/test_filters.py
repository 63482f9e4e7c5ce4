"""Why a hit is not followed further, decided at the edge."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from edge import CHROME

from core.domain import DropReason
from tracker.filters import EdgeRequest, edge_drop

STAFF = (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))

ROWS = [
    (EdgeRequest(headers={}, ip="192.0.2.1", user_agent=CHROME), None),
    (EdgeRequest(headers={"sec-gpc": "1"}, ip="192.0.2.1", user_agent=CHROME), DropReason.PRIVACY_SIGNAL),
    (EdgeRequest(headers={"sec-gpc": "0"}, ip="192.0.2.1", user_agent=CHROME), None),
    (EdgeRequest(headers={}, ip="192.0.2.1", user_agent=CHROME, privacy_signal=True), DropReason.PRIVACY_SIGNAL),
    (EdgeRequest(headers={"sec-purpose": "prefetch;prerender"}, ip="", user_agent=CHROME), DropReason.PREFETCH),
    (EdgeRequest(headers={"purpose": "prefetch"}, ip="", user_agent=CHROME), DropReason.PREFETCH),
    (EdgeRequest(headers={"x-moz": "prefetch"}, ip="", user_agent=CHROME), DropReason.PREFETCH),
    (EdgeRequest(headers={"purpose": "reading"}, ip="", user_agent=CHROME), None),
    (EdgeRequest(headers={}, ip="192.0.2.1", user_agent=CHROME, excluded_networks=STAFF), DropReason.EXCLUDED),
    (EdgeRequest(headers={}, ip="2001:db8::1", user_agent=CHROME, excluded_networks=STAFF), DropReason.EXCLUDED),
    (EdgeRequest(headers={}, ip="198.51.100.1", user_agent=CHROME, excluded_networks=STAFF), None),
    (EdgeRequest(headers={}, ip="", user_agent=CHROME, excluded_networks=STAFF), None),
    (EdgeRequest(headers={}, ip="192.0.2.1", user_agent="curl/8.0"), DropReason.BOT_DECLARED),
    (EdgeRequest(headers={}, ip="192.0.2.1", user_agent=""), DropReason.BOT_NO_AGENT),
    (EdgeRequest(headers={}, ip="192.0.2.1", user_agent=CHROME, webdriver=True), DropReason.BOT_AUTOMATION),
    # who asked for privacy isn't looked at any closer
    (EdgeRequest(headers={"sec-gpc": "1"}, ip="192.0.2.1", user_agent="curl/8.0"), DropReason.PRIVACY_SIGNAL),
]


@pytest.mark.parametrize(("request_", "reason"), ROWS)
def test_the_first_reason_counts(request_: EdgeRequest, reason: DropReason | None) -> None:
    """Each filter drops what it is for and nothing else."""
    assert edge_drop(request_) is reason
