"""Takes events from servers: sign-ins, use of the product, orders (`POST /api/v1/events`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from flask import Blueprint, Response, request
from sqlalchemy import Connection
from werkzeug.exceptions import RequestEntityTooLarge

from app.api import idempotency, store
from app.api.event_reading import Meaning, Refused, normal_name, read_event
from app.api.event_types import Answer, Body, Event, Refusal, Rejected
from app.api.keys import require
from app.api.problems import ApiError
from app.shell import now, shell
from core.domain import AccountId, Activity
from enrichment.account import event_store
from enrichment.network.learned import store as learned_store
from enrichment.network.learned.observation import Observation, observation

LARGEST_BATCH = 500 * 1024
LARGEST_EVENT = 32 * 1024

doors = Blueprint("api_events", __name__, url_prefix="/api/v1")

_body = msgspec.json.Decoder(Body)
_event = msgspec.json.Decoder(Event)

_Read = Meaning | Refused


@doors.post("/events")
@require("events")
def events() -> Response:
    """Take one event or a batch; 200 when all were taken, 207 when some were not, each with its reason."""
    body = _read_body()
    try:
        sent = _body.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        advice = f'Send JSON: {{"batch": [{{"type": "track", …}}]}}, or one event itself. {error}'
        raise ApiError(400, advice) from None
    is_batch = not isinstance(sent.batch, msgspec.UnsetType)
    raw = [bytes(one) for one in sent.batch] if not isinstance(sent.batch, msgspec.UnsetType) else [body]
    if not is_batch and len(body) > LARGEST_EVENT:
        raise ApiError(413, f"An event may have {LARGEST_EVENT // 1024} KB. Send less of it.")
    names = frozenset(map(normal_name, shell().settings.login_events))
    read = [_read(one, names, sent.sent_at, now()) for one in raw]

    def work(connection: Connection) -> tuple[int, str]:
        answer = take(connection, read, now(), shell().settings.secret)
        return (207 if answer.rejected else 200), msgspec.json.encode(answer).decode()

    return idempotency.once(body, work)


def _read_body() -> bytes:
    """Return the body. Raises ApiError when it is too large or of another kind."""
    if request.headers.get("Content-Encoding", "identity").lower() not in ("identity", ""):
        raise ApiError(415, "Send the body as it is, not compressed.")
    request.max_content_length = LARGEST_BATCH
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise ApiError(413, f"A request may have {LARGEST_BATCH // 1024} KB. Send smaller batches.") from None


def _read(raw: bytes, logins: frozenset[str], sent_at: datetime | None, at: datetime) -> tuple[str | None, _Read]:
    """One event's `messageId` and what it means."""
    if len(raw) > LARGEST_EVENT:
        text = f"an event may have {LARGEST_EVENT // 1024} KB: send less of it"
        return None, Refused(reason=Refusal.TOO_LARGE, detail=text)
    try:
        event = _event.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, Refused(reason=Refusal.MALFORMED, detail=str(error)[:300])
    message = None if event.message_id is None else str(event.message_id)[:200]
    return message, read_event(event, raw, logins, sent_at, at)


def take(connection: Connection, read: Sequence[tuple[str | None, _Read]], at: datetime, secret: str) -> Answer:
    """Keep what these events say, in the caller's transaction, and return what became of each."""
    meanings = [meaning for _, meaning in read if isinstance(meaning, Meaning)]
    ids = event_store.known_ids(connection, {one for meaning in meanings for one in meaning.ids})
    owners = event_store.accounts_of_domains(connection, {one for meaning in meanings for one in meaning.domains})
    found: dict[str, Activity] = {}
    seen: list[Observation] = []
    rejected: list[Rejected] = []
    taken: list[str] = []
    for index, (message, meaning) in enumerate(read):
        account = _account(meaning, ids, owners) if isinstance(meaning, Meaning) else meaning
        if isinstance(account, Refused) or isinstance(meaning, Refused):
            assert isinstance(account, Refused)
            refused = Rejected(index=index, message_id=message, reason=account.reason, detail=account.detail)
            rejected.append(refused)
            continue
        activity = meaning.activity(account)
        if activity is not None:
            taken.append(key := meaning.key(account))
            found.setdefault(key, activity)
        seen += _observed(meaning, account, secret)
    new = event_store.add_activities(connection, found)
    learned_store.observe(connection, seen, at)
    accepted = len(read) - len(rejected) - (len(taken) - len(new))
    numbers = Counter(one.reason.value for one in rejected)
    numbers.update({"accepted": accepted, "duplicate": len(taken) - len(new)})
    store.count_events(connection, at.date(), {name: number for name, number in numbers.items() if number})
    return Answer(accepted=accepted, duplicates=len(taken) - len(new), rejected=tuple(rejected))


def _account(
    meaning: Meaning, ids: Mapping[str, AccountId], owners: Mapping[str, frozenset[AccountId]]
) -> AccountId | Refused:
    """The account that an event is about: by id, else by the first domain that a single account has."""
    for text in meaning.ids:
        if text in ids:
            return ids[text]
    several = ""
    for domain in meaning.domains:
        of_domain = owners.get(domain, frozenset())
        if len(of_domain) == 1:
            return next(iter(of_domain))
        several = several or (domain if of_domain else "")
    if several:
        text = f"several accounts have the domain {several}: send the account's id in `context.groupId`"
        return Refused(reason=Refusal.AMBIGUOUS_ACCOUNT, detail=text)
    said = ", ".join(dict.fromkeys((*meaning.ids, *meaning.domains)))
    text = f"no account is known by {said[:200]}: import it, then send the event again"
    return Refused(reason=Refusal.UNKNOWN_ACCOUNT, detail=text)


def _observed(meaning: Meaning, account: AccountId, secret: str) -> list[Observation]:
    """What the event tells of the address it came from, where it is a sign-in or says who somebody is."""
    if meaning.seen_as is None or not meaning.ip or not secret:
        return []
    found = observation(secret, meaning.ip, account, meaning.seen_as, meaning.at, user=meaning.person)
    return [found] if found else []
