"""How the dashboard says things: spans of time, counts, and every reason in words (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from alerts.buttons import CHOICES
from core.alerting import Hold, Silence
from core.domain import DropReason
from tracker.identity import Refusal

KINDS: Mapping[str, str] = {
    "business": "company network",
    "isp": "home line of a carrier",
    "mobile": "phone of a carrier",
    "hosting": "data centre",
    "vpn": "VPN or proxy",
    "education": "university or school",
    "government": "public authority",
    "content": "content network",
    "unknown": "network of unknown use",
}
"""What a kind of network is called."""

DROPS: Mapping[str, str] = {
    DropReason.MALFORMED: "could not be read",
    DropReason.FAILED: "could not be judged: our fault, see the log",
    DropReason.NOT_A_PAGE: "pictures, scripts and other files, not pages",
    DropReason.NOT_GET: "forms and other requests that aren't page views",
    DropReason.ERROR_STATUS: "pages that answered with an error",
    DropReason.UNKNOWN_SITE: "from a website that was never added",
    DropReason.PREFETCH: "loaded ahead by the browser, never looked at",
    DropReason.PRIVACY_SIGNAL: "the browser asked not to be followed",
    DropReason.EXCLUDED: "left out by your own settings",
    DropReason.BOT_DECLARED: "crawlers that say what they are",
    DropReason.BOT_NO_AGENT: "programs that don't say what they are",
    DropReason.BOT_AUTOMATION: "automated browsers",
    DropReason.PRIVATE_ADDRESS: "addresses inside your own network",
    DropReason.NETWORK_UNKNOWN: "networks whose use isn't known",
    DropReason.NETWORK_ISP: "home lines of carriers",
    DropReason.NETWORK_MOBILE: "phones",
    DropReason.NETWORK_HOSTING: "data centres",
    DropReason.NETWORK_VPN: "VPNs and proxies",
    DropReason.NETWORK_CONTENT: "content networks",
    DropReason.COMPANY_UNKNOWN: "company networks without a company's name",
    DropReason.COMPANY_PERSON: "firms of one person, who is never named",
    DropReason.COMPANY_REJECTED: "networks of which somebody said: wrong company",
    DropReason.ACCOUNT_AMBIGUOUS: "could be one of several customers, so nobody is told",
    DropReason.ACCOUNT_UNSURE: "perhaps a customer, too unsure to name one",
    DropReason.ACCOUNT_NONE: "companies that aren't customers",
}
"""Why hits and visits were not followed further."""

CLUES: Mapping[str, str] = {
    "signed_link": "came by a link that you sent",
    "identify": "signed in on your site",
    "identify_domain": "signed in on your site, by their mail domain",
    "form_domain": "gave a mail domain in a form",
    Refusal.LINK_FALSE: "links that were changed or cut off",
    Refusal.LINK_EXPIRED: "links that had expired",
    Refusal.IDENTIFY_UNSIGNED: "sign-ins that nobody signed for",
    Refusal.IDENTIFY_FALSE: "sign-ins with a false signature",
    Refusal.IDENTIFY_NO_KEY: "sign-ins on a site without a secret",
    Refusal.DOMAIN_UNREADABLE: "mail domains that are none",
}
"""What was said of visitors: what was proved, then why the rest counts for nothing."""

SILENCES: Mapping[str, str] = {
    Silence.NOT_DORMANT: "active customers: no news for their rep",
    Silence.BELOW_THRESHOLD: "not enough interest yet to speak up",
    Silence.UNSURE: "not sure enough who it was",
    Silence.COOL_DOWN: "told not long before",
    Silence.CORRECTED: "its rep said: wrong company",
    Silence.SNOOZED: "somebody asked to hear nothing of it for now",
}
"""Why a recognised visit led to no alert."""

HOLDS: Mapping[str, str] = {
    Hold.QUIET: "outside the rep's hours: told in the morning brief",
    Hold.CAP: "over the rep's alerts of the day: told in the digest",
    Hold.DEMOTED: "its rule was right too seldom: told in the digest",
    Hold.SHADOW: "shadow mode: nobody is told",
    Hold.HOLDOUT: "held back to measure what alerts bring: released after some days",
}
"""Why an alert wasn't sent the moment it was made."""

OTHER_ENDS: Mapping[str, str] = {
    "not_judged": "not judged yet",
    "no_alert": "recognised, nobody told",
    "alerted": "somebody was told",
}
"""Where else a visit can end in the funnel."""

STATES: Mapping[str, str] = {
    "unknown": "not known yet",
    "active": "active",
    "going_quiet": "going quiet",
    "dormant": "dormant",
    "awake": "awake",
    "in_contact": "in contact",
    "reactivated": "won back",
    "asleep_again": "asleep again",
}
"""Where an account stands."""

ANSWERS: Mapping[str, str] = {
    "claimed": "took it",
    "wrong_company": "said: wrong company",
    "snoozed": "snoozed it",
    "not_useful": "said: not useful",
    "reached": "reached them",
    "no_answer": "got no answer",
    "meeting": "agreed a meeting",
    "won": "won them back",
    "not_interested": "heard: not interested",
    "handed_back": "handed it back",
}
"""What people did with an alert, after their name."""

OUTCOMES: Mapping[str, str] = {
    "claimed": "taken",
    "wrong_company": "wrong company",
    "snoozed": "snoozed",
    "not_useful": "not useful",
    "reached": "reached",
    "no_answer": "no answer",
    "meeting": "meeting",
    "won": "won",
    "not_interested": "not interested",
    "handed_back": "handed back",
}
"""Where an alert stands, in a word."""

CHOSEN: Mapping[str, str] = {
    choice.value: choice.label
    for action in ("not_useful", "not_interested", "not_slipping")
    for choice in CHOICES[action]
}
"""What was chosen from a button's menu; how long something is put off is said by its date."""

STEPS: Mapping[str, str] = {
    "network": "The network",
    "company": "The company",
    "match": "The account",
    "dormancy": "How silent",
    "score": "How interested",
    "alert": "The alert",
    "correction": "What people said",
}
"""The steps of a judgement, in order."""

ACTIVITIES: Mapping[str, str] = {
    "purchase": "Order",
    "contact": "Contact",
    "login": "Login",
    "reply": "Reply",
    "usage": "Use of the product",
    "dormancy_reason": "Reason noted",
}

DELIVERIES: Mapping[str, str] = {
    "due": "waiting",
    "sending": "being sent",
    "sent": "sent",
    "failed": "will be tried again",
    "dead": "given up",
    "dropped": "needless",
}


def drop_words(code: str) -> str:
    """Return why something was not followed further, as words for a heading or a row."""
    return DROPS.get(code) or SILENCES.get(code) or HOLDS.get(code) or OTHER_ENDS.get(code) or code.replace("_", " ")


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago `moment` was, in one unit: `12 s ago`, `3 d ago`; `never` for None."""
    if moment is None:
        return "never"
    return f"{span(now - moment)} ago" if now - moment >= timedelta(seconds=1) else "just now"


def span(length: timedelta) -> str:
    """Return a length of time in one unit: `12 s`, `5 min`, `22 h`, `6 d`."""
    seconds = max(0, int(length.total_seconds()))
    for unit, name, until in ((1, "s", 90), (60, "min", 5400), (3600, "h", 48 * 3600)):
        if seconds < until:
            return f"{seconds // unit} {name}"
    return f"{seconds // 86400:,} d"


def count_of(number: int, one: str, many: str = "") -> str:
    """Return `1 visit`, `2 visits`, `1,204 visits`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
