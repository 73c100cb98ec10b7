import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rlm_desktop.models.llama import states
from rlm_desktop.models.llama.kept_states import clear, disk_use
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.prefix_cache import NoStates
from rlm_desktop.models.llama.states import StateFolder, open_states

PASSAGE = list(range(100, 140))


def state(size: int = 1000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, size, np.uint8)


def kept(folder: Path, model: str = "m", limit: int = 10**6) -> StateFolder:
    return StateFolder(folder, model, limit)


@pytest.fixture(autouse=True)
def _any_disk_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "SPARE_DISK", 0)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with kept(tmp_path) as folder:
        folder.put(PASSAGE, state())
    (path,) = tmp_path.glob("*/*")
    return path


def test_a_state_outlives_the_process(tmp_path: Path) -> None:
    with kept(tmp_path) as first:
        first.put(PASSAGE, state())
        assert np.array_equal(first.get(PASSAGE), state())
    second = kept(tmp_path)
    assert second.longest([*PASSAGE, 1, 2]) == len(PASSAGE)
    assert second.longest(PASSAGE) == 0, "the last token must be computed"
    assert second.longest([*PASSAGE[:-1], 0, 1, 2]) == 0
    assert np.array_equal(second.get(PASSAGE), state())


def test_the_longest_beginning_counts(tmp_path: Path) -> None:
    with kept(tmp_path) as folder:
        for size in (10, 30, 20):
            folder.put(PASSAGE[:size], state(size))
        assert [folder.longest(PASSAGE[:size]) for size in (5, 10, 11, 25, 31)] == [0, 0, 10, 20, 30]


def test_no_model_gets_the_state_of_another(file: Path, tmp_path: Path) -> None:
    other = kept(tmp_path, "another")
    assert other.longest([*PASSAGE, 1]) == 0
    assert other.get(PASSAGE) is None
    assert file.exists()


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[:-1],
        lambda data: data[:20],
        lambda data: b"",
        lambda data: data + b"x",
        lambda data: b"RLM-KV-0" + data[8:],
        lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:],
        lambda data: b"not ours at all" * 100,
    ],
    ids=["torn", "headless", "empty", "longer", "old", "bit of state", "bit of tokens", "foreign"],
)
def test_a_file_that_is_not_what_it_says_is_thrown_away(file: Path, tmp_path: Path, harm: object) -> None:
    file.write_bytes(harm(file.read_bytes()))
    folder = kept(tmp_path)
    assert folder.longest([*PASSAGE, 1]) == len(PASSAGE)
    assert folder.get(PASSAGE) is None
    assert folder.longest([*PASSAGE, 1]) == 0
    assert not file.exists()


def test_a_file_under_another_s_name_is_thrown_away(file: Path, tmp_path: Path) -> None:
    with kept(tmp_path) as folder:
        folder.put(PASSAGE[:20], state(7))
    (other,) = file.parent.glob("20-*")
    other.write_bytes(file.read_bytes())
    assert kept(tmp_path).get(PASSAGE[:20]) is None


def test_the_least_recently_used_make_room(tmp_path: Path) -> None:
    with kept(tmp_path, limit=3500) as folder:
        for index in range(3):
            folder.put([index] * 10, state())
    for index, path in enumerate(sorted(tmp_path.glob("*/*"), key=lambda path: path.name)):
        os.utime(path, (index, index))
    folder = kept(tmp_path, limit=3500)
    oldest = next(
        n
        for n in range(3)
        if min(tmp_path.glob("*/*"), key=lambda p: p.stat().st_mtime)
        == folder._path(10, folder._digest([n] * 10))
    )
    assert folder.get([oldest] * 10) is not None, "now it is the one used last"
    with folder:
        folder.put([9] * 10, state())
    left = [n for n in (0, 1, 2, 9) if kept(tmp_path).longest([n] * 11)]
    assert len(left) == 3
    assert {oldest, 9} <= set(left)
    assert disk_use(tmp_path) <= 3500


def test_one_that_is_larger_than_all_may_be_is_not_kept(tmp_path: Path) -> None:
    with kept(tmp_path, limit=500) as folder:
        folder.put(PASSAGE, state())
    assert folder.longest([*PASSAGE, 1]) == 0
    assert disk_use(tmp_path) == 0


def test_a_disk_that_is_nearly_full_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "SPARE_DISK", 10**18)
    with kept(tmp_path) as folder:
        folder.put(PASSAGE, state())
    assert disk_use(tmp_path) == 0


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    heard: list[str] = []
    with StateFolder(tmp_path / "file" / "states", "m", 10**6, heard.append) as folder:
        for size in (10, 20):
            folder.put(PASSAGE[:size], state())
    assert heard == ["States of passages can no longer be kept: Not a directory."]
    assert folder.longest([*PASSAGE, 1]) == 0


def test_states_are_private_and_can_be_cleared(file: Path, tmp_path: Path) -> None:
    assert file.parent.stat().st_mode & 0o077 == 0
    size = disk_use(tmp_path)
    assert size > 1000
    assert clear(tmp_path) == size
    assert disk_use(tmp_path) == 0
    assert kept(tmp_path).longest([*PASSAGE, 1]) == 0


def test_a_model_without_a_hash_keeps_none(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert isinstance(open_states(Options(states=folder, states_limit=9), print), NoStates)
    assert isinstance(open_states(Options(sha256="a", states_limit=9), print), NoStates)
    assert isinstance(open_states(Options(sha256="a", states=folder, states_limit=9), print), StateFolder)
