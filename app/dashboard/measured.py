"""The sureness that was measured before a release, read from the file that `make bench-alerts` writes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from app.dashboard.reliability_plot import Band

FILE = Path(__file__).resolve().parents[2] / "enrichment" / "confidence_measured.json"


class MeasuredBand(msgspec.Struct, frozen=True, kw_only=True):
    """One band; `said` and `right` are shares between 0 and 1."""

    said: float
    right: float
    n: int


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What the bench measured: the expected calibration error with its interval, and the bands."""

    made_at: str
    n: int
    ece: float
    low: float
    high: float
    bands: tuple[MeasuredBand, ...]

    @property
    def drawn(self) -> tuple[Band, ...]:
        """The bands as a picture needs them."""
        return tuple(Band(said=band.said, right=band.right, n=band.n) for band in self.bands)


@cache
def measured(file: Path = FILE) -> Measured | None:
    """Return what was measured; None where the file isn't there or can't be read: then nothing is shown."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Measured)
    except (OSError, msgspec.DecodeError):
        return None
    is_whole = all(0 <= band.said <= 1 and 0 <= band.right <= 1 and band.n > 0 for band in found.bands)
    return found if found.bands and is_whole else None
