"""The fictional customers of the seeded world: how each buys, how long it is silent, how it came back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A fictional account: how it buys, how long it is silent, how it came back."""

    id: str
    name: str
    industry: str
    place: str
    owner: str
    gap: int
    silent: int
    order: int
    """The usual order in euros."""
    left: str
    visits: tuple[int, ...]
    """How many days ago it visited."""
    prefix: str
    sure: float = 0.98
    points: float = 0.0
    taken_by: str = ""


_TABLE = """
C-1001|Hartmann Pumpen GmbH|pumps|Stuttgart|anna.berg|90|412|9400|support|0,0,1,6|203.0.113.0/28|0.98|85|
C-1002|Nordwind Logistik AG|freight|Hamburg||60|203|4400||0,2,3,9|198.51.100.0/28|0.99|74|
C-1003|Zeta AG|maintenance|Zürich|jo.meier|120|251|5200|price|1,2,4,5,8|192.0.2.0/28|0.91|66|jo.meier
C-1004|Alpen Foods eG|food|Innsbruck|anna.berg|30|188|2300|competitor|3,11|203.0.113.32/28|0.86|31|
C-1005|Keller Bau & Söhne KG|construction|Mainz|kim.lang|75|540|12800|need met|7|203.0.113.64/28|0.84|18|
C-1006|株式会社みどり精工|machine tools|名古屋|kim.lang|180|760|61000||5,12|2001:db8:40::/48|0.93|44|
C-1007|Brückner Werkzeugbau GmbH & Co. KG Präzision|tools|Nürnberg|anna.berg|45|12|3100||0,4|198.51.100.32/28|0.98|52|
C-1008|Solaris Energy Ltd|energy|Leeds|jo.meier|60|40|8800|||198.51.100.64/28|0.98|0.0|
C-1009|Maritim Yachtservice|marine|Kiel|kim.lang|110|330|1900|price||198.51.100.96/28|0.98|0.0|
C-1010|Talbrunnen Getränke|food|Fulda|anna.berg|28|9|1450||8|198.51.100.128/28|0.98|22|
"""


def _customer_of(line: str) -> Customer:
    cells = [cell.strip() for cell in line.split("|")]
    id_, name, industry, place, owner, gap, silent, order, left, days, prefix, sure, points, taken_by = cells
    return Customer(
        id=id_,
        name=name,
        industry=industry,
        place=place,
        owner=owner and f"{owner}@example.com",
        gap=int(gap),
        silent=int(silent),
        order=int(order),
        left=left,
        visits=tuple(int(day) for day in days.split(",") if day),
        prefix=prefix,
        sure=float(sure),
        points=float(points),
        taken_by=taken_by and f"{taken_by}@example.com",
    )


CUSTOMERS = tuple(_customer_of(line) for line in _TABLE.strip().splitlines())
