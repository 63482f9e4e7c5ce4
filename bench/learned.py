"""Measures the learned map's rule in a simulated world whose truth is known: offices, homes, cafés, carriers, proxies.

    python -m bench.learned [--seeds 101-105] [--accounts 400]

Each day people of customers give evidence (sign in, click a signed link) or just visit, from where people are;
strangers visit too, from the same cafés, carriers and proxies, and from lines that were somebody else's last month.
Every visit without evidence is judged by the map as it stood that day. Seeds below 100 were used while the rule was
written. What share of strangers sits behind a customer's own line, as guests or neighbours, is an assumption
(`--guests`): no rule that knows only who was there can tell them apart.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from math import sqrt

from core.domain import ALERT_POINT, DIGEST_POINT, AccountId, NetworkKind
from enrichment.network.addresses import Address
from enrichment.network.learned.memory import LearnedMemory
from enrichment.network.learned.observation import Observation, observation
from enrichment.network.learned.rule import Line, Surroundings

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAYS, WARM_UP = 150, 60
SECRET = "only for the simulation"
ALERT, DIGEST = ALERT_POINT, DIGEST_POINT


@dataclass
class Person:
    """Somebody who visits the website; of a customer, or of nobody we know."""

    name: str
    account: AccountId | None
    home: Address
    home_is_carriers: bool
    moves_on: int
    office: tuple[Address, ...] = ()
    proxy: tuple[Address, ...] = ()
    works_at: str = "office"
    """What kind of place the office is for them."""


@dataclass
class World:
    """Where people are, and what a registry would say of each block."""

    dice: random.Random
    people: list[Person] = field(default_factory=list)
    kinds: dict[str, NetworkKind] = field(default_factory=dict)
    cafes: list[Address] = field(default_factory=list)
    mobile: list[Address] = field(default_factory=list)
    nat: list[Address] = field(default_factory=list)
    proxies: list[tuple[Address, ...]] = field(default_factory=list)
    homes: list[Address] = field(default_factory=list)
    _next: int = int(IPv4Address("11.0.0.0"))

    def area(self, kind: NetworkKind) -> int:
        """A fresh /24 of a kind; one in ten is taken for something else by the registry's data."""
        base, self._next = self._next, self._next + 256
        seen = kind
        if self.dice.random() < 0.1 and kind in (NetworkKind.BUSINESS, NetworkKind.ISP):
            seen = self.dice.choice([NetworkKind.UNKNOWN, NetworkKind.BUSINESS, NetworkKind.ISP])
        self.kinds[str(IPv4Address(base))] = seen
        return base

    def around(self, block: str, _account: AccountId) -> Surroundings:
        """What other sources say of a block."""
        base = int(IPv4Address(block.partition("/")[0])) & ~255
        return Surroundings(kind=self.kinds.get(str(IPv4Address(base)), NetworkKind.UNKNOWN))


