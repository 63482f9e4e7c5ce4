"""A company name taken apart: the words that tell it apart, and what was only form (pure)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from enrichment.account.legal_forms import FAMILY, JAPANESE, LEADING, LONGEST
from enrichment.account.words import ABBREVIATIONS, INNER, PHRASES

_SPELLINGS = ABBREVIATIONS | INNER
_JAPANESE = tuple(sorted(JAPANESE, key=lambda form: -len(form[0])))
_WORD = re.compile(r"[^\W_]+")
_INITIALS = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.){2,}[^\W\d_]?(?![^\W_])|[^\W\d_](?:\.[^\W\d_])+\.?(?![^\W_]))")
_APOSTROPHE = re.compile(r"[’'‘`´ʼ](?=s\b|l\b|n\b)|(?<=\b[odl])[’'‘`´ʼ]|(?<=nt)[’'‘`´ʼ](?=l)")
_FILING_TAIL = re.compile(r"\s*[/\\]\s*(?:[a-z]{2,3}|new|adr|nv|cayman)?\s*[/\\]?\s*$|\s*\((?:de|md|nv|new)\)\s*$")
_LISTING_TAIL = re.compile(
    r"\b(?:common|ordinary|class [a-c]|preferred|depositary)( (?:stock|shares?|units?))?\s*$"
    r"|\bamerican depositary shares?\s*$|\b(?:un)?spon\w+(?: ad[rs]s?)?\s*$|\bad[rs]s?\s*$"
)
_AND = re.compile(
    r"\s*[&+＆]\s*|\s+(?:and|und|et|y|e|og|och|en|i)\s+(?=(?:co|company|sons?|cie|cia|associates|partners)\b)"
)
_LETTERS_AND = re.compile(r"(?<![^\W_])([^\W\d_]{1,2})\s*[&+＆]\s*([^\W\d_])(?![^\W_])")
"""Letters about an ampersand are one word, else `PT&T` would be a legal form and a letter: `at&t`, `h & m`."""
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af々〆ヶ]")
_CJK_NOISE = re.compile(r"[\s・･·,、.\-‐‑–—―－/()「」『』\"'“”＆&+]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalForm:
    """What is left of a company name once spelling no longer matters."""

    words: tuple[str, ...]
    """The words without legal forms, in order; the whole name as one word where it is written without blanks."""
    forms: frozenset[str]
    """Families of the legal forms taken off."""
    key: str
    """The words written together: equal keys mean the same name in another spelling."""
    cjk: bool
    """Written in kanji, kana or hangul."""
    text: str = ""
    """The name without its legal forms as it is written, for reading it aloud."""


def loose_key(form: NormalForm) -> str:
    """Return the key with German and Nordic vowels as if their dots had been left out: Mueller is Müller is Muller."""
    return _SPELT_OUT.sub(lambda match: match.group()[0], form.key)


_SPELT_OUT = re.compile(r"ae|oe|ue|aa(?=[a-z])")


@lru_cache(maxsize=262_144)
def normal_form(name: str) -> NormalForm:
    """Return the normal form of `name`; one without words where nothing readable is in it."""
    text = unicodedata.normalize("NFKC", name).strip()
    if _CJK.search(text):
        return _cjk_form(text)
    text = _fold(text)
    text = _LISTING_TAIL.sub("", _FILING_TAIL.sub("", text))
    text = _APOSTROPHE.sub("", text)
    text = _INITIALS.sub(lambda match: match.group().replace(".", "") + " ", text)
    text = _AND.sub(" and ", _LETTERS_AND.sub(r"\1\2", text))
    words = _join_initials(_WORD.findall(text))
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    words, forms = _without_forms(words)
    words = [word if word.isascii() else word.translate(_CYRILLIC) for word in words]
    spoken = _without_echo(words)
    words = _join_phrases([_SPELLINGS.get(word, word) for word in spoken if word != "and"])
    return NormalForm(words=tuple(words), forms=frozenset(forms), key="".join(words), cjk=False, text=" ".join(spoken))


def _fold(text: str) -> str:
    """Return `text` in lower case without accents; letters that don't decompose are spelt out (ß, ø, ł)."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if not unicodedata.combining(char)))


