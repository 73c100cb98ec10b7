import os
from pathlib import Path

from rlm_desktop.models.llama.turn import Turn


def test_one_at_a_time_and_the_holder_is_known(tmp_path: Path) -> None:
    first, second = Turn(tmp_path), Turn(tmp_path)
    assert first.take()
    assert first.take()
    assert not second.take()
    assert second.holder() == os.getpid()
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


def test_an_unknown_holder_is_zero(tmp_path: Path) -> None:
    assert Turn(tmp_path).holder() == 0
