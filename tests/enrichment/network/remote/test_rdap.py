"""Registries' answers: real ones are read, bad ones refused, and no call takes long or leads elsewhere."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import BaseHandler, OpenerDirector, Request
from urllib.response import addinfourl

import pytest
from rdap_stand_in import FaultKind, RdapStandIn, Record, answer

from core.errors import InputError
from enrichment.account.domains import registrable
from enrichment.network.remote.answers import RegistryAnswer, read_record
from enrichment.network.remote.rdap import RdapClient, parse_page, parse_rdap
from enrichment.network.remote.registries import REGISTRIES, Bootstrap, built_in, registry_at, with_urls
from enrichment.network.remote.transport import Bounds, CallError, NoRecordError, ReferralError, ThrottledError

FOODS = Record(
    prefix="192.0.2.8/29",
    name="Example Foods GmbH",
    netname="FOODS-NET",
    country="DE",
    emails=("noc@carrier.test", "it@example-foods.com"),
)


def read(record: Record, ip: str = "192.0.2.9") -> RegistryAnswer:
    return read_record(parse_rdap(answer(record), ip), record.registry, ip, registrable)


def client(rdap: RdapStandIn, total: float = 0.6) -> RdapClient:
    return RdapClient(with_urls(rdap.by_registry), registrable, bounds=Bounds(silence=0.3, total=total))


@pytest.mark.parametrize("registry", ["arin", "ripencc", "apnic", "lacnic", "afrinic"])
def test_each_registry_names_the_customer_in_its_own_way(registry: str) -> None:
    """ARIN and LACNIC name a registrant, RIPE and APNIC describe; the answer is the same."""
    found = read(Record(prefix="192.0.2.8/29", name="Example Foods GmbH", registry=registry, country="DE"))
    assert (found.organisation, found.first, found.last) == ("Example Foods GmbH", "192.0.2.8", "192.0.2.15")
    assert (found.netname, found.country, found.is_person) == ("EXAMPLE-NET", "DE", False)


def test_a_domain_counts_only_when_it_fits_the_name() -> None:
    """Most contacts are the carrier's; the customer's own is recognised by its name."""
    assert read(FOODS).domain == "example-foods.com"
    assert read(Record(prefix="192.0.2.8/29", name="Example Foods GmbH", emails=("a@carrier.test",))).domain is None


@pytest.mark.parametrize(
    "record",
    [
        Record(prefix="192.0.2.8/29", name="Anna Example", kind="individual", registry="ripencc"),
        Record(prefix="192.0.2.8/29", name="Anna Example", kind="individual", registry="arin"),
        Record(prefix="192.0.2.8/29", name="Private Customer", registry="arin"),
        Record(prefix="192.0.2.8/29", name="Maria Schmidt", registry="ripencc", netname="SCHMIDT-NET"),
    ],
)
def test_a_person_is_never_named(record: Record) -> None:
    """Nothing that could name them is kept: not the name, the network's name nor the description."""
    found = read(record)
    assert found.is_person
    assert (found.organisation, found.netname, found.domain, found.text) == (None, None, None, "")


def test_what_names_nobody_stays_unnamed() -> None:
    """Codes, stock phrases and maintainers are no organisations."""
    for name in ("", "STATIC IP POOL", "CUST-20391-0042", "EXAMPLE-MNT"):
        assert read(Record(prefix="192.0.2.8/29", name=name)).organisation is None


def test_contacts_are_not_kept() -> None:
    """Addresses of mail, telephone numbers and links of a record don't reach the answer."""
    found = read(
        Record(
            prefix="192.0.2.8/29",
            name="Example Foods GmbH",
            remarks=("Send abuse to abuse@example.com", "Tel. +49 30 000000", "https://example.com", "Plant 2"),
        )
    )
    assert found.text.splitlines()[-2:] == ["descr: Example Foods GmbH", "descr: Plant 2"]
    assert "@" not in found.text and "+49" not in found.text


def test_a_range_is_no_cidr() -> None:
    """Registries give ranges; the address's own part of it is what the evidence is about."""
    found = read(Record(prefix="192.0.2.8-192.0.2.20", name="Example Foods GmbH"))
    assert (found.prefix_of("192.0.2.9"), found.prefix_of("192.0.2.18")) == ("192.0.2.8/29", "192.0.2.16/30")


