"""Evidence from our own map, learned from what people of accounts did at an address (pure)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from core.domain import AccountId, Evidence
from enrichment.network.learned.memory import LearnedMemory
from enrichment.network.learned.observation import narrow_of
from enrichment.network.learned.rule import Line

_WORDS = {
    "signed_link": ("signed link", "signed links"),
    "form": ("form", "forms"),
    "identify": ("identification by the site", "identifications by the site"),
    "login": ("sign-in", "sign-ins"),
}


class LearnedResolver:
    """Answers from memory."""

    name = "learned"

    def __init__(self, memory: LearnedMemory, name_of: Callable[[AccountId], str]) -> None:
        """`name_of` gives an account's name for the sentence."""
        self._memory = memory
        self._name_of = name_of

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        """Return what was learned of the address, if it is mapped."""
        address = ip_address(ip)
        line = self._memory.find(address)
        if line is None:
            return ()
        # the very text of the prefix, so that the address leaves the sentence with it before it is kept
        prefix = str(narrow_of(address)) if line.host else line.block
        account = line.accounts[0]
        name = self._name_of(account)
        return (
            Evidence(
                source="learned",
                prefix=prefix,
                organisation=name or None,
                kind=line.kind,
                accounts=line.accounts,
                strength=line.strength,
                at=line.last_at,
                text=sentence(line, name or account, prefix),
            ),
        )

    def refresh(self) -> bool:
        return False  # whoever loads the memory makes a new lookup when an answer changed

    def problems(self) -> tuple[str, ...]:
        return ()


def sentence(line: Line, name: str, where: str) -> str:
    """Return the evidence in words: `3 sign-ins and 1 form since May by Hartmann from 192.0.2.7`."""
    parts = [f"{number} {_WORDS[kind][number > 1]}" for kind, number in line.by_kind]
    what = " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]
    more = f" ({line.why})" if line.why else ""
    return f"{what} since {line.first_at:%-d %B} by {name} from {where}{more}"
