"""scoring.toml: what loads, what is said of what doesn't, and which page is which."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from enrichment.intent.pages import page_label
from enrichment.intent.rules import BUILT_IN, ScoringFile, load_scoring, read_scoring

ROOT = Path(__file__).resolve().parents[3]
RULES = load_scoring()


def test_the_built_in_values_are_those_of_keys_left_out() -> None:
    """An empty file is the built-in one, pages included."""
    empty = read_scoring("")
    assert empty.file == ScoringFile()
    assert [page.rule for page in empty.pages] == [page.rule for page in RULES.pages]
    assert {name: getattr(RULES.file, name) for name in RULES.file.__struct_fields__ if name != "page"} == {
        name: getattr(ScoringFile(), name) for name in RULES.file.__struct_fields__ if name != "page"
    }
    assert load_scoring(BUILT_IN).file == RULES.file


def test_the_operators_example_loads() -> None:
    """The example of deploy/config changes a class and adds one."""
    example = load_scoring(ROOT / "deploy" / "config" / "scoring.toml")
    assert example.page_class("/mietpark/kran").rule.name == "rental"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/pricing", "pricing"),
        ("/en/pricing.html", "pricing"),
        ("/PRICING/", "pricing"),
        ("/de/preise-und-konditionen", "pricing"),
        ("/fr/tarifs", "pricing"),
        ("/ja/%E6%96%99%E9%87%91", "pricing"),
        ("/ja/料金プラン", "pricing"),
        ("/zh/价格", "pricing"),
        ("/angebot-anfordern", "quote"),
        ("/お見積り", "quote"),
        ("/devis", "quote"),
        ("/kontakt", "contact"),
        ("/contact-us.php", "contact"),
        ("/お問い合わせ", "contact"),
        ("/ersatzteile/x200", "spare-parts"),
        ("/shop/spare-parts", "spare-parts"),
        ("/products/x200", "product"),
        ("/docs/pricing-api", "docs"),
        ("/blog/pricing-trends", "blog"),
        ("/about/careers", "careers"),
        ("/採用情報", "careers"),
        ("/stellenangebote/monteur", "careers"),
        ("/datenschutz", "legal"),
        ("/legal/pricing-terms", "legal"),
        ("/login", "support"),
        ("/", "home"),
        ("", "home"),
        ("/index.html", "home"),
        ("/de/", "home"),
        ("/en-us", "home"),
        ("/xyzzy/42", "other"),
        ("/enterprise", "other"),
        ("/unpriced-goods", "other"),
    ],
)
def test_pages_are_known_by_their_path_in_several_languages(path: str, name: str) -> None:
    """The built-in classes."""
    assert RULES.page_class(path).rule.name == name


@pytest.mark.parametrize(
    ("path", "title", "label"),
    [
        ("/pricing", "Our great prices | Hartmann", "Pricing"),
        ("/spare-parts/x200", "", "Spare parts X200"),
        ("/spare-parts/x200-seal-kit.html", "Seal kit", "Spare parts X200 seal kit"),
        ("/ersatzteile/", "", "Spare parts"),
        ("/products/", "", "Product"),
        ("/", "Hartmann", "Home page"),
        ("/xyzzy/heat-pumps", "Heat pumps – Hartmann", "Heat pumps"),
        ("/xyzzy/heat-pumps", "", "Heat pumps"),
        ("/x", "a\u202e\x00\n b", "a b"),
        ("/x", "y" * 500, "y" * 59 + "…"),
    ],
)
def test_pages_have_names_for_people(path: str, title: str, label: str) -> None:
    """The class's label, with what the page is about; without a class, the title before the site's name."""
    assert page_label(path, title, RULES) == label


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("treshold = 3", "line 1: `treshold` is not a key. Did you mean `threshold`?"),
        ('threshold = "high"', "line 1: wrong value in `threshold`"),
        ("threshold = 0", "give more than 0"),
        ("half_life_days = 0", "give more than 0"),
        ("[reading]\nopened = 40", "give 0 to 1"),
        ('[[page]]\nname = "x"\npoints = 3', "the key `paths` is missing"),
        ('[[page]]\nname = "x"\npoints = 3\npaths = []', "has no paths"),
        ('[[page]]\nname = "x"\npoints = 3\nat_most = 2\npaths = ["x"]', "at_most is less than points"),
        ('[[page]]\nname="x"\npoints=3\npaths=["x"]\n[[page]]\nname="x"\npoints=3\npaths=["y"]', "two [[page]]"),
        ("[trigger.pricing]\nseconds = -4", "[trigger.pricing]: seconds = -4; give 0 to 1800"),
        ("[trigger.form]\nseconds = 99999", "[trigger.form]: seconds = 99999; give 0 to 1800"),
        ("[trigger.return]\npoints = -1", "[trigger.return]: points = -1; give 0 or more"),
        ("[trigger.pricing]\npages = []", "pages names no page class"),
        ("threshold", "isn't valid TOML"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(text: str, said: str) -> None:
    """The error names the file, the place and the remedy."""
    with pytest.raises(InputError) as caught:
        read_scoring(text, "my.toml")
    assert str(caught.value).startswith("my.toml")
    assert said in str(caught.value)


def test_own_pages_come_first_and_replace_those_of_the_same_name() -> None:
    """A new class is tried before the built-in ones; a class of the same name keeps its place."""
    rules = read_scoring(
        '[[page]]\nname = "rental"\npoints = 9\npaths = ["*"]\n[[page]]\nname = "other"\npoints = 1\npaths = ["*"]'
    )
    assert rules.page_class("/pricing").rule.name == "rental"
    assert rules.pages[-1].rule.points == 1
    only = read_scoring('built_in_pages = false\n[[page]]\nname = "rental"\npoints = 9\npaths = ["rental"]')
    assert [only.page_class(path).rule.name for path in ("/rental", "/pricing")] == ["rental", "other"]
