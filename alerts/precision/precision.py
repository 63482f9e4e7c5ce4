"""How often a rule was right, and whether it proposes to be told of in the digest alone (pure)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from alerts.policy import PrecisionRules
from core.alerting import USEFUL, USELESS


def was_right(kinds: Collection[str]) -> bool | None:
    """Return whether an alert was useful by all that stands of what people did with it; None: nobody judged it.

    One word against it counts more than any for it: who claims an account and then sees that it is the wrong one has
    lost time.
    """
    if not USELESS.isdisjoint(kinds):
        return False
    return True if not USEFUL.isdisjoint(kinds) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demotion:
    """Who had a rule told of in the digest alone, and who let it speak again."""

    rule: str
    demoted_at: datetime
    demoted_by: str
    restored_at: datetime | None = None
    restored_by: str = ""

    @property
    def stands(self) -> bool:
        return self.restored_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How often one rule was right."""

    rule: str
    told: int
    """Its alerts within the span, judged or not."""
    judged: int
    right: int
    demotion: Demotion | None = None

    @property
    def share(self) -> float | None:
        """The share of judged alerts that were useful; None when none was judged."""
        return self.right / self.judged if self.judged else None

    @property
    def is_demoted(self) -> bool:
        return self.demotion is not None and self.demotion.stands

    def proposes_demotion(self, rules: PrecisionRules) -> bool:
        """Whether the rule was right so seldom that it should be told of in the digest alone."""
        return not self.is_demoted and self.judged >= rules.judged and self.right < rules.least * self.judged

    def proposes_return(self, rules: PrecisionRules) -> bool:
        """Whether a demoted rule has since been right often enough to speak again."""
        return self.is_demoted and self.judged >= rules.judged and self.right >= rules.least * self.judged
