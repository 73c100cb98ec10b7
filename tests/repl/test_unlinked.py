from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from pathlib import Path

import pytest

from rlm_desktop.repl.unlinked import held

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
LARGEST = 2**30


def test_what_is_open_and_in_no_folder_counts_once(tmp_path: Path) -> None:
    folder, other = tmp_path / "a folder\n(deleted)", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    with (
        tempfile.TemporaryFile(dir=folder) as one,
        tempfile.TemporaryFile(dir=other) as elsewhere,
        (folder / "named (deleted)").open("wb") as named,
    ):
        for file in (one, elsewhere, named):
            file.write(bytes(2**20))
            file.flush()
        again = os.dup(one.fileno())
        assert 2**20 <= held(os.getpid(), folder, LARGEST) < 2**21
        (folder / "named (deleted)").unlink()
        assert 2**21 <= held(os.getpid(), folder, LARGEST) < 2**21 + 2**20
        os.close(again)
    assert held(os.getpid(), folder, LARGEST) == 0


def test_what_is_in_memory_and_not_open_counts_as_the_largest(tmp_path: Path) -> None:
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    with tempfile.TemporaryFile(dir=tmp_path) as file:
        file.truncate(4096)
        address = libc.mmap(None, 4096, 1, 1, file.fileno(), 0)
        assert held(os.getpid(), tmp_path, LARGEST) < LARGEST
    try:
        assert held(os.getpid(), tmp_path, LARGEST) == LARGEST
    finally:
        libc.munmap(address, 4096)
    assert held(os.getpid(), tmp_path, LARGEST) == 0


def test_of_a_process_that_is_gone_nothing_is_counted(tmp_path: Path) -> None:
    assert held(0, tmp_path, LARGEST) == 0