_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "™": "", "®": ""}
)


_CYRILLIC = str.maketrans(
    {
        **dict(zip("абвгдезиклмнопрстуфыэіґ", "abvgdeziklmnoprstufyeig", strict=True)),
        "ё": "e",
        "ж": "zh",
        "й": "y",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ъ": "",
        "ь": "",
        "ю": "yu",
        "я": "ya",
        "є": "ye",
        "ї": "yi",
        "ў": "u",
    }
)
"""Cyrillic letters → Latin ones, after the legal forms have been read."""


def _join_initials(words: list[str]) -> list[str]:
    """Write runs of single letters as one word: `j b hunt` → `jb hunt`, `s p a` → `spa`."""
    joined: list[str] = []
    run = ""
    for word in words:
        if len(word) == 1 and word.isalpha():
            run += word
            continue
        if run:
            joined.append(run)
            run = ""
        joined.append(word)
    if run:
        joined.append(run)
    return joined


def _join_phrases(words: list[str]) -> list[str]:
    """Write places of two words as one, so that their parts aren't taken for words of their own."""
    joined: list[str] = []
    for word in words:
        if joined and (joined[-1], word) in PHRASES:
            joined[-1] = PHRASES[joined[-1], word]
        else:
            joined.append(word)
    return joined


def _without_forms(words: list[str]) -> tuple[list[str], set[str]]:
    """Take legal forms off the end, then off the front; a name that is all form keeps its first word."""
    forms: set[str] = set()
    while len(words) > 1:
        size = next((n for n in range(min(LONGEST, len(words) - 1), 0, -1) if tuple(words[-n:]) in FAMILY), 0)
        if not size:
            break
        forms.add(FAMILY[tuple(words[-size:])])
        words = words[:-size]
        if len(words) > 1 and words[-1] in ("and", "of"):
            words = words[:-1]
    while len(words) > 1:
        size = next(
            (
                n
                for n in range(min(LONGEST, len(words) - 1), 0, -1)
                if tuple(words[:n]) in FAMILY and (n > 2 or (n == 1 and words[0] in LEADING))
            ),
            0,
        )
        if not size:
            break
        forms.add(FAMILY[tuple(words[:size])])
        words = words[size:]
    return words, forms


def _without_echo(words: list[str]) -> list[str]:
    """Take a name that is said twice once, where nothing but a legal form stands between: `Acme SA Acme`."""
    for size in range(len(words) // 2, 0, -1):
        between = tuple(words[size:-size])
        if words[:size] == words[-size:] and (not between or between in FAMILY):
            return words[:size]
    return words


def _cjk_form(text: str) -> NormalForm:
    forms: set[str] = set()
    for form, family in _JAPANESE:
        if form in text:
            stripped = text.replace(form, " ", 1).strip()
            if stripped:
                text = stripped
                forms.add(family)
    key = _CJK_NOISE.sub("", _fold_cjk(text))
    return NormalForm(words=(key,) if key else (), forms=frozenset(forms), key=key, cjk=True, text=text.casefold())


def _fold_cjk(text: str) -> str:
    # Small and old letters are the spellings that vary in writing a name by hand (キヤノン, 髙島屋, 富士ゼロツクス).
    return text.casefold().translate(_KATAKANA).translate(_CJK_LETTERS)


_KATAKANA = {code: code + 96 for code in range(0x3041, 0x3097)}
_CJK_LETTERS = str.maketrans(
    "ァィゥェォャュョッヮヶヵ髙﨑澤廣國學濵邊邉齋齊靜藝", "アイウエオヤユヨツワケカ高崎沢広国学浜辺辺斎斉静芸"
)
