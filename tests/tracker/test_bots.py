"""Which agents are programs, by their own name."""

from __future__ import annotations

import csv
import json
import re
import time
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import DropReason
from tracker.bots import judge_agent
from tracker.crawler_list import listed

DECLARED, AUTOMATION, NOBODY = DropReason.BOT_DECLARED, DropReason.BOT_AUTOMATION, DropReason.BOT_NO_AGENT
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)

PROGRAMS = [
    ("", NOBODY),
    ("-", NOBODY),
    ("Mozilla/5.0", NOBODY),
    # on the public list
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", DECLARED),
    ("curl/8.5.0", DECLARED),
    # on no list: made up
    ("Mozilla/5.0 (compatible; ZorblaxBot/1.0)", DECLARED),
    (f"{WINDOWS} ZorblaxSpider", DECLARED),
    ("zorblax-crawler", DECLARED),
    ("ZorblaxBotRunner/2", DECLARED),
    ("Zorblax/2.0 (+https://zorblax.example)", DECLARED),
    ("Zorblax/2.0 (ops@zorblax.example)", DECLARED),
    ("Zorblax/2.0", DECLARED),
    ("ZorblaxFeedReader/1.0 (Macintosh)", DECLARED),
    ("Zorblax Link Preview (Linux)", DECLARED),
    ("Mozilla/5.0 (X11; Linux x86_64; Zorblax uptime monitor) Gecko/20100101 Firefox/128.0", DECLARED),
    ("PostmanRuntime/7.43.0", DECLARED),
    ("python-zorblax/1.0 Linux", DECLARED),
    (f"{WINDOWS} Zorblaxer", DECLARED),
    (f"Zorblax, {WINDOWS}", DECLARED),
    (WINDOWS.lower(), DECLARED),
    (WINDOWS.replace("Chrome/", "HeadlessChrome/"), AUTOMATION),
]

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
PEOPLE = [
    WINDOWS,
    f"{WINDOWS} Edg/141.0.0.0",
    f"{WINDOWS} Vivaldi/7.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    f"Mozilla/5.0 (Linux; Android 12; CUBOT X50) {WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 11; CUBOT_NOTE_20) {WEBKIT} Chrome/96.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) {WEBKIT} Chrome/130.0.0.0 Mobile Safari/537.36 [FBAN/FB4A]",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; .NET4.0E; rv:11.0) like Gecko",
    "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.16",
    "Lynx/2.9.0 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.0.2",
    "SonyEricssonJ20i/R7CA Profile/MIDP-2.1 UCWEB/2.0 (Java; U; MIDP-2.0; ru) UCBrowser/9.5.0.449 Mobile",
]


@pytest.mark.parametrize(("agent", "reason"), PROGRAMS)
def test_a_program_is_recognised(agent: str, reason: DropReason) -> None:
    """By the public list, and by general rules where no list knows it."""
    assert judge_agent(agent)[0] is reason


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_person_is_let_in(agent: str) -> None:
    """Browsers of computers and phones, also the phones called Cubot."""
    assert judge_agent(agent)[0] is None


def test_a_driven_browser_is_no_person() -> None:
    """navigator.webdriver counts, whatever the agent says."""
    assert judge_agent(WINDOWS, webdriver=True)[0] is AUTOMATION


def test_the_sentence_names_what_was_found() -> None:
    """A salesperson can see which word gave it away."""
    assert (
        judge_agent("Mozilla/5.0 (compatible; ZorblaxBot/1.0)")[1]
        == 'The agent calls itself a robot: "ZorblaxBot/1.0".'
    )
    assert judge_agent(f"{WINDOWS} WhatWeb/0.5")[1] == 'The agent is on the public list of crawlers: "WhatWeb/".'
    assert judge_agent(WINDOWS)[1] == "Nothing in the agent speaks of a program."


def test_every_bot_reason_starts_with_bot() -> None:
    """Counts of bots are found by their prefix."""
    assert {reason.is_bot for _, reason in PROGRAMS} == {True}


@given(st.text(max_size=300))
def test_any_agent_gets_a_sentence(agent: str) -> None:
    """Whatever comes, there is a judgement and a sentence, never an error."""
    reason, sentence = judge_agent(agent)
    assert (reason is None or reason.is_bot) and sentence.endswith(".")


def test_a_hostile_agent_costs_little() -> None:
    """Thousand characters made to make patterns slow are judged in milliseconds."""
    for hostile in (
        "bot" * 5000,
        "a@" * 5000,
        "-." * 5000,
        "http" * 5000,
        "feed " * 5000,
        "\\(" * 5000,
        "x/1.0 " * 5000,
    ):
        began = time.perf_counter()
        judge_agent(hostile)
        assert time.perf_counter() - began < 0.1


def vendored_patterns() -> list[re.Pattern[str]]:
    text = resources.files("tracker").joinpath("lists/crawler_user_agents.json").read_text(encoding="utf-8")
    return [re.compile(entry["pattern"]) for entry in json.loads(text)]


def test_the_index_finds_what_the_patterns_find() -> None:
    """The fast way through the public list gives the same as trying every pattern, on what each pattern looks like."""
    patterns = vendored_patterns()
    assert len(patterns) > 1000
    for pattern in patterns:
        example = re.sub(r"\\(.)", r"\1", pattern.pattern)
        for agent in (example, f"{WINDOWS} {example}", f"Mozilla/5.0 (compatible; {example}/1.0)"):
            assert (listed(agent) is not None) == any(each.search(agent) for each in patterns)


@pytest.mark.real_data
def test_real_agents_are_told_apart(shared_data: Path) -> None:
    """On 1,904 labelled agents: at least 98 in 100 programs found, at most 1 in 100 people lost."""
    with (shared_data / "user_agents" / "ua_labels_train.tsv").open(encoding="utf-8") as file:
        rows = [
            (row["label"], row["user_agent"]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    patterns = vendored_patterns()
    programs = [agent for label, agent in rows if label == "bot"]
    people = [agent for label, agent in rows if label == "human"]
    found = sum(judge_agent(agent)[0] is not None for agent in programs)
    lost = sum(judge_agent(agent)[0] is not None for agent in people)
    assert found / len(programs) >= 0.98
    assert lost / len(people) <= 0.01
    unlisted = [agent for agent in programs if not any(pattern.search(agent) for pattern in patterns)]
    assert sum(judge_agent(agent)[0] is not None for agent in unlisted) / len(unlisted) >= 0.9
