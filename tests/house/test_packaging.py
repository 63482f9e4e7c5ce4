"""What is shipped: locks with hashes, no trace of the machine it was made on, and a wheel that works elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from source_tree import ROOMS, ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")


def tracked(*under: str) -> list[str]:
    """Return the files that git tracks; skips where this isn't a git checkout."""
    listed = subprocess.run(["git", "ls-files", "-z", *under], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.split("\0") if name]


def unsafe_lines(lock: str) -> list[str]:
    """Return the lines of a lock that name a place to load from, and the requirements without version or hash."""
    bad = re.findall(r"^(?:-[^-]|--(?!hash)|.*://).*$", lock, re.MULTILINE)
    for requirement in re.split(r"\n(?=[A-Za-z0-9])", lock):
        name = requirement.split("\n", 1)[0]
        if re.match(r"[A-Za-z0-9]", name) and not re.search(
            r"==\S+.*--hash=sha256:[0-9a-f]{64}", requirement, re.DOTALL
        ):
            bad.append(name)
    return bad


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_versions_and_hashes_alone(name: str) -> None:
    """Each requirement is pinned and hashed; no line says where to load from."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert (unsafe_lines(text), text.count("==") > 40) == ([], True)


@pytest.mark.parametrize(
    "line",
    ["flask==3.1.3", "flask>=3 \\\n    --hash=sha256:" + "0" * 64, "--index-" + "url https://example.com/simple"],
)
def test_a_bad_line_of_a_lock_is_caught(line: str) -> None:
    """A requirement without hash or version, and a place to load from, are found."""
    good = "click==8.5.1 \\\n    --hash=sha256:" + "0" * 64
    assert (len(unsafe_lines(good)), len(unsafe_lines(good + "\n" + line))) == (0, 1)


def test_the_locks_agree() -> None:
    """What runs is tested: the dev lock holds every pin of the other."""
    pins = [set(re.findall(r"^(\S+==[^\s;]+)", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS]
    assert pins[0] - pins[1] == set()


def test_every_dependency_is_locked() -> None:
    """pyproject.toml asks for nothing that the locks don't hold: run `make lock` after a change."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        LOCKS[0]: project["project"]["dependencies"] + project["build-system"]["requires"],
        LOCKS[1]: project["project"]["optional-dependencies"]["dev"],
    }
    for lock, requirements in wanted.items():
        locked = set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", (ROOT / lock).read_text(), re.MULTILINE))
        names = {re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower() for requirement in requirements}
        assert names - locked == set(), lock


# Put together here, so that this file doesn't hold what it looks for.
TRACES = re.compile(
    "|".join(
        [
            "(?:extra-)?index-" + "url[ =]",
            "find-" + "links[ =]",
            "file:" + "//",
            "pythonhosted" + r"\.org",
            "registry" + r"\.npmjs",
            r"(?<![\w.])/" + r"(?:root|work|home/\w+|Users/\w+)/",
            "/opt/" + "(?:pypi|wheels)",
        ]
    )
)


def traces(path: Path) -> list[str]:
    """Return what a file tells of the machine or registry that it was made on."""
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return []
    return [found.group() for found in TRACES.finditer(text)]


def test_no_file_tells_of_the_machine_it_was_made_on() -> None:
    """No tracked file names a package registry or a local path."""
    found = {name: traces(ROOT / name) for name in tracked()}
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("text", ["--find-" + "links=x", "see file:" + "///tmp/x", "cd /" + "root/project"])
def test_a_trace_is_caught(tmp_path: Path, text: str) -> None:
    """Each kind of trace is found."""
    (tmp_path / "page.md").write_text(f"Words, {text} and more.")
    assert len(traces(tmp_path / "page.md")) == 1


def unsourced_lists(root: Path, names: list[str]) -> list[str]:
    """Return the files in folders `lists` that the README.md there doesn't name (itself, or as `folder/*.txt`)."""
    offences = []
    for name in names:
        before, found, inside = name.partition("/lists/")
        if not found or inside.endswith((".py", "README.md")):
            continue
        readme = root / before / "lists" / "README.md"
        text = readme.read_text(encoding="utf-8") if readme.exists() else ""
        pattern = str(Path(inside).with_name("*")) + Path(inside).suffix
        if inside not in text and pattern not in text:
            offences.append(f"{before}/lists/README.md doesn't name {inside}")
        elif not re.search(r"licen[cs]e", text, re.IGNORECASE):
            offences.append(f"{before}/lists/README.md names no licence")
    return offences


