"""Signed links and identify secrets from the command line: one or a mailing's, and clear words when it can't be."""

from __future__ import annotations

import csv
import io
import itertools
import os
import re
import shutil
import subprocess
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from line_world import SITE, fill
from source_tree import ROOT
from sqlalchemy import Engine

from app.cli.main import dormouse
from app.dashboard.wording import CLUES
from app.links import qr_inline
from app.snippet import snippet_tag
from core import clock
from core.domain import ClueKind
from core.errors import DormouseError
from core.settings import read_settings
from enrichment.company.clues import CONFIDENCE, READ_MS, STARED_MS
from tracker.identity import LINK_DAYS, MOST_LINK_DAYS, Refusal, read_link, signature

PAGE = f"https://{SITE}/quote"


@pytest.fixture(autouse=True)
def world(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An installation with customers and a site."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", str(engine.url))
    monkeypatch.setenv("DORMOUSE_SECRET", "x")
    fill(engine)
    yield engine


def run(*arguments: str) -> Result:
    return CliRunner().invoke(dormouse, arguments)


def whose(url: str, parameter: str = "hi", days: int = 0) -> str:
    """Whose link this is, so many days from now."""
    (token,) = parse_qs(urlsplit(url).query)[parameter]
    return str(read_link("x", token, clock.now() + timedelta(days=days)))


def test_a_link_names_its_account_until_it_expires(tmp_path: Path) -> None:
    """Parameters and fragment of the page stay; the QR code is an SVG file."""
    picture = tmp_path / "qr.svg"
    done = run("link", "--account", "C-1", "--url", f"{PAGE}?a=1#part", "--days", "10", "--qr", str(picture))
    url = done.output.strip()
    assert re.fullmatch(re.escape(PAGE) + r"\?a=1&hi=[\w.-]+#part", url)
    assert [whose(url, days=days) for days in (0, 10, 11)] == ["C-1", "C-1", "link_expired"]
    assert ET.fromstring(picture.read_text()).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--account", "C-99", "--url", PAGE), "no account 'C-99'"),
        (("--account", "C-1", "--url", "https://evil.example/"), "evil.example is no website of yours"),
        (("--account", "C-1", "--url", f"https://not{SITE}/"), "is no website of yours"),
        (("--account", "C-1", "--url", f"https://{SITE}.evil.example/"), "is no website of yours"),
        (("--account", "C-1", "--url", f"https://{SITE}@evil.example/"), "user name"),
        (("--account", "C-1", "--url", f"ftp://{SITE}/"), "isn't a web address"),
        (("--account", "C-1", "--url", "nonsense"), "isn't a web address"),
        (("--account", "C-1", "--url", f"{PAGE}?hi=there"), "parameter 'hi' already"),
        (("--account", "C-1", "--url", PAGE, "--days", "0"), "1 to 730 days"),
        (("--account", "C-1", "--url", PAGE, "--qr", "/nowhere/qr.svg"), "can't be written"),
        (("--url", PAGE), "give --account ID"),
    ],
)
def test_what_makes_no_link_is_said_clearly(arguments: tuple[str, ...], words: str) -> None:
    """Unknown accounts, foreign sites, addresses that are none."""
    done = run("link", *arguments)
    assert isinstance(done.exception, DormouseError)
    assert words in str(done.exception)


@pytest.mark.parametrize("host", [f"www.{SITE}", SITE.upper(), f"{SITE}:8443"])
def test_hosts_under_a_site_are_yours(host: str) -> None:
    """Where its snippet may well be."""
    assert whose(run("link", "--account", "C-1", "--url", f"https://{host}/").output) == "C-1"


def test_a_mailing_gets_a_link_for_each_row(tmp_path: Path) -> None:
    """The file's columns stay, `link` is added."""
    file = tmp_path / "mailing.csv"
    file.write_text("Mail;Account\nanna@x.example;C-1\njo@x.example;C-2\n", encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(run("link", "--accounts", str(file), "--url", PAGE).output)))
    assert [(row["Mail"], row["Account"], whose(row["link"])) for row in rows] == [
        ("anna@x.example", "C-1", "C-1"),
        ("jo@x.example", "C-2", "C-2"),
    ]


