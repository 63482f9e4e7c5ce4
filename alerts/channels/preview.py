"""The preview channel: keeps the message in the database only, where the dashboard shows what Slack would."""

from __future__ import annotations

from alerts.deliveries.post import Post


class PreviewChannel:
    """Takes every message; sending twice changes nothing."""

    name = "preview"
    pace = 0.0
    patience = 0.0
    retries: tuple[float, ...] = ()
    recognises = True

    def destination(self, to: str, beside: str = "") -> str:
        return to or "preview"

    def send(self, post: Post, destination: str) -> str:
        return "preview"

    def update(self, post: Post, remote: str) -> bool:
        return True

    def find(self, post: Post, destination: str) -> str | None:
        return None

    def retract(self, remote: str) -> bool:
        return True

    def check(self) -> str:
        return "messages are kept for the dashboard alone"
