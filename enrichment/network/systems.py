"""Judges an AS of which only the owner is known: by words, lists, size and a learned model (pure)."""

from __future__ import annotations

import re

from core.domain import NetworkKind, OwnerKind, Reason
from enrichment.network import features, words
from enrichment.network.addresses import parse_prefix
from enrichment.network.judgement import (
    SAY,
    KindVerdict,
    NetworkFacts,
    of_opinion,
    organised,
    reason,
    serves_others,
    unknown,
)
from enrichment.network.model import kind_model
from enrichment.network.opinion import ORGANISED, Opinion
from enrichment.network.owners import is_placeholder, named_fully

_WEIGHED = (NetworkKind.ISP, NetworkKind.HOSTING, NetworkKind.BUSINESS)
_FAVOUR = 0.05
"""How much likelier another kind must be than `business`: companies are rarer among the labels than among visitors."""
LARGE_AS = 1 << 16
"""Addresses: an AS of this size or more serves others unless its name says otherwise."""
SMALL_AS = 1 << 13
_MEDIUM_AS = 1 << 15
_MANY_PREFIXES = 12
_FEW_PREFIXES = 60
_LEGACY_AS = 11 << 15
"""Addresses: five class B networks and a half; an organisation that got more of them is rare."""
_LAST_EARLY_CLASS_A = 57
_LAST_EARLY_CLASS_B = 172
"""First numbers of addresses; what lies above was given out later, mostly to carriers."""
_AS_SUFFIX = re.compile(r"[-_ ]+AS\d*$", re.IGNORECASE)
_LEAST_SMALL_COMPANY = 0.2
"""Probability below which a small AS with a company's name is rather something else."""
_MOST_SMALL_CARRIER = 0.5
"""Probability from which it is rather what the model says, whatever its size."""
_LEAST_LARGE_COMPANY = 0.45
"""Probability from which a large AS with a company's name is believed to be a company's."""


def of_system(facts: NetworkFacts, opinion: Opinion | None) -> KindVerdict:
    """Return the judgement on a network by its AS; `opinion` is what words and lists say of that."""
    name, size, count = named_fully(facts.as_name or "", facts.as_handle), facts.as_addresses, facts.as_prefixes or 0
    is_named = bool(name) and not is_placeholder(name)
    weighed = size is None and is_named  # without a size, one word in a name is only one sign among others
    decides = opinion is not None and opinion.kind is not NetworkKind.BUSINESS
    if opinion is not None and decides and not (weighed and _is_one_sign(opinion)):
        return of_opinion(opinion, name, facts.as_domain)
    if not is_named:
        return unknown("No source names an owner of this network")
    if weighed:
        return _learned_of_system(facts, name, (), opinion)
    reasons = (reason(opinion),) if opinion is not None else ()
    if _is_legacy_block(facts) and not words.COINED.search(words.plain(name)):
        old = (
            f"{name} has a block of the years before 1994, when organisations rather than carriers got such large ones"
        )
        return organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.7, (*reasons, Reason(text=old, code="legacy")))
    if size is not None and size >= LARGE_AS and (opinion is None or count > _MANY_PREFIXES):
        return _of_large_system(facts, name, size, opinion)
    small = size is not None and (size <= SMALL_AS or (size <= _MEDIUM_AS and count <= _MANY_PREFIXES))
    if small:
        own = f"{name} runs its own network of only {size or 0:,} addresses, as companies do"
        reasons = (*reasons, Reason(text=own, code="size:small"))
    if opinion is not None:
        return organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.8 if small else 0.7, reasons)
    return _learned_of_system(facts, name, reasons, opinion)


def _is_one_sign(opinion: Opinion) -> bool:
    return opinion.kind in _WEIGHED and not opinion.code.startswith("list:")


def _of_large_system(facts: NetworkFacts, name: str, size: int, opinion: Opinion | None) -> KindVerdict:
    text = words.plain(name)
    chance = _chances(facts, name, opinion)["business"]
    if chance < _LEAST_LARGE_COMPANY or words.LEGAL_FORM.find(text) is None or words.COINED.search(text):
        return unknown(f"{name} announces {size:,} addresses and its name doesn't say what it does: rather a carrier")
    why = f"{name} has a company's name, and looks like one in spite of its {size:,} addresses ({chance:.0%})"
    return organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.5, (Reason(text=why, code="model:system"),))


def _is_legacy_block(facts: NetworkFacts) -> bool:
    """Say whether the range is in a class A or B network whose AS has little else.

    Until 1994 such blocks went to single organisations; carriers that have some have much more beside them.
    """
    prefix = parse_prefix(facts.range) if facts.range else None
    size, count = facts.as_addresses, facts.as_prefixes
    if prefix is None or prefix.version != 4 or not size or not count or count > _FEW_PREFIXES:
        return False
    first = int(prefix.network_address) >> 24
    if first <= _LAST_EARLY_CLASS_A:
        return size >= 1 << 24
    # The range may be a part of the block, so the block is known by what the AS has, on the average and in all.
    return 128 <= first <= _LAST_EARLY_CLASS_B and 1 << 16 <= size <= _LEGACY_AS and size // count >= 1 << 11


def _learned_of_system(
    facts: NetworkFacts, name: str, size: tuple[Reason, ...], opinion: Opinion | None
) -> KindVerdict:
    """Ask the model where words and lists say nothing."""
    chances = _chances(facts, name, opinion)
    text = words.plain(_AS_SUFFIX.sub("", name))
    is_company = words.LEGAL_FORM.find(text) is not None and not words.COINED.search(text)
    if (
        size
        and is_company
        and chances["business"] >= _LEAST_SMALL_COMPANY
        and max(chances.values()) < max(_MOST_SMALL_CARRIER, chances["business"] + 0.01)
    ):
        why = Reason(text=f"{name} has a company's name, and nothing says that it sells networks", code="name:company")
        return organised(NetworkKind.BUSINESS, name, facts.as_domain, 0.6, (*size, why))
    kind, probability = _likeliest(chances)
    if kind in ORGANISED and facts.as_addresses is not None and not is_company:
        return unknown(f"{name} may be a company, but its name could be a carrier's as well")
    why = Reason(text=f"{name} looks like {SAY[kind]}, by name and size ({probability:.0%})", code="model:system")
    if kind not in ORGANISED:
        return serves_others(kind, OwnerKind.CARRIER, probability, why)
    # By its name alone the model is right about a company half of the time; the size makes it surer.
    most = 0.5 if facts.as_addresses is None else 0.6
    return organised(kind, name, facts.as_domain, min(probability, most), (why, *size))


def _likeliest(chances: dict[str, float]) -> tuple[NetworkKind, float]:
    best = max(chances, key=lambda kind: chances[kind] + (_FAVOUR if kind == "business" else 0.0))
    return NetworkKind(best), chances[best]


def _chances(facts: NetworkFacts, name: str, opinion: Opinion | None) -> dict[str, float]:
    found = features.of_system(
        asn=facts.asn,
        name=name,
        handle=facts.as_handle,
        domain=facts.as_domain,
        country=facts.country,
        addresses=facts.as_addresses,
        prefixes=facts.as_prefixes,
        opinion=opinion.code if opinion else "none",
    )
    return kind_model("system").probabilities(found)
