"""Countries that a company's name tells: by its legal form, or by a place it names (pure, data)."""

from __future__ import annotations

from enrichment.account.normal_form import NormalForm


def _pairs(text: str) -> dict[str, frozenset[str]]:
    entries = (entry.split() for entry in text.replace("\n", " ").split("|"))
    return {words[0]: frozenset(words[1:]) for words in entries if words}


OF_FORM = _pairs(
    """
    gmbh DE AT CH LI | ag DE AT CH LI | bv NL BE | nv NL BE | nordic SE NO DK FI EE LT LV IS CZ
    | sa FR ES IT BE CH LU PT BR MX AR CL PE CO RO PL GR UY VE EC BO | kabushiki JP | godo JP | yugen JP | jp JP
    | cn CN TW HK | kr KR | plc GB IE | east RU UA BY KZ BG CZ SK HU PL SI RS HR BA MK TR LT UZ KG MD GE AM AZ
    """
)
"""Family of legal form → the countries where it is usual. Forms that half the world uses (Ltd, Inc) tell nothing."""

OF_PLACE = {
    place: country
    for country, places in (
        (entry.split()[0], entry.split()[1:])
        for entry in """
    US us america americas american northamerica noam washington california texas florida ohio virginia carolina
        pennsylvania massachusetts michigan minnesota illinois arizona colorado oregon wisconsin tennessee maryland
        missouri alabama kentucky louisiana oklahoma utah nevada newyork
    | AU australia australasia queensland nsw melbourne sydney | AT austria osterreich wien vienna | AZ azerbaijan
    | BH bahrain | BD bangladesh | BY belarus | BE belgium belgie belgique brussels | BO bolivia | BR brasil brazil
        saopaulo | BG bulgaria sofia | CA canada ontario quebec alberta toronto montreal vancouver
    | CL chile santiago | CN china beijing shanghai guangzhou shenzhen | CO colombia bogota | HR croatia | CY cyprus
    | CZ cz czech czechia czechrepublic prague praha | DK danmark denmark copenhagen
    | DE deutschland germany frankfurt bavaria bayern hessen nrw hamburg berlin munchen muenchen munich
    | AE dubai uae | EC ecuador | EG egypt cairo | GB england gb uk unitedkingdom london schottland scotland wales
    | ES espana spain madrid catalunya iberica | EE estonia | FI finland helsinki | FR france paris lyon | GH ghana
    | GR greece athens | HK hk hongkong | HU hungary magyarorszag budapest | IS iceland | IN india mumbai delhi
        bangalore chennai pune | ID indonesia jakarta | IE ireland dublin | IL israel | IT italia italy milano
    | JP japan tokyo osaka | KZ kazakhstan | KE kenya nairobi | KR korea seoul busan | KW kuwait | LV latvia latvija
    | LB lebanon | LT lithuania | LU luxembourg | MY malaysia | MT malta | MX mexico | MD moldova | MA morocco
    | NL nederland netherlands holland amsterdam rotterdam | NG nigeria lagos | NO norge norway oslo | OM oman
    | PK pakistan | PA panama | PE peru lima | PH philippines manila | PL poland polska warsaw warszawa
    | PT portugal | QA qatar | RO romania bucharest cluj | RU russia moscow | SA saudiarabia | RS serbia
    | SG singapore | SK slovakia | SI slovenia | ZA southafrica southernafrica johannesburg | LK srilanka
    | SE sverige sweden svenska stockholm | CH schweiz suisse switzerland zurich geneva geneve | TW taiwan taipei
    | TZ tanzania | TH thailand bangkok | TN tunisia | TR turkey turkiye istanbul ankara | UG uganda
    | UA ukraine ucraina | UY uruguay | VE venezuela | VN vietnam hanoi | ZM zambia | ZW zimbabwe | NZ newzealand
    """.replace("\n", " ").split("|")
    )
    for place in places
}
"""A place as it stands in names → its country."""


def countries_of(form: NormalForm) -> frozenset[str]:
    """Return the countries that a name points to: of the place it names, else of its legal form; empty if none."""
    named = frozenset(OF_PLACE[word] for word in form.words[1:] if word in OF_PLACE)
    if named:
        return named
    families = [OF_FORM[family] for family in form.forms if family in OF_FORM]
    if len(families) != len(form.forms):
        return frozenset()
    return frozenset().union(*families)
