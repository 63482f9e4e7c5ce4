"""Writes the table in docs/settings.md from the settings' own descriptions: `make docs`."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"
BEGIN, END = "<!-- the table: `make docs` writes it from core/settings.py -->", "<!-- end of the table -->"


def rows() -> list[tuple[str, str]]:
    """Return (variables, meaning) of each setting, in the order of the class."""
    tree = ast.parse((ROOT / "core" / "settings.py").read_text(encoding="utf-8"))
    settings = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    found = []
    for node in settings.body[1:]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            variable, meaning = " ".join(str(node.value.value).split()).split(": ", 1)
            found.append((variable, meaning[0].upper() + meaning[1:]))
    return found


def table() -> str:
    """Return the table as Markdown."""
    lines = [f"| {variable} | {meaning} |" for variable, meaning in rows()]
    return "\n".join(["| Variable | Meaning |", "|---|---|", *lines])


def page(text: str) -> str:
    """Return the page with its table written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
