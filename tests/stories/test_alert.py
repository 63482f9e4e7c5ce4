"""From a hit on the website to a message in Slack, through real processes."""

from __future__ import annotations

import pytest

from bench.latency import measure


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_each_returning_account_reaches_its_rep_once() -> None:
    """Twenty dormant accounts read the pricing page: twenty messages, one to each owner."""
    seconds, wrong, _bare = measure(accounts=20, per_second=20)

    assert len(seconds) == 20
    assert wrong == 0
