"""The findings as lines for a terminal (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.wording import days, money
from app.dashboard.wording import count_of
from app.tryout.findings import Customer, Findings, Funnel, Money, Period
from app.tryout.judge import PROBABLE, SURE

STEPS = {
    "page_views": "lines that are no page views by people",
    "business": "visits that are not from companies",
    "named": "company visits without a name",
    "customers": "company visits that were given to no customer",
    "dormant": "visits of customers who were not dormant then",
}
"""What each group of losses is called, in order."""

MOST_LISTED = 10


def worth(sums: Sequence[Money]) -> str:
    """Return sums of money in short form, such as `€212k + $40k`; at most three currencies."""
    return " + ".join(filter(None, (money(one.amount, one.currency, digits=2) for one in sums[:3])))


def span(period: Period | None) -> str:
    """Return the period as people write it: `17 May 2015 to 20 May 2015 (4 days)`."""
    if period is None:
        return "no readable line"
    length = days(period.days)
    first, last = day(period.first), day(period.last)
    return f"{first} ({length})" if first == last else f"{first} to {last} ({length})"


def day(moment: datetime | None) -> str:
    """Return a date such as `8 Oct 2025`; empty for None."""
    return "" if moment is None else f"{moment.day} {moment:%b %Y}"


def funnel_line(funnel: Funnel) -> str:
    """Return the funnel in one line."""
    return (
        f"{funnel.lines:,} lines → {funnel.page_views:,} human page views in {funnel.visits:,} visits → "
        f"{funnel.business:,} from companies → {funnel.customers:,} from customers → "
        f"{funnel.dormant:,} from dormant customers"
    )


def lines_of(found: Findings) -> list[str]:
    """Return the whole outcome as lines."""
    lines = [
        "",
        f"{found.accounts:,} accounts, {found.accounts_with_orders:,} with orders, {found.dormant_accounts:,} dormant "
        f"at the end of the log · {found.site}, {span(found.period)}",
        funnel_line(found.funnel),
    ]
    for step, title in STEPS.items():
        losses = [loss for loss in found.funnel.losses if loss.step == step]
        if losses:
            lines.append(f"  {title}: {sum(loss.count for loss in losses):,}")
            lines += [f"    {loss.count:>9,}  {loss.words}" for loss in losses]
    if found.unclear:
        number = sum(one.visits for one in found.unclear)
        lines.append(f"  {count_of(number, 'visit')} may be a customer, but not clearly one alone: see the report")
    lines += _dormant(found)
    lines += [f"note: {note}" for note in found.notes]
    return lines


def _dormant(found: Findings) -> list[str]:
    lines = ["", found.headline, *found.sentences]
    if found.dormant:
        lines.append(
            f"{len(found.dormant):,} dormant: {found.sure:,} sure (from {SURE:.0%}), "
            f"{found.probable:,} probable (from {PROBABLE:.0%}), {found.unsure:,} unsure (below)"
        )
    lines += [_customer(customer) for customer in found.dormant[:MOST_LISTED]]
    if len(found.dormant) > MOST_LISTED:
        lines.append(f"  … and {len(found.dormant) - MOST_LISTED:,} more: see the report")
    return lines


def _customer(customer: Customer) -> str:
    facts = (
        customer.name,
        f"silent {customer.silent_days:,} d" if customer.silent_days is not None else "",
        worth([customer.worth] if customer.worth else []),
        count_of(len(customer.visits), "visit"),
        f"last {day(customer.visits[-1].started_at)}",
        customer.owner or "no owner",
    )
    return f"  {customer.band:<9} {' · '.join(filter(None, facts))}"
