"""A process with an outbox that delivers until it is killed; arguments: database URL, Slack URL, lease in seconds."""

from __future__ import annotations

import sys
import time

from alerts.channels.slack import SlackChannel
from alerts.deliveries.store import DeliveryQueue
from alerts.outbox import Outbox, Policy
from core.clock import now
from core.database import open_engine

if __name__ == "__main__":
    database, slack, lease = sys.argv[1:4]
    channel = SlackChannel(
        token="xoxb-test", fallback="#sales", api_url=slack, links=lambda alert, action, choice="": f"https://x.example/{action}",
        timeout=1,
    )  # fmt: skip
    outbox = Outbox(
        DeliveryQueue(open_engine(database)), {"slack": channel}, now, "child", Policy(lease=float(lease), poll=0.05)
    )
    outbox.start()
    print("started", flush=True)
    time.sleep(60)
