"""The shapes of corrections in the API and at the command line (pure)."""

from __future__ import annotations

import msgspec

from core.clock import iso
from enrichment.company.voices import Kept


class CorrectionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One correction."""

    id: str
    verdict: str
    scope: str
    account: str
    prefix: str | None
    """The network; of an address the network around it. The address itself is kept only as a hash."""
    asn: int | None
    visit: str | None
    by: str
    on_behalf_of: str | None
    at: str
    undone_at: str | None


class CorrectionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `POST /api/v1/corrections` takes: one of `address`, `prefix`, `asn`, `visit`."""

    verdict: str
    account: str
    address: str = ""
    prefix: str = ""
    asn: int | None = None
    visit: str = ""
    on_behalf_of: str = ""
    """Whose word the program passes on: kept as information. The voice is the key's own."""


class CorrectionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a correction."""

    id: str
    said: str
    moved: int
    """How many past visits changed hands."""
    for_all: bool
    """False while it waits for a second voice."""


def line(kept: Kept) -> CorrectionLine:
    """Return a correction as it is shown."""
    word = kept.word
    return CorrectionLine(
        id=word.id,
        verdict=word.verdict,
        scope=word.scope,
        account=word.account,
        prefix=word.prefix or None,
        asn=word.asn,
        visit=word.visit or None,
        by=word.by,
        on_behalf_of=word.on_behalf_of or None,
        at=iso(word.at),
        undone_at=iso(kept.undone_at) if kept.undone_at else None,
    )
