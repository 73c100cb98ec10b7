"""The tabs that were open are open again."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.kept.preferences import REOPEN
from rlm_desktop.gui.library.kept_tabs import Tab, Tabs, read_tabs
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.wire.documents import Document
from tests.gui.conftest import WAIT_MS, MakeWindow, close, fake_command
from tests.gui.library.test_document_tabs import names


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.txt"
    path.write_text("\n".join(f"Something else {number}" for number in range(500)))
    return path


def kept(home: Path) -> Tabs:
    return read_tabs(Choices(home / "window.ini").kept("open/tabs"))


def lines(home: Path) -> list[tuple[str, int]]:
    return [(tab.document.name, tab.line) for tab in kept(home).tabs]


def turn_to(qtbot: QtBot, window: MainWindow, number: int) -> None:
    """Turn to a tab, and wait for its lines."""
    window.documents.turn_to(number)
    view = window.documents.current
    assert view is not None
    qtbot.waitUntil(lambda: view.source.total > 0, timeout=WAIT_MS)


def open_both(qtbot: QtBot, window: MainWindow, book: Path, other: Path) -> None:
    """The book at its 301st line, in the second tab and on show; the other at its 121st, in the first."""
    for path in (book, other):
        window.open_paths([str(path)])
        qtbot.waitUntil(lambda name=path.name: name in names(window), timeout=WAIT_MS)
    window.documents.tabs.tabBar().moveTab(1, 0)
    for number, line in ((0, 120), (1, 300)):
        turn_to(qtbot, window, number)
        window.documents.views()[number].verticalScrollBar().setValue(line)


def test_tabs_come_back_in_their_order_each_at_its_place(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path, other: Path
) -> None:
    first = make_window()
    open_both(qtbot, first, book, other)
    close(qtbot, first)
    second = make_window()
    qtbot.waitUntil(lambda: names(second) == ["other.txt", "book.txt"], timeout=WAIT_MS)
    current = second.documents.current
    assert current is not None and current.source.document.path == str(book)
    qtbot.waitUntil(lambda: current.first_visible == 300, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(second.library.model.sources) == 2, timeout=WAIT_MS)
    assert names(second) == ["other.txt", "book.txt"] and second.documents.current is current
    close(qtbot, second)  # without a look at the other, which is kept as it was
    assert lines(home) == [("other.txt", 120), ("book.txt", 300)]
    third = make_window()
    qtbot.waitUntil(lambda: len(names(third)) == 2, timeout=WAIT_MS)
    turn_to(qtbot, third, 0)
    assert third.documents.views()[0].first_visible == 120
    assert not third.documents.note.isVisible()


def test_they_are_written_down_before_anything_is_closed(
    qtbot: QtBot, window: MainWindow, home: Path, book: Path, other: Path
) -> None:
    open_both(qtbot, window, book, other)
    qtbot.waitUntil(lambda: lines(home) == [("other.txt", 120), ("book.txt", 300)], timeout=WAIT_MS)
    assert kept(home).current == 1
    window.documents.close_documents({str(book)})
    assert lines(home) == [("other.txt", 120)]
    window.documents.close_documents({str(other)})
    assert Choices(home / "window.ini").kept("open/tabs") is None


def test_a_closed_tab_of_what_is_open_stays_closed(
    qtbot: QtBot, make_window: MakeWindow, book: Path, other: Path
) -> None:
    first = make_window()
    open_both(qtbot, first, book, other)
    first.documents.close_documents({str(book)})
    close(qtbot, first)
    second = make_window()
    qtbot.waitUntil(lambda: len(second.library.model.sources) == 2, timeout=WAIT_MS)
    assert names(second) == ["other.txt"]
    second.documents.close_documents({str(other)})
    assert second.documents.welcome._title.text() == "Ready"


def test_one_that_is_gone_says_so_in_its_tab_and_is_not_forgotten(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path, other: Path
) -> None:
    first = make_window()
    open_both(qtbot, first, book, other)
    close(qtbot, first)
    text = book.read_text("utf-8")
    book.unlink()
    second = make_window()
    qtbot.waitUntil(lambda: len(names(second)) == 2, timeout=WAIT_MS)
    current = second.documents.current
    assert current is not None
    qtbot.waitUntil(lambda: bool(current._error), timeout=WAIT_MS)
    assert current._error == "book.txt cannot be read." and not second.banner.isVisible()
    close(qtbot, second)
    book.write_text(text, "utf-8")
    assert lines(home) == [("other.txt", 120), ("book.txt", 300)]


def test_one_that_was_written_to_is_named(
    qtbot: QtBot, make_window: MakeWindow, book: Path, other: Path
) -> None:
    first = make_window()
    open_both(qtbot, first, book, other)
    close(qtbot, first)
    book.write_text("A few lines\n" * 40)
    os.utime(book, (1, 1))
    second = make_window()
    qtbot.waitUntil(second.documents.note.isVisible, timeout=WAIT_MS)
    assert second.documents.note.text.text() == (
        "book.txt was written to since it was last on show here: it may read differently now."
    )
    current = second.documents.current
    assert current is not None and current.first_visible == current.verticalScrollBar().maximum()


def test_one_that_the_engine_does_not_survive_is_tried_once(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path, other: Path
) -> None:
    first = make_window()
    open_both(qtbot, first, book, other)
    close(qtbot, first)
    second = MainWindow(EngineClient(fake_command(home)), Settings(home))
    with qtbot.waitSignal(second.engine.greeted, timeout=WAIT_MS):
        second.engine.start()
    second.engine._process.kill()
    assert names(second) == ["other.txt", "book.txt"] and lines(home) == [("other.txt", 120)]
    qtbot.waitUntil(lambda: not second.engine.alive, timeout=WAIT_MS)
    second.life.save()
    assert lines(home) == [("other.txt", 120)]
    second.deleteLater()


def test_they_wait_for_an_engine_that_does_not_start(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path, other: Path
) -> None:
    first = make_window()
    open_both(qtbot, first, book, other)
    close(qtbot, first)
    second = MainWindow(EngineClient((str(home / "no such engine"),)), Settings(home))
    with qtbot.waitSignal(second.engine.died, timeout=WAIT_MS):
        second.engine.start()
    second.save()
    assert lines(home) == [("other.txt", 120), ("book.txt", 300)]
    second.deleteLater()


def test_the_person_may_not_want_them(
    qtbot: QtBot, make_window: MakeWindow, home: Path, book: Path, other: Path
) -> None:
    first = make_window()
    first.care.preferences.put(REOPEN, False)
    open_both(qtbot, first, book, other)
    close(qtbot, first)
    assert len(lines(home)) == 2
    second = make_window()
    assert not names(second) and not lines(home)


@given(st.text())
def test_what_somebody_else_wrote_is_no_tabs(text: str) -> None:
    assert isinstance(read_tabs(text), Tabs)


@pytest.mark.parametrize("kept", ['{"tabs": [{"document": 3}]}', '{"tabs": 1}', "\ud800", "[]", None])
def test_what_is_broken_is_no_tabs(kept: str | None) -> None:
    assert read_tabs(kept) == Tabs()


def test_tabs_are_read_as_they_were_written() -> None:
    tabs = Tabs((Tab(Document(0, "a.txt", "/ä/a.txt", 3, "utf-8"), 7),), 0)
    assert read_tabs(msgspec.json.encode(tabs).decode()) == tabs
    nowhere = Tabs((Tab(Document(0, "a.txt", "", 3, "utf-8")),))
    assert read_tabs(msgspec.json.encode(nowhere).decode()) == Tabs()
