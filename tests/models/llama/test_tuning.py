from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.llama import hardware, tuning
from rlm_desktop.models.llama.tuning import Race, Speeds, Tuning, choose, recall, remember

# Zen 5 with AVX-512, a 1.5B Q4_K_M
COPIES, MAPPED = Speeds(prompt=165, together=100, alone=38), Speeds(prompt=235, together=100, alone=29)
FOUND = Tuning(repack=False, speeds=MAPPED)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "speeds.json"


def test_what_reads_quicker_wins_although_it_writes_slower_alone() -> None:
    assert choose(Race(COPIES, MAPPED, calm=True)) == FOUND
    assert choose(Race(MAPPED, COPIES, calm=True)) == Tuning(repack=True, speeds=MAPPED)


def test_a_small_difference_leaves_llama_cpp_its_choice() -> None:
    assert choose(Race(COPIES, Speeds(prompt=168, together=100, alone=38), calm=True)).repack
    assert choose(Race(COPIES, None, calm=True)).repack


def test_on_a_busy_computer_it_is_measured_again_but_not_for_ever() -> None:
    busy = Race(COPIES, MAPPED, calm=False)
    found: Tuning | None = None
    for final in (False, False, True):
        found = choose(busy, found)
        assert found.final(idle=False) == final
        assert not found.final(idle=True)
        assert str(found).endswith("(measured on a busy computer)")
    assert choose(Race(COPIES, MAPPED, calm=True), found) == FOUND
    assert FOUND.final(idle=True) and FOUND.final(idle=False)
    assert str(FOUND) == str(MAPPED)


@given(*[st.floats(0.1, 1e5)] * 6)
def test_the_chosen_layout_is_never_much_slower(
    a: float, b: float, c: float, d: float, e: float, f: float
) -> None:
    copies, mapped = Speeds(a, b, c), Speeds(d, e, f)
    chosen = choose(Race(copies, mapped, calm=True))
    assert chosen.speeds == (copies if chosen.repack else mapped)
    assert chosen.speeds.call <= min(copies.call, mapped.call) * tuning.PREFERENCE


def test_speeds_in_words() -> None:
    assert str(Speeds(243.7, 101.2, 29.46)) == (
        "reads about 240 tokens/s, writes 29/s, 100/s in 16 replies together"
    )


def test_what_was_measured_is_remembered(model: Path, file: Path) -> None:
    assert recall(model, file) is None
    remember(model, FOUND, file)
    assert recall(model, file) == FOUND
    assert [path.name for path in file.parent.iterdir()] == ["speeds.json"]


def test_another_file_processor_or_number_of_threads_is_measured_anew(
    model: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(model, FOUND, file)
    with monkeypatch.context() as patch:
        patch.setattr(hardware, "processor", lambda: "another")
        assert recall(model, file) is None
    with monkeypatch.context() as patch:
        patch.setattr(hardware, "threads", lambda _asked: 999)
        assert recall(model, file) is None
    assert recall(model, file) == FOUND
    model.write_bytes(b"other weights")
    assert recall(model, file) is None


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"a": {"repack": 3}}', b"\xff\xfe"])
def test_a_torn_file_is_ignored_and_replaced(model: Path, file: Path, text: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(text)
    assert recall(model, file) is None
    remember(model, FOUND, file)
    assert recall(model, file) == FOUND


def test_where_nothing_can_be_kept_nothing_fails(model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    remember(model, FOUND, tmp_path / "file" / "speeds.json")
    assert recall(model, tmp_path / "file" / "speeds.json") is None
    assert recall(tmp_path / "gone.gguf", tmp_path / "speeds.json") is None


def test_the_newest_are_kept(model: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "_KEPT", 2)
    others = [model.with_name(f"{n}.gguf") for n in range(3)]
    for path in others:
        path.write_bytes(b"x")
        remember(path, FOUND, file)
    assert [recall(path, file) for path in others] == [None, FOUND, FOUND]
