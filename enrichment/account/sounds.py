"""How a Japanese name sounds and how it is written in English: the bridge between kana and Latin letters (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import prod

from rapidfuzz.distance import Levenshtein

from enrichment.account.normal_form import NormalForm
from enrichment.account.readings import FORM_WORDS, LETTERS, LONGEST_LETTER, LONGEST_WORD, READINGS

MOST_READINGS = 128
"""Readings of one name that are looked at; a name with more of them is left alone."""

SHORTEST_SPELLING = 3
SHORTEST_SKELETON = 3
"""Letters below which agreement means little."""

CLOSE = 0.5
CLOSER = 0.55
"""Likeness that the full spellings must have besides: 1 = equal. The shortest skeletons need more of it."""

_SYLLABLES = """
ア a | イ i | ウ u | エ e | オ o | カ ka | キ ki | ク ku | ケ ke | コ ko | サ sa | シ shi | ス su |
セ se | ソ so | タ ta | チ chi | ツ tsu | テ te | ト to | ナ na | ニ ni | ヌ nu | ネ ne | ノ no |
ハ ha | ヒ hi | フ fu | ヘ he | ホ ho | マ ma | ミ mi | ム mu | メ me | モ mo | ヤ ya | ユ yu |
ヨ yo | ラ ra | リ ri | ル ru | レ re | ロ ro | ワ wa | ヲ o | ン n | ガ ga | ギ gi | グ gu |
ゲ ge | ゴ go | ザ za | ジ ji | ズ zu | ゼ ze | ゾ zo | ダ da | ヂ ji | ヅ zu | デ de | ド do |
バ ba | ビ bi | ブ bu | ベ be | ボ bo | パ pa | ピ pi | プ pu | ペ pe | ポ po | ヴ vu | ァ a |
ィ i | ゥ u | ェ e | ォ o | ャ ya | ュ yu | ョ yo
"""
_KANA = {entry.split()[0]: entry.split()[1] for entry in _SYLLABLES.split("|")}
_RUN = re.compile(r"[a-z0-9]+|[\u30a1-\u30faー]+|[\u3400-\u9fff々]+|.")
_KATAKANA = re.compile(r"[\u30a1-\u30fa]")
_HIRAGANA = {code: code + 96 for code in range(0x3041, 0x3097)}


@lru_cache(maxsize=65536)
def spellings(form: NormalForm) -> frozenset[str]:
    """Return the ways in which `form` may be written in Latin letters, vowels short; empty if it can't be read."""
    if not form.cjk:
        return frozenset(_even(text) for text in _written(form))
    return frozenset(_even("".join(choice)) for choice in _readings(form))


def _written(form: NormalForm) -> Iterator[str]:
    """Give the ways to write a name in Latin letters as one that is read from Japanese: `Ricoh` is `riko`."""
    words = form.text.split()
    orders = [words]
    if len(words) > 1 and words[-1] == "japan":
        orders.append([words[-1], *words[:-1]])  # IBM Japan is 日本アイ・ビー・エム
    for order in orders:
        for text in {"".join(order), form.key if order is words else ""} - {""}:
            yield text
            yield _HARD_C.sub("k", text)


_HARD_C = re.compile(r"c(?![eiyh])")


def _readings(form: NormalForm) -> Iterator[tuple[str, ...]]:
    """Give each way to read a Japanese name, part by part; none if it can't be read or in too many ways."""
    parts = _parts(form.text.translate(_HIRAGANA))
    if parts and prod(map(len, parts)) <= MOST_READINGS:
        yield from product(*parts)


@lru_cache(maxsize=65536)
def skeletons(form: NormalForm) -> frozenset[str]:
    """Return the consonants of each spelling as Japanese ears tell them apart: `planet` and `puranetto` are one."""
    if not form.cjk:
        words = [word for word in form.text.split() if word != "and"]
        return frozenset(_joined([_skeleton(word, hard) for word in words]) for hard in (False, True))
    if not _KATAKANA.search(form.text):
        return frozenset()
    return frozenset(
        _joined([_skeleton(_even(part), hard) for part in choice])
        for choice in _readings(form)
        for hard in (False, True)
    )


def sound_alike(a: NormalForm, b: NormalForm) -> str:
    """Return `spelling` or `sound` for how two names in different scripts agree, or an empty text."""
    if _scripts(a) == _scripts(b):
        return ""
    of_a, of_b = spellings(a), spellings(b)
    if any(len(text) >= SHORTEST_SPELLING for text in of_a & of_b):
        return "spelling"
    longest = max(map(len, skeletons(a) & skeletons(b)), default=0)
    if longest < SHORTEST_SKELETON:
        return ""
    likeness = max(Levenshtein.normalized_similarity(left, right) for left in of_a for right in of_b)
    return "sound" if likeness >= (CLOSE if longest > SHORTEST_SKELETON else CLOSER) else ""


def sound_keys(form: NormalForm) -> frozenset[str]:
    """Return keys under which names that may sound like `form` meet in an index."""
    written = {f"={text}" for text in spellings(form) if len(text) >= SHORTEST_SPELLING}
    return frozenset(written | {f"~{text}" for text in skeletons(form) if len(text) >= SHORTEST_SKELETON})


