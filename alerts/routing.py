"""Whom an alert is for (pure)."""

from __future__ import annotations

from core.domain import Account


def recipient(account: Account) -> str:
    """Return the owner's e-mail address in lower case, or "" when the account has no usable one.

    "" never means nobody: each channel sends it to its own fallback, such as the team's channel.
    """
    address = account.owner_email.strip().lower()
    name, at, domain = address.partition("@")
    return address if name and at and domain and not any(char.isspace() for char in address) else ""
