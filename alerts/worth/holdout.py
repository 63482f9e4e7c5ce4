"""Whether an account is in the share whose alerts are held back to measure what alerts bring (pure)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from core.domain import AccountId

_STEPS = 1 << 53


def is_held_out(account: AccountId, share: float, secret: str, at: datetime) -> bool:
    """Return whether alerts about `account` at `at` belong to the held-out share (0 to 1).

    The draw is sticky: it depends on the account, the calendar year and the site's secret alone, so an account can't
    change sides by visiting again, and nobody is held back for ever. An account held out at some share stays so at
    every larger one: raising the share moves nobody to the alerted side.
    """
    message = f"holdout:{at.year}:{account}".encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / _STEPS < share
