"""Company → account: the order of evidence, and what stays open."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from core.domain import Account, AccountId, Company
from enrichment.account.match import AccountIndex


def account(key: str, name: str, *domains: str, aliases: tuple[str, ...] = (), country: str = "") -> Account:
    return Account(id=AccountId(key), name=name, domains=domains, aliases=aliases, country=country)


def company(name: str | None = None, domain: str | None = None, *accounts: str, sure: float = 1.0) -> Company:
    return Company(
        name=name, domain=domain, accounts=tuple(AccountId(key) for key in accounts), confidence=sure, why=()
    )


INDEX = AccountIndex(
    [
        account("hp", "Hartmann Pumpen GmbH", "hartmann-pumpen.de"),
        account("hh", "Hartmann Holding AG", "hartmann-holding.de"),
        account("os1", "Osprey Logistics Ltd", "osprey.example"),
        account("os2", "Osprey Foods Ltd", "osprey.example"),
        account("tw1", "Zwillinger KG"),
        account("tw2", "Zwillinger GmbH & Co. KG"),
        account("telko", "Deutsche Telekom AG", "telekom.de"),
        account("glob", "Global"),
        account("ya", "株式会社山田製作所", aliases=("Yamada Works",)),
    ]
)


def found(name: str | None = None, domain: str | None = None, *accounts: str) -> str | None:
    match = INDEX.match(company(name, domain, *accounts))
    return match.account.id if match and match.account else None


def test_a_declared_network_comes_before_domain_and_name() -> None:
    """An account that declared the network is taken, whatever the name says."""
    assert found("Osprey Foods", "osprey.example", "hp") == "hp"


def test_a_domain_comes_before_the_name() -> None:
    """The registrable domain decides, also from a host name below it."""
    assert found("Something Else", "mail.hartmann-pumpen.de") == "hp"


def test_a_domain_of_two_accounts_is_open_until_the_name_says_which() -> None:
    """Two accounts on one domain are candidates; a name that fits one of them decides."""
    match = INDEX.match(company(None, "osprey.example"))
    assert match is not None
    assert match.account is None
    assert [candidate.id for candidate in match.candidates] == ["os1", "os2"]
    assert found("OSPREY FOODS", "osprey.example") == "os2"


def test_two_accounts_of_one_name_are_never_chosen_between() -> None:
    """Namesakes in the CRM stay candidates, with both named in the reason."""
    match = INDEX.owner("Zwillinger")
    assert match is not None
    assert match.account is None
    assert {candidate.id for candidate in match.candidates} == {"tw1", "tw2"}
    assert "tw1" in match.why[0].text


def test_the_reason_is_a_sentence_with_both_names() -> None:
    """The why says how the owner's name is written and which account it is."""
    match = INDEX.owner("HARTMANN PUMPEN")
    assert match is not None
    assert match.why[0].text == (
        "The network's owner “HARTMANN PUMPEN” is written like your account Hartmann Pumpen GmbH."
    )


def test_an_alias_finds_the_account() -> None:
    """Another name of the account is as good as its own."""
    assert found("YAMADA WORKS CO., LTD.") == "ya"
    assert found("㈱山田製作所") == "ya"


@pytest.mark.parametrize("name", ["Hartmann Bau GmbH", "Hartmann", "Global Industries Inc", "Unrelated AG", ""])
def test_other_firms_are_nobody(name: str) -> None:
    """Sisters, bare surnames, plain words and strangers are no account."""
    assert found(name) is None


def test_a_plain_word_is_never_settled_by_itself() -> None:
    """An account called by one common word is only ever a question, unless the domain says the same."""
    match = INDEX.owner("Global Ltd")
    assert match is not None
    assert match.account is None
    assert [candidate.id for candidate in match.candidates] == ["glob"]
    sure = INDEX.owner("Global Ltd", "global.example")
    assert sure is not None
    assert sure.account is not None


def test_a_japanese_account_is_found_by_its_english_name_where_that_is_certain() -> None:
    """A long exact reading is enough; likeness of sound needs a Japanese domain: firms elsewhere sound so too."""
    index = AccountIndex([account("t", "株式会社トクヤマ"), account("p", "株式会社プラネット")])

    def ask(name: str, domain: str | None = None) -> str | None:
        match = index.owner(name, domain)
        return match.account.id if match and match.account else None

    assert ask("Tokuyama Corporation") == "t"
    assert ask("Planet Inc") is None
    assert ask("PLANET, INC.", "planet.co.jp") == "p"