FAULTS: list[tuple[FaultKind, type[Exception]]] = [
    ("rate_limited", ThrottledError),
    ("server_error", CallError),
    ("hang", CallError),
    ("drip", CallError),
    ("truncated", CallError),
    ("huge", CallError),
    ("garbage", CallError),
    ("html", CallError),
    ("lie", CallError),
    ("everything", CallError),
    ("redirect_loop", CallError),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
def test_whatever_a_registry_does_the_call_ends(fault: FaultKind, error: type[Exception]) -> None:
    """Each misbehaviour is an error of ours, within the time limit and without a second call of our own."""
    with RdapStandIn([FOODS]) as rdap:
        rdap.fault(fault, times=10, seconds=3)
        began = time.monotonic()
        with pytest.raises(error):
            client(rdap).ask("ripencc", "192.0.2.9")
        assert time.monotonic() - began < 1.5
        assert len(rdap.log) <= (4 if fault == "redirect_loop" else 1)


def test_what_a_registry_asks_for_is_heard() -> None:
    """Retry-After comes through."""
    with RdapStandIn([FOODS]) as rdap:
        rdap.fault("rate_limited", seconds=120)
        with pytest.raises(ThrottledError) as raised:
            client(rdap).ask("ripencc", "192.0.2.9")
    assert raised.value.retry_after == timedelta(seconds=120)


def test_a_registry_may_send_us_to_another_one_but_nowhere_else() -> None:
    """A referral is told of, so that the other one's budget is asked first; other addresses are refused unseen."""
    with RdapStandIn([FOODS]) as rdap, RdapStandIn() as elsewhere:
        rdap.fault("referral", to="registro.br")
        with pytest.raises(ReferralError) as raised:
            client(rdap).ask("lacnic", "192.0.2.9")
        assert raised.value.to == "registro.br"
        for url in (f"{elsewhere.url}/ip/192.0.2.9", "http://169.254.169.254/latest"):
            rdap.fault("elsewhere", to=url)
            with pytest.raises(CallError, match="no registry"):
                client(rdap).ask("lacnic", "192.0.2.9")
        assert elsewhere.log == []


@pytest.mark.parametrize(
    "url",
    [
        "http://rdap.arin.net/registry/ip/192.0.2.1",
        "https://rdap.arin.net:8443/registry/ip/192.0.2.1",
        "https://rdap.arin.net.example.com/registry/ip/192.0.2.1",
        "https://user@rdap.arin.net/registry/ip/192.0.2.1",
        "https://rdap.arin.net/registryx/ip/192.0.2.1",
        "https://127.0.0.1/registry/ip/192.0.2.1",
        "https://[::1]/registry",
        "https://rdap.arin.net:port/registry",
        "gopher://rdap.arin.net/registry/ip/1",
    ],
)
def test_what_is_no_registrys_address(url: str) -> None:
    """Scheme, host, port and path must be a registry's own."""
    assert registry_at(url, REGISTRIES) is None
    assert registry_at("https://rdap.arin.net/registry/ip/192.0.2.1", REGISTRIES) == "arin"


def test_an_unknown_network_is_no_failure() -> None:
    """404 says that the registry knows nothing."""
    with RdapStandIn() as rdap, pytest.raises(NoRecordError):
        client(rdap).ask("ripencc", "192.0.2.9")


def test_the_web_can_be_replaced() -> None:
    """Without any connection: an opener that hands out what it was given."""

    class Canned(BaseHandler):
        def https_open(self, req: Request) -> addinfourl:
            asked.append(req.full_url)
            return addinfourl(BytesIO(json.dumps(answer(FOODS)).encode()), {}, req.full_url, 200)  # type: ignore[arg-type]

    asked: list[str] = []
    opener = OpenerDirector()
    opener.add_handler(Canned())
    found = RdapClient(REGISTRIES, registrable, opener=opener).ask("ripencc", "192.0.2.9")
    assert (found.organisation, asked) == ("Example Foods GmbH", ["https://rdap.db.ripe.net/ip/192.0.2.9"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"handle": 3},
        {"handle": "x", "ipVersion": "v4", "startAddress": None, "endAddress": None},
        {"handle": "x", "ipVersion": "v4", "startAddress": "192.0.2.0", "endAddress": "nowhere"},
        {"handle": "x", "ipVersion": "v6", "startAddress": "192.0.2.0", "endAddress": "192.0.2.255", "entities": 4},
        {
            **answer(FOODS),
            "remarks": [None, 3, {"description": "text"}],
            "entities": [None, {"vcardArray": 1}, {"roles": 2}],
        },
        {**answer(FOODS), "entities": [{"handle": "A", "vcardArray": ["vcard", [["fn"], ["email", {}]]]}]},
    ],
)
def test_odd_shapes_end_as_an_answer_or_an_error_of_ours(body: dict[str, Any]) -> None:
    """Nothing of a vendor's reader gets through."""
    try:
        record = parse_rdap(body, "192.0.2.9")
    except CallError:
        return
    assert record.first in ("192.0.2.0", "192.0.2.8", "")


