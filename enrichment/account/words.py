"""What single words of a company name are worth: abbreviations, ordinals, places, descriptors, rarity (pure)."""

from __future__ import annotations

from functools import cache
from importlib import resources


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS = {
    "intl": "international",
    "int": "international",
    "internl": "international",
    "natl": "national",
    "nat": "national",
    "mfg": "manufacturing",
    "mfr": "manufacturing",
    "tech": "technology",
    "techs": "technology",
    "technologies": "technology",
    "svcs": "services",
    "svc": "services",
    "srvs": "services",
    "serv": "services",
    "service": "services",
    "sys": "systems",
    "system": "systems",
    "grp": "group",
    "hldg": "holdings",
    "hldgs": "holdings",
    "holding": "holdings",
    "hd": "holdings",
    "mgmt": "management",
    "mgt": "management",
    "univ": "university",
    "inst": "institute",
    "assoc": "associates",
    "assocs": "associates",
    "assn": "association",
    "bros": "brothers",
    "comm": "communications",
    "comms": "communications",
    "communication": "communications",
    "dept": "department",
    "dev": "development",
    "eng": "engineering",
    "engg": "engineering",
    "ent": "enterprises",
    "enterprise": "enterprises",
    "fin": "financial",
    "gov": "government",
    "govt": "government",
    "ind": "industries",
    "inds": "industries",
    "indus": "industries",
    "industry": "industries",
    "ins": "insurance",
    "labs": "laboratories",
    "lab": "laboratories",
    "laboratory": "laboratories",
    "pharma": "pharmaceuticals",
    "pharm": "pharmaceuticals",
    "pharmaceutical": "pharmaceuticals",
    "prods": "products",
    "product": "products",
    "solution": "solutions",
    "telecom": "telecommunications",
    "telco": "telecommunications",
    "telecommunication": "telecommunications",
    "trans": "transport",
    "transp": "transport",
    "elec": "electric",
    "chem": "chemical",
    "amer": "american",
    "cie": "company",
    "cia": "company",
    "cos": "companies",
    "gruppe": "group",
    "groep": "group",
    "groupe": "group",
    "grupo": "group",
    "gruppo": "group",
    "koncern": "group",
    "software": "software",
    "center": "centre",
    "centers": "centre",
    "centres": "centre",
    "restaurant": "restaurants",
    "property": "properties",
    "partner": "partners",
    "brand": "brands",
    "material": "materials",
    "network": "networks",
    "resource": "resources",
    "instrument": "instruments",
    "semiconductors": "semiconductor",
    "laboratoire": "laboratories",
    "usa": "us",
}
"""Spellings of one word → the one we compare."""

ORDINALS = {
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
    "4th": "fourth",
    "5th": "fifth",
    "fourty": "forty",
}

SOFT = _words(
    """
    group holdings company companies corporation corporate international worldwide global incorporated inc corp co
    ltd limited llc the of and de du des der fur for plc ag sa bank na lp services solutions com enterprises
    """
)
"""Words whose presence on one side only doesn't make another company, at the end of a name."""

UNITS = _words(
    """
    technology systems industries financial operations management software business international products networks
    laboratories sales marketing trading purchasing administration administrative administrativos services
    solutions consulting it information data computer internet network net online web hosting asn as infra
    manufacturing distribution supply logistics engineering research development investment investments properties
    regional headquarters hq office branch sucursal filial niederlassung zweigniederlassung zentrale division dc
    datacenter server servers cloud cdn dns noc
    """
)
"""Words that name a unit, a trade or an activity: on one side only they are a hint at another unit of the same firm."""

PLACES = _words(
    """
    africa algeria america americas american angola apac apj arabia argentina asia asiatic australia australasia
    austria azerbaijan bahrain bangladesh belarus belgium belgie belgique benelux bolivia brasil brazil bulgaria
    canada caribbean chile china cluj colombia croatia cyprus cz czech czechia danmark denmark deutschland dubai
    ecuador egypt emea england espana estonia eu europe european finland france frankfurt gb georgia germany ghana
    greece hk holland hong hongkong hungary iberia iberica iceland india indonesia international iraq ireland
    israel italia italy izhora japan jordan kazakhstan kenya kong korea kuwait lagos latam latin latvia lebanon
    lithuania london luxembourg macau magyarorszag malaysia malta mea mexico middle east moldova morocco nederland
    netherlands new nigeria noam nordic nordics north norge norway oman osterreich pacific pakistan panama peru
    philippines poland polska portugal qatar republic romania russia saudi scandinavia schweiz serbia shanghai
    singapore slovakia slovenia south southern spain sri lanka suisse suomi svenska sverige sweden switzerland
    taiwan tanzania thailand tokyo tunisia turkey turkiye uae ucraina uganda uk ukraine united kingdom states
    uruguay us venezuela vietnam york zambia zealand zimbabwe osaka beijing paris madrid milano
    """
)
"""Countries, regions and cities in which firms keep units of their own name."""


@cache
def _counts() -> dict[str, int]:
    text = (resources.files("enrichment.account.lists") / "name_words.tsv").read_text(encoding="utf-8")
    return {word: int(count) for word, _, count in (line.partition("\t") for line in text.splitlines())}


def frequency(word: str) -> int:
    """Return how many of 100,000 network owners have `word` in their name; 0 for fewer than 5."""
    return _counts().get(word, 0)
