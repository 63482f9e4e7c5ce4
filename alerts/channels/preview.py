"""The preview channel: keeps the message in the database only, where the dashboard shows what Slack would."""

from __future__ import annotations

from datetime import datetime

from alerts.message import AlertText
from core.domain import AlertId


class PreviewChannel:
    """Takes every message; sending twice changes nothing."""

    name = "preview"
    pace = 0.0
    patience = 0.0

    def destination(self, to: str) -> str:
        return to or "preview"

    def send(self, message: AlertText, destination: str, alert: AlertId) -> str:
        return "preview"

    def update(self, message: AlertText, remote: str, alert: AlertId) -> None:
        return None

    def find(self, destination: str, alert: AlertId, since: datetime) -> str | None:
        return None

    def check(self) -> str:
        return "messages are kept for the dashboard alone"
