"""Hostile text stored anywhere stays text, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import NOW, dashboard, served
from playwright.sync_api import Browser
from seed import MESSAGE, SITE, put_judgement, put_visit, reason, seed
from sqlalchemy import Engine

from alerts.tables import alerts, deliveries, feedback
from app.auth.users import ensure_admin, login_link
from app.signed import LinkedAction, action_token
from core.database import writing
from core.domain import AlertId
from core.ids import derived
from enrichment.tables import accounts, activities, contacts, corrections, dormancy_transitions

pytestmark = pytest.mark.slow

ATTACKS = (
    "<script>window.hit=1</script>",
    "\"><img src=x onerror='window.hit=2'>",
    "'-window.hit=3-'",
    "</title></script><svg/onload=window.hit=4>",
    "{{7*7}}${7*7}<iframe srcdoc='<script>parent.hit=5</script>'>",
    "javascript:window.hit=6",
)
ALL = " ".join(ATTACKS)


def poison(engine: Engine) -> str:
    """Put hostile text into every column that people outside can fill; returns the alert's id."""
    visit, alert = derived("evil", "visit"), derived("evil", "alert")
    pages = ((f"/{ALL}", f"{ALL}"[:200], 5000), ("/x", "", 0))
    with writing(engine) as connection:
        put_visit(connection, visit, NOW, pages, prefix=ATTACKS[1][:40], visitor="evil", agent=ALL, referrer=ATTACKS[5])
        why = {
            "network": [reason(ALL)],
            "match": [reason(ALL)],
            "evidence": [{"source": ALL, "prefix": ALL, "organisation": ALL}],
        }
        put_judgement(
            connection,
            visit,
            NOW,
            kind="business",
            organisation=ALL,
            account="evil",
            dormant=True,
            points=90.0,
            confidence=0.9,
            why=why,
            prefix=ATTACKS[1][:40],
        )
        put_visit(connection, derived("evil", 2), NOW, pages, visitor="evil2", agent=ALL)
        put_judgement(
            connection, derived("evil", 2), NOW, kind="business", organisation=ALL, drop="account_none", why=why
        )
        put_visit(connection, derived("evil", 3), NOW, pages, visitor="evil3", agent=ALL)
        put_judgement(
            connection, derived("evil", 3), NOW, kind=ATTACKS[0][:16], organisation=ALL, drop="network_isp", why=why
        )
        connection.execute(
            accounts.insert().values(
                id="evil",
                name=ALL[:300],
                industry=ALL[:200],
                country=ALL[:100],
                location=ALL,
                owner_email=ALL[:254],
                lifecycle="",
                imported_at=NOW,
            )
        )
        connection.execute(
            contacts.insert().values(
                id="evil", account="evil", name=ALL[:200], role=ALL[:200], email=ALL, phone=ALL[:60], prefers=ALL[:40]
            )
        )
        connection.execute(
            activities.insert().values(
                id="evil",
                account="evil",
                kind="purchase",
                at=NOW,
                product=ALL,
                amount_hundredths=100,
                currency="<b>",
                note=ALL,
            )
        )
        connection.execute(
            activities.insert().values(id="evil2", account="evil", kind="dormancy_reason", at=NOW, note=ALL)
        )
        connection.execute(
            dormancy_transitions.insert().values(
                id="evil", account="evil", at=NOW, from_state="active", to_state="dormant", why=ALL
            )
        )
        connection.execute(
            corrections.insert().values(id="evil", account="evil", prefix=ATTACKS[1][:40], by=ALL[:254], at=NOW)
        )
        connection.execute(
            alerts.insert().values(
                id=alert,
                account="evil",
                visit=visit,
                site=SITE,
                at=NOW,
                created_at=NOW,
                score=90,
                why=[reason(ALL)],
                backfill=False,
                to=ALL[:254],
                message=MESSAGE | {"title": ALL, "facts": [ALL], "lines": [{"label": ALL, "text": ALL}]},
            )
        )
        connection.execute(
            deliveries.insert().values(id="evil", alert=alert, channel=ATTACKS[2], status="dead", due_at=NOW, error=ALL)
        )
        connection.execute(feedback.insert().values(id="evil", alert=alert, kind="claimed", by=ALL[:254], at=NOW))
    return alert


def test_stored_text_never_runs(browser: Browser, engine: Engine, tmp_path: Path) -> None:
    """Scripts in paths, titles, referrers, agents, organisations, names, notes and errors never run on any page."""
    seed(engine, NOW)
    alert = poison(engine)
    link = action_token("only for tests", LinkedAction(alert=AlertId(alert), action="claim", by=ALL[:200]))
    with writing(engine) as connection:
        ensure_admin(connection, NOW)
        token = login_link(connection, NOW)
    context = browser.new_context()
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    with served(dashboard(engine, tmp_path)) as url:
        page.goto(f"{url}/go/{token}")
        paths = (
            "/",
            "/now",
            "/accounts",
            "/accounts/evil",
            "/alerts",
            "/alerts?show=stuck",
            "/losses/visits/account_none",
            "/losses/visits/network_isp",
            "/losses/visits/alerted",
            f"/act/{link}",
            "/accounts?q=<script>window.hit=7</script>",
            "/accounts/evil.json",
            "/settings",
        )
        for path in paths:
            page.goto(url + path)
            for details in page.locator("details").all():
                details.evaluate("each => each.open = true")
            page.wait_for_timeout(50)
            assert page.evaluate("window.hit") is None, path
            assert page.locator("main img, main iframe, main script, main svg[onload], main b b").count() == 0, path
            assert page.locator('a[href^="javascript"]').count() == 0, path
            if path == "/accounts/evil":
                assert "<script>window.hit=1</script>" in page.inner_text("main")
        page.goto(f"{url}/accounts/evil")
        page.wait_for_timeout(4500)  # the live part was made anew at least once
        assert page.evaluate("window.hit") is None
    assert complaints == []
    context.close()
