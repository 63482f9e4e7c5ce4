"""Alerts, feedback and planned edits in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alert_signals import MOMENT, full_briefing, full_signal, numbered
from sqlalchemy import Engine, select

import alerts.store as store
from alerts.decide import Context, decide
from alerts.deliveries.store import Claim, DeliveryQueue, next_due
from alerts.message import from_data, to_data
from alerts.tables import deliveries
from core.alerting import Alert
from core.database import reading, writing
from core.domain import AccountId, VisitId

LEASE = timedelta(seconds=60)
MINUTE = timedelta(minutes=1)


def _alert(number: int = 1) -> Alert:
    alert = decide(numbered(number), full_briefing(), Context(), MOMENT)
    assert isinstance(alert, Alert)
    return alert


def _grown(alert: Alert, words: str) -> Alert:
    return replace(alert, message=to_data(replace(from_data(alert.message), push=words)))


def _send(engine: Engine, now: object = MOMENT) -> str:
    """Pretend to be the outbox; return the push line sent, or "" when nothing was due."""
    queue = DeliveryQueue(engine)
    for delivery in queue.due(now, LEASE, ("slack",), 10):  # type: ignore[arg-type]
        claim = queue.claim(delivery, now, LEASE, "test")  # type: ignore[arg-type]
        assert claim is not None
        assert queue.sent(claim, "C:1", claim.post.version, now)  # type: ignore[arg-type]
        return claim.post.words.push
    return ""


def _claimed(queue: DeliveryQueue, now: datetime) -> Claim:
    (delivery,) = queue.due(now, LEASE, ("slack",), 10)
    claim = queue.claim(delivery, now, LEASE, "test")
    assert claim is not None
    return claim


def test_saving_twice_changes_nothing(any_engine: Engine) -> None:
    """A replay keeps the first alert and its deliveries."""
    with writing(any_engine) as connection:
        assert store.save(connection, [_alert()], ("slack", "preview"), MOMENT) == 1
        assert store.save(connection, [_alert()], ("slack", "preview"), MOMENT + MINUTE) == 0
        (row,) = store.alert_rows(connection, MOMENT - MINUTE)
    assert row.alert == _alert()
    assert [(one.channel, one.status) for one in row.deliveries] == [("preview", "due"), ("slack", "due")]


def test_history_is_kept_and_never_sent(any_engine: Engine) -> None:
    """An alert from history has no deliveries, and counts for the cool-down of history only."""
    old = replace(_alert(), backfill=True)
    with writing(any_engine) as connection:
        store.save(connection, [old], ("slack",), MOMENT)
        assert store.alert_rows(connection, MOMENT)[0].deliveries == ()
        assert store.last_alerts(connection, [old.account]) == {}
        assert store.last_alerts(connection, [old.account], backfill=True) == {old.account: MOMENT}
        assert next_due(connection, ("slack",)) is None


def test_a_wrong_company_ends_the_cool_down(any_engine: Engine) -> None:
    """An alert about the wrong company doesn't hush the account; taken back, it does again."""
    alert = _alert()
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), MOMENT)
        assert store.last_alerts(connection, [alert.account, AccountId("C-9")]) == {alert.account: MOMENT}
        given = store.wrong_company(connection, alert.id, "anna@example.com", MOMENT)
        assert given is not None
        assert store.last_alerts(connection, [alert.account]) == {}
        assert store.undo(connection, given.id, MOMENT)
        assert store.last_alerts(connection, [alert.account]) == {alert.account: MOMENT}


def test_thirty_page_views_are_one_message_and_three_edits(engine: Engine) -> None:
    """However long a visit takes, it is told once and edited at most three times, and the last state stays."""
    for spacing in (timedelta(seconds=2), MINUTE, 10 * MINUTE, 29 * MINUTE):
        number = int(spacing.total_seconds())
        alert, shown = _alert(number), []
        with writing(engine) as connection:
            store.save(connection, [alert], ("slack",), MOMENT)
        now = MOMENT
        for page in range(30):
            with writing(engine) as connection:
                store.save_grown(connection, _grown(alert, f"page {page}"), now)
            until = now + spacing
            while now < until:
                shown.append(_send(engine, now))
                now += min(spacing, MINUTE)
        for _ in range(60):
            shown.append(_send(engine, now))
            now += MINUTE
        sent = [words for words in shown if words]
        assert len(sent) <= 4, spacing
        assert sent[-1] == "page 29"


def test_an_unchanged_message_is_not_edited(any_engine: Engine) -> None:
    """A visit that grows without a new word causes no edit."""
    alert = _alert()
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), MOMENT)
    assert _send(any_engine)
    with writing(any_engine) as connection:
        assert store.save_grown(connection, alert, MOMENT) is False
    assert _send(any_engine, MOMENT + 60 * MINUTE) == ""


