"""What single words of a company name are worth: abbreviations, ordinals, places, descriptors, rarity (pure)."""

from __future__ import annotations

from enrichment.network.word_counts import frequency as frequency


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
    "losungen": "solutions",
    "loesungen": "solutions",
    "oplossingen": "solutions",
    "dienstleistungen": "services",
    "dienste": "services",
    "diensten": "services",
    "tjanster": "services",
    "systeme": "systems",
    "systemes": "systems",
    "systemen": "systems",
    "technologie": "technology",
    "technologien": "technology",
    "universitat": "university",
    "universitaet": "university",
    "universite": "university",
    "universita": "university",
    "universidad": "university",
    "universidade": "university",
    "universiteit": "university",
    "universitet": "university",
    "universitetet": "university",
    "uniwersytet": "university",
    "universitas": "university",
    "universitatea": "university",
    "univerzita": "university",
    "univerzitet": "university",
    "egyetem": "university",
    "internacional": "international",
    "internazionale": "international",
    "internationale": "international",
    "internationaal": "international",
    "institut": "institute",
    "instituto": "institute",
    "istituto": "institute",
    "instituut": "institute",
    "forschung": "research",
    "recherche": "research",
    "vertrieb": "sales",
    "vertriebs": "sales",
    "verwaltung": "administration",
    "verwaltungs": "administration",
    "industrie": "industries",
    "industrien": "industries",
    "industria": "industries",
    "fertigung": "manufacturing",
    "versicherung": "insurance",
    "versicherungen": "insurance",
    "seguros": "insurance",
    "assurances": "insurance",
    "assicurazioni": "insurance",
    "stiftung": "foundation",
    "fondation": "foundation",
    "fundacion": "foundation",
    "fondazione": "foundation",
    "ministerium": "ministry",
    "ministere": "ministry",
    "ministerio": "ministry",
    "ministero": "ministry",
}
"""Spellings of one word → the one we compare."""

INNER = {
    "corp": "corporation",
    "co": "company",
    "banc": "bancshares",
    "bankshares": "bancshares",
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
    ltd limited llc the of and de du des der fur for plc ag sa bank na lp services solutions com
    """
)
"""Words whose presence on one side only doesn't make another company, at the end of a name."""

PREPOSITIONS = _words("of de du des der di da do del della la le les für fur for van den in i y e et und at en")
"""Words that the same name has in one language and not in another."""

FORMAL = _words(
    """
    group holdings company companies corporation corporate incorporated limited the of de du des der fur for plc
    """
)
"""Those among them that are little more than legal forms."""

ADMIN = _words(
    """
    technology systems operations management business international financial services solutions it information data
    sales marketing purchasing procurement administration administrative administrativos shared support asn as infra
    regional headquarters hq office branch filial niederlassung zweigniederlassung zentrale division unit
    """
)
"""Words for what every firm does: on one side only they name a unit of the same firm."""

TRADES = _words(
    """
    industries software products laboratories trading consulting manufacturing distribution supply logistics engineering
    research development investment investments properties communications telecommunications networks network net online
    web internet hosting cloud cdn dns noc server servers datacenter computer computers media energy
    capital insurance assurance generation railroad railway asset assets securities mining power electric chemical
    pharmaceuticals pharma semiconductor financial finance bank banking airlines aviation automotive motors motor foods
    food stores retail wholesale hotels resorts healthcare health medical transport cable
    """
)
"""Words for a trade that many firms of one name are in: they may make another company."""

NAMESAKE_TRADES = _words(
    """
    telecommunications networks network net online web internet hosting dns noc consulting trading engineering
    properties investment investments capital supply communications logistics asset assets energy finance
    """
)
"""Trades in which a namesake or a sister firm is most often met beside a known name."""

BANKS = _words("bank banking bancorp bancshares banc")
"""What a bank and the company that holds it call themselves."""

BODIES = _words(
    """
    university college school academy hospital clinic church cooperative coop union club association foundation trust
    fund partners council city county district ministry department museum library embassy consumer credit society
    capital acquisition merger spac
    """
)
"""Words that make a name that of a body of its own, whatever stands before them."""

PLACES = _words(
    """
    algeria america americas american angola apac apj argentina asia asiatic australia australasia austria
    azerbaijan bahrain bangladesh belarus belgium belgie belgique benelux bolivia brasil brazil bulgaria canada
    caribbean chile china cluj colombia croatia cyprus cz czech czechia danmark denmark deutschland dubai ecuador
    egypt emea england espana estonia eu europe european finland france frankfurt gb georgia germany ghana greece
    hk holland hongkong hungary iberia iberica iceland india indonesia iraq ireland israel italia italy izhora
    japan jordan kazakhstan kenya korea kuwait lagos latam latvia lebanon lithuania london luxembourg macau
    magyarorszag malaysia malta mea mexico moldova morocco nederland netherlands nigeria noam nordic nordics norge
    norway oman osterreich pakistan panama peru philippines poland polska portugal qatar republic romania russia
    scandinavia schweiz serbia shanghai singapore slovakia slovenia spain suisse suomi svenska sverige sweden
    switzerland taiwan tanzania thailand tokyo tunisia turkey turkiye uae ucraina uganda uk ukraine uruguay us
    venezuela vietnam zambia zimbabwe osaka beijing paris madrid milano washington california texas florida ohio
    virginia carolina pennsylvania massachusetts michigan minnesota illinois arizona colorado oregon wisconsin
    tennessee maryland missouri alabama kentucky louisiana oklahoma utah nevada ontario quebec alberta wa ma ny tx
    ca nj pa va il oh fl bavaria bayern hessen nrw catalunya queensland nsw schottland scotland wales hamburg
    berlin munchen muenchen munich wien vienna zurich geneva geneve lyon mumbai delhi bangalore chennai pune sydney
    melbourne toronto montreal vancouver moscow bogota lima santiago dublin brussels amsterdam rotterdam stockholm
    oslo copenhagen helsinki warsaw warszawa prague praha budapest bucharest sofia athens istanbul ankara cairo
    johannesburg nairobi jakarta manila bangkok hanoi seoul busan taipei guangzhou shenzhen ap noram dach cee mena
    unitedkingdom unitedstates newzealand southafrica saudiarabia latinamerica northamerica southamerica
    asiapacific middleeast srilanka saopaulo newyork southernafrica africa czechrepublic
    """
)
"""Countries, regions and cities in which firms keep units of their own name."""


PHRASES = {
    ("united", "kingdom"): "unitedkingdom",
    ("great", "britain"): "unitedkingdom",
    ("united", "states"): "unitedstates",
    ("new", "zealand"): "newzealand",
    ("south", "africa"): "southafrica",
    ("southern", "africa"): "southernafrica",
    ("hong", "kong"): "hongkong",
    ("saudi", "arabia"): "saudiarabia",
    ("latin", "america"): "latinamerica",
    ("north", "america"): "northamerica",
    ("south", "america"): "southamerica",
    ("asia", "pacific"): "asiapacific",
    ("middle", "east"): "middleeast",
    ("sri", "lanka"): "srilanka",
    ("sao", "paulo"): "saopaulo",
    ("new", "york"): "newyork",
    ("czech", "republic"): "czechrepublic",
}
"""Places of two words → the one word we compare."""
