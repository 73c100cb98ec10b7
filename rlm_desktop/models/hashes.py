"""Which file has which SHA-256, remembered so that a gigabyte is not hashed at every start."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from filelock import FileLock

CHUNK = 8 * 2**20
MANIFEST = "hashes.json"


class Seen(msgspec.Struct, frozen=True):
    """A file as it was when it was hashed; ``mtime_ns`` since the epoch.

    One that was found ``damaged`` has the ``sha256`` it should have had.
    """

    size: int
    mtime_ns: int
    sha256: str
    damaged: bool = False


class Hashes:
    """The manifest of a models folder.

    A file counts as unchanged while its size and modification time are those noted here.

    Args:
        folder: The models folder; the manifest is ``hashes.json`` in it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / MANIFEST
        self._lock = FileLock(folder / f".{MANIFEST}.lock")

    def noted(self, path: Path) -> Seen | None:
        """What was noted about a file when it was last hashed, even if it changed since."""
        return self._read().get(str(path.resolve()))

    def known(self, path: Path) -> str:
        """Hash of a file that has not changed since it was noted; empty otherwise."""
        seen = self.unchanged(path)
        return seen.sha256 if seen and not seen.damaged else ""

    def unchanged(self, path: Path) -> Seen | None:
        """What was noted about a file that is as it was then."""
        seen = self.noted(path)
        return seen if seen and _unchanged(path, seen) else None

    def damaged(self, path: Path) -> bool:
        """Whether a file was found damaged and is as it was then."""
        seen = self.unchanged(path)
        return seen is not None and seen.damaged

    def sha256(self, path: Path, on_bytes: Callable[[int], None] | None = None) -> str:
        """Hash of a file, computed only when it is not known.

        Args:
            path: The file.
            on_bytes: Told how many bytes were read so far.
        """
        return self.known(path) or self.note(path, hash_file(path, on_bytes))

    def note(self, path: Path, sha256: str, *, damaged: bool = False) -> str:
        """Note the hash of a file as it is now, or the one a damaged file should have, and return it."""
        status = path.stat()
        self._write({str(path.resolve()): Seen(status.st_size, status.st_mtime_ns, sha256, damaged)})
        return sha256

    def forget(self, path: Path) -> None:
        """Drop what was noted about a file."""
        self._write({str(path.resolve()): None})

    def _read(self) -> dict[str, Seen]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, Seen])
        except (FileNotFoundError, msgspec.DecodeError):
            return {}  # nothing is lost but the time to hash again

    def _write(self, changes: dict[str, Seen | None]) -> None:
        with self._lock:
            noted = {**self._read(), **changes}
            kept = {path: seen for path, seen in noted.items() if seen is not None}
            draft = self._file.with_suffix(f".{os.getpid()}")
            draft.write_bytes(msgspec.json.format(msgspec.json.encode(kept)))
            draft.replace(self._file)


def _unchanged(path: Path, seen: Seen) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return (seen.size, seen.mtime_ns) == (status.st_size, status.st_mtime_ns)


def hash_file(path: Path, on_bytes: Callable[[int], None] | None = None) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            digest.update(block)
            done += len(block)
            if on_bytes:
                on_bytes(done)
    return digest.hexdigest()