def test_a_carriers_domain_matches_only_when_the_visitor_gave_it() -> None:
    """The domain of a network says nothing about a carrier's customers; a form's domain does."""
    carrier = company(None, "telekom.de")
    assert INDEX.match(carrier) is None
    told = INDEX.match(carrier, by_clue=True)
    assert told is not None
    assert told.account is not None
    assert told.account.id == "telko"


def test_a_carrier_that_is_a_customer_is_not_recognised_by_its_name() -> None:
    """Whoever sits behind a carrier's network is its customer; declared offices and clues still count."""
    match = INDEX.match(company("Deutsche Telekom AG"))
    assert match is not None
    assert match.account is None
    assert [candidate.id for candidate in match.candidates] == ["telko"]
    assert found("Deutsche Telekom AG", None, "telko") == "telko"


def test_another_domain_speaks_against_a_name_that_is_only_close() -> None:
    """A name alike with a domain that isn't the account's isn't enough."""
    index = AccountIndex([account("a", "Quillfeather", "quillfeather.com")])
    assert index.owner("Quillfeather Brasil") is not None
    assert index.owner("Quillfeather Brasil", "qfb-imports.com.br") is None
    assert index.owner("Quillfeather Brasil", "quillfeather.com.br") is not None


def test_doubt_about_the_company_is_not_counted_here() -> None:
    """The confidence of a match is its own; the line multiplies it with that of the company, once."""
    sure, unsure = (INDEX.match(company("Hartmann Pumpen", None, sure=value)) for value in (1.0, 0.5))
    assert sure is not None
    assert unsure is not None
    assert unsure.confidence == sure.confidence


def test_unknown_declared_accounts_are_passed_over() -> None:
    """An account that has been deleted since decides nothing."""
    assert found("Hartmann Pumpen", None, "gone") == "hp"


def test_thousands_of_accounts_are_indexed_and_asked_fast() -> None:
    """5,000 accounts are indexed within a second of processor time; one look-up takes at most a millisecond."""
    accounts = [account(str(n), f"Firm{n % 700:03} Works{n} GmbH", f"firm{n}.example") for n in range(5000)]
    start = time.process_time()
    index = AccountIndex(accounts)
    built = time.process_time()
    for n in range(1000):
        index.owner(f"firm{n % 700:03} works{n}")
    asked = time.process_time()
    assert built - start < 1.0
    assert asked - built < 1.0


def by_code(index: AccountIndex, asked: Company) -> tuple[str | None, list[str]]:
    """Return the account found, and the codes of the reasons."""
    match = index.match(asked)
    return (match.account.id if match and match.account else None), [
        reason.code for reason in match.why
    ] if match else []


def from_network(
    name: str, country: str | None = None, handle: str | None = None, domain: str | None = None
) -> Company:
    return Company(name=name, domain=domain, accounts=(), confidence=1.0, why=(), country=country, handle=handle)


WORLD = AccountIndex(
    [
        account("us", "Osprey", country="US"),
        account("fr1", "Quillfeather", country="FR"),
        account("de1", "Quillfeather", country="DE"),
        account("gold", "Goldfeather", country="US"),
        account("es", "Hartfeather Systems (Spain)", country="ES"),
        account("sk", "AB SKQ", "skq.example", country="SE"),
        account("gt", "Georgia Tech", "gatech.edu", country="US"),
        account("kth", "KTH Royal Institute of Technology", "kth.se", country="SE"),
        account("umu", "Umea University", country="SE"),
    ]
)


def test_each_match_names_its_route() -> None:
    """The first reason's code says by which evidence the account was found."""
    assert by_code(WORLD, from_network("Goldfeather Inc"))[1][0] == "match:name:word"
    assert by_code(WORLD, from_network("Hartfeather Systems Spain"))[1][0] == "match:name:exact"
    assert by_code(WORLD, from_network("x", domain="skq.example"))[1][0] == "match:domain"


def test_of_namesakes_the_one_in_the_networks_country_is_taken() -> None:
    """Two accounts of one name in two countries: the network's country says which; without it both stay open."""
    assert by_code(WORLD, from_network("Quillfeather", "DE"))[0] == "de1"
    assert by_code(WORLD, from_network("Quillfeather"))[0] is None
    assert by_code(WORLD, from_network("Quillfeather", "IT"))[0] is None


