"""Files for a try-out: a small log, customers in the shapes that people export, and the command itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from app.cli.tryout import tryout

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PUMPS, MILLS = "192.0.2.7", "198.51.100.9"
"""Visitors in the networks of the customers below."""
CUSTOMERS = (
    "id,name,networks,owner,last order,last order value,currency\n"
    "C-1,Hartmann Pumps Ltd,192.0.2.0/24,anna@example.com,2024-03-01,1234.50,EUR\n"
    "C-2,Alpen Mills Ltd,198.51.100.0/24,,2026-05-01,800,EUR\n"
)
"""One customer who is dormant in May 2026, and one who isn't."""


def line(ip: str, path: str = "/pricing", at: str = "17/May/2026:10:05:03 +0000", *, agent: str = AGENT) -> str:
    """Return one line of a log in combined format."""
    return f'{ip} - - [{at}] "GET {path} HTTP/1.1" 200 512 "-" "{agent}"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a try-out said and left behind."""

    code: int
    text: str
    findings: Any
    """The JSON, when asked for."""
    report: str
    home: Path


def run(folder: Path, accounts: str | bytes, log: str | bytes, *words: str, env: Mapping[str, str] = {}) -> Ran:
    """Try out `accounts` and `log` in `folder`; `words` are further words of the command."""
    (folder / "customers.csv").write_bytes(accounts.encode() if isinstance(accounts, str) else accounts)
    (folder / "access.log").write_bytes(log.encode() if isinstance(log, str) else log)
    return run_files(folder, ("--log", str(folder / "access.log"), *words), env)


def run_files(folder: Path, words: Sequence[str], env: Mapping[str, str] = {}) -> Ran:
    """Try out `customers.csv` of `folder` with these words."""
    home = folder / "home"
    done = CliRunner().invoke(
        tryout, ["--accounts", str(folder / "customers.csv"), *words], env={"DORMOUSE_HOME": str(home), **env}
    )
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    page = home / "report.html"
    return Ran(
        code=done.exit_code,
        text=done.output,
        findings=json.loads(done.stdout) if "--json" in words else None,
        report=page.read_text(encoding="utf-8") if page.exists() else "",
        home=home,
    )
