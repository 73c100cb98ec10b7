"""The rows of what was opened lately."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.library.recent import Recent
from rlm_desktop.gui.library.recent_model import RecentModel, label
from tests.gui.conftest import WAIT_MS

Rows = Callable[[], list[str]]


@pytest.fixture
def library(engine: EngineClient) -> Library:
    return Library(engine)


@pytest.fixture
def recent(engine: EngineClient, home: Path) -> Recent:
    return Recent(engine, Choices(home / "window.ini"))


def rows(model: RecentModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


def test_rows_come_move_and_go_one_by_one(recent: Recent, library: Library) -> None:
    model = RecentModel(recent, library)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for name in "abc":
        recent.note([f"/{name}.txt"])
    assert rows(model) == ["c.txt", "b.txt", "a.txt"]
    marked = QPersistentModelIndex(model.index(1))
    recent.note(["/a.txt"])
    assert rows(model) == ["a.txt", "c.txt", "b.txt"] and marked.data() == "b.txt"
    recent.forget(("/c.txt",))
    assert rows(model) == ["a.txt", "b.txt"] and marked.data() == "b.txt"
    recent.clear()
    assert rows(model) == [] and not marked.isValid()
    assert tester.model() is model


def test_what_is_open_is_not_listed(qtbot: QtBot, recent: Recent, library: Library, book: Path) -> None:
    model = RecentModel(recent, library)
    recent.note(["/other.txt"])
    recent.note([str(book)])
    with qtbot.waitSignal(library.opened, timeout=WAIT_MS):
        library.open([str(book)])
    assert rows(model) == ["other.txt"]
    library.close(library.model.sources[0])
    assert rows(model) == ["book.txt", "other.txt"]


def test_what_is_missing_says_so(qtbot: QtBot, recent: Recent, library: Library) -> None:
    model = RecentModel(recent, library)
    recent.note(["/no/such/book.txt", "/no/such/notes"])
    with qtbot.waitSignal(recent.changed, timeout=WAIT_MS):
        recent.look()
    assert rows(model) == ["book.txt and 1 more (missing)"]
    assert model.index(0).data(Qt.ItemDataRole.ToolTipRole).startswith("missing: /no/such/book.txt\n")


def test_a_path_without_a_name_is_called_by_itself() -> None:
    assert label(("/",), gone=False) == "/"