def test_a_used_word_in_another_country_is_only_a_question() -> None:
    """A one-word name that other firms bear too is open where the network or its legal form is another country's."""
    index = AccountIndex([account("t", "Target", country="US")])
    assert by_code(index, from_network("Target", "US"))[0] == "t"
    assert by_code(index, from_network("Target", "AU")) == (None, ["match:ambiguous"])
    assert by_code(index, from_network("Target Srl"))[0] is None


def test_a_unit_is_found_in_its_own_country() -> None:
    """The account is a unit in one place: the network's country stands for the place that its owner leaves out."""
    assert by_code(WORLD, from_network("HARTFEATHER SYSTEMS, S.A.", "ES"))[0] == "es"
    assert by_code(WORLD, from_network("HARTFEATHER SYSTEMS, S.A.", "PT"))[0] is None


def test_a_line_of_business_counts_where_it_is_the_accounts() -> None:
    """“Goldfeather Coffee” is the customer in foods, and nobody where the customer is a utility."""
    names = from_network("Goldfeather Coffee Company")
    shop = Account(id=AccountId("f"), name="Goldfeather", industry="Consumer Staples", country="US")
    grid = Account(id=AccountId("f"), name="Goldfeather", industry="Utilities", country="US")
    assert by_code(AccountIndex([shop]), names)[1][0] == "match:name:sector"
    assert by_code(AccountIndex([grid]), names)[0] is None


def test_the_handle_of_its_own_network_finds_a_trade_name() -> None:
    """The AS's short name is the account's, and the country or the owner's name agrees."""
    assert by_code(WORLD, from_network("Sverige AB", "SE", "SKQ")) == ("sk", ["match:handle"])
    assert by_code(WORLD, from_network("Sverige AB", "NO", "SKQ"))[0] is None
    assert by_code(WORLD, from_network("Northern Goldfeather SA", "FR", "GOLDFEATHER-FR"))[0] == "gold"
    assert by_code(WORLD, from_network("Quite Another Name", "FR", "GOLDFEATHER-FR"))[0] is None


def test_a_university_is_known_by_all_its_names_and_domains() -> None:
    """The vendored list knows what gatech.edu is called and which domain Umea University has."""
    assert by_code(WORLD, from_network("Georgia Institute of Technology"))[0] == "gt"
    assert by_code(WORLD, from_network("Kungliga Tekniska Hogskolan", "SE")) == (
        "kth",
        ["match:name:initials", "name", "match:country:same", "match:domain:label"],
    )
    assert by_code(WORLD, from_network("x", domain="umu.se"))[1][0] == "match:domain:listed"


def test_a_part_of_a_name_counts_only_with_its_country() -> None:
    """Before a comma with a legal form, or about a slash, stands a name of its own, if the country agrees."""
    assert by_code(WORLD, from_network("GOLDFEATHER INC., LEADING MAKER OF PENS", "US"))[1][0] == "match:name:part"
    assert by_code(WORLD, from_network("Goldfeather/Northern Pens", "US"))[0] == "gold"
    assert by_code(WORLD, from_network("Goldfeather/Northern Pens", "NO"))[0] is None


def test_agreement_makes_surer_and_another_country_less_sure() -> None:
    """The confidence is that of the route, doubted half as much where the country agrees, twice where it doesn't."""
    here, nowhere, abroad = (WORLD.match(from_network("Goldfeather Inc", country)) for country in ("US", None, "NZ"))
    assert here is not None
    assert nowhere is not None
    assert abroad is not None
    assert here.confidence > nowhere.confidence > abroad.confidence


def test_an_account_that_is_a_part_of_the_firm_is_not_its_network() -> None:
    """The firm's network leads to no account of its media arm, unless the customer list says that this is its line."""
    assert AccountIndex([account("m", "Quillfeather Osprey Media", country="US")]).owner("QUILLFEATHER OSPREY") is None
    own_line = replace(account("m", "Quillfeather Osprey Media", country="US"), industry="Media")
    match = AccountIndex([own_line]).owner("QUILLFEATHER OSPREY", None, "US")
    assert match is not None and match.account == own_line


def test_an_american_university_turned_round_is_a_question() -> None:
    """In the United States the two ways to name a university mean two of them; elsewhere they are one."""
    american = AccountIndex([account("a", "University of Quill", country="US")]).owner("Quill University")
    assert american is not None and american.account is None
    swedish = AccountIndex([account("s", "University of Quill", country="SE")]).owner("Quill University", None, "SE")
    assert swedish is not None and swedish.account is not None
