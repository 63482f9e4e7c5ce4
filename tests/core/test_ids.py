"""Ids derived from what they name."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from core.ids import derived

ROOT = uuid.UUID("6f1d3b2e-7c1a-5d0e-9b57-d0a3305e0001")


@given(st.text(min_size=1, max_size=20), st.lists(st.text(max_size=20), max_size=4))
def test_a_derived_id_is_the_uuid5_of_its_parts(kind: str, parts: list[str]) -> None:
    """Anybody can make the same id with a standard library: uuid5 of the parts joined by U+001F."""
    assert derived(kind, *parts) == str(uuid.uuid5(ROOT, "\x1f".join((kind, *parts))))


def test_other_parts_give_another_id() -> None:
    """Where one part ends and the next begins counts."""
    assert derived("visit", "ab", "c") != derived("visit", "a", "bc")
