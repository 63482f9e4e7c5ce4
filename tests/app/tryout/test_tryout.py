"""A try-out through its door: the command, two small files, the page that comes out."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from tryout_files import AGENT, CUSTOMERS, MILLS, PUMPS, line, run, run_files

from core.errors import InputError

LOG = line(PUMPS) + line(PUMPS, "/contact") + line(MILLS) + line("203.0.113.5") + line(PUMPS, "/logo.png")


def lost(findings: dict, step: str) -> int:  # type: ignore[type-arg]
    """Return how many did not reach a step."""
    return sum(loss["count"] for loss in findings["funnel"]["losses"] if loss["step"] == step)


def test_a_dormant_customer_is_found(tmp_path: Path) -> None:
    """The customer who bought nothing for two years is in the headline, with its worth; the active one isn't."""
    ran = run(tmp_path, CUSTOMERS, LOG)
    assert ran.code == 0
    assert "1 dormant customer was on your site in 1 day, worth €1.2k" in ran.text
    assert "Hartmann Pumps Ltd · silent 807 d" in ran.text
    assert "no outbound queries" in ran.text


def test_the_funnel_adds_up(tmp_path: Path) -> None:
    """Every line and every visit is counted once, with its reason."""
    found = run(tmp_path, CUSTOMERS, LOG + line("203.0.113.8", agent="Googlebot/2.1") + "nonsense\n", "--json").findings
    funnel = found["funnel"]
    assert (funnel["lines"], funnel["page_views"], funnel["visits"]) == (7, 4, 3)
    assert funnel["lines"] - lost(found, "page_views") == funnel["page_views"]
    assert funnel["visits"] - lost(found, "business") == funnel["business"] == 2
    assert funnel["named"] - lost(found, "customers") == funnel["customers"] == 2
    assert funnel["customers"] - lost(found, "dormant") == funnel["dormant"] == 1


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Only the report stays: no database, no workspace; the report is readable by its owner alone."""
    ran = run(tmp_path, CUSTOMERS, LOG)
    assert sorted(path.name for path in ran.home.rglob("*")) == ["report.html", "tryout"]
    assert (ran.home / "report.html").stat().st_mode & 0o077 == 0


def test_a_kept_workspace_has_no_addresses(tmp_path: Path) -> None:
    """With --keep the workspace stays, without a visitor's address; a later try-out doesn't remove it."""
    ran = run(tmp_path, CUSTOMERS, LOG, "--keep")
    run(tmp_path, CUSTOMERS, LOG)
    kept = list((ran.home / "tryout").glob("*/dormouse.db"))
    assert len(kept) == 1
    assert PUMPS.encode() not in kept[0].read_bytes()


def test_what_a_killed_try_out_left_is_removed(tmp_path: Path) -> None:
    """A workspace that nobody holds any more goes with the next try-out."""
    left = tmp_path / "home" / "tryout" / "left"
    left.mkdir(parents=True)
    (left / "in-use.lock").touch()
    run(tmp_path, CUSTOMERS, LOG)
    assert not left.exists()


def test_an_honest_text_when_there_is_none(tmp_path: Path) -> None:
    """When only an active customer came, the text says so and what would be normal, with its assumption."""
    ran = run(tmp_path, CUSTOMERS, line(MILLS))
    assert "0 of 1 dormant customers." in ran.text
    assert "Normal at this traffic: 0-1, if dormant customers came as often as your others did: 1 of 1" in ran.text
    assert "signed links in your next mailing" in ran.text


def test_without_anybody_no_normal_figure_is_invented(tmp_path: Path) -> None:
    """When no customer came at all, there is nothing to go by, and the text says that."""
    ran = run(tmp_path, CUSTOMERS, line("203.0.113.5"))
    assert "this log can't tell what would be normal" in ran.text
    assert "Normal at this traffic" not in ran.text


def test_without_orders_nobody_is_dormant(tmp_path: Path) -> None:
    """Without a single order it says that nobody can be dormant, and still lists whom it recognised."""
    ran = run(tmp_path, "id,name,networks\nC-1,Hartmann Pumps Ltd,192.0.2.0/24\n", LOG)
    assert "Nobody can be dormant without orders" in ran.text
    assert "Hartmann Pumps Ltd" in ran.report


def test_dormancy_is_judged_as_of_the_visit(tmp_path: Path) -> None:
    """An order after the visit doesn't undo its dormancy, but the page tells of it, so that nobody calls in vain."""
    orders = "account_id,date,amount\nC-1,2024-03-01,100\nC-1,2026-06-02,900\n"
    (tmp_path / "orders.csv").write_text(orders)
    words = ("--activities", str(tmp_path / "orders.csv"), "--json")
    found = run(tmp_path, "id,name,networks\nC-1,Hartmann Pumps Ltd,192.0.2.0/24\n", LOG, *words).findings
    card = found["dormant"][0]
    assert (card["silent_days"], card["worth"]["amount"], card["ordered_since"][:10]) == (807, "100.00", "2026-06-02")


