"""Digests and other messages are shown as they were sent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pages
from sqlalchemy import Engine

from alerts.buttons import Button
from alerts.notices import store
from alerts.notices.notice import Notice, NoticeText, Row, Section
from core.database import writing

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_a_digest_is_shown_as_it_was_sent(engine: Engine, tmp_path: Path) -> None:
    """With its sections and its foot, for whom it was, and not among the threads."""
    text = NoticeText(
        push="Anna: 1 to call",
        title="Anna, Fri 20 Nov: 1 to call",
        sections=(Section(label="Call", rows=(Row(text="Hartmann", buttons=(Button(action="claim", subject="a"),)),)),),
        foot="kept from you 3 visits",
    )
    with writing(engine) as connection:
        notice = Notice(id="n1", kind="digest", to="anna@example.com", at=AT, text=text)
        assert store.save(connection, notice, ("preview",), AT)
    client = pages.logged_in(pages.dashboard(engine, tmp_path))
    shown = client.get("/messages").get_data(as_text=True)
    for words in ("Anna, Fri 20 Nov: 1 to call", "<b>Call</b>", "Hartmann", "kept from you 3 visits", "to Anna"):
        assert words in shown
    assert "Hartmann" not in client.get("/messages?show=milestone").get_data(as_text=True)
