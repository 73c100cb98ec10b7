"""Documents: open, listed, opened before, dropped."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.gui.dragging import Drag, carrying
from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import FATHER, Stage


def empty(stage: Stage) -> QWidget:
    return stage.window


def open_menu(stage: Stage) -> QWidget:
    menu = stage.window.documents.welcome.open.menu()
    menu.popup(stage.window.pos())
    return menu


def document(stage: Stage) -> QWidget:
    stage.open()
    wait(lambda: stage.window.documents.current is not None)
    return stage.window


def folder(stage: Stage) -> QWidget:
    for number in range(40):
        stage.write(
            f"letters/{number:02} To the one who asked about the length of names.txt",
            "Dear\n" * 9 * (number + 1),
        )
    stage.write(
        "letters/code.py", 'def father(of: str) -> str:\n    """Who begat whom."""\n    return "Enoch"\n' * 40
    )
    stage.open(stage.folder / "letters")
    view = stage.window.library_panel.view
    view.expandAll()
    return stage.window


def tabs(stage: Stage) -> QWidget:
    for source in stage.window.library.model.sources:
        for one in source.documents[-3:]:
            stage.window.documents.show_document(one)
    return stage.window


def going_to_a_line(stage: Stage) -> QWidget:
    stage.do("go_to_line")
    return stage.window


def recent(stage: Stage) -> QWidget:
    gone = stage.write("a book that is no longer there.txt", "Once\n")
    stage.open(gone)
    gone.unlink()
    panel = stage.window.library_panel
    for _ in range(3):
        panel.view.setCurrentIndex(panel.view.model().index(0, 0))
        panel._close()
        settle()
    stage.window.recent.look()
    return stage.window


def not_found(stage: Stage) -> QWidget:
    stage.window.open_paths([str(stage.folder / "no such book.txt")])
    wait(stage.window.banner.isVisible)
    return stage.window


def opening(stage: Stage) -> QWidget:
    stage.window.banner.hide()
    stage.window.documents.welcome.say_opening("Opening stdlib…")
    return stage.window


def dropping(stage: Stage) -> QWidget:
    stage.window.documents.welcome.say_opening("")
    assert Drag(stage.window, carrying(stage.book)).accepted
    return stage.window


def dropping_into_a_session(stage: Stage) -> QWidget:
    Drag(stage.window, carrying(stage.book)).leave()
    stage.ask(FATHER)
    again = Drag(stage.window, carrying(stage.write("exodus.txt", "Now these are the names.\n" * 99)), at=0.9)
    assert again.accepted
    return stage.window


VIEWS = (
    empty, open_menu, document, folder, tabs, going_to_a_line, recent, not_found, opening, dropping,
    dropping_into_a_session,
)  # fmt: skip
