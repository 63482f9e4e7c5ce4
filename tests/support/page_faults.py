"""Finds what would keep people from using a page: missing names, faint text, skipped headings, overflow."""

from __future__ import annotations

from playwright.sync_api import Page

LEAST_CONTRAST = 4.5

_SCRIPT = """(least) => {
  const faults = [];
  const all = (what) => [...document.querySelectorAll(what)];
  const ids = all("[id]").map((one) => one.id);
  for (const id of ids.filter((id, place) => ids.indexOf(id) !== place)) faults.push(`id twice: ${id}`);
  for (const one of all("button, a[href], iframe, input:not([type=hidden])")) {
    const label = one.labels?.[0]?.textContent;
    const name = one.getAttribute("aria-label") || one.title || one.textContent.trim() || label;
    if (!name) faults.push(`no name: ${one.outerHTML.slice(0, 80)}`);
  }
  let level = 0;
  for (const one of all("h1, h2, h3, h4")) {
    const next = Number(one.tagName[1]);
    if (next > level + 1) faults.push(`heading skips a level: ${one.textContent}`);
    level = next;
  }
  for (const one of all("li")) {
    const list = one.parentElement;
    const role = list.getAttribute("role");
    if (!/^[OU]L$/.test(list.tagName) || (role && role !== "list")) faults.push(`outside a list: ${one.textContent}`);
  }
  if (all("[style]").length) faults.push("inline style");
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`wider than the screen: ${root.scrollWidth}`);

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
      const value = part / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const clear = /^rgba\\(.*, 0\\)$|^transparent$/;
  const behind = (one) => {
    for (let each = one; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!clear.test(colour)) return colour;
    }
    return "white";
  };
  for (const one of all("main *")) {
    const hasText = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!hasText || one.closest(".hidden, svg, .toast, [hidden], :disabled") || !one.getClientRects().length) continue;
    const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < least) faults.push(`too faint (${contrast.toFixed(2)}): ${one.textContent.trim().slice(0, 40)}`);
  }
  return faults;
}"""


def found(page: Page) -> list[str]:
    """Return a sentence for each fault of the page as it stands."""
    return [str(fault) for fault in page.evaluate(_SCRIPT, LEAST_CONTRAST)]
