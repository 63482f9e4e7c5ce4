"""Who may import whom: the contracts in pyproject.toml hold, and each of them fails when it is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from source_tree import ROOMS, ROOT, SourceTree

NOT_PURE = {
    *("flask", "werkzeug", "sqlalchemy", "redis", "slack_sdk", "geoip2", "maxminddb", "ipwhois", "httpx", "urllib3"),
    *("requests", "psycopg", "granian", "socket", "os", "subprocess"),
}


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of pyproject.toml against the packages under `root`."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", "pyproject.toml"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


def copy_of_the_source(target: Path) -> Path:
    """Copy the rooms and pyproject.toml to `target`."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, target / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", target / "pyproject.toml")
    return target


def test_the_contracts_hold() -> None:
    """No import breaks a contract."""
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


BREACHES = [
    ("The rooms", "core/zz.py", "import tracker.hits"),
    ("The rooms", "tracker/zz.py", "import enrichment.tables"),
    ("The rooms", "alerts/zz.py", "import tracker.hits"),
    ("The rooms", "enrichment/zz.py", "import app.tables"),
    ("Inside enrichment", "enrichment/network/zz.py", "import enrichment.company.zz"),
    ("Inside enrichment", "enrichment/account/zz.py", "import enrichment.dormancy.zz"),
    ("Inside enrichment", "enrichment/dormancy/zz.py", "import enrichment.intent.zz"),
    ("No cycles", "core/zz.py", "import core.yy"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("contract", "path", "line"), BREACHES)
def test_a_breach_is_caught(tmp_path: Path, contract: str, path: str, line: str) -> None:
    """An import against a contract breaks that contract."""
    root = copy_of_the_source(tmp_path / "copy")
    (root / path).write_text(f'"""Breaks the law."""\n\n{line}\n')
    target = root / (line.removeprefix("import ").replace(".", "/") + ".py")
    if not target.exists():
        back = path.removesuffix(".py").replace("/", ".") if contract == "No cycles" else "core.ids"
        target.write_text(f'"""Is imported."""\n\nimport {back}\n')
    result = lint(root)
    broken = [row for row in result.stdout.splitlines() if row.rstrip().endswith("BROKEN")]
    assert any(row.startswith(contract) for row in broken), result.stdout + result.stderr


PLUG_IN_ROOMS = ("tracker.buffer", "tracker.sources", "alerts.channels", "enrichment.network.resolvers")


def entangled(tree: SourceTree) -> list[str]:
    """Return each import of one plug-in by another.

    A plug-in is what the room's registry or somebody outside the room imports. Files whose names begin with the same
    word are one plug-in.
    """
    offences = []
    for room in PLUG_IN_ROOMS:
        inside = {name: module for name, module in tree.by_name.items() if name.startswith(room + ".")}
        importers: dict[str, set[str]] = {name: set() for name in inside}
        for module in tree.modules:
            for target in filter(None, map(tree.ours, module.imports)):
                if target in inside:
                    importers[target].add(module.name)
        for part, known_by in importers.items():
            if part == f"{room}.protocol" or not any(f"{room}.registry" == by or by not in inside for by in known_by):
                continue
            word = part.removeprefix(room + ".").partition("_")[0]
            offences += [
                f"{by} imports {part}"
                for by in sorted(known_by & inside.keys() - {f"{room}.registry"})
                if by.removeprefix(room + ".").partition("_")[0] != word
            ]
    return offences


def test_plug_ins_do_not_know_each_other() -> None:
    """A buffer, source, channel or resolver imports no other one."""
    offences = entangled(SourceTree())
    assert offences == [], "\n".join(offences)


def test_an_entangled_plug_in_is_caught(tmp_path: Path) -> None:
    """A channel may use its own helpers and the protocol, but no other channel."""
    room = tmp_path / "alerts" / "channels"
    room.mkdir(parents=True)
    (room / "protocol.py").write_text("")
    (room / "registry.py").write_text("from alerts.channels import post, mail\n")
    (room / "post_form.py").write_text("import alerts.channels.protocol\n")
    (room / "post.py").write_text("from alerts.channels import post_form, protocol\n")
    assert entangled(SourceTree(tmp_path)) == []
    (room / "mail.py").write_text("from alerts.channels.post import stamp\n")
    assert entangled(SourceTree(tmp_path)) == ["alerts.channels.mail imports alerts.channels.post"]


def impure(tree: SourceTree) -> list[str]:
    """Return each module that calls itself pure and yet brings something of the outside world, with the way to it."""
    return [
        f"{module.path} says it is pure, but imports {package} through {' → '.join(chain)}"
        for module in tree.modules
        if module.says_pure
        for package, chain in tree.foreign_reach(module).items()
        if package in NOT_PURE
    ]


def test_pure_modules_are_pure() -> None:
    """A module whose first sentence says "(pure)" reaches no database, network, framework or environment."""
    offences = impure(SourceTree())
    assert offences == [], "\n".join(offences)


MUST_BE_PURE = (
    "tracker.sessions tracker.visitor tracker.client_ip tracker.consent tracker.filters tracker.bots "
    "tracker.sources.beacon tracker.sources.access_log enrichment.account.match enrichment.account.names "
    "enrichment.dormancy.judge enrichment.dormancy.cadence enrichment.dormancy.states "
    "enrichment.intent.scoring enrichment.network.verdict "
    "alerts.decide alerts.message alerts.routing alerts.throttle"
)


@pytest.mark.parametrize("name", MUST_BE_PURE.split())
def test_what_judges_is_pure(name: str) -> None:
    """The modules that judge say that they are pure, so that the rule above holds for them."""
    assert SourceTree().by_name[name].says_pure


def test_an_impure_module_is_caught(tmp_path: Path) -> None:
    """Purity is lost through another module of ours too."""
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "judge.py").write_text('"""Judges (pure)."""\n\nfrom core import files\n')
    (tmp_path / "core" / "files.py").write_text('"""Reads files."""\n\nimport os.path\n')
    assert impure(SourceTree(tmp_path)) == [
        "core/judge.py says it is pure, but imports os through core.judge → core.files"
    ]
