"""What every act takes and returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from app.corrections import Voice
from core.domain import AccountId
from enrichment.enrich import Rules

By = str | Voice
"""Who acts: somebody by name, or a voice where it matters how they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of pressing a button."""

    said: str
    """A sentence for the person who pressed it."""
    account: AccountId | None = None
    visit: str = ""
    """The visit that is nobody's now: somebody may know whose it was."""
    refused: bool = False
    """Whether nothing came of it, for the reason that `said` gives: somebody else was quicker."""


class Act(Protocol):
    """What a button does with the one id that it is given, and with what was chosen from its menu.

    `rules` judge visits that change hands. Each act is one short transaction of the caller's, may be pressed twice,
    and leaves a row in the audit; None when there is nothing of that id.
    """

    def __call__(
        self,
        connection: Connection,
        subject: str,
        by: By,
        now: datetime,
        rules: Rules | None = None,
        /,
        choice: str = "",
    ) -> Done | None: ...
