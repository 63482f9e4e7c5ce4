"""Asks the registries by ipwhois, and the national ones of Japan and Korea; the vendor's types stop here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlencode
from urllib.request import OpenerDirector

from ipwhois.net import Net
from ipwhois.nir import NIR_WHOIS, NIRWhois
from ipwhois.rdap import RDAP

from enrichment.network.remote.answers import Party, RawRecord, RefusedError, RegistryAnswer, Remark, read_record
from enrichment.network.remote.registries import SCRAPED, Registry, registry_at
from enrichment.network.remote.transport import Bounds, CallError, NoRecordError, ThrottledError, Transport

_READ_AS = "arin"
"""The registry that ipwhois is told of: it only picks an address from it, which we don't use."""


class _OfflineNet(Net):  # type: ignore[misc]
    """ipwhois's idea of an address, without its resolver, opener and refusals: it only reads what we fetched."""

    def __init__(self, ip: str) -> None:
        self.address = ip_address(ip)
        self.address_str = str(self.address)
        self.version = self.address.version
        self.timeout = 0


class RdapClient:
    """Asks a registry what it knows of an address: one call, bounded, never repeated."""

    def __init__(
        self,
        registries: Mapping[str, Registry],
        registrable: Callable[[str], str | None],
        *,
        bounds: Bounds | None = None,
        opener: OpenerDirector | None = None,
    ) -> None:
        """`registrable` returns a domain's registrable part; `opener` replaces the web."""
        self._registries = registries
        self._registrable = registrable
        self._transport = Transport(lambda url: registry_at(url, registries), bounds, opener)

    def ask(self, registry: str, ip: str) -> RegistryAnswer:
        """Return what the registry says of the address.

        Raises NoRecordError when it knows nothing, ReferralError when another registry knows more, ThrottledError when
        it asks for a rest, CallError when it is out of order or says what can't be.
        """
        record = self._scraped(registry, ip) if registry in SCRAPED else self._record(registry, ip)
        try:
            return read_record(record, registry, ip, self._registrable)
        except RefusedError as error:
            raise CallError(str(error)) from None

    def _record(self, registry: str, ip: str) -> RawRecord:
        url = f"{self._registries[registry].url}/ip/{ip}"
        body = self._transport.get(url, "application/rdap+json, application/json")
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise CallError("the answer isn't JSON") from None
        if not isinstance(answer, dict):
            raise CallError("the answer isn't a record of a network")
        _refuse_errors(answer)
        return parse_rdap(answer, ip)

    def _scraped(self, registry: str, ip: str) -> RawRecord:
        page = self._registries[registry].url
        known = NIR_WHOIS[registry]
        headers = {name: value for name, value in known["request_headers"].items() if name != "Accept"}
        if known["request_type"] == "POST":
            form = urlencode({known["form_data_ip_field"]: ip}).encode()
            body = self._transport.get(page, "text/html", form, headers)
        else:
            query = urlencode({"lang": "/e", "key": ip, "submit": "query"})
            body = self._transport.get(f"{page}?{query}", "text/html", None, headers)
        return parse_page(body.decode("utf-8", "replace"), registry, ip)


def parse_rdap(answer: dict[str, Any], ip: str) -> RawRecord:
    """Read RDAP's JSON by ipwhois. Raises CallError for JSON that is no record of a network."""
    answer = {**answer, "entities": _whole_entities(answer.get("entities"))}
    try:
        found: dict[str, Any] = RDAP(_OfflineNet(ip)).lookup(
            response=answer, asn_data={"asn_registry": _READ_AS}, retry_count=0, depth=0, root_ent_check=False
        )
        network = found["network"]
        return RawRecord(
            first=str(network["start_address"] or ""),
            last=str(network["end_address"] or ""),
            netname=str(network["name"] or ""),
            status=str(network["type"] or ""),
            country=str(network["country"] or ""),
            remarks=tuple(_remark(item) for item in network["remarks"] or ()),
            parties=tuple(_party(handle, item) for handle, item in found["objects"].items()),
        )
    except Exception as error:  # whatever shape it had: 16 kinds of its own, and any of Python's
        raise CallError(f"the answer isn't a record of a network ({type(error).__name__})") from None


def parse_page(page: str, registry: str, ip: str) -> RawRecord:
    """Read JPNIC's or KRNIC's page by ipwhois. Raises NoRecordError when it names no network."""
    try:
        found: dict[str, Any] = NIRWhois(_OfflineNet(ip)).lookup(
            nir=registry, response=page, is_offline=True, field_list=["name", "handle", "country"]
        )
        nets: list[dict[str, Any]] = found["nets"] or []
    except Exception as error:
        raise CallError(f"the page can't be read ({type(error).__name__})") from None
    narrowest: tuple[int, RawRecord] | None = None
    for net in nets:
        for cidr in str(net.get("cidr") or "").split(", "):
            record = _of_page(net, cidr, registry, ip)
            if record is not None and (narrowest is None or record[0] > narrowest[0]):
                narrowest = record
    if narrowest is None:
        raise NoRecordError("the page names no network")
    return narrowest[1]


def _of_page(net: dict[str, Any], cidr: str, registry: str, ip: str) -> tuple[int, RawRecord] | None:
    try:
        network = ip_network(cidr)
    except ValueError:
        return None
    if ip_address(ip) not in network:
        return None
    name = str(net.get("name") or "").split("\n")[0].strip()
    record = RawRecord(
        first=str(network[0]),
        last=str(network[-1]),
        netname=str(net.get("handle") or "").split("\n")[0],
        status="ASSIGNED",
        country=str(NIR_WHOIS[registry]["country_code"]),
        remarks=(Remark(title="description", lines=(name,)),) if name else (),
    )
    return network.prefixlen, record


def _refuse_errors(answer: dict[str, Any]) -> None:
    """Raise for an answer of 200 that is an error or a request to slow down."""
    notices = answer.get("notices")
    for notice in notices if isinstance(notices, list) else ():
        if isinstance(notice, dict) and notice.get("title") == "Rate Limit Notice":
            raise ThrottledError("it says that it was asked too often", None)
    if answer.get("errorCode") == 404:
        raise NoRecordError("no such record")
    if "errorCode" in answer:
        raise CallError(f"it answered {str(answer['errorCode'])[:10]}")


def _whole_entities(entities: object) -> list[dict[str, Any]]:
    """Return the entities that ipwhois can read; one without a handle would cost all that come after it."""
    found: list[dict[str, Any]] = []
    for number, entity in enumerate(entities if isinstance(entities, list) else ()):
        if isinstance(entity, dict):
            handle = entity.get("handle")
            found.append({**entity, "handle": handle if isinstance(handle, str) and handle else f"unnamed-{number}"})
    return found


def _remark(item: dict[str, Any]) -> Remark:
    return Remark(title=str(item["title"] or ""), lines=tuple(str(item["description"] or "").split("\n")))


def _party(handle: str, item: dict[str, Any]) -> Party:
    contact = item.get("contact") or {}
    emails = contact.get("email") or ()
    return Party(
        handle=handle,
        name=str(contact.get("name") or ""),
        kind=str(contact.get("kind") or ""),
        roles=tuple(str(role) for role in item.get("roles") or ()),
        emails=tuple(str(email.get("value") or "") for email in emails if isinstance(email, dict)),
    )
