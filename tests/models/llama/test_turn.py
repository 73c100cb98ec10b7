import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.models.llama.turn import Holder, Turn


def test_one_at_a_time_and_the_holder_is_known(tmp_path: Path) -> None:
    first, second = Turn(tmp_path), Turn(tmp_path)
    assert first.take()
    assert first.take()
    assert not second.take()
    first.give_back()
    assert second.take()
    second.give_back()


def test_a_long_turn_is_passed_on_to_who_waits_and_only_then(tmp_path: Path) -> None:
    first, second = Turn(tmp_path, slice_seconds=0), Turn(tmp_path)
    assert first.take()
    assert not first.pass_on()
    assert not second.take()
    assert first.pass_on()
    assert not first.take()
    assert second.take()
    assert not first.take()
    second.give_back()
    assert first.take()
    first.give_back()


def test_a_short_turn_is_not_passed_on(tmp_path: Path) -> None:
    first, second = Turn(tmp_path, slice_seconds=1e9), Turn(tmp_path)
    assert first.take()
    assert not second.take()
    assert not first.pass_on()
    first.give_back()
    second.give_back()


def test_who_stops_waiting_leaves_the_queue(tmp_path: Path) -> None:
    first, second = Turn(tmp_path, slice_seconds=0), Turn(tmp_path)
    assert first.take()
    assert not second.take()
    second.give_back()
    assert not first.pass_on()
    first.give_back()


# ---------------------------------------------------------------- who


def sign(folder: Path, worker: int, client: int) -> None:
    (folder / "llama.holder").write_bytes(msgspec.json.encode(Holder(worker, client, "rlm-desktop ask", 0.0)))


def test_the_holder_signs_with_its_client(tmp_path: Path) -> None:
    turn = Turn(tmp_path, program="rlm-desktop ask")
    assert turn.take()
    turn.give_back()
    signed = msgspec.json.decode((tmp_path / "llama.holder").read_bytes(), type=Holder)
    assert (signed.worker, signed.client, signed.program) == (os.getpid(), os.getppid(), "rlm-desktop ask")


def test_the_person_is_told_of_the_program_and_of_its_worker_when_that_is_gone(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    sign(tmp_path, os.getppid(), 1)
    holder = Turn(tmp_path).holder()
    assert holder
    assert holder.pid == 1
    sign(tmp_path, os.getppid(), gone.pid)
    holder = Turn(tmp_path).holder()
    assert holder
    assert holder.pid == os.getppid()
    sign(tmp_path, gone.pid, 1)
    assert Turn(tmp_path).holder() is None, "a dead process holds nothing"


@pytest.mark.parametrize("signature", [b"", b"4711", b'{"worker": 1', b"\xff"])
def test_an_unreadable_signature_is_nobody_s(tmp_path: Path, signature: bytes) -> None:
    assert Turn(tmp_path).holder() is None
    (tmp_path / "llama.holder").write_bytes(signature)
    assert Turn(tmp_path).holder() is None


def test_the_own_signature_of_an_earlier_turn_names_nobody_else(tmp_path: Path) -> None:
    sign(tmp_path, os.getpid(), 1)
    assert Turn(tmp_path).holder() is None


def test_a_turn_is_had_also_when_it_cannot_be_signed(tmp_path: Path) -> None:
    (tmp_path / "llama.holder").mkdir()
    turn = Turn(tmp_path)
    assert turn.take()
    turn.give_back()


def test_locks_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "llama.lock").mkdir()
    turn = Turn(tmp_path)
    with pytest.raises(UserError, match=r"llama\.lock, by which programs take turns .* cannot be used"):
        turn.take()
    turn.give_back()
