"""Makes dm.min.js of dormouse.js: `python -m tracker.snippet.minify`."""

from __future__ import annotations

import re
from pathlib import Path

_FOLDER = Path(__file__).parent
SOURCE = _FOLDER / "dormouse.js"
MINIFIED = _FOLDER / "dm.min.js"

_NAMES = """
    win doc idleAfter steps guard action script data site nav hist endpoint view visible activeAt countedTo now clean
    href post body again retry answer send leaving secret engaged count time active look leave begin from digit begun
    navigated hook name original result on target names start event step
    soon waiting link claim signature given news strip search pattern found domain text tell submitted form field verb
    who call
"""
"""Names that are ours alone, in this order; each becomes one or two letters."""

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*")|(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<regex>/(?:\[[^\]]*\]|\\.|[^/\n\s*\[]
    |\[)(?:\[[^\]]*\]|\\.|[^/\n\[])*/g?(?=[,)]))|(?P<name>[A-Za-z_$][\w$]*)|(?P<space>\s+)|(?P<rest>[\d.]+|.)""",
    re.DOTALL | re.VERBOSE,
)


def minified(source: str) -> str:
    """Return the script without comments and spare space, our own names shortened; it does exactly the same.

    Made for this one script: every statement ends in `;` or `}`, and no `/` is a division by a name in parentheses.
    """
    short = {name: _short(number) for number, name in enumerate(_NAMES.split())}
    out = ""
    space = False
    for found in _TOKEN.finditer(source):
        kind, text = found.lastgroup, found[0]
        if kind in ("comment", "space"):
            space = True
            continue
        follows = source[found.end() : found.end() + 1]
        if kind == "name" and text in short and not out.endswith(".") and follows != ":":
            text = short[text]
        if space and re.match(r"[\w$]$", out[-1:]) and re.match(r"[\w$]", text):
            out += " "
        out += text
        space = False
    return out.replace(";}", "}") + "\n"


def _short(number: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return letters[number] if number < len(letters) else "$" + letters[number - len(letters)]


if __name__ == "__main__":
    MINIFIED.write_text(minified(SOURCE.read_text(encoding="utf-8")), encoding="utf-8")