def test_a_change_while_sending_is_told_later(any_engine: Engine) -> None:
    """What changes between claim and answer causes one edit, not before its time; feedback at once."""
    alert, queue = _alert(), DeliveryQueue(any_engine)
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), MOMENT)
    (delivery,) = queue.due(MOMENT, LEASE, ("slack",), 10)
    claim = queue.claim(delivery, MOMENT, LEASE, "test")
    assert claim is not None
    with writing(any_engine) as connection:
        store.save_grown(connection, _grown(alert, "more"), MOMENT)
    queue.sent(claim, "C:1", claim.post.version, MOMENT)
    assert _send(any_engine, MOMENT + timedelta(seconds=59)) == ""
    assert _send(any_engine, MOMENT + MINUTE) == "more"
    with writing(any_engine) as connection:
        store.claim(connection, alert.id, "anna@example.com", MOMENT + MINUTE)
    assert _send(any_engine, MOMENT + MINUTE) == "more"


def test_feedback_while_sending_is_told_as_such(any_engine: Engine) -> None:
    """Who clicks while the message is on its way is told of by the next version, as who took it, and only once."""
    alert, queue = _alert(), DeliveryQueue(any_engine)
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), MOMENT)
    assert _send(any_engine, MOMENT)
    with writing(any_engine) as connection:
        store.save_grown(connection, _grown(alert, "more"), MOMENT + MINUTE)
    claim = _claimed(queue, MOMENT + MINUTE)
    with writing(any_engine) as connection:
        store.claim(connection, alert.id, "anna@example.com", MOMENT + MINUTE)
    queue.sent(claim, "C:1", claim.post.version, MOMENT + 2 * MINUTE)  # a call that took a minute
    told = _claimed(queue, MOMENT + 2 * MINUTE)
    assert (claim.post.change, told.post.change, told.post.by) == ("updated", "claimed", "anna@example.com")
    queue.sent(told, "C:1", told.post.version, MOMENT + 2 * MINUTE)
    with writing(any_engine) as connection:
        store.save_grown(connection, _grown(alert, "most"), MOMENT + 3 * MINUTE)
    assert _claimed(queue, MOMENT + 3 * store.QUIET).post.change == "updated"


def test_an_undo_while_sending_is_told_as_such(any_engine: Engine) -> None:
    """What is taken back while the message that tells of it is on its way is told as taken back."""
    alert, queue = _alert(), DeliveryQueue(any_engine)
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), MOMENT)
    assert _send(any_engine, MOMENT)
    with writing(any_engine) as connection:
        given = store.wrong_company(connection, alert.id, "anna@example.com", MOMENT + MINUTE)
    assert given is not None
    claim = _claimed(queue, MOMENT + MINUTE)
    with writing(any_engine) as connection:
        assert store.undo(connection, given.id, MOMENT + MINUTE)
    queue.sent(claim, "C:1", claim.post.version, MOMENT + 2 * MINUTE)
    assert (claim.post.change, _claimed(queue, MOMENT + 2 * MINUTE).post.change) == ("wrong", "undone")


def test_a_double_click_is_one_effect(any_engine: Engine) -> None:
    """The first claim stands, whoever clicks next; undone, it can be given again; an unknown alert gives nothing."""
    alert = _alert()
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), MOMENT)
        first = store.claim(connection, alert.id, "anna@example.com", MOMENT)
        assert first is not None
        assert store.claim(connection, alert.id, "jo@example.com", MOMENT + MINUTE) == first
        assert store.undo(connection, first.id, MOMENT + 2 * MINUTE)
        assert not store.undo(connection, first.id, MOMENT + 2 * MINUTE)
        assert not store.undo(connection, "no such", MOMENT)
        second = store.claim(connection, alert.id, "jo@example.com", MOMENT + 3 * MINUTE)
        assert second is not None and second.by == "jo@example.com"
        given = store.feedback_of(connection, [alert.id])[alert.id]
        assert [(one.by, one.undone_at is None) for one in given] == [
            ("anna@example.com", False),
            ("jo@example.com", True),
        ]
        assert store.claim(connection, "none", "jo@example.com", MOMENT) is None  # type: ignore[arg-type]
        row = store.alert_row(connection, alert.id)
        assert row is not None and row.text.note == "Jo took it 09:45"


