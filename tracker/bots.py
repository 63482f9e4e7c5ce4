"""Tells from the agent's own name that a program asks for the page, not a person (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from core.domain import DropReason
from tracker.crawler_list import listed

Verdict = tuple[DropReason | None, str]

_LONGEST = 1000
"""A longer agent is judged by its first characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A general rule for agents that no list names yet."""

    pattern: re.Pattern[str]
    """Searched in the agent in lower case."""
    reason: DropReason
    sentence: str
    """Quotes as {} the word in which the pattern was found."""


def _any_of(text: str) -> str:
    return "|".join(text.split())


_LIBRARIES = _any_of(
    r"curl wget libwww[-_]perl lwp python urllib\d? aiohttp httpx? php java(?=/|\d|$) okhttp ruby perl axios got undici"
    r" node(?:-fetch|\.js|-superagent)? guzzle\w* go-http-client go-resty resty restsharp (?:apache-)?httpclient"
    r" commons-httpclient http[-_]\w+ \w+-http winhttp winhttprequest grpc-\w+ reqwest faraday mechanize rest-client"
    r" postman\w* insomnia httpie lua-resty\S* typhoeus powershell windowspowershell microsoft-cryptoapi scalaj akka"
    r" jersey netty vert\.x zend_http\w* snoopy wininet dart cpp-httplib libcurl axel aria2"
)
_DRIVEN = _any_of(
    r"headless phantomjs slimerjs selenium webdriver puppeteer playwright cypress/ nightmare ghost.inspector htmlunit"
    r" \bsplash\b zombie\.js casperjs testcafe katalon browserless electron/"
)
_READS_FEEDS = (
    r"\bfeed(?!back)|\brss|rss\b|feeds?\b|aggregator|\bpodcast|subscribers?\b|subscribers=\d"
    r"|news\W?(?:reader|gator|fetch|parser|blur)|feed\W?reader"
)
_PREVIEWS = (
    r"preview|unfurl|embed(?:ly|der)\b|favicon|thumbnail|screenshot|onebox|web[\W_]?snap|page[\W_]?peek|duplexweb"
    r"|(?:image|img|e?mail|link)[\W_]?proxy|\bproxy\)|^whatsapp"
)
_TOOLS = (
    r"monitor(?:ing|s)?\b|uptime|pingdom|synthetics?\b|scann?(?:er|ing)\b|probe\b|health.?check|lighthouse|page.?speed"
    r"|gtmetrix|valid(?:ator|ation|ate)\b|check(?:er|link)\b|audit(?:or)?\b|inspector\b|site24x7|watch(?:er|dog)\b"
    r"|detector\b|analy[sz]er\b|vulnerabilit|pentest|nessus|nikto|sqlmap|nmap|masscan|zgrab|nuclei|openvas|\bping/"
    r"|discovery\b|(?:fetch(?:er)?|archiver?|archiving|index(?:er|ing)|extract(?:or)?|grabber|download(?:er)?|copier"
    r"|retriever|webhooks?|classifier|collector|mirror(?:er)?|survey|parser|resolver|generator)(?=[/\s;,)]|$)"
    r"|(?:link|seo|web|site|page)(?:check|scan|search|tool|test)|[a-z]agent[/ ]\d"
)
_NAMES_A_PLACE = (
    r"https?:/|\bwww\.\w|(?:@|\[at\]|\(at\))[\w-]+\.[a-z]{2}"
    r"|(?<=[a-z0-9]{2})(?<!\bcom)(?<!\borg)(?<!\bnet)\.(?:com|net|org|io|ai|dev|app|info|biz|de|fr|eu|ru|cn|jp|ch|nl|it"
    r"|pl|cz|se|co\.\w\w)\b(?![.\w])"
)


def _rule(pattern: str, sentence: str, reason: DropReason = DropReason.BOT_DECLARED) -> _Rule:
    return _Rule(pattern=re.compile(pattern), reason=reason, sentence=sentence)


_RULES = (
    _rule(_DRIVEN, "The agent is a browser driven by a program: {}.", DropReason.BOT_AUTOMATION),
    # not the phones called Cubot, not "Abbott" or "bottom"
    _rule(
        r"(?<!cu)bot(?:s|-|_|\b|\d)|\bbot(?!t)|crawl|spider|scrap(?:er|ing|y)|slurp|harvest|robot",
        "The agent calls itself a robot: {}.",
    ),
    _rule(
        rf"(?<![a-z0-9])(?:{_LIBRARIES})(?=[/\s_;,)]|$)|^(?:python|ruby|perl|php|java|go|node|rust|dotnet)[-_/]",
        "The agent is a program library, not a browser: {}.",
    ),
    _rule(_READS_FEEDS, "The agent reads feeds: {}."),
    _rule(_PREVIEWS, "The agent fetches link previews or images for somebody else: {}."),
    _rule(_TOOLS, "The agent is a tool that checks or copies pages: {}."),
    _rule(_NAMES_A_PLACE, "The agent names a website or mailbox to complain to, as only programs do: {}."),
    _rule(
        r"^[\w./ -]+, ?mozilla/|like gecko[;,] ?compatible;|safari/[\d.]+,? (?!mobile)[a-z][a-z-]*$",
        "A program added its own name to a browser's: {}.",
    ),
)
"""Asked in this order, before the public list: their sentences say more."""

_ROBOT_IN_CAPITALS = re.compile(r"[bB]ot(?=[A-Z])|^mozilla/")
"""Searched in the agent as written: "FooBotBar", and a browser's name as no browser writes it."""