def test_one_of_two_is_asked_not_told(tmp_path: Path) -> None:
    """Two customers behind one network: both are shown as a question, nobody as a dormant customer."""
    two = CUSTOMERS + "C-3,Keller Works Ltd,192.0.2.0/24,,2023-01-01,50,EUR\n"
    ran = run(tmp_path, two, line(PUMPS), "--json")
    names = [candidate["name"] for candidate in ran.findings["unclear"][0]["candidates"]]
    assert (names, ran.findings["dormant"]) == (["Hartmann Pumps Ltd", "Keller Works Ltd"], [])
    assert "Not clear who" in ran.report


def test_without_network_data_it_says_what_to_do(tmp_path: Path) -> None:
    """No database: one line says how to get one, and what is known without it."""
    ran = run(tmp_path, CUSTOMERS, LOG, "--json")
    assert [note for note in ran.findings["notes"] if "dormouse networks update" in note] != []
    assert (ran.findings["outbound_queries"], ran.findings["networks"]) == (0, [])


def test_contacts_say_whom_to_call(tmp_path: Path) -> None:
    """Somebody who is still there is named; somebody who left isn't."""
    (tmp_path / "people.csv").write_text("account id,name,phone,left\nC-1,Old Hand,1,yes\nC-1,Maria Keller,555,no\n")
    ran = run(tmp_path, CUSTOMERS, LOG, "--contacts", str(tmp_path / "people.csv"))
    assert ("Maria Keller" in ran.report, "Old Hand" in ran.report) == (True, False)


def test_the_main_database_is_not_touched(tmp_path: Path) -> None:
    """A database that the settings name stays as it is, byte by byte."""
    real = tmp_path / "real.db"
    real.write_bytes(b"not even a database")
    run(tmp_path, CUSTOMERS, LOG, env={"DORMOUSE_DATABASE_URL": f"sqlite:///{real}"})
    assert real.read_bytes() == b"not even a database"


def test_logs_by_pattern_packed_and_in_folders_with_blanks(tmp_path: Path) -> None:
    """A quoted pattern is expanded, gzip is read, and lines that stand in two files count once."""
    (tmp_path / "customers.csv").write_text(CUSTOMERS)
    logs = tmp_path / "web logs"
    logs.mkdir()
    (logs / "access.log").write_text(line(PUMPS, at="18/May/2026:10:00:00 +0000"))
    (logs / "access.log.1").write_text(line(PUMPS))
    (logs / "access.log.2.gz").write_bytes(gzip.compress((line(PUMPS) + line(MILLS)).encode()))
    found = run_files(tmp_path, ("--log", f"{logs}/access.log*", "--json")).findings
    assert [(loss["reason"], loss["count"]) for loss in found["funnel"]["losses"] if loss["step"] == "page_views"] == [
        ("repeated", 1)
    ]
    assert (found["funnel"]["lines"], found["period"]["days"], len(found["logs"])) == (4, 2, 3)


def test_several_patterns_in_one_word(tmp_path: Path) -> None:
    """`make tryout LOG='a.log b.log'` names two files."""
    (tmp_path / "customers.csv").write_text(CUSTOMERS)
    (tmp_path / "a.log").write_text(line(PUMPS))
    (tmp_path / "b.log").write_text(line(MILLS))
    found = run_files(tmp_path, ("--log", f"{tmp_path}/a.log {tmp_path}/b.*", "--json")).findings
    assert [log["lines"] for log in found["logs"]] == [1, 1]


def test_a_damaged_log_is_named_and_the_rest_works(tmp_path: Path) -> None:
    """The lines before the damage count, the file is named, the other file counts in full."""
    (tmp_path / "customers.csv").write_text(CUSTOMERS)
    many = "".join(line(PUMPS, f"/page-{number}") for number in range(3000))
    (tmp_path / "x.log.1.gz").write_bytes(gzip.compress(many.encode())[:-200])
    (tmp_path / "x.log").write_text(line(MILLS))
    found = run_files(tmp_path, ("--log", f"{tmp_path}/x.log*", "--json")).findings
    assert [log["file"] for log in found["logs"] if "damaged gzip" in log["problem"]] == ["x.log.1.gz"]
    assert (len(found["dormant"]), len(found["active"])) == (1, 1)


