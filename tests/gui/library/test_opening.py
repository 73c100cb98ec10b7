"""What is opened before there is an engine."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.library.document_pane import DocumentPane
from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.library.opening import Opening
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, fake_command


def test_paths_wait_for_an_engine_and_one_document_is_shown(qtbot: QtBot, home: Path, book: Path) -> None:
    engine = EngineClient(fake_command(home))
    library = Library(engine)
    documents = DocumentPane(engine)
    qtbot.addWidget(documents)
    opening = Opening(engine, library, documents)
    told: list[str] = []
    opening.told.connect(told.append)
    opening.open([str(book)])
    assert not told
    with qtbot.waitSignal(library.opened, timeout=WAIT_MS):
        engine.start()
    assert told == ["Opening book.txt…", ""]
    assert documents.current is not None and documents.current.source.document.path == str(book)
    library.close(library.model.sources[0])
    assert documents.current is None
    with qtbot.waitSignal(engine.ended, timeout=WAIT_MS):
        engine.close()


def test_what_is_not_there_keeps_nothing_else_from_being_opened(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    other = book.with_name("notes.md")
    other.write_text("Enoch walked.\n", "utf-8")
    gone = book.with_name("gone.txt")
    window.open_paths([str(book), str(gone), str(other)])
    qtbot.waitUntil(lambda: bool(window.library.model.sources) and window.banner.isVisible(), timeout=WAIT_MS)
    (source,) = window.library.model.sources
    assert source.paths == (str(book), str(other))
    assert str(gone) in window.banner.text.text() and book.name not in window.banner.text.text()
