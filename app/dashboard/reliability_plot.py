"""Draws said sureness against what turned out right, as an SVG picture (pure); pages and benches share it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from enrichment.company.reliability import beta_quantile

FEW = 20
"""Below so many verdicts a band says too little: its dot is hollow and its row says so."""

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
"""Where bands of sureness begin: narrow at the top, where alerts live."""

WIDTH, HEIGHT = 300.0, 276.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 12.0, 26.0, 40.0

STYLE = (
    "svg{background:#fff;color:#2b2420;font:13px sans-serif}.frame,.grid{fill:none;stroke:#d9cec2}"
    ".ideal{stroke:#6b5f56;stroke-dasharray:4 4}.span{stroke:#98490f;stroke-width:2}.dot{fill:#98490f;stroke:#98490f}"
    ".few .span{opacity:.45}.few .dot{fill:#fff}text{fill:#6b5f56}"
)
"""The colours of a picture that stands alone; in the dashboard its stylesheets give them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Answers of about the same sureness; all shares lie between 0 and 1."""

    said: float
    """Their mean sureness."""
    right: float
    """The share that was right."""
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 90 % of what the share may be, given so many answers (Jeffreys)."""
        hits = self.right * self.n
        return beta_quantile(0.05, hits + 0.5, self.n - hits + 0.5), beta_quantile(
            0.95, hits + 0.5, self.n - hits + 0.5
        )

    @property
    def is_few(self) -> bool:
        """Whether too few answers stand behind it to say anything."""
        return self.n < FEW

    @property
    def in_words(self) -> str:
        """The band as a sentence of the picture's text alternative."""
        low, high = self.interval
        few = ", too few to say" if self.is_few else ""
        return (
            f"said {_hundred(self.said)} in 100: {_hundred(self.right)} in 100 of {self.n:,} were right "
            f"({_hundred(low)} to {_hundred(high)}{few})"
        )


def banded(answers: Iterable[tuple[float, bool]]) -> tuple[Band, ...]:
    """Return the bands of answers (sureness, whether it was right), the least sure first; empty bands are left out."""
    found: dict[int, list[tuple[float, bool]]] = {}
    for said, right in answers:
        found.setdefault(sum(said >= edge for edge in EDGES), []).append((said, right))
    return tuple(
        Band(
            said=sum(said for said, _ in some) / len(some),
            right=sum(right for _, right in some) / len(some),
            n=len(some),
        )
        for _, some in sorted(found.items())
    )


def alternative(bands: Sequence[Band]) -> str:
    """Return what the picture shows, for those who don't see it."""
    return "; ".join(band.in_words for band in bands) or "nothing to show yet"


def svg(bands: Sequence[Band], label: str, *, alone: bool = False) -> str:
    """Return the picture: sureness to the right, share that was right upwards, on the diagonal what is as good as said.

    It holds no style of its own, so that a strict policy of a page lets it be, unless it stands `alone` in a file.
    """
    lowest = 0.5 if bands and min(min(band.said, band.interval[0]) for band in bands) >= 0.5 else 0.0
    x, y = _Axis(lowest, _LEFT, WIDTH - _RIGHT), _Axis(lowest, HEIGHT - _BOTTOM, _TOP)
    text = _escaped(f"{label}: {alternative(bands)}")
    parts = [
        f'<svg class="reliability" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{text}"'
        f"{' xmlns=' + chr(34) + 'http://www.w3.org/2000/svg' + chr(34) if alone else ''}>"
    ]
    if alone:
        parts.append(f"<style>{STYLE}</style><title>{_escaped(label)}</title>")
    parts += _frame(x, y, lowest)
    parts += [_drawn(band, x, y) for band in bands]
    return "".join([*parts, "</svg>"])


@dataclass(frozen=True, slots=True)
class _Axis:
    """Turns a share into a place of the picture."""

    lowest: float
    begin: float
    end: float

    def __call__(self, share: float) -> str:
        return f"{self.begin + (share - self.lowest) / (1 - self.lowest) * (self.end - self.begin):.1f}"


def _frame(x: _Axis, y: _Axis, lowest: float) -> list[str]:
    ticks = [lowest + (1 - lowest) * step / 5 for step in range(6)]
    size = f'width="{x.end - x.begin:.1f}" height="{y.begin - y.end:.1f}"'
    parts = [
        f'<rect class="frame" x="{x(lowest)}" y="{y(1)}" {size}/>',
        f'<line class="ideal" x1="{x(lowest)}" y1="{y(lowest)}" x2="{x(1)}" y2="{y(1)}"/>',
        f'<text x="2" y="14">right, in 100</text>'
        f'<text x="{x(1)}" y="{HEIGHT - 4:.0f}" text-anchor="end">said, in 100</text>',
    ]
    for tick in ticks:
        name = _hundred(tick)
        parts.append(f'<line class="grid" x1="{x(lowest)}" y1="{y(tick)}" x2="{x(1)}" y2="{y(tick)}"/>')
        parts.append(f'<text x="{_LEFT - 6:.0f}" y="{float(y(tick)) + 4.5:.1f}" text-anchor="end">{name}</text>')
        parts.append(f'<text x="{x(tick)}" y="{HEIGHT - 22:.0f}" text-anchor="middle">{name}</text>')
    return parts


def _drawn(band: Band, x: _Axis, y: _Axis) -> str:
    low, high = band.interval
    return (
        f'<g class="band{" few" if band.is_few else ""}"><title>{_escaped(band.in_words)}</title>'
        f'<line class="span" x1="{x(band.said)}" y1="{y(low)}" x2="{x(band.said)}" y2="{y(high)}"/>'
        f'<circle class="dot" cx="{x(band.said)}" cy="{y(band.right)}" r="4.5"/></g>'
    )


def _hundred(share: float) -> str:
    return f"{share * 100:.0f}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
