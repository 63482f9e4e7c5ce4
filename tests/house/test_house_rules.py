"""The house rules of docs/map.md, each as a check of the source that was seen to fail when the rule is broken."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from pathlib import Path

import pytest
from source_tree import ROOT, Module, SourceTree

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
LONGER_FILES = {
    "core/domain.py": 520,  # the types that cross a border, in one place, by decision
}

READS_ENVIRONMENT = ("core/settings.py",)
KNOWS_THE_PRESENT = ("core/clock.py",)
CLOCK_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.localtime", "time.gmtime"),
}

BUILDS_SQL = (
    *("core/database.py", "*/tables.py", "*/store.py", "*_store.py", "tracker/expiry.py"),
    *("app/queries*.py", "app/*/queries*.py", "*_queries.py", "app/migrations/*"),
    # The shell's floor: locks and migrations of the database itself, and its examination.
    *("app/locks.py", "app/migrate.py", "app/doctor.py"),
)
SQL_HANDLES = {"Connection", "Engine"}


def unnamed_files(tree: SourceTree) -> list[str]:
    """An `__init__.py` is a docstring alone, and it names every file and folder beside it."""
    offences = []
    for module in tree.modules:
        if not module.path.endswith("__init__.py"):
            continue
        if len(module.tree.body) != 1 or not module.docstring:
            offences.append(f"{module.path} holds more or less than a docstring")
        folder = (tree.root / module.path).parent
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not any(path.rglob("*.py")):
                continue
            if path.name.startswith("_") or (path.is_file() and path.suffix != ".py"):
                continue
            if path.stem not in module.docstring:
                offences.append(f"{module.path} does not say what {path.name} is for")
    return offences


def untold_files(tree: SourceTree) -> list[str]:
    """Every file opens with a docstring of at least one whole sentence."""
    return [
        f"{module.path} does not open with a sentence that says what it is for"
        for module in tree.modules
        if len(module.docstring) < 15
    ]


def long_files(tree: SourceTree) -> list[str]:
    """No file is longer than its ceiling."""
    return [
        f"{module.path} has {module.lines} lines"
        for module in tree.modules
        if module.lines > LONGER_FILES.get(module.path, MAX_FILE_LINES)
    ]


def long_functions(tree: SourceTree) -> list[str]:
    """No function is longer than a screen."""
    return [
        f"{module.path}: {function.name} has {length} lines"
        for module in tree.modules
        for function in module.functions()
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > MAX_FUNCTION_LINES
    ]


def _allowed(module: Module, patterns: Iterable[str]) -> bool:
    return any(fnmatch(module.path, pattern) for pattern in patterns)


def environment_readers(tree: SourceTree) -> list[str]:
    """Nobody but core/settings.py reads the environment."""
    offences = []
    for module in tree.modules:
        if _allowed(module, READS_ENVIRONMENT):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv", "os.environb"):
                offences.append(f"{module.path}:{node.lineno} reads the environment")
        for imported in module.imports:
            if imported.module == "os" and imported.name in ("environ", "getenv"):
                offences.append(f"{module.path}:{imported.line} reads the environment")
    return offences


def clock_readers(tree: SourceTree) -> list[str]:
    """Nobody but core/clock.py asks what time it is."""
    offences = []
    for module in tree.modules:
        if _allowed(module, KNOWS_THE_PRESENT):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and ".".join(ast.unparse(node).split(".")[-2:]) in CLOCK_CALLS:
                offences.append(f"{module.path}:{node.lineno} asks the clock: {ast.unparse(node)}")
        for imported in module.imports:
            if imported.module == "time" and f"time.{imported.name}" in CLOCK_CALLS:
                offences.append(f"{module.path}:{imported.line} asks the clock: {imported.name}")
    return offences


def sql_builders(tree: SourceTree) -> list[str]:
    """SQL is built in tables, stores and queries; the shell may pass connections and engines along."""
    offences = []
    for module in tree.modules:
        if _allowed(module, BUILDS_SQL):
            continue
        for imported in module.imports:
            if imported.module.partition(".")[0] != "sqlalchemy":
                continue
            if imported.name not in SQL_HANDLES or not module.path.startswith("app/"):
                offences.append(f"{module.path}:{imported.line} imports {imported.module} {imported.name}".rstrip())
    return offences


def web_framework_users(tree: SourceTree) -> list[str]:
    """Flask is known to the shell alone."""
    return [
        f"{module.path}:{imported.line} imports {imported.module}"
        for module in tree.modules
        for imported in module.imports
        if imported.module.partition(".")[0] in ("flask", "jinja2", "werkzeug") and not module.path.startswith("app/")
    ]


Rule = Callable[[SourceTree], list[str]]
RULES: tuple[Rule, ...] = (
    *(unnamed_files, untold_files, long_files, long_functions),
    *(environment_readers, clock_readers, sql_builders, web_framework_users),
)


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_its_rule(rule: Rule) -> None:
    """The source keeps the rule that the check's name tells."""
    offences = rule(SourceTree(ROOT))
    assert offences == [], "\n".join(offences)


SAYS = '"""Says what it is for."""\n'
BREACHES: list[tuple[Rule, str, str, str]] = [
    (unnamed_files, "core/__init__.py", '"""The floor."""\n', "core/__init__.py does not say what other.py is for"),
    (unnamed_files, "core/__init__.py", '"""other"""\nX = 1\n', "core/__init__.py holds more or less than a docstring"),
    (untold_files, "core/silent.py", "X = 1\n", "core/silent.py does not open with a sentence"),
    (long_files, "core/long.py", SAYS + "X = 1\n" * 400, "core/long.py has 401 lines"),
    (long_functions, "core/f.py", SAYS + "def f():\n" + "    x = 1\n" * 60, "core/f.py: f has 61 lines"),
    (environment_readers, "app/e.py", SAYS + "import os\nX = os.environ['X']\n", "app/e.py:3 reads the environment"),
    (environment_readers, "app/e.py", SAYS + "from os import getenv\n", "app/e.py:2 reads the environment"),
    (clock_readers, "app/c.py", SAYS + "import time\nX = time.time()\n", "app/c.py:3 asks the clock"),
    (clock_readers, "app/c.py", SAYS + "from time import monotonic\n", "app/c.py:2 asks the clock"),
    (clock_readers, "core/c.py", SAYS + "import datetime\nX = datetime.datetime.now()\n", "core/c.py:3 asks the clock"),
    (sql_builders, "alerts/decide.py", SAYS + "from sqlalchemy import Connection\n", "alerts/decide.py:2 imports"),
    (sql_builders, "app/pipeline.py", SAYS + "from sqlalchemy import select\n", "app/pipeline.py:2 imports"),
    (web_framework_users, "tracker/collector.py", SAYS + "import flask\n", "tracker/collector.py:2 imports flask"),
]


@pytest.mark.parametrize(("rule", "path", "text", "offence"), BREACHES)
def test_a_broken_rule_is_caught(tmp_path: Path, rule: Rule, path: str, text: str, offence: str) -> None:
    """Each rule finds a file that breaks it, and only that."""
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "other.py").write_text(SAYS + "import os\nfrom datetime import datetime\n")
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(text)
    found = rule(SourceTree(tmp_path))
    assert [line.startswith(offence) for line in found] == [True]
