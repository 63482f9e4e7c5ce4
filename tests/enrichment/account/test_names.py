"""Whether two names mean the same customer."""

from __future__ import annotations

import pytest

from enrichment.account.names import SAME, compare

SAME_CUSTOMER = [
    ("Hartmann Pumpen GmbH", "HARTMANN PUMPEN"),
    ("Hartmann Pumpen GmbH & Co. KG", "Hartmann Pumpen"),
    ("Müller Maschinenbau AG", "Muller Maschinenbau"),
    ("Café Central S.A.", "CAFE CENTRAL SA"),
    ("Ferri Acciai S.p.A.", "Ferri Acciai"),
    ("Vandenberg B.V.", "Vandenberg"),
    ("AB Nordverk", "Nordverk"),
    ("Nordverk A/S", "NORDVERK AS"),
    ('OOO "Severny"', "Severny"),
    ("Osprey Mfg. Co., Inc.", "Osprey Manufacturing Company"),
    ("The Osprey Group", "Osprey Group"),
    ("Smith & Sons Ltd", "SMITH AND SONS LIMITED"),
    ("J.B. Osprey Transport", "OSPREY J B TRANSPORT INC"),
    ("株式会社山田製作所", "(株)山田製作所"),
    ("㈱山田製作所", "山田製作所"),
    ("株式会社アルファ工業", "株式会社ｱﾙﾌｧ工業"),
    ("ＡＢＣ商事株式会社", "ABC商事㈱"),
    ("Transportes Rio de la Plata S. de R.L. de C.V.", "Transportes Rio de la Plata"),
    ("Osprey Data Intl.", "Osprey Data International"),
    ("Ørsted Vind A/S", "Orsted Vind"),
    ("Kowalski Łódź Sp. z o.o.", "KOWALSKI LODZ"),
    ("Acme SA Acme SA", "Acme"),
    ("Müller Maschinenbau", "MUELLER MASCHINENBAU GMBH"),
    ("University of Ostheim", "Universitaet Ostheim"),
    ("Ostheim Universität", "UNIVERSITY OF OSTHEIM"),
    ('Joint-venture company with limited liability "Game Osprey"', "Game Osprey"),
    ("Quillfeather GmbH", "Quillfeather IT-Lösungen & Services GmbH"),
    ("Packaging Corp of Osprey", "Packaging Corporation of Osprey"),
    ("Quillfeather Inc", "Quillfeather Brasil Ltda"),
    ("Quillfeather", "Quillfeather Technologies"),
    ("Marshwood & Lennard Companies", "Marshwood Lennard"),
    ("International Feathers & Fragrances I.F.F.", "International Feathers & Fragrances"),
    ("株式会社トクヤマ", "Tokuyama Corporation"),
    ("株式会社プラネット", "PLANET, INC."),
    ("株式会社エムビーエス", "mbs, inc."),
    ("フライングガーデン株式会社", "FLYING GARDEN CO., LTD"),
    ("三菱製薬株式会社", "Mitsubishi Pharma Corporation"),
    ("東洋水産株式会社", "トウヨウスイサンカブシキガイシャ"),
]

OTHER_CUSTOMER = [
    ("Keller Bau", "Keller Holding"),
    ("Duke University", "Duke Energy"),
    ("Epic Systems", "Epic Games"),
    ("Osprey Capital Corp II", "Osprey Capital Corp III"),
    ("Deutsche Nordbank AG", "Deutsche Nordbank GmbH"),
    ("株式会社山田製作所", "株式会社山本製作所"),
    ("株式会社アルファ", "合同会社アルファ"),
    ("東日本運輸株式会社", "西日本運輸株式会社"),
    ("Red Hat", "Red Hat Society"),
    ("Global", "Global Industries"),
    ("Management Company 23", "Management Company"),
    ("Northern Digital", "Northern Trust"),
    ("University of Ostheim", "University of Westheim"),
    ("University of Ostheim", "Ostheim Hospital"),
    ("Quillfeather Brasil", "Quillfeather Korea"),
    ("Quillfeather GmbH", "Quillfeather Holding AG"),
    ("Quillfeather", "Quillfeather Consulting"),
    ("Fritz Kessler GmbH", "Fritz Kessler Logistics GmbH"),
    ("Osprey Net", "Osprey Corporation"),
    ("三菱電機株式会社", "Mitsubishi Paper Mills"),
    ("トクヤマ株式会社", "Okuyama Inc"),
    ("", "Acme"),
    ("GmbH", "AG"),
    ("!!!", "???"),
]


@pytest.mark.parametrize(("a", "b"), SAME_CUSTOMER)
def test_spelling_and_legal_form_make_no_other_customer(a: str, b: str) -> None:
    """Case, accents, width, signs, abbreviations and legal forms don't tell customers apart."""
    assert compare(a, b).same


@pytest.mark.parametrize(("a", "b"), OTHER_CUSTOMER)
def test_sisters_and_namesakes_are_other_customers(a: str, b: str) -> None:
    """A shared word is not enough where another one tells the firms apart."""
    assert not compare(a, b).same


@pytest.mark.parametrize(("a", "b"), SAME_CUSTOMER + OTHER_CUSTOMER)
def test_the_order_of_the_two_names_means_nothing(a: str, b: str) -> None:
    """Comparing a with b and b with a gives one verdict, from 0 to 1, with a reason."""
    verdict, turned = compare(a, b), compare(b, a)
    assert (verdict.same, verdict.score) == (turned.same, turned.score)
    assert 0 <= verdict.score <= 1
    assert verdict.same == (verdict.score >= SAME)
    assert verdict.why and all(reason.text.endswith(".") for reason in verdict.why)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("TU Quillstadt", "Technische Universität Quillstadt"),
        ("UNQ Osprey Hill", "University of Northern Quill at Osprey Hill"),
        ("IQRAA", "Institut Quill de Recherche en Aviation Appliquée"),
        ("ООО «Квиллфезер»", "OOO Kvillfezer"),
        ("Quillfeather", "Quillfeather Computer"),
        ("日本キュー・エル・エフ株式会社", "QLF Japan, Ltd."),
    ],
)
def test_initials_scripts_and_branches_are_read(a: str, b: str) -> None:
    """First letters, Cyrillic letters, Japan before or after the name, and a maker's own trade make no other firm."""
    assert compare(a, b).same


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("KTQ", "Kungliga Tekniska Quillskolan"),
        ("Hartfeather Osprey", "Hartfeather Osprey Fortissa"),
        ("Hartfeather Osprey", "Hartfeather Osprey Credit Union"),
        ("Quillfeather", "Quillfeather Networks"),
    ],
)
def test_initials_alone_and_proper_names_decide_nothing(a: str, b: str) -> None:
    """Three letters may stand for anything; a proper name or a body of its own is another firm."""
    assert not compare(a, b).same


def test_letters_about_an_ampersand_are_read_together() -> None:
    """Two short names with the same last letter are two firms; blanks and the sign's width don't matter."""
    assert not compare("PT&T", "AT&T Corp.").same
    assert not compare("BB&T", "AT&T").same
    assert compare("AT & T Services, Inc.", "AT＆T Inc.").same
