"""Draws Block Kit JSON as Slack shows it, so that people can look: `python tests/support/slack_look.py FOLDER`.

Only what our messages use is drawn, by Slack's description of its blocks; none of its assets.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --ink:#1d1c1d; --soft:#616061; --line:#ddd; --edge:rgb(29 28 29/30%);
  --paper:#fff; --green:#007a5a }
@media (prefers-color-scheme: dark) {
  :root { --ink:#d1d2d3; --soft:#ababad; --line:#35373b; --edge:rgb(232 232 232/32%); --paper:#1a1d21 } }
* { box-sizing: border-box }
body { margin:0; padding:16px 20px; background:var(--paper); color:var(--ink);
  font:15px/1.4667 Lato,"Noto Sans",Arial,sans-serif }
.post { display:grid; grid-template-columns:36px minmax(0,1fr); gap:8px; max-width:760px; margin-bottom:28px }
.face { width:36px; height:36px; border-radius:8px; background:#fbeadb }
.from b { font-weight:900 } .from i { font:700 10px Arial; background:var(--line); padding:1px 3px;
  border-radius:2px }
.from span { color:var(--soft); font-size:12px }
h3 { margin:4px 0; font-size:18px; font-weight:900; line-height:1.3 }
p { margin:0 0 4px; white-space:pre-wrap; overflow-wrap:anywhere }
.context { color:var(--soft); font-size:13px; margin:4px 0 }
.actions { display:flex; flex-wrap:wrap; gap:8px; margin:6px 0 8px }
.actions span { border:1px solid var(--edge); border-radius:8px; padding:3px 12px 4px; font-weight:700;
  font-size:13px }
.actions .primary { background:var(--green); color:#fff; border-color:var(--green) }
.actions .menu::after { content:" ▾"; font-weight:400 }
.phone { width:360px; padding:60px 14px; border-radius:28px;
  background:linear-gradient(160deg,#25446b,#743a5c); margin-bottom:28px }
.push { background:rgb(245 245 245/92%); color:#111; border-radius:18px; padding:10px 14px;
  font:14px/1.35 Arial,sans-serif; margin-bottom:10px }
.push b { display:flex; justify-content:space-between; font-size:13px } .push b span { font-weight:400;
  color:#555 }
.push div { display:-webkit-box; -webkit-line-clamp:4; -webkit-box-orient:vertical; overflow:hidden }
h2 { font-size:13px; color:var(--soft); font-weight:400; margin:0 0 6px }
"""


def mrkdwn(text: str) -> str:
    """Return a mrkdwn text as HTML: entities, bold, italic, struck and code, nothing else (our texts are verbatim)."""
    shown = html.escape(html.unescape(text), quote=False)
    edge, end = r"(?<![\w])", r"(?![\w])"
    for sign, tag in (("\\*", "b"), ("_", "i"), ("~", "s"), ("`", "code")):
        shown = re.sub(rf"{edge}{sign}(?=\S)([^\n]+?)(?<=\S){sign}{end}", rf"<{tag}>\1</{tag}>", shown)
    return shown


def message(blocks: Sequence[Mapping[str, Any]], title: str = "") -> str:
    """Return one message as HTML."""
    rows = [_block(block) for block in blocks]
    head = '<p class="from"><b>Dormouse</b> <i>APP</i> <span>10:42</span></p>'
    above = f"<h2>{html.escape(title)}</h2>" if title else ""
    return f'{above}<div class="post"><div class="face"></div><div>{head}{"".join(rows)}</div></div>'


def lock_screen(*texts: str) -> str:
    """Return what a phone shows of notifications, cut after four lines as phones do."""
    rows = "".join(
        f'<div class="push"><b>Slack · Dormouse <span>now</span></b><div>{html.escape(html.unescape(text))}</div></div>'
        for text in texts
    )
    return f'<div class="phone">{rows}</div>'


def page(*parts: str) -> str:
    """Return a whole page."""
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>{''.join(parts)}"


def _block(block: Mapping[str, Any]) -> str:
    kind = block["type"]
    if kind == "header":
        return f"<h3>{html.escape(block['text']['text'])}</h3>"
    if kind == "section":
        return f"<p>{_text(block['text'])}</p>"
    if kind == "context":
        return f'<p class="context">{" ".join(_text(each) for each in block["elements"])}</p>'
    return f'<div class="actions">{"".join(map(_element, block["elements"]))}</div>'


def _text(text: Mapping[str, Any]) -> str:
    return mrkdwn(text["text"]) if text["type"] == "mrkdwn" else html.escape(text["text"])


def _element(element: Mapping[str, Any]) -> str:
    if element["type"] == "static_select":
        return f'<span class="menu">{html.escape(element["placeholder"]["text"])}</span>'
    return f'<span class="{element.get("style", "")}">{html.escape(element["text"]["text"])}</span>'


def shoot(folder: Path) -> list[Path]:
    """Draw the sample messages with Chromium into a folder; return the pictures."""
    import browser
    import sample_messages as samples

    from alerts.channels.slack_blocks import blocks, notification
    from alerts.channels.slack_notice import notice_blocks

    drawn = {
        name: message(blocks(text, lambda action: f"https://dormouse.example.com/{action}", "A-1", True), name)
        for name, text in samples.alerts().items()
    }
    drawn["digest"] = message(
        notice_blocks(samples.digest(), lambda *_: "https://dormouse.example.com", True), "digest"
    )
    drawn["lock screen"] = lock_screen(*(notification(text) for text in samples.alerts().values()))
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with browser.running() as chromium:
        for scheme, width in (("light", 820), ("dark", 820), ("light", 380)):
            context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 600})
            tab = context.new_page()
            for name, shown in {**drawn, "all": "".join(drawn.values())}.items():
                if scheme == "dark" and name != "all":
                    continue
                tab.set_content(page(shown))
                path = folder / f"slack-{name.replace(' ', '-')}-{scheme}-{width}.png"
                tab.screenshot(path=str(path), full_page=True)
                made.append(path)
            context.close()
    return made


if __name__ == "__main__":
    for picture in shoot(Path(sys.argv[1])):
        print(picture)