def build(seed: int, accounts: int, guests: float) -> World:
    """A world of so many customers; `guests` is the share of strangers who use a customer's line."""
    world = World(dice=(dice := random.Random(seed)))
    isp = [world.area(NetworkKind.ISP) for _ in range(accounts // 4)]
    world.homes = [IPv4Address(base + number) for base in isp for number in range(1, 250)]
    dice.shuffle(world.homes)
    static = [world.area(NetworkKind.BUSINESS) for _ in range(max(4, accounts // 40))]
    lines = [IPv4Address(base + number) for base in static for number in range(1, 250)]
    dice.shuffle(lines)
    world.mobile = [IPv4Address(world.area(NetworkKind.MOBILE) + number) for _ in range(3) for number in range(24)]
    nats = [world.area(NetworkKind.ISP) for _ in range(2)]
    world.nat = [IPv4Address(base + number) for base in nats for number in range(32)]
    world.cafes = [lines.pop() if dice.random() < 0.5 else world.homes.pop() for _ in range(accounts // 8)]
    for number in range(6):
        base = world.area(NetworkKind.VPN if number % 2 else NetworkKind.BUSINESS)
        world.proxies.append(tuple(IPv4Address(base + dice.randrange(256)) for _ in range(12)))
    for number in range(accounts):
        proxy = dice.choice(world.proxies) if dice.random() < 0.15 else ()
        office: tuple[Address, ...]
        draw = dice.random()
        if draw < 0.25:
            base = world.area(NetworkKind.BUSINESS) + 16 * dice.randrange(16)
            office = tuple(IPv4Address(base + one) for one in dice.sample(range(1, 15), dice.randint(2, 8)))
        elif draw < 0.6:
            office = (lines.pop(),)
        else:
            office = (world.homes.pop(),)  # a small office on a provider's line
        for one in range(min(40, int(dice.paretovariate(0.9)) + 1)):
            world.people.append(person(world, f"{number}-{one}", AccountId(f"A{number}"), office, proxy))
    consultants(world)
    for number in range(len(world.people) * 2):
        draw, at = dice.random(), dice.choice(world.people)
        is_guest = draw < guests and len(at.office) == 1  # or has a desk in the same building
        office = at.office if is_guest else (lines.pop() if lines and draw < 0.5 else world.homes.pop(),)
        world.people.append(person(world, f"s{number}", None, office, dice.choice([*world.proxies, *[()] * 40])))
        world.people[-1].works_at = "a customer's line, as guest or neighbour" if is_guest else "office"
    return world


def consultants(world: World) -> None:
    """Some people of customers work at somebody else's: one in thirty."""
    for who in world.dice.sample(world.people, len(world.people) // 30):
        other = world.dice.choice(world.people)
        is_customers = world.dice.random() < 0.2
        who.office = other.office if is_customers else (world.homes.pop(),)
        who.works_at = "a client's office"
        if not is_customers:  # their client has people of its own there, who visit too
            for number in range(3):
                world.people.append(person(world, f"{who.name}-client{number}", None, who.office, ()))
                world.people[-1].works_at = "a client's office"


def person(
    world: World, name: str, account: AccountId | None, office: tuple[Address, ...], proxy: tuple[Address, ...]
) -> Person:
    """Somebody with a home."""
    return Person(
        name=name,
        account=account,
        home=world.homes.pop(),
        home_is_carriers=world.dice.random() < 0.15,
        moves_on=world.dice.randint(1, 90),
        office=office,
        proxy=proxy,
    )


def where(world: World, who: Person, day: int) -> tuple[Address, str]:
    """Where somebody is today, and what kind of place that is."""
    dice = world.dice
    draw = dice.random()
    if who.proxy and draw < 0.8:
        return dice.choice(who.proxy), "proxy"
    if draw < 0.5:
        return dice.choice(who.office), who.works_at
    if draw < 0.82:
        return (dice.choice(world.nat), "carrier's NAT") if who.home_is_carriers else (who.home, "home")
    if draw < 0.94:
        return dice.choice(world.mobile), "mobile"
    return dice.choice(world.cafes), "café"


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit without evidence, and what the map said."""

    truth: AccountId | None
    place: str
    line: Line | None
    last_account: AccountId | None
    """Whom the address was last seen with: the naive map."""


def simulate(seed: int, accounts: int, guests: float = 0.02) -> Iterator[Seen]:
    """Live through the days; yield each judged visit after the warm-up."""
    world = build(seed, accounts, guests)
    dice, memory = world.dice, LearnedMemory(SECRET)
    naive: dict[Address, AccountId] = {}
    for day in range(DAYS):
        now = START + timedelta(days=day)
        new: list[Observation] = []
        for who in world.people:
            if day % 90 == who.moves_on:  # the provider gives the line to somebody else, and them another
                other = dice.choice(world.people)
                who.home, other.home = other.home, who.home
        for who in world.people:
            if dice.random() > 0.06:
                continue
            address, place = where(world, who, day)
            if who.account and dice.random() < 0.4:
                known = dice.random() < 0.5
                names = {"user": who.name} if known else {"visitor": f"{who.name}:{day}"}
                found = observation(
                    SECRET, str(address), who.account, "login" if known else "signed_link", now, **names
                )
                new += [found] if found else []
                naive[address] = who.account
            elif day >= WARM_UP:
                yield Seen(who.account, place, memory.find(address), naive.get(address))
        memory.change(new, now - timedelta(days=90), now, world.around, lambda _block: ())
        if day % 5 == 0:
            memory.judge_again(now, world.around, lambda _block: ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How often the map was right."""

    named: int
    right: int
    of_customers: int
    of_offices: int
    right_offices: int
    wrong_places: Counter[str]

    @property
    def precision(self) -> float:
        """Of the visits named, the share named rightly."""
        return self.right / max(1, self.named)

    @property
    def recall(self) -> float:
        """Of the customers' visits from anywhere, the share named rightly."""
        return self.right / max(1, self.of_customers)


def measure(seen: list[Seen], at_least: float) -> Figures:
    """Figures where the map is at least so sure; below 0 for the naive map. To name a customer's guest is wrong."""

    def named(one: Seen) -> AccountId | None:
        if at_least < 0:
            return one.last_account
        return one.line.accounts[0] if one.line and one.line.strength >= at_least else None

    told = [one for one in seen if named(one) is not None]
    right = [one for one in told if named(one) == one.truth]
    return Figures(
        named=len(told),
        right=len(right),
        of_customers=sum(one.truth is not None for one in seen),
        of_offices=sum(one.truth is not None and one.place == "office" for one in seen),
        right_offices=sum(one.place == "office" for one in right),
        wrong_places=Counter(one.place for one in told if named(one) != one.truth),
    )


def interval(good: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, good / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return middle - half, middle + half


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="101-105")
    parser.add_argument("--accounts", type=int, default=400)
    parser.add_argument("--guests", type=float, default=0.02, help="share of strangers who use a customer's line")
    asked = parser.parse_args()
    first, _, last = asked.seeds.partition("-")
    seen = [
        one
        for seed in range(int(first), int(last or first) + 1)
        for one in simulate(seed, asked.accounts, asked.guests)
    ]
    print(f"{len(seen):,} visits without evidence, {sum(one.truth is not None for one in seen):,} of customers")
    for name, point in (
        (f"alert point {ALERT}", ALERT),
        (f"digest point {DIGEST}", DIGEST),
        ("naive: last account seen", -1.0),
    ):
        figures = measure(seen, point)
        low, high = interval(figures.right, figures.named)
        offices = figures.right_offices / max(1, figures.of_offices)
        print(
            f"{name:26} P {figures.precision:.3f} ({low:.3f} to {high:.3f}, n = {figures.named:,})  "
            f"R {figures.recall:.3f}, of office visits {offices:.3f}; wrong at {dict(figures.wrong_places)}"
        )
    print("reliability: strength, visits, share right")
    for low_edge in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9):
        band = [one for one in seen if one.line and low_edge <= one.line.strength < _above(low_edge)]
        if band:
            right = sum(one.line is not None and one.line.accounts[0] == one.truth for one in band)
            mean = sum(one.line.strength for one in band if one.line) / len(band)
            print(f"  {mean:.2f}  {len(band):6,}  {right / len(band):.3f}")


def _above(edge: float) -> float:
    return {0.3: 0.5, 0.9: 1.01}.get(edge, edge + 0.1)


if __name__ == "__main__":
    main()
