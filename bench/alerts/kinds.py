"""Lets network kinds be judged by weights that never saw the half of the ranges that is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.alerts.owners import DATA, half
from bench.fit_network_kinds import fitted, range_examples
from bench.kind_rows import ranges
from enrichment.network.model import replaced


@contextmanager
def not_fitted_on(part: int) -> Iterator[None]:
    """Judge ranges with weights fitted on the other half alone."""
    others = [row for row in ranges(DATA) if half(row.owner) != part]
    with replaced({"range": fitted("range", range_examples(others))}):
        yield
