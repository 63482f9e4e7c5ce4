"""How many people of an account look at the website: the buying group (pure).

Visitor ids change with the day unless a site lets people be known for longer; so browsers of one day can be counted,
those of different days can't be told apart. An id that is seen on several days lasts: its bearer counts once. What
visitors say of themselves names their account, never a person, so contacts aren't merged with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, timedelta

from core.alerting import BuyingGroup
from core.domain import Visit, VisitorId
from enrichment.intent.history import PastVisit

WITHIN = timedelta(days=7)


def buying_group(visit: Visit, past: Iterable[PastVisit], within: timedelta = WITHIN) -> BuyingGroup:
    """Return how many people of the account came, from `within` before the visit's last moment on.

    Those who looked at nothing of interest (careers pages, say) don't count.
    """
    days: dict[VisitorId, set[date]] = {visit.visitor: {visit.last_at.astimezone(UTC).date()}}
    for one in past:
        if one.visitor and one.own_points > 0 and visit.last_at - within <= one.at <= visit.last_at:
            days.setdefault(one.visitor, set()).add(one.at.astimezone(UTC).date())
    lasting = [who for who, on in days.items() if len(on) > 1]
    of_day: dict[date, int] = {}
    for who, on in days.items():
        if who not in lasting:
            (only,) = on
            of_day[only] = of_day.get(only, 0) + 1
    return BuyingGroup(
        count=len(lasting) + max(of_day.values(), default=0),
        at_least=len(of_day) > 1,
        days=len(set().union(*days.values())),
    )
