"""What `make tryout` hands to the command: every word whole, blanks and patterns too."""

from __future__ import annotations

import subprocess
from pathlib import Path

from source_tree import ROOT


def make(tmp_path: Path, *words: str) -> list[str]:
    """Run `make tryout` with a stand-in for the command; return the words that it was given, one a line."""
    command = tmp_path / "dormouse"
    command.write_text('#!/bin/sh\necho "networks=$MMDB_PATHS"\nfor word in "$@"; do echo "$word"; done\n')
    command.chmod(0o755)
    done = subprocess.run(
        ["make", "--no-print-directory", "-o", "install", "tryout", f"BIN={tmp_path}", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_files_and_patterns_arrive_whole(tmp_path: Path) -> None:
    """Blanks, quotes and stars in names reach the command as they were given."""
    given = make(tmp_path, "ACCOUNTS=my crm.csv", "LOG=web logs/access*.gz", "ACTIVITIES=o'rders.csv", "CONTACTS=p.csv")
    assert given == [
        "networks=",
        "tryout",
        *("--accounts", "my crm.csv"),
        *("--log", "web logs/access*.gz"),
        *("--activities", "o'rders.csv"),
        *("--contacts", "p.csv"),
    ]


def test_site_networks_and_options_arrive(tmp_path: Path) -> None:
    """MMDB names the network database; OPTIONS are further words, quoted as in a shell."""
    given = make(
        tmp_path, "ACCOUNTS=a.csv", "LOG=a.log", "SITE=example.com", "MMDB=n.mmdb", "OPTIONS=--column 'name=My Firm'"
    )
    assert given[0] == "networks=n.mmdb"
    assert given[4:] == ["--log", "a.log", "--column", "name=My Firm", "--site", "example.com"]
