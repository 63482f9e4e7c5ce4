"""Reads the project's own source as data, so that house rules can be checked; works on any folder with that shape."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "tracker", "enrichment", "alerts", "app")


@dataclass(frozen=True)
class Import:
    """One imported name: the module it comes from, the name (empty for a plain `import`), and the line."""

    module: str
    name: str
    line: int


class Module:
    """One Python file of ours."""

    def __init__(self, root: Path, path: Path) -> None:
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.count("\n")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.tree) or ""

    @property
    def says_pure(self) -> bool:
        first = self.docstring.partition("\n\n")[0]
        return "(pure" in first and not self.path.endswith("__init__.py")

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import that runs, also inside functions; those for type checkers alone are left out."""
        skipped = {
            inner
            for node in ast.walk(self.tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for statement in node.body
            for inner in ast.walk(statement)
        }
        found: list[Import] = []
        for node in ast.walk(self.tree):
            if node in skipped:
                continue
            if isinstance(node, ast.Import):
                found.extend(Import(alias.name, "", node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.extend(Import(node.module, alias.name, node.lineno) for alias in node.names)
        return tuple(found)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node


class SourceTree:
    """All Python files of the rooms under a root."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        files = (path for room in ROOMS for path in sorted((root / room).rglob("*.py")))
        self.modules = tuple(Module(root, path) for path in files if "versions" not in path.parts)
        self.by_name = {module.name: module for module in self.modules}

    def ours(self, imported: Import) -> str | None:
        """Return the name of our module that an import means, or None for a foreign one."""
        whole = f"{imported.module}.{imported.name}" if imported.name else imported.module
        return next((name for name in (whole, imported.module) if name in self.by_name), None)

    def foreign_reach(self, module: Module) -> dict[str, tuple[str, ...]]:
        """Return each foreign top-level package that importing `module` brings, with the chain of our modules to it."""
        reached: dict[str, tuple[str, ...]] = {}
        waiting: list[tuple[Module, tuple[str, ...]]] = [(module, (module.name,))]
        seen = {module.name}
        while waiting:
            current, chain = waiting.pop(0)
            for imported in current.imports:
                target = self.ours(imported)
                if target is None:
                    reached.setdefault(imported.module.partition(".")[0], chain)
                elif target not in seen:
                    seen.add(target)
                    waiting.append((self.by_name[target], (*chain, target)))
        return reached
