"""The demo's pages through the dashboard: who may see them, what the shop embeds, what the watch tells."""

from __future__ import annotations

import re

import pages
import pytest
from demo_shop import CHOICES, Shop
from flask.testing import FlaskClient

from app import signed
from app.demo.views import SHOP_PAGES
from app.demo.views import pages as demo_pages
from app.factory import create_app
from core.database import writing
from tracker.site_store import remove_site


@pytest.fixture
def client(shop: Shop) -> FlaskClient:
    """A logged-in browser on the dashboard with the demo."""
    app = create_app(shop.settings, shop.engine, shop.clock, more=(demo_pages,), schema_is_current=lambda _: True)
    return pages.logged_in(app)


def test_without_a_login_there_is_no_demo(shop: Shop) -> None:
    """The page, the shop and the watch ask for a login: the shop mints tokens."""
    app = create_app(shop.settings, shop.engine, shop.clock, more=(demo_pages,), schema_is_current=lambda _: True)
    guest = app.test_client()
    assert guest.get("/demo").status_code == 302
    assert guest.get("/demo/shop/hartmann/1/pricing").status_code == 302
    assert guest.get("/demo/watch.json").status_code == 401
    assert guest.post("/demo/restart", headers=pages.SAME_ORIGIN).status_code == 401


def test_the_page_offers_every_visitor(client: FlaskClient) -> None:
    """Two who come back and five silences, each one click."""
    text = client.get("/demo").text
    assert re.findall(r'href="/demo/visit/([\w-]+)" target="shop"', text) == list(CHOICES)
    assert "dormouse demo remove" in text


def test_each_click_is_somebody_new(client: FlaskClient) -> None:
    """Two clicks on one card open the shop as two visitors, so that their visits don't run together."""
    places = {client.get("/demo/visit/hartmann").headers["Location"] for _ in range(5)}
    assert all(re.fullmatch(r"/demo/shop/hartmann/\d+/pricing", place) for place in places)
    assert len(places) > 1


@pytest.mark.parametrize("path", SHOP_PAGES)
def test_every_page_of_the_shop_carries_the_real_snippet(client: FlaskClient, shop: Shop, path: str) -> None:
    """The snippet comes from the collector, with the demo's site and a token of the chosen visitor."""
    answer = client.get(f"/demo/shop/hartmann/17{path}")
    tag = re.search(r'<script async src="([^"]+)" data-site="([^"]+)" data-demo="([^"]+)"></script>', answer.text)
    assert tag is not None
    assert tag[1] == f"{shop.settings.collector_url}/dm.js"
    assert tag[2] == "demo.dormouse.example"
    assert signed.read_demo_visitor(shop.settings.secret, tag[3]) == CHOICES["hartmann"].identity(17)


@pytest.mark.parametrize(
    "path",
    ["/demo/visit/nobody", "/demo/shop/nobody/1/pricing", "/demo/shop/hartmann/1/etc", "/demo/shop/hartmann/9999999/"],
)
def test_what_does_not_exist_is_not_found(client: FlaskClient, path: str) -> None:
    """Unknown visitors and pages are 404, not a shop without a visitor."""
    assert client.get(path).status_code == 404


def test_only_the_shop_may_be_framed_and_talk_to_the_collector(client: FlaskClient, shop: Shop) -> None:
    """The shop's policy names the collector; none has an unsafe- word; the demo page itself is never framed."""
    outer = client.get("/demo").headers
    inner = client.get("/demo/shop/hartmann/17/pricing").headers
    assert f"connect-src {shop.settings.collector_url};" in inner["Content-Security-Policy"] + ";"
    assert f"script-src 'self' {shop.settings.collector_url};" in inner["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in inner["Content-Security-Policy"]
    assert "X-Frame-Options" not in inner
    assert "frame-ancestors 'none'" in outer["Content-Security-Policy"]
    assert "frame-src 'self'" in outer["Content-Security-Policy"]
    assert "unsafe" not in outer["Content-Security-Policy"] + inner["Content-Security-Policy"]


def test_the_watch_tells_what_came_since_the_page_was_opened(client: FlaskClient, shop: Shop) -> None:
    """Visits from before are not shown; unchanged answers cost no bytes."""
    shop.visit("crawler")
    client.get("/demo")
    assert client.get("/demo/watch.json").json == {"waits": False, "slack": [], "tape": []}
    shop.visit("hartmann")
    answer = client.get("/demo/watch.json")
    assert [len(answer.json[name]) for name in ("slack", "tape")] == [1, 1]
    assert "Hartmann Pumpen GmbH is back" in answer.json["slack"][0]["html"]
    assert "60 ≥ 60" in answer.json["tape"][0]["html"]
    again = client.get("/demo/watch.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_starting_over_empties_the_page(client: FlaskClient, shop: Shop) -> None:
    """By script or by form, the page starts anew; another website can't cause it."""
    client.get("/demo")
    shop.visit("hartmann")
    assert client.post("/demo/restart", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/demo/restart", headers=pages.SAME_ORIGIN).status_code == 303
    assert client.get("/demo/watch.json").json["slack"] == []
    asked = client.post("/demo/restart", headers={**pages.SAME_ORIGIN, "Accept": "application/json"})
    assert asked.json == {"said": "Started over: everybody is asleep again."}


def test_a_proxy_is_named_as_the_trouble_it_is(client: FlaskClient) -> None:
    """Through a proxy nobody may pretend to be somebody else: the page says so instead of failing in silence."""
    assert "came through a proxy" not in client.get("/demo").text
    assert "came through a proxy" in client.get("/demo", headers={"X-Forwarded-For": "192.0.2.1"}).text


def test_without_the_demo_the_page_leads_on(client: FlaskClient, shop: Shop) -> None:
    """Once removed, the demo is gone: its page leads to the awake accounts and says why."""
    with writing(shop.engine) as connection:
        remove_site(connection, "demo.dormouse.example")
    answer = client.get("/demo")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "The demo was removed" in client.get("/").text
    assert client.get("/demo/watch.json").status_code == 410


def test_the_digest_page_tells_what_is_to_do_now(client: FlaskClient, shop: Shop) -> None:
    """A rep's digest has the alert that just came, with its buttons; the manager's week has it too."""
    assert "Slipping" in client.get("/demo/digest?to=sam@dormouse.example").get_data(as_text=True)
    shop.visit("hartmann")
    own = client.get("/demo/digest").get_data(as_text=True)
    assert "Anna" in own and "Hartmann Pumpen GmbH" in own and 'data-do="claim"' in own
    week = client.get("/demo/digest?to=mia@dormouse.example").get_data(as_text=True)
    assert "1 alert, 1 open" in week


def test_an_admin_sees_the_lists_of_the_fictional_reps_alone(client: FlaskClient, shop: Shop) -> None:
    """Anna's list has her alert; nobody's list is shown for an address that isn't the demo's."""
    shop.visit("hartmann")
    assert "Hartmann Pumpen GmbH" in client.get("/mine?as=anna@dormouse.example").get_data(as_text=True)
    assert "For anna@example.com" not in client.get("/mine?as=anna@example.com").get_data(as_text=True)
