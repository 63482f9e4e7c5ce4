"""What is in deploy/ is well formed, hardened, and names only settings that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from source_tree import ROOT

from core.settings import SECRETS, VARIABLES

DEPLOY = ROOT / "deploy"
KNOWN = {*VARIABLES.values(), *(f"{VARIABLES[name]}_FILE" for name in SECRETS)}


def tool(name: str) -> str:
    """Return the path of a program; skips loudly where it isn't installed."""
    if found := shutil.which(name, path=f"{Path(sys.executable).parent}:{'/usr/bin:/bin:/usr/local/bin'}"):
        return found
    pytest.skip(f"{name} was not found; run `make test-deps`")


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True)


def check_compose(path: Path) -> subprocess.CompletedProcess[str]:
    """Check a compose file against the specification's schema."""
    return run(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(path))


def compose() -> dict[str, Any]:
    """Return the one service of the compose file."""
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["dormouse"]
    assert isinstance(service, dict)
    return service


def test_the_compose_file_is_valid(tmp_path: Path) -> None:
    """The file keeps the compose specification; a misspelt key would be caught."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    misspelt = tmp_path / "compose.yaml"
    misspelt.write_text(text.replace("read_only:", "readonly:"))
    assert (check_compose(DEPLOY / "compose.yaml").returncode, check_compose(misspelt).returncode) == (0, 1)


def test_the_container_is_closed() -> None:
    """No capability, no writable root, no new privileges, no root, and no port on a public address."""
    service = compose()
    assert {key: service[key] for key in ("read_only", "cap_drop", "security_opt", "user")} == {
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "user": "10001:10001",
    }
    assert [port for port in service["ports"] if not port.startswith("127.0.0.1:")] == []


def test_deploy_names_only_settings_that_exist() -> None:
    """Every variable in the files of deploy/ is a setting of Dormouse."""
    named = {
        word
        for path in (DEPLOY / "compose.yaml", DEPLOY / "Dockerfile", DEPLOY / "Caddyfile", *DEPLOY.glob("systemd/*"))
        for word in re.findall(r"\bDORMOUSE_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert (named - KNOWN, len(named) > 5) == (set(), True)


def test_yaml_is_tidy() -> None:
    """yamllint has nothing to say."""
    rules = (
        "{extends: default, rules: {line-length: {max: 140}, document-start: disable, comments-indentation: disable}}"
    )
    assert run(tool("yamllint"), "--strict", "-d", rules, str(DEPLOY)).stdout == ""


def test_shell_scripts_are_sound() -> None:
    """shellcheck has nothing to say about our scripts as POSIX sh."""
    scripts = [str(path) for path in DEPLOY.glob("*.sh")]
    assert run(tool("shellcheck"), "--shell=sh", *scripts).stdout == ""


def unit(tmp_path: Path) -> str:
    """Return the path of the unit with its program replaced by one that is there."""
    text = (DEPLOY / "systemd" / "dormouse.service").read_text(encoding="utf-8")
    copy = tmp_path / "dormouse.service"
    copy.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/sh", text, flags=re.MULTILINE))
    return str(copy)


def test_the_systemd_unit_is_valid(tmp_path: Path) -> None:
    """systemd reads every line of the unit."""
    done = run(tool("systemd-analyze"), "verify", "--man=no", unit(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_systemd_unit_is_hardened(tmp_path: Path) -> None:
    """systemd rates the unit's exposure at 2.0 of 10 or better."""
    done = run(tool("systemd-analyze"), "security", "--offline=true", "--threshold=20", unit(tmp_path))
    assert done.returncode == 0, done.stdout[-300:]


def test_the_caddyfile_is_valid() -> None:
    """Caddy accepts the recipe."""
    done = run(tool("caddy"), "adapt", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile")
    assert done.returncode == 0, done.stderr


def test_the_dockerfile_copies_what_the_wheel_needs() -> None:
    """Each path that the image copies is there and isn't kept out by .dockerignore."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = [word for words in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for word in words.split()]
    let_in = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert (sorted(copied), [name for name in copied if not (ROOT / name).exists()]) == (sorted(let_in), [])


SCOPES = {
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "chat_delete": "chat:write",
    "users_lookupByEmail": "users:read.email",
    "conversations_open": "im:write",
    "conversations_list": "channels:read",
    "conversations_history": "channels:history",
    "conversations_replies": "channels:history",
    "auth_test": "chat:write",
}
"""The permission that Slack asks for each of its methods."""


def test_the_slack_app_may_do_what_the_channel_does() -> None:
    """The manifest grants the permission for every method of Slack that we call."""
    manifest = yaml.safe_load((DEPLOY / "slack" / "manifest.yaml").read_text(encoding="utf-8"))
    granted = set(manifest["oauth_config"]["scopes"]["bot"])
    called = set(
        re.findall(r"_client\.([a-z]+_\w+)\(", (ROOT / "alerts" / "channels" / "slack.py").read_text(encoding="utf-8"))
    )
    assert ({SCOPES[method] for method in called} - granted, "chat_postMessage" in called) == (set(), True)
