"""Judges which identity clues of a visit count: those behind which somebody does what a person would do (pure).

Mail-security products open every link of every mail, some in a real browser, seconds before or after the reader does.
So a clue counts only once the visit shows a person. The rule, by the visit's pages that the snippet told of (lines of
access logs confirm nothing; automated browsers are dropped before this):

- `READ_MS` of visible, active time and a key, pointer or touch that the browser vouches for; or
- `STARED_MS` of visible time without any; or
- from a data centre, a content network or a mail-security vendor: input, `STARED_MS`, and a second page.

For a signed link only what came after it counts. Until then the visit is judged without the clue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain import ClueKind, IdentityClue, Network, NetworkKind, PageView, Reason, Visit

READ_MS = 3_000
"""Visible and active time (ms) that shows a person, once there was input."""
STARED_MS = 30_000
"""Visible time (ms) that shows a person without any input: longer than scanners look."""

CONFIDENCE: Mapping[ClueKind, float] = {
    "identify": 0.99,
    "signed_link": 0.98,
    "identify_domain": 0.97,
    "form_domain": 0.95,
}
"""How sure a clue that counts makes it, strongest first. Links are passed on, and forms are filled in for others."""

_SERVERS = (NetworkKind.HOSTING, NetworkKind.CONTENT)
_SCANNERS = re.compile(
    r"\b(proofpoint|mimecast|barracuda|forcepoint|ironport|trend ?micro|trellix|fireeye|sophos|message ?labs|symantec"
    r"|avanan|check ?point software|vade ?secure|hornetsecurity|cyren|mcafee|bitdefender|f-secure|withsecure|trustwave"
    r"|retarus|spamhaus|cloudmark|libraesva|spamtitan|abnormal security|ironscales|urlscan|virustotal|microsoft)\b",
    re.IGNORECASE,
)
"""Vendors whose networks open links of mails, as they call themselves in registries; Microsoft's does for Outlook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The clues of a visit after this judgement."""

    counted: tuple[IdentityClue, ...] = ()
    waiting: tuple[Reason, ...] = ()
    """For each clue that doesn't count (yet): why."""


def weigh(visit: Visit, network: Network | None) -> Weighed:
    """Return which clues of a visit count, each once. `network` is where the visit came from, if that is known."""
    counted: list[IdentityClue] = []
    waiting: list[Reason] = []
    for clue, holder in _clues(visit):
        seen = [view for view in visit.views if clue.kind != "signed_link" or view.at >= holder.at]
        if doubt := _doubt(seen, network):
            waiting.append(Reason(text=f"{_GIVEN[clue.kind]}, but {doubt}", code=f"waiting:{clue.kind}"))
        else:
            counted.append(clue)
    return Weighed(counted=tuple(counted), waiting=tuple(waiting))


def with_clues(visit: Visit, clues: Sequence[IdentityClue]) -> Visit:
    """Return the visit with no clues but these."""
    keep = {(clue.kind, clue.value) for clue in clues}
    if all((clue.kind, clue.value) in keep for clue in visit.clues):
        return visit
    views = (
        replace(view, clues=tuple(clue for clue in view.clues if (clue.kind, clue.value) in keep))
        for view in visit.views
    )
    return replace(visit, views=tuple(views))


def told(clue: IdentityClue) -> str:
    """Return what a clue says, as a sentence for a salesperson, without its full stop."""
    return _TOLD[clue.kind].format(clue.value)


def _clues(visit: Visit) -> list[tuple[IdentityClue, PageView]]:
    """Return each clue of the visit once, with the first page that gave it."""
    found: dict[tuple[str, str], tuple[IdentityClue, PageView]] = {}
    for view in sorted(visit.views, key=lambda view: view.at):
        for clue in view.clues:
            if clue.value.strip():
                found.setdefault((clue.kind, clue.value), (clue, view))
    return list(found.values())


def _doubt(views: Sequence[PageView], network: Network | None) -> str:
    """Return why these pages don't show a person; "" when they do."""
    read = [view for view in views if view.source == "beacon"]
    engaged = sum(view.engaged_ms for view in read)
    touched = any(view.touched for view in read)
    if network is not None and _opens_links(network):
        pages = {view.path for view in read}
        enough = touched and engaged >= STARED_MS and len(pages) > 1
        return "" if enough else "from a network whose programs open links, and too little was done for a person"
    if engaged >= STARED_MS or (touched and engaged >= READ_MS):
        return ""
    return "nothing a person would do has been seen yet"


def _opens_links(network: Network) -> bool:
    if network.kind in _SERVERS:
        return True
    names = [network.organisation, *(name for item in network.evidence for name in (item.organisation, item.as_name))]
    return any(_SCANNERS.search(name) for name in names if name)


_GIVEN: Mapping[ClueKind, str] = {
    "signed_link": "A signed link was opened",
    "identify": "Your site said who it is",
    "identify_domain": "Your site said whose e-mail address it is",
    "form_domain": "A form was sent",
}

_TOLD: Mapping[ClueKind, str] = {
    "signed_link": "They came by a link that you sent them",
    "identify": "They signed in on your site",
    "identify_domain": "Somebody with an e-mail address at {} signed in on your site",
    "form_domain": "The visitor gave an e-mail address at {} in a form",
}
