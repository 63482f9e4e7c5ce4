"""Access logs: every line ends as a page view or with its reason, and the same file gives the same ids again."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.database import reading, writing
from core.domain import DropReason, PageView, SiteId
from core.errors import InputError
from tracker.bots import judge_agent
from tracker.sessions import forms_visit, join
from tracker.sources.access_log import LogLine, Repeats, judge_line, page_views, parse_line
from tracker.sources.log_file import LONGEST_LINE, read_log, size_of
from tracker.store import count, known_views, open_visits, read_counts, save, save_dropped
from tracker.visitor import past_salt

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SITE = SiteId("example.com")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
COMMON = '192.0.2.7 - - [20/Nov/2026:13:05:09 +0100] "GET /prices?ref=x HTTP/1.1" 200 512'
COMBINED = f'{COMMON} "https://search.example/?q=secret" "{FIREFOX}"'


def parsed(line: str) -> LogLine:
    found = parse_line(line)
    assert isinstance(found, LogLine), line
    return found


def views_of(*lines: str) -> list[PageView]:
    def salt(day: date) -> bytes:
        return past_salt("secret", day)

    return list(page_views(lines, SITE, salt, NOW, Repeats(), lambda agent: judge_agent(agent)[0]))


# one line


def test_combined_line() -> None:
    """Each field of the combined format is read; the stamp becomes UTC."""
    assert parsed(COMBINED) == LogLine(
        host="192.0.2.7",
        ip="192.0.2.7",
        at=datetime(2026, 11, 20, 12, 5, 9, tzinfo=UTC),
        method="GET",
        path="/prices",
        query="ref=x",
        status=200,
        size=512,
        referrer="https://search.example/?q=secret",
        user_agent=FIREFOX,
        vhost="",
    )


def test_common_line_has_no_agent_field() -> None:
    """A format without the field is not a visitor without an agent."""
    line = parsed(COMMON)
    assert (line.user_agent, line.referrer) == (None, "")
    assert parsed(COMMON + ' "-" "-"').user_agent == ""


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        (f"www.example.com:443 {COMBINED}", "vhost", "www.example.com:443"),
        (f"www.example.com {COMBINED}", "ip", "192.0.2.7"),
        (COMBINED.replace("- - [", "- Ann Lee ["), "ip", "192.0.2.7"),
        (COMBINED.replace("- - [", "- Ann Lee ["), "vhost", ""),
        (COMBINED.replace("192.0.2.7", "2001:DB8:0::7"), "ip", "2001:db8::7"),
        (COMBINED.replace("192.0.2.7", "::ffff:192.0.2.7"), "ip", "192.0.2.7"),
        (COMBINED.replace("192.0.2.7", "pc1.example.org"), "ip", None),
        (COMBINED.replace("192.0.2.7", "pc1.example.org"), "host", "pc1.example.org"),
        (COMBINED.replace(" 512 ", " - "), "size", None),
        (COMBINED.replace(" HTTP/1.1", ""), "path", "/prices"),
        (COMBINED.replace("/prices?", "/our prices?"), "path", "/our prices"),
        (COMBINED.replace("/prices?", "http://shop.example.com/prices?"), "path", "/prices"),
        (COMBINED.replace("/prices?", "http://shop.example.com/prices?"), "vhost", "shop.example.com"),
        (COMBINED.replace("/prices", r"/\xe4\xbe\xa1\xe6\xa0\xbc"), "path", "/価格"),
        (COMBINED.replace("/prices", r"/a\"b\\c"), "path", '/a"b\\c'),
        (COMBINED.replace("X11", r"\"X11\""), "user_agent", FIREFOX.replace("X11", '"X11"')),
        (COMBINED.replace("X11", r"\x22X11\x22"), "user_agent", FIREFOX.replace("X11", '"X11"')),
        (COMBINED.replace("X11", '"X11"'), "user_agent", FIREFOX.replace("X11", '"X11"')),
        (COMBINED.replace("X11", "X\x0011"), "user_agent", FIREFOX.replace("X11", "X 11")),
        (COMBINED + ' 0.003 "-"', "user_agent", FIREFOX),
        (COMMON + " 0.003", "user_agent", None),
        (COMBINED.replace("20/Nov/2026:13:05:09 +0100", "2026-11-20T12:05:09+00:00"), "at", parsed(COMBINED).at),
        (COMBINED.replace("+0100", "-0330"), "at", datetime(2026, 11, 20, 16, 35, 9, tzinfo=UTC)),
    ],
)
def test_variants_of_the_formats(line: str, field: str, value: object) -> None:
    """What nginx, Apache and their settings do to a line is understood."""
    assert getattr(parsed(line), field) == value


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello",
        '192.0.2.7 - - [20/Nov/2026:13:05:09 +0100] "-" 408 -',
        r'192.0.2.7 - - [20/Nov/2026:13:05:09 +0100] "\x16\x03\x01" 400 150 "-" "-"',
        COMBINED.replace("20/Nov", "31/Nov"),
        COMBINED.replace("20/Nov", "20/Nox"),
        COMBINED.replace("2026", "0001"),
        COMBINED.replace("+0100", "+9999").replace("2026", "9999"),
        COMBINED[:-20],
        COMBINED.replace("192.0.2.7 - - ", "192.0.2.7 "),
    ],
)
def test_what_is_no_line_is_malformed(line: str) -> None:
    """Half lines, other formats and impossible dates have a reason, not an error."""
    assert parse_line(line) == DropReason.MALFORMED


@pytest.mark.parametrize(
    ("client", "last_field", "ip"),
    [
        ("172.17.0.1", "198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "203.0.113.1, 198.51.100.9, 10.0.0.3", "198.51.100.9"),
        ("172.17.0.1", "-", "172.17.0.1"),
        ("192.0.2.7", "198.51.100.9", "192.0.2.7"),
    ],
)
def test_client_behind_our_own_proxy(client: str, last_field: str, ip: str) -> None:
    """A forwarded address counts only when a private address wrote the line, and then the right-most outside one."""
    assert parsed(COMBINED.replace("192.0.2.7", client) + f' "{last_field}"').ip == ip


@pytest.mark.parametrize(
    ("request_line", "status", "drop"),
    [
        ("GET / HTTP/1.1", 200, None),
        ("GET /prices.pdf HTTP/1.1", 200, None),
        ("GET /blog/version-2.0 HTTP/1.1", 304, None),
        ("GET /feedback HTTP/1.1", 200, None),
        ("GET /docs/api/ HTTP/1.1", 200, None),
        ("HEAD / HTTP/1.1", 200, DropReason.NOT_GET),
        ("POST /form HTTP/1.1", 302, DropReason.NOT_GET),
        ("OPTIONS * HTTP/1.0", 200, DropReason.NOT_GET),
        ("GET /gone HTTP/1.1", 404, DropReason.ERROR_STATUS),
        ("GET / HTTP/1.1", 500, DropReason.ERROR_STATUS),
        ("GET /old HTTP/1.1", 301, DropReason.NOT_A_PAGE),
        ("GET /prices.pdf HTTP/1.1", 206, DropReason.NOT_A_PAGE),
        ("GET /favicon.ico HTTP/1.1", 200, DropReason.NOT_A_PAGE),
        ("GET /A/Logo.PNG?v=3 HTTP/1.1", 200, DropReason.NOT_A_PAGE),
        ("GET /robots.txt HTTP/1.1", 200, DropReason.NOT_A_PAGE),
        ("GET /sitemap_index.xml HTTP/1.1", 200, DropReason.NOT_A_PAGE),
        ("GET /blog/feed/ HTTP/1.1", 200, DropReason.NOT_A_PAGE),
        ("GET /blog/?flav=rss20 HTTP/1.1", 200, DropReason.NOT_A_PAGE),
        ("GET /wp-json/wp/v2/posts HTTP/1.1", 200, DropReason.NOT_A_PAGE),
        ("GET /api/v1/cart HTTP/1.1", 200, DropReason.NOT_A_PAGE),
        ("GET /.well-known/security.txt HTTP/1.1", 200, DropReason.NOT_A_PAGE),
    ],
)
def test_what_counts_as_a_page(request_line: str, status: int, drop: DropReason | None) -> None:
    """Pages and documents that somebody looked at stay; parts of pages, feeds, programs and errors don't."""
    line = COMBINED.replace("GET /prices?ref=x HTTP/1.1", request_line).replace(" 200 ", f" {status} ")
    assert judge_line(parsed(line)) == drop