def test_feedback_edits_the_message_at_once(any_engine: Engine) -> None:
    """After a claim the sent message is due now, though an edit for the visit was planned for later."""
    alert = _alert()
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), MOMENT)
    assert _send(any_engine)
    with writing(any_engine) as connection:
        store.save_grown(connection, _grown(alert, "more"), MOMENT)
        store.claim(connection, alert.id, "anna@example.com", MOMENT)
    assert _send(any_engine) == "more"


def test_nothing_grows_after_wrong_company(any_engine: Engine) -> None:
    """A message taken back isn't edited again because the visit went on."""
    alert = _alert()
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), MOMENT)
    assert _send(any_engine)
    with writing(any_engine) as connection:
        store.wrong_company(connection, alert.id, "anna@example.com", MOMENT)
    assert _send(any_engine).startswith("Removed")
    with writing(any_engine) as connection:
        store.save_grown(connection, _grown(alert, "more"), MOMENT)
    assert _send(any_engine, MOMENT + 60 * MINUTE) == ""


def test_alerts_are_found_by_visit(any_engine: Engine) -> None:
    """The pipeline finds the alert that a visit has caused, over more visits than one statement holds."""
    made = [_alert(number) for number in range(3)]
    with writing(any_engine) as connection:
        store.save(connection, made, ("slack",), MOMENT)
        visits = [VisitId(f"visit-{number}") for number in range(1200)]
        assert store.alert_by_visit(connection, visits) == {alert.visit: alert for alert in made}


def test_rows_of_one_account(any_engine: Engine) -> None:
    """Rows can be narrowed to an account and a time."""
    with writing(any_engine) as connection:
        store.save(connection, [_alert(1), _alert(2)], ("slack",), MOMENT)
        assert [row.alert.account for row in store.alert_rows(connection, MOMENT, AccountId("C-2"))] == ["C-2"]
        assert store.alert_rows(connection, MOMENT + MINUTE) == ()


def test_a_claim_has_one_taker(any_engine: Engine) -> None:
    """Of two takers one gets the delivery; who comes back after the lease changes nothing; a death leaves a doubt."""
    with writing(any_engine) as connection:
        store.save(connection, [_alert()], ("slack",), MOMENT)
    queue = DeliveryQueue(any_engine)
    (delivery,) = queue.due(MOMENT, LEASE, ("slack",), 10)
    first = queue.claim(delivery, MOMENT, LEASE, "one")
    assert first is not None and not first.in_doubt
    assert queue.claim(delivery, MOMENT, LEASE, "two") is None
    assert queue.due(MOMENT + LEASE / 2, LEASE, ("slack",), 10) == ()
    second = queue.claim(delivery, MOMENT + LEASE, LEASE, "two")
    assert second is not None and second.in_doubt
    assert queue.sent(first, "C:1", 1, MOMENT + LEASE) is False
    assert queue.put_back(first, MOMENT, MOMENT, "x", counts=True, in_doubt=False) is False
    assert queue.sent(second, "C:2", 1, MOMENT + LEASE) is True
    with reading(any_engine) as connection:
        row = connection.execute(select(deliveries)).mappings().one()
    assert (row["status"], row["remote"], row["attempts"], row["in_doubt"]) == ("sent", "C:2", 0, False)


def test_when_it_was_first_told_stays(any_engine: Engine) -> None:
    """An edit moves `sent_at` on and leaves `first_sent_at`, written in the same form."""
    moment = MOMENT + timedelta(microseconds=1)
    alert = _alert()
    with writing(any_engine) as connection:
        store.save(connection, [alert], ("slack",), moment)
    assert _send(any_engine, moment)
    same = select(deliveries.c.sent_at == deliveries.c.first_sent_at)
    with reading(any_engine) as connection:
        assert connection.execute(same).scalar_one()
    with writing(any_engine) as connection:
        store.claim(connection, alert.id, "anna@example.com", moment)
    assert _send(any_engine, moment + MINUTE)
    with reading(any_engine) as connection:
        assert not connection.execute(same).scalar_one()


def test_a_clock_set_back_strands_no_lease(any_engine: Engine) -> None:
    """A lease that ends further ahead than any we give was written by another clock: it is taken over."""
    with writing(any_engine) as connection:
        store.save(connection, [_alert()], ("slack",), MOMENT - timedelta(days=2))
    queue = DeliveryQueue(any_engine)
    (delivery,) = queue.due(MOMENT, LEASE, ("slack",), 10)
    assert queue.claim(delivery, MOMENT, LEASE, "one") is not None
    assert queue.claim(delivery, MOMENT - timedelta(days=1), LEASE, "two") is not None


def test_signals_are_alike() -> None:
    """The numbered signals of these tests differ from the full one by account and visit only."""
    assert replace(numbered(1), account=full_signal().account, visit=full_signal().visit) == full_signal()