def test_a_missing_log_is_said(tmp_path: Path) -> None:
    """A pattern that matches nothing is an error that names it."""
    (tmp_path / "customers.csv").write_text(CUSTOMERS)
    with pytest.raises(InputError, match=r"no file matches .*gone\.log"):
        run_files(tmp_path, ("--log", f"{tmp_path}/gone.log*"))


def test_the_site_comes_from_the_log(tmp_path: Path) -> None:
    """The virtual host names the site; lines of other sites are left out and the note says so."""
    log = "".join(f"www.example.com:443 {line(PUMPS, f'/{number}')}" for number in range(3))
    found = run(tmp_path, CUSTOMERS, log + f"other.example.org:443 {line(MILLS)}", "--json").findings
    assert (found["site"], len(found["dormant"]), found["active"]) == ("example.com", 1, [])
    assert any("other.example.org" in note for note in found["notes"])


def test_a_log_that_is_none_is_said(tmp_path: Path) -> None:
    """A file without a single readable line is called what it is."""
    ran = run(tmp_path, CUSTOMERS, "id;name\n1;x\n", "--json")
    assert (ran.findings["period"], ran.findings["funnel"]["lines"]) == (None, 2)
    assert any("common or combined format" in note for note in ran.findings["notes"])


def test_a_column_can_be_named(tmp_path: Path) -> None:
    """--column wins over the guess; a field that doesn't exist is an error with the choice."""
    odd = CUSTOMERS.replace("name", "Zeta", 1)
    assert "Hartmann" in run(tmp_path, odd, LOG, "--column", "name=Zeta").report
    with pytest.raises(InputError, match="accounts have no field 'nome'"):
        run(tmp_path, odd, LOG, "--column", "nome=Zeta")


def test_no_address_is_in_what_leaves(tmp_path: Path) -> None:
    """Neither page, lines nor JSON hold an address, even where a customer declared a single one or a path has one."""
    narrow = CUSTOMERS.replace("192.0.2.0/24", "192.0.2.7/32")
    ran = run(tmp_path, narrow, line(PUMPS) + line(PUMPS, f"/host/{PUMPS}/x"), "--json")
    assert (len(ran.findings["dormant"]), PUMPS in ran.report, PUMPS in ran.text) == (1, False, False)
    assert ran.findings["dormant"][0]["visits"][0]["network"] == "192.0.2.0/24"


def test_the_page_is_alone_and_harmless(tmp_path: Path) -> None:
    """No script, nothing loaded, outside text escaped, and a policy that allows only its own style."""
    evil = CUSTOMERS.replace("Hartmann Pumps Ltd", "Hartmann <script>alert(1)</script> Ltd")
    page = run(tmp_path, evil, line(PUMPS, "/<img/src=x/onerror=alert(1)>")).report
    assert re.findall(r"<(?:script|img|link|iframe|object)|\ssrc=|\shref=|\sstyle=|\son\w+=|url\(", page) == []
    assert "Hartmann &lt;script&gt;" in page
    assert re.search(r"content=\"default-src &#39;none&#39;; style-src &#39;sha256-|content=\"default-src 'none'", page)


def test_firms_of_one_person_and_home_lines_are_never_named(tmp_path: Path) -> None:
    """What a network database says of a private line or a person reaches neither page nor JSON."""
    from datetime import UTC, datetime

    from enrichment.network.build import build

    (tmp_path / "p.tsv").write_text("203.0.113.0/24\t64500\n198.18.0.0/15\t64501\n")
    (tmp_path / "n.csv").write_text(
        "asn,handle,org,country\n64500,X,Zephyr Broadband Telecom,US\n64501,Y,John Quimby,US\n"
    )
    build(
        tmp_path / "p.tsv",
        tmp_path / "n.csv",
        tmp_path / "n.mmdb",
        lambda *_: None,
        now=datetime(2026, 5, 1, tzinfo=UTC),
    )
    log = line("203.0.113.5") + line("198.18.3.4") + line(PUMPS)
    ran = run(tmp_path, CUSTOMERS, log, "--json", env={"MMDB_PATHS": str(tmp_path / "n.mmdb")})
    said = ran.report + ran.text
    assert ("Zephyr" in said, "Quimby" in said, [one["file"] for one in ran.findings["networks"]]) == (
        False,
        False,
        ["n.mmdb"],
    )


def test_agents_of_the_log_are_not_in_the_page(tmp_path: Path) -> None:
    """A browser's name is nobody's business in a page to forward."""
    assert AGENT not in run(tmp_path, CUSTOMERS, LOG, "--json").report