@given(st.one_of(st.text(max_size=200), st.from_regex(r'\S+ - - \[.{0,40}\] ".{0,60}" \d{3} (\d+|-)( ".*" ".*")?')))
def test_no_line_raises(line: str) -> None:
    """Whatever stands in a line, it becomes exactly one page view."""
    (view,) = views_of(line)
    assert view.site == SITE


@given(st.integers(0, len(COMBINED)), st.text(max_size=3), st.integers(0, 3))
def test_no_damaged_line_raises(at: int, text: str, cut: int) -> None:
    """A line with a piece replaced still becomes exactly one page view."""
    assert len(views_of(COMBINED[:at] + text + COMBINED[at + cut :])) == 1


def test_long_hostile_line_is_judged_at_once() -> None:
    """Quotes and backslashes without end don't make the parser try all combinations."""
    for line in (
        COMBINED + ' "' * 8000,
        COMMON + ' "' + "\\" * 16_000,
        COMMON + ' "' + '" "' * 5000 + "[",
        COMMON + '"" 200 5 ' * 2000,
    ):
        assert parse_line(line)


# a whole log


def test_page_view_of_a_line() -> None:
    """The line becomes history: stamped then, received now, its referrer without the query."""
    (view,) = views_of(COMBINED)
    assert (view.at, view.received_at) == (datetime(2026, 11, 20, 12, 5, 9, tzinfo=UTC), NOW)
    assert (view.path, view.referrer, view.ip) == ("/prices", "https://search.example/", "192.0.2.7")
    assert (view.source, view.drop, len(view.visitor)) == ("access_log", None, 32)


