"""KV states of passages on disk, so that a passage read once is never computed again.

A state belongs to a whole beginning of a prompt, from position 0: attention makes every token depend on all
before it. Its file is named after a hash of these tokens, and says itself what it is: a torn file, or one of
another model, is thrown away. The folder is shared by all processes of a user.
"""

from __future__ import annotations

import hashlib
import os
import queue
import shutil
import struct
import threading
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import llama_cpp
import numpy as np

from rlm_desktop.models.llama.kept_states import kept_files
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.prefix_cache import NoStates, State

MAGIC = b"RLM-KV-1"
_HEADER = struct.Struct("<8s16sQQL")
"""Magic, hash of the tokens and the model, number of tokens, bytes of the state, CRC-32 of both."""
SUFFIX = ".kv"
_HASH_BYTES = 16
_WAITING = 4
"""States that may wait to be written; another one is forgotten, as memory is worth more."""
SPARE_DISK = 2 * 10**9
"""Bytes of the disk that are left to others."""


class StateFolder:
    """The states of one model; a context manager, which writes what waits when it is left.

    Args:
        folder: Where the states of all models are; made when it is needed.
        model: What a state depends on besides the tokens: the file's hash, the cache's type, the library.
        limit: Bytes that the states of all models may take; the least recently used ones make room.
        on_trouble: Told in one sentence, once, when states can no longer be written.
    """

    def __init__(
        self, folder: Path, model: str, limit: int, on_trouble: Callable[[str], None] = lambda _text: None
    ) -> None:
        self._root = folder
        self._seed = hashlib.blake2b(model.encode(), digest_size=_HASH_BYTES).digest()
        self._folder = folder / self._seed.hex()
        self._limit = limit
        self._on_trouble = on_trouble
        self._known: defaultdict[int, set[str]] = defaultdict(set)
        for path in self._folder.glob(f"*{SUFFIX}"):
            tokens, _, digest = path.stem.partition("-")
            if tokens.isdecimal():
                self._known[int(tokens)].add(digest)
        self._waiting: queue.Queue[tuple[list[int], str] | None] = queue.Queue(_WAITING)
        self._unwritten: dict[str, State] = {}
        self._writer: threading.Thread | None = None
        self._writable = True

    def longest(self, prompt: Sequence[int]) -> int:
        """Tokens of the longest beginning of a prompt, short of the whole, whose state is kept; 0 for none."""
        found = 0
        lengths = sorted(length for length in list(self._known) if length < len(prompt))
        for length, digest in self._digests(prompt, lengths):
            if digest in self._known[length]:
                found = length
        return found

    def get(self, tokens: Sequence[int]) -> State | None:
        """The state of exactly these tokens, if it is still there and whole."""
        digest = self._digest(tokens)
        state = self._unwritten.get(digest)
        if state is not None:
            return state
        path = self._path(len(tokens), digest)
        try:
            state = _read(path, digest, tokens)
            os.utime(path)
        except (OSError, ValueError):
            self._known[len(tokens)].discard(digest)
            with suppress(OSError):
                path.unlink()
            return None
        return state

    def put(self, tokens: Sequence[int], state: State) -> None:
        """Keep a state; it is written by a thread of its own."""
        if not self._writable:
            return
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_all, daemon=True)
            self._writer.start()
        digest = self._digest(tokens)
        self._unwritten[digest] = state
        self._known[len(tokens)].add(digest)
        try:
            self._waiting.put_nowait((list(tokens), digest))
        except queue.Full:
            self._written(len(tokens), digest, kept=False)

    def close(self) -> None:
        """Write what waits."""
        if self._writer is not None:
            self._waiting.put(None)
            self._writer.join()
            self._writer = None

    def __enter__(self) -> StateFolder:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _write_all(self) -> None:
        while (item := self._waiting.get()) is not None:
            tokens, digest = item
            kept = False
            try:
                kept = self._writable and self._write(tokens, digest, self._unwritten[digest])
            except OSError as error:
                self._writable = False
                self._on_trouble(f"States of passages can no longer be kept: {error.strerror or error}.")
            self._written(len(tokens), digest, kept=kept)

    def _written(self, length: int, digest: str, *, kept: bool) -> None:
        if not kept:
            self._known[length].discard(digest)
        self._unwritten.pop(digest, None)

    def _write(self, tokens: list[int], digest: str, state: State) -> bool:
        ids = np.array(tokens, np.int32)
        if not self._room_for(_HEADER.size + ids.nbytes + state.nbytes):
            return False
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        crc = zlib.crc32(state.data, zlib.crc32(ids.data))
        path = self._path(len(tokens), digest)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                file.write(_HEADER.pack(MAGIC, bytes.fromhex(digest), len(tokens), state.nbytes, crc))
                file.write(ids.data)
                file.write(state.data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return True

    def _room_for(self, size: int) -> bool:
        """Make room for a file by dropping the least recently used ones; whether that was possible."""
        files = sorted(kept_files(self._root), key=lambda file: file[1])
        taken = sum(length for _, _, length in files)
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self._root).free - SPARE_DISK
        for path, _, length in files:
            if taken + size <= self._limit and size <= free:
                break
            path.unlink(missing_ok=True)
            taken, free = taken - length, free + length
        return taken + size <= self._limit and size <= free

    def _path(self, length: int, digest: str) -> Path:
        return self._folder / f"{length}-{digest}{SUFFIX}"

    def _digest(self, tokens: Sequence[int]) -> str:
        return self._digests(tokens, [len(tokens)])[0][1]

    def _digests(self, tokens: Sequence[int], lengths: Sequence[int]) -> list[tuple[int, str]]:
        """Hashes of the beginnings of some lengths, which are in ascending order."""
        data = np.array(tokens, np.int32)
        running, at, found = hashlib.blake2b(self._seed, digest_size=_HASH_BYTES), 0, []
        for length in lengths:
            running.update(data[at:length].data)
            at = length
            found.append((length, running.hexdigest()))
        return found


def open_states(options: Options, on_trouble: Callable[[str], None]) -> StateFolder | NoStates:
    """The states of a model, as its options say; none for one whose file has no hash."""
    if not (options.states and options.sha256 and options.states_limit):
        return NoStates()
    key = f"{options.sha256} {options.cache_type} {llama_cpp.__version__}"
    return StateFolder(Path(options.states), key, options.states_limit, on_trouble)


def _read(path: Path, digest: str, tokens: Sequence[int]) -> State:
    """The state in a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is torn, or not what its name says.
    """
    data = np.fromfile(path, np.uint8)
    magic, named, count, size, crc = _HEADER.unpack_from(
        data[: _HEADER.size].tobytes().ljust(_HEADER.size, b"\0")
    )
    begin = _HEADER.size + 4 * len(tokens)
    whole = data.nbytes == begin + size and count == len(tokens)
    if magic != MAGIC or named.hex() != digest or not whole:
        raise ValueError("it is no state of these tokens")
    if data[_HEADER.size : begin].tobytes() != np.array(tokens, np.int32).tobytes():
        raise ValueError("it belongs to other tokens")
    if zlib.crc32(data[_HEADER.size :].data) != crc:
        raise ValueError("it is torn")
    return data[begin:]
