"""INSERTs that skip what exists: the same count on both databases."""

from __future__ import annotations

from sqlalchemy import Engine

from core.database import insert_new, writing
from tracker.tables import buffer_offsets


def test_rowcount_says_how_many_rows_were_new(any_engine: Engine) -> None:
    """One row or many, the count is of the rows that did not exist; stores decide by it."""
    rows = [{"segment": str(number), "offset": number} for number in range(5)]
    with writing(any_engine) as conn:
        counts = [
            conn.execute(insert_new(conn, buffer_offsets).values(segment="0", offset=0)).rowcount,
            conn.execute(insert_new(conn, buffer_offsets).values(segment="0", offset=9)).rowcount,
            conn.execute(insert_new(conn, buffer_offsets), rows).rowcount,
        ]
    assert counts == [1, 0, 4]