def test_dropped_lines_say_nothing_of_the_visitor() -> None:
    """What is no page carries its reason and path, not who asked."""
    asset, broken = views_of(COMBINED.replace("/prices", "/logo.png"), "broken")
    assert (asset.drop, asset.path, asset.ip, asset.visitor, asset.user_agent) == (
        "not_a_page",
        "/logo.png",
        None,
        "",
        "",
    )
    assert (broken.drop, broken.at) == (DropReason.MALFORMED, NOW)


def test_bots_are_judged_by_agent_where_the_format_has_one() -> None:
    """An empty agent is a bot's; a format without the field is not."""
    drops = [
        view.drop
        for view in views_of(COMBINED.replace(FIREFOX, "Googlebot/2.1"), COMMON + ' "-" "-"', COMMON, COMBINED)
    ]
    assert drops == [DropReason.BOT_DECLARED, DropReason.BOT_NO_AGENT, None, None]


def test_visitor_is_address_browser_and_day() -> None:
    """The same address and browser are one visitor on a day and another on the next; names stand in for addresses."""
    again, other_day = COMBINED.replace("/prices", "/"), COMBINED.replace("20/Nov", "19/Nov")
    named = COMBINED.replace("192.0.2.7", "pc1.example.org")
    visitors = [view.visitor for view in views_of(COMBINED, again, other_day, named, named.replace("pc1", "pc2"))]
    assert visitors[0] == visitors[1]
    assert len(set(visitors)) == 4


def test_same_file_gives_the_same_ids_also_when_it_has_grown() -> None:
    """Identical lines are told apart by their number, so a second import adds only what is new."""
    lines = [COMBINED, COMBINED, COMMON, COMBINED]
    ids = [view.id for view in views_of(*lines)]
    assert len(set(ids)) == 4
    assert [view.id for view in views_of(*lines, COMBINED)][:4] == ids


def test_lines_of_other_virtual_hosts_are_not_the_sites() -> None:
    """A log shared by several hosts counts only the site's own lines and those of names below it."""
    hosts = ["example.com", "www.example.com:443", "SHOP.example.com", "_", "example.org", "notexample.com"]
    drops = [view.drop for view in views_of(*(f"{host} {COMBINED}" for host in hosts))]
    assert drops == [None, None, None, None, DropReason.UNKNOWN_SITE, DropReason.UNKNOWN_SITE]


@pytest.mark.parametrize("second_salt", ["secret", "another, since the day's random one is gone"])
def test_importing_twice_changes_nothing(any_engine: Engine, second_salt: str) -> None:
    """A second import of a file that has grown adds only the new line, whatever the visitors are called by now."""
    lines = [COMBINED, COMBINED, COMMON, COMBINED.replace("/prices", "/logo.png"), "broken"]
    grown = [*lines, COMBINED.replace("13:05:09", "13:08:00")]
    assert imported(any_engine, lines, NOW, "secret") == (2, 5)
    assert imported(any_engine, lines, NOW + timedelta(days=2), second_salt) == (0, 0)
    assert imported(any_engine, grown, NOW + timedelta(days=2), second_salt) == (1, 1)
    with reading(any_engine) as conn:
        counts = {(row.outcome, row.n) for row in read_counts(conn, NOW.date()) if row.day == NOW.date()}
    assert counts == {("kept", 3), ("not_a_page", 1), ("malformed", 1)}