REAL = {
    "62.239.237.1": ("62.239.237.0", "62.239.237.255", "UDC", "ASSIGNED PA"),
    "200.57.141.161": ("200.57.141.161", "200.57.141.161", "Triara.com, S.A. de C.V.", "allocated"),
    "2801:10:c000::": ("2801:10:c000::", "2801:10:c000::", "Universidad Catolica de Oriente", "assigned"),
    "74.125.225.229": ("74.125.0.0", "74.125.255.255", "Google Inc.", None),
    "210.107.73.73": ("210.107.0.0", "210.107.127.255", "DACOM Corp.", "ALLOCATED PORTABLE"),
    "2001:240:10c:1::ca20:9d1d": ("2001:240::", "2001:240:ffff:ffff:ffff:ffff:ffff:ffff", None, "ALLOCATED PORTABLE"),
}


def test_real_answers_are_read(shared_data: Path) -> None:
    """ipwhois's own examples of all five registries: range, organisation, status; no contact's name in any."""
    answers = json.loads((shared_data / "rdap" / "ipwhois_rdap.json").read_text())
    found = {
        ip: read_record(parse_rdap(item["response"], ip), item["asn_data"]["asn_registry"], ip, registrable)
        for ip, item in answers.items()
    }
    assert len(found) == 10
    assert {ip: (it.first, it.last, it.organisation, it.status) for ip, it in found.items() if ip in REAL} == REAL
    assert not any("@" in item.text or "Rodriguez" in item.text for item in found.values())
    assert {ip: item.ask_also for ip, item in found.items() if item.ask_also} == {
        "2001:240:10c:1::ca20:9d1d": "jpnic",
        "210.107.73.73": "krnic",
    }


def test_pages_of_japan_and_korea_are_read(shared_data: Path) -> None:
    """JPNIC and KRNIC answer with pages for people; the narrowest network on them counts."""
    found = []
    for registry in ("jpnic", "krnic"):
        for ip, item in json.loads((shared_data / "rdap" / f"ipwhois_{registry}.json").read_text()).items():
            record = read_record(parse_page(item["response"], registry, ip), registry, ip, registrable)
            found.append((record.first, record.last, record.organisation))
    assert found == [("133.1.0.0", "133.1.255.255", "Osaka University"), ("115.1.2.0", "115.1.2.63", "KT")]


def test_a_page_without_a_network_is_no_answer() -> None:
    """JPNIC says "No match!!" for what it hasn't given out."""
    with pytest.raises(NoRecordError):
        parse_page("<PRE>No match!!</PRE>", "jpnic", "192.0.2.9")


def test_whose_an_address_is() -> None:
    """IANA's table, the most specific line first; what nobody gave out is nobody's."""
    table = built_in()
    assert [table.registry(ip) for ip in ("8.8.8.8", "62.0.0.1", "1.1.1.1", "177.0.0.1", "41.0.0.1")] == [
        "arin",
        "ripencc",
        "apnic",
        "lacnic",
        "afrinic",
    ]
    assert [table.registry(ip) for ip in ("2a10::1", "2804::1", "10.0.0.1", "fe80::1")] == [
        "ripencc",
        "lacnic",
        None,
        None,
    ]
    with pytest.raises(InputError, match="line 2"):
        Bootstrap("192.0.2.0/24\tarin\n192.0.2.0/24 nobody\n")


def test_where_registries_are_asked_is_a_setting() -> None:
    """One address for all, or one each; a registry that doesn't exist is named."""
    assert {registry.url for registry in with_urls("https://rdap.example.com/").values()} == {
        "https://rdap.example.com"
    }
    some = with_urls("arin=https://a.example.com,lacnic=https://l.example.com/rdap")
    assert (some["arin"].url, some["lacnic"].url) == ("https://a.example.com", "https://l.example.com/rdap")
    assert some["ripencc"] == REGISTRIES["ripencc"]
    with pytest.raises(InputError, match="internic"):
        with_urls("internic=https://example.com")
