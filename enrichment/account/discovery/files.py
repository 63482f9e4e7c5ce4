"""Opens registry dumps and hands out their objects from any place on, in constant memory."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from core.errors import InputError

_CHUNK = 1 << 20
_SAMPLE = 1 << 20
_LARGEST_OBJECT = 4 << 20
"""Bytes without an empty line after which a file is no dump of objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpFile:
    """A dump on disk."""

    path: Path
    fingerprint: str
    """Digest of its size, its beginning and its end: another download is another file."""
    size: int
    """Bytes on disk."""
    is_xml: bool

    @property
    def may_have_owners(self) -> bool:
        """Whether organisations may be in it: a split file of ranges says by its name that none are."""
        return not any(part in self.path.name.lower() for part in (".inetnum", ".inet6num", "nets.xml"))

    @property
    def may_have_ranges(self) -> bool:
        return not any(part in self.path.name.lower() for part in (".organisation", "orgs.xml"))


def examine(path: Path) -> DumpFile:
    """Return what is known of a dump before it is read.

    Raises InputError when it can't be read or is no dump.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as raw:
            head = raw.read(_SAMPLE)
            raw.seek(max(0, size - _SAMPLE))
            tail = raw.read(_SAMPLE)
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror})") from None
    digest = hashlib.sha256(b"%d:" % size + head + tail).hexdigest()[:32]
    with opened(path) as (file, _):
        start = file.read(4096).lstrip(b"\xef\xbb\xbf \r\n\t")
    return DumpFile(path=path, fingerprint=digest, size=size, is_xml=start.startswith(b"<"))


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open a dump that may be gzipped: yields the unpacked stream and the file itself (its place is the progress)."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield cast(BinaryIO, unpacked), cast(BinaryIO, raw)
            else:
                yield cast(BinaryIO, raw), cast(BinaryIO, raw)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(f"{path}: the file is cut off or damaged: fetch it again") from None
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror})") from None


def blocks(stream: BinaryIO, position: int) -> Iterator[tuple[int, bytes]]:
    """Yield (place after it, block) for each block of lines from byte `position` of the unpacked stream on.

    A place that was yielded may be given as `position` later. Raises InputError when a block never ends.
    """
    stream.seek(position)
    rest = b""
    gap = b""
    while chunk := stream.read(_CHUNK):
        gap = gap or (b"\r\n\r\n" if b"\r\n" in chunk[:4096] else b"\n\n")
        pieces = (rest + chunk).split(gap)
        rest = pieces.pop()
        if len(rest) > _LARGEST_OBJECT:
            raise InputError("this isn't a registry's dump: it has no empty lines between objects")
        for piece in pieces:
            position += len(piece) + len(gap)
            yield position, piece.lstrip(b"\r\n")
    if rest.strip():
        yield position + len(rest), rest.lstrip(b"\r\n")
