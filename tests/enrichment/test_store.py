"""What is kept of a judgement, and what isn't."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from core.domain import Drop, DropReason, Evidence, Identification, Network, NetworkKind, OwnerKind, SiteId
from enrichment.store import evidence_rows, reasons_by_step

AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(("owner", "kept"), [(OwnerKind.PERSON, False), (OwnerKind.COMPANY, True)])
def test_a_private_persons_name_is_not_kept_with_the_evidence(owner: OwnerKind, kept: bool) -> None:
    """What the registry says of a person's line is kept without name and domain; who announces it stays."""
    evidence = Evidence(
        source="mmdb:x.mmdb",
        prefix="192.0.2.0/29",
        organisation="Erika Mustermann",
        domain="erika-mustermann.example",
        as_name="Example Broadband AG",
    )
    network = Network(
        ip="192.0.2.1",
        prefix="192.0.2.0/29",
        kind=NetworkKind.ISP,
        owner_kind=owner,
        organisation=None,
        domain=None,
        asn=None,
        accounts=(),
        confidence=0.0,
        evidence=(evidence,),
        why=(),
    )
    drop = Drop(
        reason=DropReason.COMPANY_PERSON,
        at=AT,
        site=SiteId("example.com"),
        seen=Identification(network=network),
    )
    text = json.dumps([reasons_by_step(drop), evidence_rows(drop.seen)]).lower()
    assert ("mustermann" in text, "example broadband" in text) == (kept, not kept)
