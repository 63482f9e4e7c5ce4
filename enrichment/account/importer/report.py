"""What happened to each row of an imported file, so that none vanishes (pure)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from enrichment.account.importer.columns import ColumnGuess

SHOWN = 20
"""Problem rows that are named; the rest are counted by reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One row that was left out or could only be taken in part."""

    line: int
    reason: str
    advice: str
    skipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The outcome of one import; rows = added + changed + unchanged + merged + skipped."""

    what: str
    rows: int
    added: int
    changed: int
    unchanged: int
    merged: int
    """Rows that said the same thing as an earlier row of the file, or more about it."""
    skipped: int
    problems: tuple[RowProblem, ...]
    """The first problem rows, at most 20, those left out first."""
    reasons: tuple[tuple[str, int], ...]
    """Every reason with its number of rows, most frequent first."""
    columns: ColumnGuess
    warnings: tuple[str, ...]
    purchases_added: int = 0
    """Purchases made from the "last order" column of an accounts file."""
    dry_run: bool = False
    """Whether nothing was written: the figures say what would be."""

    @property
    def text(self) -> str:
        """The report as lines to print."""
        would = " would be" if self.dry_run else ""
        lines = [
            self.columns.text,
            f"{self.rows:,} {self.what} read: {self.added:,}{would} added, {self.changed:,} changed, "
            f"{self.unchanged:,} unchanged, {self.merged:,} merged with another row, {self.skipped:,} left out",
        ]
        if self.purchases_added:
            lines.append(f'{self.purchases_added:,} purchases{would} added from the column "last order"')
        if self.dry_run:
            lines.append("dry run: nothing was written")
        lines += [f"warning: {warning}" for warning in self.warnings]
        lines += [f"{count:,} x {reason}" for reason, count in self.reasons]
        lines += [f"  line {problem.line}: {problem.reason} → {problem.advice}" for problem in self.problems]
        return "\n".join(lines)


@dataclass(slots=True)
class Tally:
    """Counts rows and collects problems while a file is imported."""

    rows: int = 0
    merged: int = 0
    skipped: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)

    def skip(self, line: int, reason: str, advice: str, detail: str = "") -> None:
        """Count a row as left out."""
        self.skipped += 1
        self._note(line, reason, advice, detail, skipped=True)

    def partly(self, line: int, reason: str, advice: str, detail: str = "") -> None:
        """Note that a row was taken without one of its cells."""
        self._note(line, reason, advice, detail, skipped=False)

    def _note(self, line: int, reason: str, advice: str, detail: str, *, skipped: bool) -> None:
        self.reasons[reason] += 1
        kept = sum(1 for problem in self.problems if problem.skipped is skipped)
        if kept < SHOWN:
            text = f"{reason} ({detail[:80]})" if detail else reason
            self.problems.append(RowProblem(line=line, reason=text, advice=advice, skipped=skipped))

    def report(
        self,
        what: str,
        columns: ColumnGuess,
        *,
        added: int,
        changed: int,
        unchanged: int,
        purchases_added: int = 0,
        dry_run: bool = False,
    ) -> ImportReport:
        """Return the finished report."""
        worst = sorted(self.problems, key=lambda problem: (not problem.skipped, problem.line))[:SHOWN]
        return ImportReport(
            what=what,
            rows=self.rows,
            added=added,
            changed=changed,
            unchanged=unchanged,
            merged=self.merged,
            skipped=self.skipped,
            problems=tuple(worst),
            reasons=tuple(self.reasons.most_common()),
            columns=columns,
            warnings=tuple(self.warnings),
            purchases_added=purchases_added,
            dry_run=dry_run,
        )
