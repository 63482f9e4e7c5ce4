"""The findings as one self-contained page to forward: no script, nothing loaded, no address."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from alerts.wording import money
from app.tryout.findings import Findings, Funnel, Loss, Money
from app.tryout.judge import PROBABLE, SURE, total_worth
from app.tryout.words import STEPS, day, span, worth

_CSS = Path(__file__).parent / "templates" / "report.css"
_WIDTH = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One step of the funnel, drawn on a logarithmic scale."""

    name: str
    unit: str
    count: int
    width: float
    """Of 100; the step before is `before` wide."""
    before: float
    losses: tuple[Loss, ...]


def write_report(found: Findings, path: Path) -> None:
    """Write the page to `path` in one step; readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(page(found), encoding="utf-8")
    fresh.replace(path)


def page(found: Findings) -> str:
    """Return the page as HTML."""
    css = _CSS.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    environment = Environment(
        loader=PackageLoader("app.tryout"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=lambda value: f"{value:,}",
        day=day,
        money=_money,
        percent=lambda value: f"{value:.0%}",
        sentence=lambda text: f"{text.rstrip(' .')}.",
    )
    return environment.get_template("report.html").render(
        found=found,
        css=Markup(css),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        bars=bars(found.funnel),
        period=span(found.period),
        value=worth(total_worth(found.dormant)),
        sure_from=SURE,
        probable_from=PROBABLE,
    )


def _money(amount: Money | None) -> str:
    return "" if amount is None else money(amount.amount, amount.currency, digits=2)


def bars(funnel: Funnel) -> tuple[Bar, ...]:
    """Return the steps from lines to dormant customers' visits."""
    steps = (
        ("", "lines in the log", funnel.lines),
        ("page_views", "page views by people", funnel.page_views),
        ("", "visits they form", funnel.visits),
        ("business", "visits from companies", funnel.business),
        ("named", "with a company's name", funnel.named),
        ("customers", "visits from customers", funnel.customers),
        ("dormant", "visits from dormant customers", funnel.dormant),
    )
    top = _log(max(1, funnel.lines))
    made: list[Bar] = []
    for step, unit, count in steps:
        width = round(_WIDTH * _log(count) / top, 1)
        losses = tuple(loss for loss in funnel.losses if step and loss.step == step)
        if step == "named" and not losses:
            continue
        before = made[-1].width if made else width
        made.append(Bar(name=STEPS.get(step, ""), unit=unit, count=count, width=width, before=before, losses=losses))
    return tuple(made)


def _log(count: int) -> float:
    return math.log10(count + 1)
