from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from rlm_desktop import app
from rlm_desktop.config import Settings
from rlm_desktop.gui.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")


def test_the_program_opens_its_paths_and_ends_when_its_window_is_closed(
    qapp: QApplication, tmp_path: Path
) -> None:
    book = tmp_path / "book.txt"
    book.write_text("In the beginning\n", "utf-8")
    opened: list[str] = []

    def look() -> None:
        for window in QApplication.topLevelWidgets():
            if isinstance(window, MainWindow) and window.documents.current and not opened:
                opened.append(window.documents.current.source.document.name)
                assert not window.windowIcon().isNull()
                window.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(20)
    assert app.main([str(book)], Settings(tmp_path / "data")) == 0
    timer.stop()
    assert opened == ["book.txt"]
    assert (tmp_path / "data" / "window.ini").exists()