def test_every_vendored_list_tells_its_source() -> None:
    """Each folder `lists` has a README.md that names every file with its source and licence; 5 MB in all."""
    names = [name for name in tracked(*ROOMS) if "/lists/" in name]
    size = sum((ROOT / name).stat().st_size for name in names)
    assert (unsourced_lists(ROOT, names), size < 5_000_000, len(names) > 3) == ([], True, True)


def test_an_unsourced_list_is_caught(tmp_path: Path) -> None:
    """A file that the README doesn't name is found; one in a folder that it names isn't."""
    (tmp_path / "a" / "lists").mkdir(parents=True)
    (tmp_path / "a" / "lists" / "README.md").write_text("known.txt and words/*.txt are under a licence")
    names = ["a/lists/known.txt", "a/lists/words/x.txt", "a/lists/new.csv", "a/lists/README.md"]
    assert unsourced_lists(tmp_path, names) == ["a/lists/README.md doesn't name new.csv"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(target.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_the_rooms_and_nothing_else(wheel: Path) -> None:
    """Every tracked file of the five rooms is in the wheel, data included; nothing of another folder is."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert set(tracked(*ROOMS)) - names == set()
    assert {name.partition("/")[0] for name in names} == set(ROOMS)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment elsewhere that has the wheel and our dependencies, but does not see this checkout."""
    place = tmp_path_factory.mktemp("elsewhere") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(place / "bin" / "python")]
    subprocess.run([*pip, "install", "-q", "--no-deps", "--no-" + "index", str(wheel)], check=True, capture_output=True)
    libraries = place / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    # A path in a .pth file is searched, but .pth files inside it are not followed: ours would lead to this checkout.
    (libraries / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return place


def run(place: Path, home: Path, *words: str) -> str:
    """Run the installed `dormouse` from another folder; return what it printed."""
    environment = {"PATH": os.environ["PATH"], "DORMOUSE_HOME": str(home), "PYTHONWARNINGS": "error::ImportWarning"}
    done = subprocess.run(
        [str(place / "bin" / "dormouse"), *words], cwd=home.parent, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_installed_wheel_tells_a_story(installed: Path, tmp_path: Path) -> None:
    """From another folder: set up, add a site, import an account, put a log through the line, see the visits."""
    home = tmp_path / "home"
    run(installed, home, "init")
    run(installed, home, "site", "add", "www.example.com")
    assert "<script" in run(installed, home, "site", "snippet", "www.example.com")
    (tmp_path / "accounts.csv").write_text("account_id,name,domain\nA-1,Example Pumps Ltd,example.com\n")
    run(installed, home, "import", "accounts", "accounts.csv")
    (tmp_path / "access.log").write_text(
        '192.0.2.7 - - [17/May/2026:10:05:03 +0000] "GET /pricing HTTP/1.1" 200 512 "-" '
        '"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"\n'
    )
    run(installed, home, "import-log", "access.log", "--site", "www.example.com")
    assert '"drop"' in run(installed, home, "visits", "--json")


@pytest.mark.slow
def test_every_module_of_the_wheel_imports(installed: Path, tmp_path: Path) -> None:
    """No module needs a file that was left out, and none comes from this checkout."""
    script = (
        "import importlib, pkgutil, sys\n"
        f"for room in {ROOMS!r}:\n"
        "    package = importlib.import_module(room)\n"
        "    for found in pkgutil.walk_packages(package.__path__, room + '.'):\n"
        "        if '.migrations.' not in found.name:\n"
        "            importlib.import_module(found.name)\n"
        "print(*(module.__file__ for name, module in sys.modules.items()"
        f" if name.partition('.')[0] in {ROOMS!r}), sep='\\n')\n"
    )
    done = subprocess.run(
        [str(installed / "bin" / "python"), "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert [path for path in done.stdout.splitlines() if not path.startswith(str(installed))] == []
