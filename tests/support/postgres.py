"""A private PostgreSQL server for tests, and a fresh database for each test, copied from one that has all tables."""

from __future__ import annotations

import os
import shutil
import subprocess
from itertools import count
from pathlib import Path

from private_process import PrivateProcess, answers, free_port, private_folder
from sqlalchemy import Engine, create_engine, text

from core.database import metadata, open_engine

MISSING = "PostgreSQL's programs (initdb, postgres) were not found"
_PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr")


def programs() -> Path | None:
    """Return the folder with PostgreSQL's server programs, the newest there is, or None."""
    found = [Path(place).resolve().parent for place in (shutil.which("initdb"), shutil.which("pg_ctl")) if place]
    for place in _PLACES:
        found.extend(path.parent for path in Path(place).glob("*/bin/initdb"))
    usable = [folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return max(usable, key=lambda folder: [int(part) for part in folder.parts if part.isdigit()], default=None)


class PostgresServer:
    """A running server; `fresh` gives databases."""

    def __init__(self, process: PrivateProcess, port: int) -> None:
        self._process = process
        self._port = port
        self._numbers = count(1)
        self._admin = create_engine(self._driver_url("postgres"), isolation_level="AUTOCOMMIT")
        self._make_template()

    def _driver_url(self, database: str) -> str:
        return f"postgresql+psycopg://dormouse@127.0.0.1:{self._port}/{database}"

    def _make_template(self) -> None:
        self.run("CREATE DATABASE with_tables")
        engine = open_engine(self.url("with_tables"))
        metadata.create_all(engine)
        engine.dispose()

    def run(self, statement: str) -> None:
        """Run one statement as the server's superuser."""
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def url(self, database: str) -> str:
        """Return the URL of a database as an operator would write it."""
        return f"postgresql://dormouse@127.0.0.1:{self._port}/{database}"

    def fresh(self, *, with_tables: bool = True) -> str:
        """Return the URL of a new database, with all tables or empty."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {'with_tables' if with_tables else 'template0'} STRATEGY file_copy")
        return self.url(name)

    def open_fresh(self) -> Engine:
        """Return an engine on a new database with all tables."""
        return open_engine(self.fresh())

    def drop(self, url: str) -> None:
        """Remove the database at `url`, whoever is still connected."""
        self.run(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def stop(self) -> None:
        """End the server and remove its files."""
        self._admin.dispose()
        self._process.stop()


def start() -> PostgresServer:
    """Start a server of our own; raises RuntimeError when PostgreSQL isn't installed or doesn't start."""
    folder = programs()
    if folder is None:
        raise RuntimeError(MISSING)
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    home = private_folder("postgres")
    if user:
        shutil.chown(home, user, user)
    making = [str(folder / "initdb"), "-D", str(home / "data"), "-U", "dormouse", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*making, "--locale=C", "--no-sync", "--no-instructions"],
        check=True,
        capture_output=True,
        user=user,
        group=user,
        extra_groups=() if user else None,
        cwd=home,
    )
    port = free_port()
    options = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",  # the files live as long as the tests
        "full_page_writes": "off",
        "autovacuum": "off",
        "shared_buffers": "32MB",
        "max_connections": "60",
    }
    command = [str(folder / "postgres"), "-D", str(home / "data")]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    process = PrivateProcess(command, home, user, ended_by="QUIT")  # at once; TERM would wait for open connections
    process.wait_until(lambda: answers(port) and _accepts(port))
    return PostgresServer(process, port)


def _accepts(port: int) -> bool:
    engine = create_engine(f"postgresql+psycopg://dormouse@127.0.0.1:{port}/postgres")
    try:
        engine.connect().close()
    except Exception:
        return False
    finally:
        engine.dispose()
    return True