def imported(engine: Engine, lines: Sequence[str], now: datetime, secret: str) -> tuple[int, int]:
    """Import lines as the pipeline does; return how many visits changed and how many hits were new."""
    views = list(page_views(lines, SITE, lambda day: past_salt(secret, day), now, Repeats(), lambda _: None))
    pages = [view for view in views if forms_visit(view)]
    moments = [view.at for view in pages]
    with writing(engine) as conn:
        known = known_views(conn, [view.id for view in pages])
        keys = {(view.site, view.visitor) for view in pages}
        before = open_visits(conn, keys, (min(moments), max(moments)), holding=list(known))
        changed = join(before, pages)
        save(conn, changed, {}, "key", before=before)
        new = [view for view in pages if view.id not in known]
        new += save_dropped(conn, [view for view in views if not forms_visit(view)])
        count(conn, new)
    return len(changed), len(new)


# the file


def test_plain_and_packed_files_read_the_same(tmp_path: Path) -> None:
    """Packing is known by the first bytes; blank lines, CRLF, a byte order mark, no last newline: all the same."""
    content = f"\ufeff{COMMON}\r\n\n  \n{COMBINED}".encode()
    (tmp_path / "plain.gz").write_bytes(content)
    (tmp_path / "packed.log").write_bytes(gzip.compress(content[:90]) + gzip.compress(content[90:]))
    for name in ("plain.gz", "packed.log"):
        read = list(read_log(tmp_path / name))
        assert [line for line, _ in read] == [COMMON, COMBINED]
        assert read[-1][1] == size_of(tmp_path / name)


def test_lines_that_are_not_utf8_are_read_as_latin1(tmp_path: Path) -> None:
    """One old line doesn't spoil the others."""
    (tmp_path / "log").write_bytes("/prix-à-jour\n".encode("latin-1") + "/価格\n".encode())
    assert [line for line, _ in read_log(tmp_path / "log")] == ["/prix-à-jour", "/価格"]


def test_endless_lines_are_cut(tmp_path: Path) -> None:
    """A line of megabytes costs no more memory than a block, and the next line is whole."""
    (tmp_path / "log").write_bytes(b"x" * 3_000_000 + b"\n" + COMMON.encode() + b"\n" + b"y" * 900_000)
    lines = [line for line, _ in read_log(tmp_path / "log")]
    assert [len(line) for line in lines] == [LONGEST_LINE, len(COMMON), LONGEST_LINE]


def test_damaged_and_missing_files_say_so(tmp_path: Path) -> None:
    """Lines before the damage are read; the error names the file."""
    packed = gzip.compress("\n".join(f"{COMBINED} {number}" for number in range(30_000)).encode())
    (tmp_path / "cut.gz").write_bytes(packed[: len(packed) * 9 // 10])
    lines = []
    with pytest.raises(InputError, match=r"cut\.gz is a damaged gzip file"):
        for line, _ in read_log(tmp_path / "cut.gz"):
            lines.append(line)
    assert len(lines) > 1000
    with pytest.raises(InputError, match="can't be read: No such file"):
        list(read_log(tmp_path / "missing.log"))


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "lines"), [("semicomplete_train.log", 4922), ("hackers_joinform.log.gz", 3456)])
def test_every_line_of_a_real_log_ends_somewhere(shared_data: Path, name: str, lines: int) -> None:
    """Each line of a real log is one page view of its own; none is malformed, and again the ids are the same."""
    read = [line for line, _ in read_log(shared_data / "web_logs" / name)]
    views = views_of(*read)
    outcomes = Counter(view.drop for view in views)
    assert len({view.id for view in views}) == sum(outcomes.values()) == lines
    assert outcomes[DropReason.MALFORMED] == 0 and outcomes[None] > 500
    assert views_of(*read) == views


@pytest.mark.parametrize("stamp", ["01/Jan/0001:00:00:00 +1400", "31/Dec/9999:23:59:59 -1200"])
def test_a_stamp_beyond_the_calendar_is_malformed(stamp: str) -> None:
    """One odd line is counted as such and stops no import."""
    line = f'192.0.2.7 - - [{stamp}] "GET / HTTP/1.1" 200 5 "-" "Firefox"'

    assert parse_line(line) is DropReason.MALFORMED
