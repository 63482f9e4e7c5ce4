"""What a person meets first: `make`, and what it says when something is missing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from source_tree import ROOT

TOOLS = ["sh", "date", "cat", "cksum", "grep", "sleep", "rm", "tail", "ls", "id", "dirname", "mktemp"]


def path_with(folder: Path, **scripts: str) -> str:
    """Make a PATH that has the plain tools and these scripts, and nothing else."""
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    for name, script in scripts.items():
        path = folder / name.replace("_", ".")
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return str(folder)


def install(tmp_path: Path, path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run deploy/install.sh in a fresh folder."""
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    (tmp_path / "core").mkdir()
    shutil.copyfile(ROOT / "core" / "version.py", tmp_path / "core" / "version.py")
    return subprocess.run(
        ["/bin/sh", str(ROOT / "deploy" / "install.sh"), "runtime"],
        cwd=tmp_path,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
    )


def test_make_alone_lists_the_targets() -> None:
    """`make` prints each target that is meant for people, with what it does."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split()
    said = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True).stdout
    listed = re.findall(r"^  make (\S+) +\S", said, re.MULTILINE)
    assert listed == re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert sorted(listed) == sorted(targets)


def test_a_missing_python_is_said_in_one_line(tmp_path: Path) -> None:
    """Without Python 3.11 or newer, one line says so and what to do."""
    done = install(tmp_path, path_with(tmp_path / "bin", python3="exit 1"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("dormouse: needs Python 3.11 or newer; none was found on PATH.")


def test_a_missing_venv_module_is_said_in_one_line(tmp_path: Path) -> None:
    """A Python without venv (Debian's own) is named, with the package to install."""
    script = 'case "$*" in *ensurepip*) exit 1 ;; *print*) echo 3.12 ;; esac'
    done = install(tmp_path, path_with(tmp_path / "bin", python3_12=script))
    assert (done.returncode, done.stderr) == (
        1,
        "dormouse: python3.12 lacks the venv module. "
        "On Debian and Ubuntu: apt install python3.12-venv (or python3-venv)\n",
    )


def test_a_named_python_that_is_too_old_is_said(tmp_path: Path) -> None:
    """`make PYTHON=…` is taken at its word, not replaced by another."""
    path = path_with(tmp_path / "bin", python3_12="exit 0", python3="exit 1")
    done = install(tmp_path, path, PYTHON="python3")
    assert (done.returncode, "PYTHON=python3 is not" in done.stderr) == (1, True)


def test_tryout_without_files_says_how(tmp_path: Path) -> None:
    """`make tryout` alone names what it needs instead of failing inside."""
    done = subprocess.run(
        ["make", "--no-print-directory", "-o", "install", "tryout"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, "ACCOUNTS=customers.csv LOG=" in done.stdout) == (2, True)


@pytest.mark.parametrize("words", [["--if-root"], []])
def test_missing_programs_are_said_without_root(tmp_path: Path, words: list[str]) -> None:
    """Without root, `make test` goes on with what there is, and `make test-deps` says what to install."""
    path = path_with(tmp_path / "bin", id="echo 1000", chromium="", caddy="", shellcheck="", initdb="")
    script = ["/bin/sh", str(ROOT / "deploy" / "test_deps.sh"), *words]
    done = subprocess.run(script, env={"PATH": path}, capture_output=True, text=True)
    said = "Missing for the tests: redis-server." in done.stderr
    assert (done.returncode, said) == ((0, False) if words else (1, True))


def test_measurements_run_as_modules() -> None:
    """`python bench/x.py` would put bench/ before the rooms, and bench/alerts in the place of alerts."""
    files = [
        ROOT / "Makefile",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("bench/**/*.py"),
        *ROOT.glob("enrichment/**/*.py"),
    ]
    assert [file for file in files if "python bench/" in file.read_text(encoding="utf-8")] == []
