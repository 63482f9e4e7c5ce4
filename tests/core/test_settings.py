"""Settings: every mistake is named at once, and no secret is ever shown."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import SECRETS, VARIABLES, Settings, read_settings, shown


def mistakes(environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        read_settings(environment)
    return raised.value.mistakes


def test_an_empty_environment_gives_the_defaults() -> None:
    """Nothing need be set: everything is on loopback, in `var`, and told in the preview alone."""
    settings = read_settings({})
    assert (settings.bind, settings.port, settings.collector_port) == ("127.0.0.1", 8080, 8081)
    assert settings.home == Path("var").absolute()
    assert settings.database_url == f"sqlite:///{settings.home / 'dormouse.db'}"
    assert (settings.channels, settings.raw_ip_hours, settings.ack) == (("preview",), 24, "write")


def test_every_mistake_is_named_at_once() -> None:
    """An operator with several mistakes corrects them all in one go."""
    found = mistakes(
        {
            "PORT": "http",
            "COLLECTOR_PORT": "70000",
            "ACK": "maybe",
            "MMDB_PATHS": "/nowhere/a.mmdb",
            "DORMOUSE_TRUSTED_PROXIES": "10.0.0.0/8, office",
            "DORMOUSE_TIME_ZONE": "Mars/Olympus",
            "DORMOUSE_CHANNELS": "preview,pigeon",
            "DORMOUSE_RULES_DIR": "/nowhere",
            "DORMOUSE_RAW_IP_HOURS": "-1",
            "DORMOUSE_LOG_LEVEL": "loud",
            "DORMOUSE_PUBLIC_URL": "dormouse.example.com",
            "DORMOUSE_DATABASE_URL": "mysql://me:geheim@db/x",
            "DORMOUSE_BIND": "everywhere",
        }
    )
    named = [text.partition("=")[0].partition(":")[0] for text in found]
    assert sorted(named) == sorted(
        [
            *("PORT", "COLLECTOR_PORT", "ACK", "MMDB_PATHS", "DORMOUSE_TRUSTED_PROXIES", "DORMOUSE_TIME_ZONE"),
            *("DORMOUSE_CHANNELS", "DORMOUSE_RULES_DIR", "DORMOUSE_RAW_IP_HOURS", "DORMOUSE_LOG_LEVEL"),
            *("DORMOUSE_PUBLIC_URL", "DORMOUSE_DATABASE_URL", "DORMOUSE_BIND"),
        ]
    )
    assert "geheim" not in "".join(found)


def test_a_misspelt_setting_is_a_mistake() -> None:
    """A setting that doesn't exist is worse than none; what others set is not our business."""
    assert mistakes({"DORMOUSE_RAW_IP_HOUR": "1", "DORMICE": "2", "PATH": "/bin"}) == [
        "DORMOUSE_RAW_IP_HOUR: there is no such setting (see docs/settings.md)"
    ]


def test_both_ports_must_differ() -> None:
    """One port can't serve two roles."""
    assert mistakes({"PORT": "9000", "COLLECTOR_PORT": "9000"}) == [
        "PORT and COLLECTOR_PORT are both 9000: give two different ports"
    ]


def test_slack_needs_a_token() -> None:
    """A channel without its secret is told at the start, not at the first alert."""
    (said,) = mistakes({"DORMOUSE_CHANNELS": "slack"})
    assert "DORMOUSE_SLACK_TOKEN" in said


@pytest.mark.parametrize("field", SECRETS)
def test_a_secret_may_come_from_a_file(tmp_path: Path, field: str) -> None:
    """Docker and systemd hand secrets over as files; white space around them is not part of them."""
    file = tmp_path / "given"
    file.write_text("  from-a-file\n")
    settings = read_settings({"DORMOUSE_HOME": str(tmp_path), f"{VARIABLES[field]}_FILE": str(file)})
    assert getattr(settings, field) == "from-a-file"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no such file"), (b"\xff\xfe\x00", "isn't text")],
    ids=["missing", "not text"],
)
def test_a_secret_file_that_cant_be_read_is_a_mistake(tmp_path: Path, content: bytes | None, said: str) -> None:
    """It is named with its path, and never silently empty."""
    file = tmp_path / "given"
    if content is not None:
        file.write_bytes(content)
    (mistake,) = mistakes({"DORMOUSE_HOME": str(tmp_path), "DORMOUSE_SECRET_FILE": str(file)})
    assert mistake == f"DORMOUSE_SECRET_FILE='{file}': {said}"


def test_the_secret_of_the_home_folder_is_the_default(tmp_path: Path) -> None:
    """`dormouse init` makes it there; without it there is none, and that is for `init` and `doctor` to say."""
    assert read_settings({"DORMOUSE_HOME": str(tmp_path)}).secret == ""
    (tmp_path / "secret").write_text("made by init\n")
    assert read_settings({"DORMOUSE_HOME": str(tmp_path)}).secret == "made by init"


def test_what_is_shown_names_all_and_gives_away_nothing(tmp_path: Path) -> None:
    """Every setting is shown; of secrets and of passwords in addresses only that they are there."""
    settings = read_settings(
        {
            "DORMOUSE_HOME": str(tmp_path),
            "DORMOUSE_SECRET": "geheim-1",
            "DORMOUSE_SLACK_TOKEN": "xoxb-geheim-2",
            "DORMOUSE_DATABASE_URL": "postgresql://me:geheim/3@x@db.example.com/d?password=geheim-4&x=1",
            "DORMOUSE_REDIS_URL": "redis://:geheim-5@cache.example.com/0",
        }
    )
    said = shown(settings)
    assert set(said) == set(VARIABLES.values()) == {VARIABLES[field.name] for field in fields(Settings)}
    assert "geheim" not in repr(said)
    assert (said["DORMOUSE_SECRET"], said["DORMOUSE_SLACK_TOKEN"]) == ("(set)", "(set)")
    assert said["DORMOUSE_DATABASE_URL"] == "postgresql://me:***@db.example.com/d?password=***&x=1"
    assert said["DORMOUSE_REDIS_URL"] == "redis://:***@cache.example.com/0"


def test_lists_take_spaces_and_either_separator(tmp_path: Path) -> None:
    """As people write them; network databases are asked in the order given."""
    files = [tmp_path / name for name in ("b.mmdb", "a.mmdb")]
    for file in files:
        file.touch()
    settings = read_settings(
        {
            "MMDB_PATHS": f"{files[0]}: {files[1]}",
            "DORMOUSE_TRUSTED_PROXIES": " 10.1.2.3/8 , 2001:db8::/32,",
        }
    )
    assert settings.mmdb_paths == tuple(files)
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "2001:db8::/32"]
