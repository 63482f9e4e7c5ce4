"""A private Redis server for tests that keeps what it acknowledged, as `doctor` demands of an operator's."""

from __future__ import annotations

import shutil

import redis
from private_process import PrivateProcess, answers, free_port, private_folder

MISSING = "redis-server was not found"


def program() -> str | None:
    """Return the path of redis-server (or valkey-server), or None."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


class RedisServer:
    """A running server; `empty` forgets what the last test left."""

    def __init__(self, process: PrivateProcess, port: int) -> None:
        self._process = process
        self.url = f"redis://127.0.0.1:{port}/0"

    def empty(self) -> None:
        """Delete everything."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        """End the server and remove its files."""
        self._process.stop()


def start() -> RedisServer:
    """Start a server of our own; raises RuntimeError when Redis isn't installed or doesn't start."""
    found = program()
    if found is None:
        raise RuntimeError(MISSING)
    folder = private_folder("redis")
    port = free_port()
    command = [found, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    process = PrivateProcess([*command, "--appendonly", "yes", "--appendfsync", "always"], folder)
    process.wait_until(lambda: answers(port))
    return RedisServer(process, port)
