"""Nothing from outside becomes markup, a mention or a link in Slack, and no text is too long for it."""

from __future__ import annotations

import pytest
from hostile import INJECTIONS, alerts, faults_of_alert, faults_of_notice, notices, raw_alerts
from hypothesis import HealthCheck, given, settings

from alerts.channels.slack_parts import unmarked
from alerts.message import AlertText, Line
from alerts.notices.notice import NoticeText, Row, Section

_FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("evil", INJECTIONS)
def test_the_injections_of_the_plan(evil: str) -> None:
    """Mentions, links, markup, hidden and endless text: Slack shows them as they were typed."""
    text = AlertText(
        name=evil,
        push=evil,
        title=evil,
        facts=(evil,),
        lines=(Line(label="Now", text=evil), Line(label="Try", text=evil)),
        why_now=evil,
        note=evil,
    )
    assert faults_of_alert(text) == []
    rows = tuple(Row(text=evil) for _ in range(60))
    notice = NoticeText(push=evil, title=evil, sections=(Section(label=evil, rows=rows),), foot=evil)
    assert faults_of_notice(notice) == []


@_FEW
@given(text=alerts())
def test_no_alert_is_injectable(text: AlertText) -> None:
    """Whatever names, titles, reasons and contacts hold; `make fuzz-slack` tries thousands."""
    assert faults_of_alert(text) == []


@_FEW
@given(text=raw_alerts())
def test_no_uncleaned_alert_is_injectable(text: AlertText) -> None:
    """The channel doesn't rely on others to have cleaned what it shows."""
    assert faults_of_alert(text) == []


@_FEW
@given(text=notices())
def test_no_notice_is_injectable(text: NoticeText) -> None:
    """The same for digests and reminders, however long."""
    assert faults_of_notice(text) == []


def test_markup_stays_readable() -> None:
    """Only signs that Slack would take for markup change; addresses, prices and times stay as they are."""
    assert unmarked("anna_meier@example.com · every ~90 days · 10:42:07 · 2 * 3") == (
        "anna_meier@example.com · every ~90 days · 10:42:07 · 2 ∗ 3"
    )
    assert unmarked("~y~ :x:") == "∼y∼ ∶x:"
