"""Several questions: the list of them by day, what follows what, and what has changed since."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtWidgets import QMenu, QWidget

from rlm_desktop.gui.history import days
from rlm_desktop.gui.wire import HistoryPage, Summary
from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import FATHER, Stage


def follow_up(stage: Stage) -> QWidget:
    stage.ask("Is there nothing about tea in all of these five thousand lines?")
    stage.ask(FATHER)
    stage.window.history.pin(stage.window.runs.on_show.run, True)
    for question in (
        "And how old was Enoch when Methuselah was born, and how old did he become?",
        "What else?",
    ):
        stage.ask(question, afresh=False)
    stage.mark(2)
    stage.window.ask.box.setPlainText("Which of his sons are named?")
    return stage.window


def search(stage: Stage) -> QWidget:
    panel = stage.window.history_panel
    panel.search.setText("Methuselah")
    wait(lambda: panel.current is panel.results)
    panel.results.setCurrentIndex(panel.results.model().index(1, 0))
    return stage.window


def search_nothing(stage: Stage) -> QWidget:
    panel = stage.window.history_panel
    panel.search.setText("no such words")
    wait(panel._nothing.isVisible)
    return stage.window


def menu(stage: Stage) -> QWidget:
    panel = stage.window.history_panel
    panel.search.clear()
    settle()
    stage.window.activateWindow()
    menu = QMenu(panel)
    menu.addActions(panel.view.actions())
    menu.popup(stage.window.pos())
    return menu


def deleted(stage: Stage) -> QWidget:
    panel = stage.window.history_panel
    panel.view.setCurrentIndex(panel.view.model().index(3, 0))
    panel.delete()
    wait(panel.deleted.isVisible)
    return stage.window


def renaming(stage: Stage) -> QWidget:
    panel = stage.window.history_panel
    panel.undo()
    settle()
    panel.view.setCurrentIndex(panel.view.model().index(1, 0))
    panel.rename()
    return stage.window


def changed_documents(stage: Stage) -> QWidget:
    stage.window.ask.box.setFocus()
    settle()
    panel = stage.window.history_panel
    stage.book.rename(stage.book.with_name("elsewhere.txt"))
    stage.window.runs.show(panel.view.model().summary(panel.view.model().index(0, 0)).run)
    wait(stage.window.answer.sources.isVisible)
    return stage.window


def by_day(stage: Stage) -> QWidget:
    stage.do("pane_library")
    now = days.now()
    asked = [
        Summary(str(place), question, "answered", (now - timedelta(days=ago, minutes=7 * place)).isoformat(), 18.4,
                paths=("/books/kjv.txt",), pinned=not place)
        for place, (ago, question) in enumerate((
            (40, FATHER), (0, "Which chapters speak of the sea?"), (0, "How old did Enoch become?"),
            (1, "Summarise each chapter"), (3, "Find contradictions between the gospels"), (3, "Who was Lot?"),
            (30, "Where is tea grown?"), (400, "Is there a word for blue?")))
    ]  # fmt: skip
    stage.window.history.all.take(0, HistoryPage(tuple(asked), len(asked)))
    view = stage.window.history_panel.view
    view.setCurrentIndex(view.model().index(1, 0))
    return stage.window


VIEWS = (follow_up, search, search_nothing, menu, deleted, renaming, changed_documents, by_day)
