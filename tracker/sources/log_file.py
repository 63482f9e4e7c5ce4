"""Reads the lines of a web server's log, packed or not, with the progress made."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from core.errors import InputError

LONGEST_LINE = 16 * 1024
"""Bytes; what a line has beyond that is left out (no server logs so much of a request by itself)."""
_BLOCK = 1 << 18
_GZIP = b"\x1f\x8b"


def read_log(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each line that isn't blank, and how many bytes of the file have been read by then.

    Packed files are known by their first bytes, not their name. Text is UTF-8; a line that isn't is read as Latin-1.
    Raises InputError when the file can't be opened or ends in the middle of its packing (after the lines before that).
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            if not packed:
                yield from _lines(file, file)
                return
            with gzip.open(file) as unpacked:
                yield from _lines(unpacked, file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{path} is a damaged gzip file ({error}): only the lines before the damage were read; copy it again"
        ) from error
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror or error}") from error


def size_of(path: Path) -> int:
    """Return the bytes that `read_log` will count up to."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror or error}") from error


def _lines(file: IO[bytes] | gzip.GzipFile, counted: IO[bytes]) -> Iterator[tuple[str, int]]:
    tail, is_first = b"", True
    while block := file.read(_BLOCK):
        progress = counted.tell()
        pieces = block.split(b"\n")
        if len(pieces) == 1:
            tail = (tail + block)[: LONGEST_LINE + 1]  # a line longer than a block: its start is enough
            continue
        pieces[0] = tail + pieces[0]
        tail = pieces.pop()
        for piece in pieces:
            if line := _text(piece):
                yield (line.removeprefix("\ufeff") if is_first else line), progress
            is_first = False
    if line := _text(tail):
        yield line, counted.tell()


def _text(line: bytes) -> str:
    line = line[:LONGEST_LINE]
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    return text.strip(" \r\t\x00")  # a crashed server leaves a run of NULs