def test_a_mailing_with_unknown_accounts_makes_no_link(tmp_path: Path) -> None:
    """All are named at once, with their lines; nobody is left out silently."""
    file = tmp_path / "mailing.csv"
    file.write_text("account,x\nC-1,1\nC-88,1\n,1\nC-99,1\n", encoding="utf-8")
    done = run("link", "--accounts", str(file), "--url", PAGE)
    assert done.output == ""
    assert "C-88 (line 3), (empty) (line 4), C-99 (line 5)" in str(done.exception)
    file.write_text("who,x\nC-1,1\n", encoding="utf-8")
    assert "name it with --column" in str(run("link", "--accounts", str(file), "--url", PAGE).exception)
    assert "C-1" in whose(run("link", "--accounts", str(file), "--url", PAGE, "--column", "who").output.split(",")[-1])


def test_the_parameter_has_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The snippet is told of it; what couldn't be one is refused."""
    assert "data-key" not in snippet_tag(read_settings(), SITE)
    monkeypatch.setenv("DORMOUSE_LINK_PARAMETER", "ref2")
    assert 'data-key="ref2"' in snippet_tag(read_settings(), SITE)
    assert whose(run("link", "--account", "C-1", "--url", PAGE).output, "ref2") == "C-1"
    monkeypatch.setenv("DORMOUSE_LINK_PARAMETER", "utm_x")
    assert "DORMOUSE_LINK_PARAMETER" in str(run("link", "--account", "C-1", "--url", PAGE).exception)


def test_an_identify_secret_stays_until_it_is_rotated() -> None:
    """Made when it is first asked for."""
    first, again, other = (
        run("site", "identify-secret", SITE, *more).output.strip() for more in ((), (), ("--rotate",))
    )
    assert re.fullmatch("[0-9a-f]{64}", first)
    assert (first == again, first == other) == (True, False)
    assert "there is no site" in str(run("site", "identify-secret", "nowhere.example").exception)


def test_a_code_for_a_page_needs_no_style_or_script() -> None:
    """The strictest content security policy lets it pass."""
    svg = qr_inline(f"{PAGE}?hi=abc")
    assert "style" not in svg and "script" not in svg
    assert ET.fromstring(svg).attrib["viewBox"]


# -- what docs/identity.md promises


def example(language: str) -> str:
    """The code of a language in the documentation."""
    page = (ROOT / "docs" / "identity.md").read_text(encoding="utf-8").split(f"\n{language}:\n", 1)[1]
    lines = itertools.takewhile(lambda line: not line or line.startswith("    "), page.strip("\n").splitlines())
    return textwrap.dedent("\n".join(lines))


def test_the_documented_python_signs_rightly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied as it stands."""
    monkeypatch.setenv("DORMOUSE_IDENTIFY_SECRET", "the site's")
    names: dict[str, Any] = {}
    exec(example("Python"), names)
    assert names["dormouse_signature"]("C-1") == signature("the site's", "account:C-1")


@pytest.mark.parametrize(
    ("language", "program", "call"),
    [
        ("Node", ["node", "-e"], "process.stdout.write(dormouseSignature('C-1'))"),
        ("PHP", ["php", "-r"], "echo dormouse_signature('C-1');"),
    ],
)
def test_the_documented_code_signs_rightly(language: str, program: list[str], call: str) -> None:
    """Where its language is installed."""
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    environment = {"PATH": os.environ["PATH"], "DORMOUSE_IDENTIFY_SECRET": "the site's"}
    done = subprocess.run(
        [*program, f"{example(language)}\n{call}"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == signature("the site's", "account:C-1")


def test_every_refusal_is_documented_and_has_words() -> None:
    """The page lists exactly the closed list, in its order; the dashboard has words for each."""
    page = (ROOT / "docs" / "identity.md").read_text(encoding="utf-8").split("## What counts for nothing", 1)[1]
    rows = re.findall(r"^\| `(\w+)` \|", page.split("\n## ", 1)[0], re.MULTILINE)
    assert rows == [refusal.value for refusal in Refusal]
    assert [code for code in (*get_args(ClueKind), *Refusal) if code not in CLUES] == []


def test_the_documented_sureness_is_the_codes() -> None:
    """Kind of clue and figure, in the same order."""
    page = (ROOT / "docs" / "identity.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|.*\| (0\.\d+) \|$", page, re.MULTILINE) == [
        (kind, str(sure)) for kind, sure in CONFIDENCE.items()
    ]
    assert (READ_MS, STARED_MS, LINK_DAYS, MOST_LINK_DAYS) == (3_000, 30_000, 90, 730)