_PERSON = re.compile(
    _any_of(
        # systems that people sit in front of
        r"windows win9 win32 winnt \bwin\d\d\b cygwin macintosh mac.?os mac_power darwin iphone ipad ipod \bios\b"
        r" android x11 linux \bcros\b bsd sunos solaris amiga haiku syllable beos \bos/2 \brisc inferno plan.?9"
        r" nokia symbian series\d\d \bs60 midp ucweb brew/ docomo kddi softbank blackberry \bbb10 playbook samsung"
        r" sonyericsson \blg[-/e] motorola \bmot- htc palm webos tizen \bbada kaios meego maemo kindle silk/"
        r" playstation nintendo xbox smart-?tv apple.?tv roku crkey tesla"
        # browsers and mail programs that name no system
        r" \blynx \be?links\b w3m dillo netsurf browser firefox gecko/ applewebkit.*mobile duckduckgo netscape mosaic"
        r" opera konqueror outlook thunderbird"
    )
)
_NAMELESS = re.compile(r"^(?:mozilla/\d\.\d|compatible|-|null|undefined|none|unknown|user-agent)?\W*$", re.IGNORECASE)


def judge_agent(user_agent: str, *, webdriver: bool = False) -> Verdict:
    """Return the reason to drop a visitor with this agent, or None, and a sentence that says why.

    `webdriver`: the browser itself said that a program drives it. The sentence is never empty.
    """
    if webdriver:
        return DropReason.BOT_AUTOMATION, "The browser says that a program drives it (navigator.webdriver)."
    return _judge(user_agent.strip()[:_LONGEST])


@lru_cache(maxsize=20_000)
def _judge(agent: str) -> Verdict:
    if _NAMELESS.match(agent):
        return DropReason.BOT_NO_AGENT, "The request names no browser."
    if match := _ROBOT_IN_CAPITALS.search(agent):
        return DropReason.BOT_DECLARED, f"The agent calls itself a robot: {_word_around(agent, match)}."
    lower = agent.lower()
    for rule in _RULES:
        if match := rule.pattern.search(lower):
            return rule.reason, rule.sentence.format(_word_around(agent, match))
    if (found := listed(agent)) is not None:
        return DropReason.BOT_DECLARED, f"The agent is on the public list of crawlers: {_quoted(found)}."
    if not _PERSON.search(lower):
        return DropReason.BOT_DECLARED, f"The agent names no browser or system that people use: {_quoted(agent)}."
    return None, "Nothing in the agent speaks of a program."


def _quoted(text: str) -> str:
    text = text.strip(" ;,()+")
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'


def _word_around(agent: str, match: re.Match[str]) -> str:
    """Return, quoted, the whole word in which something was found."""
    start = max((agent.rfind(sign, 0, match.start() + 1) for sign in " ;,()"), default=-1) + 1
    ends = (agent.find(sign, match.end()) for sign in " ;,()")
    return _quoted(agent[start : min((end for end in ends if end >= 0), default=len(agent))])
