"""Writes a company's name as a salesperson might have typed it, and names of firms that only look like it (pure)."""

from __future__ import annotations

import random
import re
import unicodedata

_LEGAL = {
    "LIMITED": ("Ltd", "Ltd.", "Limited", ""),
    "LTD": ("Ltd.", "Limited", "LTD", ""),
    "INC": ("Inc.", "Incorporated", ", Inc.", ""),
    "INCORPORATED": ("Inc", "Inc.", ""),
    "CORP": ("Corporation", "Corp.", ""),
    "CORPORATION": ("Corp", "Corp.", ""),
    "LLC": ("L.L.C.", "LLC", ""),
    "GMBH": ("GmbH", "Gesellschaft mbH", ""),
    "AG": ("AG", ""),
    "SA": ("S.A.", "SA", ""),
    "SRL": ("S.r.l.", "Srl", ""),
    "SPA": ("S.p.A.", "SpA", ""),
    "BV": ("B.V.", "BV", ""),
    "AS": ("A/S", "AS", ""),
    "AB": ("AB", ""),
    "OY": ("Oy", ""),
    "PLC": ("plc", "PLC", ""),
    "SAS": ("S.A.S.", "SAS", ""),
    "PTY": ("Pty", ""),
    "CO": ("Company", "Co.", ""),
    "COMPANY": ("Co.", "Company", ""),
}
_SHORT = {
    "INTERNATIONAL": "Intl",
    "MANUFACTURING": "Mfg",
    "SERVICES": "Svcs",
    "TECHNOLOGIES": "Technology",
    "ASSOCIATES": "Assoc",
    "MANAGEMENT": "Mgmt",
    "NATIONAL": "Natl",
    "AND": "&",
    "CENTER": "Centre",
    "UNIVERSITY": "Univ.",
}
_SISTERS = ("Logistics", "Capital", "Ventures", "Insurance Brokers", "Realty", "Energy Partners", "Foundation", "Media")
_ELSEWHERE = (("DE", "GmbH"), ("FR", "SARL"), ("NL", "B.V."), ("IT", "S.r.l."), ("US", "Inc."), ("GB", "Ltd"))
_CODE = re.compile(r"^[A-Z]{2,8}\d{6,}_\s*|[\s#,;/_-]*\d{6,}[\d-]*\s*$")


def tidy(registered: str) -> str:
    """Return a registered name without codes, for the customer list: `SME2017_TWIN OAKS` → `TWIN OAKS`."""
    return " ".join(_CODE.sub("", registered.strip()).strip(" ,;.-").split())


def words_of(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper())


def without_form(name: str) -> str:
    """Return the name without the legal forms at its end."""
    parts = name.replace(",", " ").split()
    while len(parts) > 1 and "".join(words_of(parts[-1])) in _LEGAL:
        parts.pop()
    return " ".join(parts)


def other_spelling(name: str, dice: random.Random) -> str:
    """Return the name with another legal form or none, other case, abbreviations, without accents."""
    out = []
    parts = name.replace(",", " ").split()
    for number, part in enumerate(parts):
        plain = "".join(words_of(part))
        if number and plain in _LEGAL and number >= len(parts) - 3:
            part = dice.choice(_LEGAL[plain])
        elif plain in _SHORT and dice.random() < 0.3:
            part = _SHORT[plain]
        elif part.isupper() and len(part) > 3:
            part = part.capitalize()
        out.append(part)
    text = " ".join(filter(None, out)).replace(" ,", ",")
    if dice.random() < 0.3:
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() or text
    if dice.random() < 0.15:
        text = text.upper()
    if dice.random() < 0.1:
        text = text.replace(" & ", " and ")
    return text.strip()


def sister(name: str, dice: random.Random) -> str:
    """Return the name of another company of the same group."""
    return f"{without_form(name).title()} {dice.choice(_SISTERS)}"


def namesake(name: str, country: str, dice: random.Random) -> tuple[str, str]:
    """Return the name and country of a firm elsewhere that is called the same."""
    land, form = dice.choice([each for each in _ELSEWHERE if each[0] != country])
    return f"{without_form(name).title()} {form}", land
