"""What a source of evidence about addresses must offer."""

from __future__ import annotations

from typing import Protocol

from core.domain import Evidence


class Resolver(Protocol):
    """Says what one local source knows about an address; never asks the network."""

    @property
    def name(self) -> str:
        """The source's name in evidence and problems, such as `declared`."""
        ...

    def evidence(self, ip: str) -> tuple[Evidence, ...]:
        """Return what is known of the address, which has been read by `addresses.parse_address`; never raises."""
        ...

    def refresh(self) -> bool:
        """Look whether the source changed; True when earlier answers may be out of date. Called once a second."""
        ...

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with the source now, each with what to do about it."""
        ...
