"""The CRM button of a message leads to the account in the operator's CRM."""

from __future__ import annotations

from pathlib import Path

import pages
from line_world import FREIGHT, FREIGHT_IP, NOON, fill, line, page
from sqlalchemy import Engine

from app.pipeline import Batch
from app.signed import links
from core.clock import at


def test_the_crm_button(engine: Engine, tmp_path: Path) -> None:
    """With a CRM set, the button leads to the account there; without one there is no button."""
    fill(engine)
    views = [page(path, ip=FREIGHT_IP, seconds=90, name=path) for path in ("/pricing", "/request-quote")]
    (told,) = line(engine, tmp_path, at(NOON)).run(Batch(views=views)).alerts
    crm = "https://crm.example.com/accounts/{account}"
    client = pages.logged_in(pages.dashboard(engine, tmp_path, at(NOON), crm_url=crm))

    assert links(pages.settings(tmp_path))(told.id, "crm") == ""
    assert links(pages.settings(tmp_path, crm_url=crm))(told.id, "crm").endswith(f"/alerts/{told.id}/crm")
    assert client.get(f"/alerts/{told.id}/crm").headers["Location"] == f"https://crm.example.com/accounts/{FREIGHT}"
    assert client.get("/alerts/gone/crm").status_code == 410
