"""Words as the tables of headers and reasons are keyed (pure)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Return words without case, accents, blanks and signs, as tables of such words are keyed."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"[\W_]+", "", "".join(char for char in plain if not unicodedata.combining(char)))
