"""Holds stated confidence against truth, and fits the table that makes it a probability."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from enrichment.network.confidence import Points

OUT = Path(__file__).resolve().parents[1] / "enrichment" / "network" / "lists" / "confidence.json"
LEAST_BAND = 80
LEAST_ROWS = 15
DRAWN = 10
DRAWS = 500


@dataclass(frozen=True)
class Judged:
    """One answer: what it said of its sureness, whether it was right, and the fold it belongs to."""

    confidence: float
    right: bool
    fold: int
    code: str
    """The reason that decided."""


def bands(answers: Sequence[Judged], least: int) -> list[list[Judged]]:
    """Return the answers in bands of at least `least`, by confidence; equal confidences are never parted."""
    ordered = sorted(answers, key=lambda answer: answer.confidence)
    found: list[list[Judged]] = []
    for answer in ordered:
        if found and (len(found[-1]) < least or found[-1][-1].confidence == answer.confidence):
            found[-1].append(answer)
        else:
            found.append([answer])
    if len(found) > 1 and len(found[-1]) < least:
        last = found.pop()
        found[-1] += last
    return found


def _error(answers: Sequence[Judged]) -> float:
    total = 0.0
    for band in bands(answers, 100):
        said = sum(answer.confidence for answer in band) / len(band)
        total += abs(said - sum(answer.right for answer in band) / len(band)) * len(band)
    return total / len(answers)


def calibration_error(answers: Sequence[Judged]) -> str:
    """Return the expected calibration error with its 95 % bootstrap interval, and the bands."""
    drawn = random.Random(5)
    found = sorted(_error(drawn.choices(answers, k=len(answers))) for _ in range(DRAWS))
    lines = [
        f"   said {sum(a.confidence for a in band) / len(band):.2f}  true "
        f"{sum(a.right for a in band) / len(band):.2f}  n {len(band)}"
        for band in bands(answers, 100)
    ]
    return (
        f"n={len(answers)}, expected calibration error {_error(answers):.3f} "
        f"[{found[DRAWS // 40]:.3f}, {found[-DRAWS // 40 - 1]:.3f}] in bands of >= 100 rows\n" + "\n".join(lines)
    )


def fit_table(answers: Sequence[Judged]) -> dict[str, Points]:
    """Return for each decisive reason what its stated confidence is worth."""
    by_code: dict[str, list[Judged]] = {}
    for answer in answers:
        by_code.setdefault(answer.code, []).append(answer)
    return {code: _points(found) for code, found in sorted(by_code.items()) if len(found) >= LEAST_ROWS}


def _points(answers: Sequence[Judged]) -> Points:
    """Isotonic fit: bands are pooled until the truth rises with what is stated; few rows count less than many."""
    pooled: list[list[Judged]] = []
    for band in bands(answers, LEAST_BAND):
        pooled.append(band)
        while len(pooled) > 1 and _share(pooled[-2]) >= _share(pooled[-1]):
            last = pooled.pop()
            pooled[-1] = [*pooled[-1], *last]
    return tuple((round(_said(band), 3), round(_share(band), 3)) for band in pooled)


def _said(band: Sequence[Judged]) -> float:
    return sum(answer.confidence for answer in band) / len(band)


def _share(band: Sequence[Judged]) -> float:
    """Share of right answers, drawn towards what was stated as if ten more rows had borne it out."""
    return (sum(answer.right for answer in band) + DRAWN * _said(band)) / (len(band) + DRAWN)


def write_table(table: dict[str, Points]) -> None:
    """Write the table where `enrichment.network.confidence` reads it."""
    OUT.write_text(json.dumps(table, indent=0) + "\n", encoding="utf-8")
    for code, points in table.items():
        print(f"   {code}: {points}")
