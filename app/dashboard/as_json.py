"""An account's timeline as JSON; the format is a contract, written down in docs/api.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from app.dashboard import queries_facts as facts
from app.dashboard import queries_timeline as of
from app.dashboard.queries_rows import Said, Step
from core.clock import iso

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


def text(value: Json) -> str:
    """Return JSON that stays harmless even if somebody puts it into a page."""
    return json.dumps(value, ensure_ascii=False, indent=1).replace("<", "\\u003c").replace(">", "\\u003e") + "\n"


def timeline(head: of.Head, events: Sequence[of.Event]) -> Mapping[str, Json]:
    """Return the account with all its events, newest first."""
    return {"account": _head(head), "events": [_event(event) for event in events]}


def _head(head: of.Head) -> Mapping[str, Json]:
    return {
        "id": head.id,
        "name": head.name,
        "industry": head.industry,
        "country": head.country,
        "location": head.location,
        "lifecycle": head.lifecycle,
        "owner": head.owner,
        "domains": list(head.domains),
        "state": head.state,
        "state_since": _at(head.state_since),
        "orders": head.orders.count,
        "worth": _money(head.orders.worth),
        "last_order_at": _at(head.orders.last_at),
        "usual_gap_days": head.orders.usual_gap_days,
        "left_over": head.left_over,
        "claimed_by": head.claim.by if head.claim else None,
        "claimed_at": _at(head.claim.at) if head.claim else None,
    }


def _event(event: of.Event) -> Mapping[str, Json]:
    if isinstance(event, of.VisitEvent):
        return _visit(event)
    if isinstance(event, of.AlertEvent):
        return _alert(event)
    if isinstance(event, of.ActivityEvent):
        amount = _money(event.money)
        return {
            "type": event.kind,
            "at": iso(event.at),
            "product": event.product,
            "amount": amount,
            "note": event.note,
        }
    if isinstance(event, of.StateEvent):
        return {"type": "state", "at": iso(event.at), "from": event.before, "to": event.after, "why": event.why}
    return {
        "type": "correction",
        "at": iso(event.at),
        "id": event.id,
        "prefix": event.prefix,
        "verdict": event.verdict,
        "of": event.place,
        "by": event.by,
        "undone_at": _at(event.undone_at),
    }


def _visit(event: of.VisitEvent) -> Mapping[str, Json]:
    return {
        "type": "visit",
        "at": iso(event.at),
        "id": event.id,
        "site": event.site,
        "started_at": iso(event.started_at),
        "pages": [
            {"at": iso(page.at), "path": page.path, "title": page.title, "engaged_ms": page.engaged_ms}
            for page in event.pages
        ],
        "engaged_ms": event.engaged_ms,
        "prefix": event.prefix or None,
        "organisation": event.organisation or None,
        "network": event.network or None,
        "confidence": event.confidence,
        "score": event.points,
        "silent_days": event.silent_days,
        "silence": event.silence or None,
        "alert": event.alert,
        "why": [_step(step) for step in event.steps],
        "sources": [
            {
                "source": source.source,
                "prefix": source.prefix,
                "addresses": source.size,
                "organisation": source.organisation,
                "domain": source.domain,
                "text": source.text,
                "at": _at(source.at),
                "speaks": source.speaks or None,
            }
            for source in event.sources
        ],
    }


def _alert(event: of.AlertEvent) -> Mapping[str, Json]:
    return {
        "type": "alert",
        "at": iso(event.at),
        "id": event.id,
        "visit": event.visit,
        "score": event.score,
        "to": event.to,
        "backfill": event.backfill,
        "why": [_said(reason) for reason in event.reasons],
        "deliveries": [
            {
                "channel": sending.channel,
                "status": sending.status,
                "attempts": sending.attempts,
                "sent_at": _at(sending.sent_at),
                "error": sending.error,
            }
            for sending in event.sendings
        ],
        "feedback": [
            {"kind": answer.kind, "by": answer.by, "at": iso(answer.at), "undone_at": _at(answer.undone_at)}
            for answer in event.answers
        ],
    }


def _step(step: Step) -> Mapping[str, Json]:
    return {"step": step.name, "reasons": [_said(reason) for reason in step.reasons]}


def _said(reason: Said) -> Mapping[str, Json]:
    return {"text": reason.text, "points": reason.points}


def _money(money: facts.Money | None) -> Json:
    return None if money is None else {"amount": f"{money.amount:.2f}", "currency": money.currency}


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