def _scripts(form: NormalForm) -> frozenset[str]:
    found = {"kana" if "\u3040" <= char < "\u3100" else "latin" if char < "\u0250" else "kanji" for char in form.key}
    return frozenset(found)


def _parts(text: str) -> list[tuple[str, ...]]:
    """Return the alternatives of each part of a Japanese name, in order; empty if a part can't be read."""
    parts: list[tuple[str, ...]] = []
    for run in _RUN.findall(text):
        if run.isascii():
            if run.isalnum():
                parts.append((run,))
        elif _KANA.get(run[0]):
            parts.append(_kana_part(run))
        elif "\u3400" <= run[0] <= "\u9fff":
            words = _kanji_parts(run)
            if not words:
                return []
            parts.extend(words)
    return parts


def _kana_part(run: str) -> tuple[str, ...]:
    found = [_romaji(run)]
    found += _spelt_letters(run)
    for form in FORM_WORDS:
        if run.endswith(form) and len(run) > len(form):
            found.append(_romaji(run.removesuffix(form)))
        elif run == form:
            found.append("")
    return tuple(found)


def _kanji_parts(run: str) -> list[tuple[str, ...]]:
    parts: list[tuple[str, ...]] = []
    start = 0
    while start < len(run):
        size = next(
            (n for n in range(min(LONGEST_WORD, len(run) - start), 0, -1) if run[start : start + n] in READINGS), 0
        )
        if not size:
            return []
        parts.append(READINGS[run[start : start + size]])
        start += size
    return parts


def _spelt_letters(run: str) -> list[str]:
    """Return readings of a run that begins with letters spelt out: `エムビーエス` is `mbs`."""
    found, spelt, start = [], "", 0
    while start < len(run):
        most = min(LONGEST_LETTER, len(run) - start)
        size = next((n for n in range(most, 0, -1) if run[start : start + n] in LETTERS), 0)
        if not size:
            break
        spelt += LETTERS[run[start : start + size]]
        start += size
        if len(spelt) > 1 or start == len(run):
            found.append(spelt + _romaji(run[start:]))
    return found[-2:]


def _romaji(run: str) -> str:
    text = ""
    for char in run:
        sound = _KANA.get(char, "")  # the long vowel ー and the stop ッ make no difference here
        if char in "ァィゥェォャュョ" and text[-1:] in "aiueo":
            # A small letter takes the place of the vowel before it: ファ fa, ティ ti, キャ kya, シャ sha.
            stem = text[:-1]
            text = stem + (sound[1:] if sound[0] == "y" and stem.endswith(("sh", "ch", "j")) else sound)
        else:
            text += sound
    return text


_EVEN = (
    (re.compile(r"ou|oo|oh(?![aiueo])"), "o"),
    (re.compile(r"uu"), "u"),
    (re.compile(r"aa"), "a"),
    (re.compile(r"ee"), "e"),
    (re.compile(r"ii"), "i"),
    (re.compile(r"([bcdfghjklmnpqrstvwxyz])\1"), r"\1"),
    (re.compile(r"m(?=[bp])"), "n"),
)


def _even(text: str) -> str:
    for pattern, new in _EVEN:
        text = pattern.sub(new, text)
    return text


_SKELETON = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"[ts]ion", "son"),
        (r"gh(?![aiueo])", ""),
        (r"ph", "f"),
        (r"tch", "ch"),
        (r"sch", "sk"),
        (r"^x", "z"),
        (r"x", "ks"),
        (r"qu", "k"),
        (r"q", "k"),
        (r"ck", "k"),
        (r"wr", "r"),
        (r"wh", "w"),
        (r"kn(?=[aiueo])", "n"),
        (r"r(?![aiueoy])", ""),
        (r"w(?![aiueo])", ""),
        (r"th|ts|sh", "s"),
        (r"c(?=[eiy])", "s"),
        (r"ch", "s"),
        (r"c", "k"),
        (r"[zj]", "s"),
        (r"l", "r"),
        (r"v", "b"),
        (r"m", "n"),
    )
)


_SOFT_DG = re.compile(r"dg(?=[eiy])")


@lru_cache(maxsize=65536)
def _skeleton(text: str, hard: bool) -> str:
    """Return the consonants of `text` in classes; `hard` reads `ch` and soft `g` as k and g (chemical, energie)."""
    text = _SOFT_DG.sub("g", text)
    text = text.replace("ch", "k") if hard else re.sub(r"g(?=[eiy])", "s", text)
    for pattern, new in _SKELETON:
        text = pattern.sub(new, text)
    return ("a" if text[:1] in tuple("aiueo") else "") + re.sub(r"[aiueoyh]", "", text)


def _joined(parts: list[str]) -> str:
    """Return the skeletons of words as one; only the first vowel of all counts, and no sound is said twice."""
    text = "".join(part if number == 0 else part.removeprefix("a") for number, part in enumerate(parts))
    return re.sub(r"([a-z])\1+", r"\1", text).removesuffix("s") if len(text) > 6 else re.sub(r"([a-z])\1+", r"\1", text)
