"""What can go wrong, as one small tree.

DormouseError                 says what is wrong and what to do
  SettingsError               the settings contradict themselves or name what isn't there
  InputError                  a file or value that a person gave can't be used
  UnavailableError            something needed can't be reached or written now; trying again later may help
    BufferUnavailableError    a hit can't be kept, so it must not be acknowledged
    ChannelError              a channel did not take a message; `permanent` says whether trying again helps
  LeaseLostError              another process builds visits now
"""

from __future__ import annotations


class DormouseError(Exception):
    """Base of all errors that Dormouse raises on purpose; its text names what to do."""


class SettingsError(DormouseError):
    """Settings are wrong; carries every mistake found, not just the first."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class InputError(DormouseError):
    """A file or value that a person gave can't be used."""


class UnavailableError(DormouseError):
    """Something needed can't be reached or written now."""


class BufferUnavailableError(UnavailableError):
    """A hit can't be kept now."""


class ChannelError(UnavailableError):
    """A channel did not take a message."""

    def __init__(
        self, text: str, *, permanent: bool = False, retry_after: float | None = None, ambiguous: bool = False
    ) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.retry_after = retry_after
        """Seconds the channel asked us to wait."""
        self.ambiguous = ambiguous
        """True when the message may have arrived nevertheless (a timeout after sending)."""


class LeaseLostError(DormouseError):
    """Another process holds the lease."""
