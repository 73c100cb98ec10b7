"""What was opened lately."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.library.recent import MOST, Recent, read_paths, write_paths
from tests.gui.conftest import WAIT_MS

PATHS = st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=3).map(tuple)


@pytest.fixture
def recent(engine: EngineClient, home: Path) -> Recent:
    return Recent(engine, Choices(home / "window.ini"))


def test_the_newest_is_first_and_none_is_there_twice(
    recent: Recent, engine: EngineClient, home: Path
) -> None:
    for paths in (["/a"], ["/b", "/c"], ["/a"]):
        recent.note(paths)
    assert recent.entries == (("/a",), ("/b", "/c"))
    assert Recent(engine, Choices(home / "window.ini")).entries == recent.entries
    recent.forget(("/a",))
    assert recent.entries == (("/b", "/c"),)
    recent.clear()
    assert recent.entries == Recent(engine, Choices(home / "window.ini")).entries == ()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PATHS, max_size=30))
def test_the_list_is_short_and_comes_back_as_it_was(recent: Recent, opened: list[tuple[str, ...]]) -> None:
    recent.clear()
    for paths in opened:
        recent.note(paths)
    assert recent.entries == tuple(dict.fromkeys(reversed(opened)))[:MOST]
    assert read_paths(write_paths(recent.entries)) == recent.entries


@given(st.text())
def test_whatever_stands_in_the_file_is_survived(kept: str) -> None:
    assert isinstance(read_paths(kept), tuple)


@pytest.mark.parametrize("kept", [None, "", "[", "[[]]", '[[""]]', "[7]", '{"a": 1}', '[["/a", ""]]'])
def test_what_is_no_list_of_paths_is_left_out(kept: str | None) -> None:
    assert read_paths(kept) == ()


def test_what_is_missing_is_known(qtbot: QtBot, recent: Recent, book: Path) -> None:
    recent.note([str(book)])
    recent.note([str(book), "/no/such/book.txt"])
    with qtbot.waitSignal(recent.changed, timeout=WAIT_MS):
        recent.look()
    assert recent.missing == {"/no/such/book.txt"}
    assert [recent.gone(entry) for entry in recent.entries] == [True, False]
