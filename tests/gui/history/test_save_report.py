"""Exporting reports and copying answers, against the scripted engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.history.save_report import file_name
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow, close
from tests.gui.run.test_replay_bar import at, finished


def save_as(qtbot: QtBot, window: MainWindow, path: Path, kind: int = 0) -> str:
    """Export by the dialog; the name that it suggested."""
    qtbot.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(window.findChildren(QFileDialog)), timeout=WAIT_MS)
    dialog = window.findChildren(QFileDialog)[-1]
    suggested = Path(dialog.selectedFiles()[0]).name
    dialog.selectNameFilter(dialog.nameFilters()[kind])
    dialog.filterSelected.emit(dialog.nameFilters()[kind])
    dialog.selectFile(str(path))
    dialog.accept()
    return suggested


@pytest.mark.parametrize(("kind", "suffix"), [(0, "html"), (1, "md"), (2, "jsonl")])
def test_a_report_is_exported(
    qtbot: QtBot, window: MainWindow, book: Path, monkeypatch: pytest.MonkeyPatch, kind: int, suffix: str
) -> None:
    finished(qtbot, window, book, "Who was the father of Methuselah?")
    window.replay.seek(5)  # the whole run is exported, wherever the replay is
    suggested = save_as(qtbot, window, book.with_name("report"), kind)
    assert suggested == "Who was the father of Methuselah.html"
    qtbot.waitUntil(window.status.open.isVisible, timeout=WAIT_MS)
    written = book.with_name(f"report.{suffix}")
    assert written.read_text() == f"{suffix} of Who was the father of Methuselah?"
    assert window.status.news.text() == f"Saved report.{suffix}"
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return False

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    window.status.open.click()
    assert opened == [str(written)]
    assert window.banner.text.text() == f"No program was found that opens {written}. The file is there."


@pytest.mark.parametrize(("button", "text"), [("Yes", "html of Who was it?"), ("No", "precious")])
def test_a_file_is_replaced_only_with_consent(
    qtbot: QtBot, window: MainWindow, book: Path, button: str, text: str
) -> None:
    finished(qtbot, window, book)
    file = book.with_name("report.html")
    file.write_text("precious")
    answered: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            timer.stop()
            answered.append(box.text())
            box.button(QMessageBox.StandardButton[button]).click()

    timer = QTimer(window)
    timer.timeout.connect(answer)
    timer.start(10)
    save_as(qtbot, window, file)
    assert len(answered) == 1 and "report.html" in answered[0]
    if button == "Yes":
        qtbot.waitUntil(window.status.open.isVisible, timeout=WAIT_MS)
    else:
        window.findChildren(QFileDialog)[-1].reject()
    assert file.read_text() == text


def test_a_report_that_cannot_be_written_is_explained(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    window.report._save("run1", "/no/such/folder/report.html", "")
    assert window.status.news.text() == "Writing report.html…"
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert not window.status.news.isVisible()
    assert (
        "/no/such/folder/report.html cannot be written. Choose another folder." in window.banner.text.text()
    )


def test_the_folder_of_reports_is_remembered(
    qtbot: QtBot, make_window: MakeWindow, book: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    first = make_window()
    finished(qtbot, first, book)
    save_as(qtbot, first, folder / "one.html")
    qtbot.waitUntil(first.status.open.isVisible, timeout=WAIT_MS)
    close(qtbot, first)
    second = make_window()
    assert second.report._folder() == folder
    folder.rename(tmp_path / "elsewhere")
    assert second.report._folder().is_dir()


def test_the_answer_is_copied_with_its_quotes(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    finished(qtbot, window, book)
    window.actions_by_name["copy_answer"].trigger()
    assert QGuiApplication.clipboard().text() == (
        "Enoch was the father of Methuselah.\n\n"
        "> 0012 And Enoch walked with God, in the year 12\n>\n> `book.txt:12`\n\n"
        "> And Enoch walked with <God>\n>\n> `book.txt:3-4` (not found word for word)\n"
    )
    window.replay.seek(3)
    at(qtbot, window, 3)
    assert not window.actions_by_name["copy_answer"].isEnabled()


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who was it?", "Who was it"),
        ("../../etc/passwd: what's in it?\n", "etc passwd what's in it"),
        ("¿Qué pasa?", "Qué pasa"),
        ("???", "report"),
        ("word " * 40, ("word " * 12).strip()),
    ],
)
def test_a_question_becomes_a_file_name(question: str, name: str) -> None:
    assert file_name(question) == name
