"""The fictional world of `line_world` with the second pass beside its line, and a clock that tests turn on."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from line_world import NOON, SECRET, fill, networks_file, page
from sqlalchemy import Engine

from app import remote_parts, wiring
from app.pipeline import Batch, Pipeline, Result
from app.second_pass import SecondPass, Step
from core.domain import PageView
from core.settings import Settings, read_settings
from enrichment.network.mmdb_file import write_mmdb

OWNERS = """192.0.2.0/24\tripencc
198.51.100.0/24\tlacnic
203.0.113.0/24\tarin
2001:db8::/32\tapnic
"""
"""Which registry gave out the documentation ranges, in this world."""


class TurnedClock:
    """A clock that stands still until a test turns it on."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def turn(self, **span: float) -> None:
        self.moment += timedelta(**span)


class AskingWorld:
    """A site, its customers, its line, and a second pass that asks stand-ins."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        *,
        rdap_url: str = "",
        dns_server: str = "",
        clock: TurnedClock | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock or TurnedClock()
        (folder / "networks").mkdir(exist_ok=True)
        (folder / "networks" / "registries.tsv").write_text(OWNERS)
        environment = {
            "DORMOUSE_HOME": str(folder),
            "DORMOUSE_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "DORMOUSE_SECRET": SECRET,
            "MMDB_PATHS": f"{networks_file(folder)},{_carriers_file(folder)}",
        }
        if rdap_url:
            environment |= {"DORMOUSE_RDAP": "on", "DORMOUSE_RDAP_URL": rdap_url}
        if dns_server:
            environment |= {"DORMOUSE_RDNS": "on", "DORMOUSE_DNS_SERVER": dns_server}
        self.settings: Settings = read_settings(environment)
        self.line: Pipeline = wiring.pipeline(self.settings, engine, self.clock)
        self.asking = self.second_pass()

    def second_pass(self) -> SecondPass:
        """A second pass that remembers nothing: what a restart makes."""
        made = remote_parts.second_pass(
            self.settings, self.engine, self.line, self.clock, is_askable=lambda _address: True
        )
        assert made is not None
        return made

    def visit(
        self, ip: str, *, visitor: str = "visitor-1", seconds: int = 60, paths: tuple[str, ...] = ("/pricing",)
    ) -> Result:
        """Somebody reads some pages now, and the line judges it."""
        views: list[PageView] = [
            page(
                path,
                ip=ip,
                at=self.clock.moment - timedelta(seconds=seconds + 1),
                late=timedelta(seconds=seconds),
                visitor=visitor,
                seconds=seconds,
            )
            for path in paths
        ]
        return self.line.run(Batch(views=views, is_live=True))

    def step(self, most: int | None = None) -> Step:
        """One step of the second pass."""
        return self.asking.step(most)


def _carriers_file(folder: Path) -> Path:
    """A carrier of each registry's region, about whose customers nothing else is known."""
    path = folder / "carriers.mmdb"
    carrier = {"organization": "Example Broadband AG", "domain": "broadband.example", "type": "isp"}
    prefixes = ("198.51.100.128/25", "203.0.113.128/25", "2001:db8::/32")
    write_mmdb(
        path,
        ((ip_network(prefix), 0) for prefix in prefixes),
        [carrier],
        database_type="Tests",
        description="documentation ranges with a fictional carrier",
        built_at=NOON,
    )
    return path


def filled(engine: Engine, folder: Path, **options: object) -> AskingWorld:
    """The world with its customers, who bought nothing for more than a year."""
    fill(engine)
    return AskingWorld(engine, folder, **options)  # type: ignore[arg-type]
