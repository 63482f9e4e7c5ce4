"""Lines of business that a word of a name tells, held against the industry that the customer list states (pure)."""

from __future__ import annotations

from functools import lru_cache

from enrichment.account.words import ADMIN, PLACES, SOFT

_WORDS = """
technology: software computer computers computing data technology semiconductor semiconductors systems systemes
    network networks net hosting cloud dns cdn server servers datacenter electronics internet online web informatica
    informatics digital memory storage solutions devices instruments it ai iot mobile wireless
| communications: telecommunications telecom communications broadcasting broadband cable wireless mobile media
    television radio satellite studios pictures entertainment games publishing news newspapers press internet networks
    network net web online telephone
| finance: bank banking bancorp bancshares finance financial insurance assurance securities capital investment
    investments trading credit leasing mortgage annuity reinsurance wealth funds fund trust realty
| health: pharmaceuticals medical healthcare health hospital hospitals clinic laboratories diagnostics biotech biologics
    biosciences therapeutics dental surgical devices life sciences
| consumer: coffee pizza foods food beverages beverage bottling brewing dairy stores store retail wholesale markets
    supermarkets restaurants restaurant hotels hotel resorts motors motor automotive tires apparel footwear shoes toys
    cosmetics tobacco clothing fashion furniture leisure casino casinos cruises homes pharmacy parcel products
| industry: engine engines aerospace defense aviation aircraft airlines airways railroad railway railways transport
    transportation freight shipping logistics trucking machinery tools equipment industries industrial manufacturing
    engineering construction building automation controls electric electrical power pumps water security elevators
    environmental rental rentals motors distribution defence parcel
| materials: mining steel metals chemical chemicals paper packaging plastics paints coatings glass cement gold silver
    copper aluminum aluminium rubber fibers materials gases industrial mines products
| energy: oil gas petroleum energy pipeline pipelines drilling exploration refining midstream oilfield chemical
| utilities: electric power gas water energy electricity generation utilities utility light nuclear transmission
| property: realty properties property housing homes storage reit land towers tower
"""

OF_WORD: dict[str, frozenset[str]] = {}
for _entry in _WORDS.split("|"):
    _sector, _, _listed = _entry.partition(":")
    for _word in _listed.split():
        OF_WORD[_word] = OF_WORD.get(_word, frozenset()) | {_sector.strip()}

_OF_INDUSTRY = (
    ("technology", ("information tech", "software", "semicond", "it ", "computer", "電気機器", "情報", "精密")),
    ("communications", ("communic", "telecom", "media", "情報・通信")),
    ("finance", ("financ", "bank", "insur", "capital market", "銀行", "証券", "保険", "金融")),
    ("health", ("health", "pharma", "biotech", "medical", "医薬")),
    (
        "consumer",
        ("consumer", "retail", "food", "hotel", "leisure", "automo", "小売", "食料", "卸売", "サービス", "水産"),
    ),
    ("industry", ("industrial", "manufactur", "aerospace", "transport", "machin", "engineer", "logistic", "construct")),
    ("industry", ("機械", "輸送", "建設", "陸運", "海運", "空運", "倉庫", "電気機器", "金属製品", "その他製品")),
    (
        "materials",
        ("material", "chemical", "mining", "steel", "化学", "鉄鋼", "非鉄", "ガラス", "パルプ", "繊維", "ゴム", "鉱業"),
    ),
    ("energy", ("energy", "oil", "石油", "鉱業")),
    ("utilities", ("utilit", "電気・ガス")),
    ("property", ("real estate", "property", "不動産")),
)


@lru_cache(maxsize=4096)
def sectors_of(industry: str) -> frozenset[str]:
    """Return the sectors that an industry as written in a customer list belongs to; empty if it can't be read."""
    text = f"{industry.casefold()} "
    return frozenset(sector for sector, hints in _OF_INDUSTRY if any(hint in text for hint in hints))


def in_sector(words: tuple[str, ...], industry: str) -> bool:
    """Say whether words beside a name tell a line of business and it is that of `industry`, with nothing against it."""
    own = sectors_of(industry)
    telling = [word for word in words if word not in PLACES and word not in SOFT]
    known = [word for word in telling if word in OF_WORD]
    if not own or not known or any(word not in OF_WORD and word not in ADMIN for word in telling):
        return False
    return all(OF_WORD[word] & own or (word in ADMIN and word != "technology") for word in known) and any(
        OF_WORD[word] & own for word in known
    )
