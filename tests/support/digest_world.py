"""A rep with an alert of a Friday noon, and the digests that tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from line_world import FREIGHT_IP, NOON, fill, line, page
from sqlalchemy import Engine, select, update

from alerts.notices.notice import as_text, from_data
from alerts.policy import read_policy
from alerts.reps.rep import RepEntry
from alerts.reps.store import save as save_rep
from alerts.tables import alerts as told
from alerts.tables import notices
from app.digests.chore import Office, send_due
from app.pipeline import Batch
from core.alerting import Hold
from core.clock import at
from core.database import reading, writing
from core.domain import AlertId
from enrichment.dormancy.rules import load_rules

JO, BOSS = "jo@example.com", "boss@example.com"
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Office(
    policy=read_policy('[hours]\nzone = "Europe/Berlin"\n[holdout]\nrelease_days = 3\n'),
    rules=load_rules(),
    zone=BERLIN,
    channels=("slack",),
    alert_point=0.8,
    digest_point=0.5,
    public_url="http://localhost",
)


def morning(days: int, hour: int = 8, minute: int = 31) -> datetime:
    """A moment in Berlin, so many days after the day of the alert."""
    day = (NOON + timedelta(days=days)).date()
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


class World:
    """An alert for Jo of a Friday noon."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        fill(engine)
        views = [page(path, ip=FREIGHT_IP, seconds=90, name=path) for path in ("/pricing", "/request-quote")]
        (alert,) = line(engine, folder, at(NOON)).run(Batch(views=views)).alerts
        self.alert: AlertId = alert.id
        with writing(engine) as connection:
            save_rep(connection, RepEntry(email=JO, name="Jo Maier", team="South"), NOON)

    def hold(self, hold: Hold) -> None:
        with writing(self.engine) as connection:
            connection.execute(update(told).where(told.c.id == self.alert).values(hold=hold.value))

    def send(self, now: datetime, office: Office = OFFICE) -> int:
        return send_due(self.engine, office, now)

    def sent(self) -> list[tuple[str, str, str]]:
        """(kind, to, all lines) of each notice."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(notices).order_by(notices.c.at, notices.c.kind)).mappings().all()
        return [(row["kind"], row["to"], as_text(from_data(row["text"]))) for row in rows]

    def marks(self) -> tuple[str | None, datetime | None]:
        with reading(self.engine) as connection:
            row = connection.execute(select(*told.c["told_in", "released_at"])).one()
        return row.told_in, row.released_at

    def enter(self, *entries: RepEntry) -> None:
        """Enter people, in place of what was said of them before."""
        with writing(self.engine) as connection:
            for entry in entries:
                save_rep(connection, entry, NOON)

    def copies(self, count: int, **columns: object) -> list[str]:
        """Add copies of the alert, of other accounts, with these columns changed; return their ids."""
        with writing(self.engine) as connection:
            row = dict(connection.execute(select(told).where(told.c.id == self.alert)).mappings().one())
            before = len(connection.execute(select(told.c.id)).all())
            rows = [
                {**row, "id": f"copy-{number}", "account": f"X-{number}", "visit": f"copy-{number}", **columns}
                for number in range(before, before + count)
            ]
            connection.execute(told.insert(), rows)
        return [str(one["id"]) for one in rows]

    def row(self, alert: str) -> Mapping[str, object]:
        """The alert as it is kept."""
        with reading(self.engine) as connection:
            return dict(connection.execute(select(told).where(told.c.id == alert)).mappings().one())


MONDAY = 3
"""Days from the Friday of the alert."""
