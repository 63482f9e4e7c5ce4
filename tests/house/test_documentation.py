"""The documentation is complete and true: settings, drop reasons, data classes, commands, links."""

from __future__ import annotations

import re
from pathlib import Path

import click
import msgspec
import pytest
import settings_table
from source_tree import ROOT

from app import explain
from app.cli.main import dormouse
from app.listing_queries import AlertLine, DeliveryLine, VisitLine
from app.privacy import DATA_CLASSES
from core.alerting import Silence
from core.database import metadata
from core.domain import DropReason
from core.settings import VARIABLES
from enrichment.dormancy.explain import DormancyAnswer, DormancyQuestion

DOCS = ROOT / "docs"


def read(name: str) -> str:
    """Return a page of docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def first_cells(page: str, heading: str) -> list[str]:
    """Return the first cell, without backticks, of each row of the table under a heading."""
    section = page.split(f"\n{heading}\n", 1)[1].split("\n## ", 1)[0]
    return [row.split("|")[1].strip().strip("`") for row in section.splitlines() if row.startswith("| `")]


def test_the_table_of_settings_is_that_of_the_code() -> None:
    """docs/settings.md holds what core/settings.py says of each setting (`make docs` writes it)."""
    page = read("settings.md")
    assert settings_table.page(page) == page


def test_every_setting_is_documented() -> None:
    """Each variable has a row, in the order of the code."""
    named = [re.findall(r"`([^`]+)`", variable)[0] for variable, _ in settings_table.rows()]
    assert named == list(VARIABLES.values())


def test_every_drop_reason_is_documented() -> None:
    """The page lists exactly the closed list, in its order."""
    assert first_cells(read("drop-reasons.md"), "## Drops") == [reason.value for reason in DropReason]


def test_every_silence_is_documented() -> None:
    """The page lists exactly the closed list, in its order."""
    assert first_cells(read("drop-reasons.md"), "## Silences") == [reason.value for reason in Silence]


def test_every_data_class_is_documented() -> None:
    """docs/privacy.md has a row for each data class, in the order of the code."""
    assert first_cells(read("privacy.md"), "## Data classes") == [data_class.name for data_class in DATA_CLASSES]


@pytest.mark.parametrize("data_class", DATA_CLASSES, ids=lambda data_class: str(data_class.name))
def test_a_data_class_tells_its_clock(data_class: object) -> None:
    """The row of a data class names the days or hours after which its rows go, or says that you remove them."""
    name, keep = getattr(data_class, "name"), getattr(data_class, "keep")  # noqa: B009
    row = next(row for row in read("privacy.md").splitlines() if row.startswith(f"| `{name}` |"))
    if keep is None:
        clock = "until you remove"
    elif keep.days > 1:
        clock = f"{keep.days} days"
    else:
        hours = int(keep.total_seconds() // 3600)
        clock = f"{hours} hour{'s' if hours > 1 else ''}"
    assert clock in row.split("|")[4]


def tables_of(name: str) -> set[str]:
    """Return the tables whose rows are of a data class."""
    return {table.name for table in metadata.tables.values() if table.info.get("data_class") == name}


def test_every_table_has_a_data_class() -> None:
    """No table without a clock: each names a data class that there is."""
    known = {data_class.name for data_class in DATA_CLASSES}
    assert [table.name for table in metadata.tables.values() if table.info.get("data_class") not in known] == []


@pytest.mark.parametrize("name", [data_class.name for data_class in DATA_CLASSES if data_class.name != "addresses"])
def test_a_data_class_names_its_tables(name: str) -> None:
    """The row of a data class names just its tables."""
    row = next(row for row in read("privacy.md").splitlines() if row.startswith(f"| `{name}` |"))
    assert set(re.findall(r"`([^`]+)`", row.split("|")[2])) == tables_of(name)


def commands(group: click.Group, prefix: str = "dormouse") -> list[str]:
    """Return every command of the command line, with those of its groups."""
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{prefix} {name} is listed but not there"
        if isinstance(command, click.Group):
            found += commands(command, f"{prefix} {name}")
        else:
            found.append(f"{prefix} {name}")
    return found


def test_every_command_is_documented() -> None:
    """docs/cli.md names each command, groups spelt out."""
    page = read("cli.md")
    assert [command for command in commands(dormouse) if f"`{command}" not in page] == []


def test_every_documented_command_exists() -> None:
    """docs/cli.md and the README name no command that isn't there."""
    known = commands(dormouse) + [f"dormouse {name}" for name in dormouse.list_commands(click.Context(dormouse))]
    for page in (read("cli.md"), (ROOT / "README.md").read_text(encoding="utf-8"), read("operations.md")):
        for words in re.findall(r"`(dormouse [a-z][a-z| -]*)", page):
            assert any(words.strip().startswith(command) for command in known), words


@pytest.mark.parametrize("line", [VisitLine, AlertLine, DeliveryLine], ids=lambda line: str(line.__name__))
def test_every_field_of_a_format_is_documented(line: type[msgspec.Struct]) -> None:
    """docs/cli.md names each field of the JSON lines."""
    page = read("cli.md")
    assert [name for name in line.__struct_fields__ if f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", explain.EXPLAINERS)
def test_every_field_of_an_explanation_is_documented(name: str) -> None:
    """The row of a question in docs/explain.md names just the fields that go in and come out, in order."""
    row = next(row for row in read("explain.md").splitlines() if row.startswith(f"| `{name}`"))
    question = {"dormancy": DormancyQuestion}.get(name) or getattr(explain, f"{name.title()}Question")
    answer = {"dormancy": DormancyAnswer}.get(name) or getattr(explain, f"{name.title()}Answer")
    cells = [re.findall(r"`([^`]+)`", cell) for cell in row.split("|")[2:4]]
    assert cells == [list(question.__struct_fields__), list(answer.__struct_fields__)]


def pages() -> list[Path]:
    """Return all Markdown pages of the project."""
    return [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]


def dead_links(page: Path) -> list[str]:
    """Return the links of a page to files that aren't there."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return [target for target in targets if "://" not in target and not (page.parent / target).exists()]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_is_dead(page: Path) -> None:
    """Every link to a file of the project leads somewhere."""
    assert dead_links(page) == []


def test_a_dead_link_is_caught(tmp_path: Path) -> None:
    """A link to a file that isn't there is found; one to a website isn't looked at."""
    page = tmp_path / "page.md"
    page.write_text("[a](page.md) [b](gone.md#top) [c](https://example.com/x)")
    assert dead_links(page) == ["gone.md"]


def test_every_make_target_of_the_readme_exists() -> None:
    """The README names no `make` target that isn't there."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(
        r"(?:^    |`)make ([a-z][a-z-]*)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [name for name in named if name not in targets] == []
