"""Works off an installation's queue of registry questions against a local stand-in, on a clock that doesn't wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from rdap_stand_in import RdapStandIn, Record
from sqlalchemy import Engine

from app import remote_parts, wiring
from bench.alerts.owners import Owner
from bench.alerts.world import World
from core import clock
from core.settings import Settings
from enrichment.network.remote.budget import Limits
from enrichment.network.remote.registries import REGISTRIES, built_in

_STEP = timedelta(seconds=60)
_MOST_STEPS = 5_000
_LIMITS = {name: Limits(per_minute=600, per_day=1_000_000) for name in REGISTRIES}
"""Wide budgets: what the real ones hold back is measured by the tests of the budgets."""


class HurriedClock:
    """Tells a time that moves on when it is told to: budgets count in it, nobody waits for them."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def move(self, span: timedelta) -> None:
        self._now += span


def records(world: World) -> list[Record]:
    """Return what the registries hold: the ranges of those that are registered, and the carriers' blocks around all."""
    whose: Callable[[str], str | None] = built_in().registry
    made = [_record(owner, whose) for owner in world.registered]
    return [record for record in made if record is not None]


def _record(owner: Owner, whose: Callable[[str], str | None]) -> Record | None:
    registry = whose(owner.first)
    if registry is None:
        return None
    return Record(
        prefix=f"{owner.first}-{owner.last}",
        name=owner.registered,
        netname="".join(word[:6] for word in owner.registered.upper().split())[:20] or "NET",
        country=owner.country,
        registry=registry,
    )


def ask_registries(settings: Settings, engine: Engine, world: World) -> None:
    """Ask until nothing is left in the queue, then judge again; as the worker does in its own time."""
    hurried = HurriedClock(clock.now())
    with RdapStandIn(records(world)) as stand_in:
        asking = replace(settings, rdap=True, rdap_url=stand_in.by_registry)
        line = wiring.pipeline(asking, engine)
        second = remote_parts.second_pass(asking, engine, line, hurried, limits=_LIMITS)
        assert second is not None
        for _ in range(_MOST_STEPS):
            step = second.step()
            if step.is_idle and not step.round.held_until:
                break
            hurried.move(_STEP)
        else:
            raise RuntimeError("the registries' queue isn't empty after many steps")
