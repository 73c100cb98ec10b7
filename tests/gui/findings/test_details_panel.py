"""Journeys through the details of a step: its tabs, what it read, what its prompt added."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.events import Row
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.details_panel import DetailsPanel
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.run.tree_model import RunTreeModel
from tests.gui.conftest import WAIT_MS
from tests.gui.test_main_window import ask


def shown(details: DetailsPanel) -> list[str]:
    bar = details.tabs
    return [bar.tabText(number) for number in range(bar.count()) if bar.isTabVisible(number)]


def click(qtbot: QtBot, details: DetailsPanel, title: str) -> None:
    bar = details.tabs.tabBar()
    number = next(number for number in range(bar.count()) if bar.tabText(number) == title)
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(number).center())


def choose(window: MainWindow, span: int) -> None:
    tree = window.tree.tree()
    assert tree is not None
    window.tree.setCurrentIndex(tree.index_of(span))


def rich(qtbot: QtBot, window: MainWindow, book: Path) -> DetailsPanel:
    ask(qtbot, window, book, "Tell me richly", "Answered")
    choose(window, 6)
    return window.details


def test_only_tabs_with_something_are_there_and_the_chosen_one_stays(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    details = rich(qtbot, window, book)
    assert shown(details) == ["Prompt", "Changes", "Response", "Read", "Figures"]
    assert details.tabs.currentWidget() is details.response
    choose(window, 2)
    assert shown(details) == ["Code", "Output", "Read", "Figures"]
    assert details.tabs.currentWidget() is details.code
    click(qtbot, details, "Output")
    choose(window, 6)
    assert details.tabs.currentWidget() is details.response
    choose(window, 2)
    assert details.tabs.currentWidget() is details.output
    details.open_tab("prompt")
    choose(window, 1)
    assert details.tabs.currentWidget() is details.prompt


def test_prompt_and_response_are_pages_or_as_written(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    details = rich(qtbot, window, book)
    page = details.response.page
    assert page is not None
    qtbot.waitUntil(lambda: page.toPlainText() == "Now I know.", timeout=WAIT_MS)
    qtbot.mouseClick(details.raw, Qt.MouseButton.LeftButton)
    assert details.response.view.isVisible() and details.response.view.toPlainText() == "Now **I** know."
    qtbot.mouseClick(details.raw, Qt.MouseButton.LeftButton)
    assert page.isVisible() and page.toPlainText() == "Now I know."
    click(qtbot, details, "Prompt")
    prompt = details.prompt.page
    assert prompt is not None
    qtbot.waitUntil(lambda: "And Enoch lived" in prompt.toPlainText(), timeout=WAIT_MS)
    assert prompt.toPlainText().startswith("Instructions\nYou explore a document with code.\nUser\n")


def test_what_a_prompt_added_is_told_against_the_turn_before(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    details = rich(qtbot, window, book)
    click(qtbot, details, "Changes")
    view = details.changes.view
    qtbot.waitUntil(lambda: "as before" in view.toPlainText(), timeout=WAIT_MS)
    assert view.toPlainText().splitlines()[:4] == [
        "… 2 messages as before",
        "── Model, new ──",
        "+ ```repl",
        "+ print(1)",
    ]


def test_a_place_that_was_read_is_shown_in_the_document(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    details = rich(qtbot, window, book)
    click(qtbot, details, "Read")
    table = details.places.table
    qtbot.waitUntil(lambda: table.model().rowCount() == 2, timeout=WAIT_MS)
    index = table.model().index(1, 1)
    assert index.data() == "3–4" and table.model().index(1, 2).data() == "sent ~"
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())
    qtbot.waitUntil(lambda: (view := window.documents.current) is not None and view.cited == range(2, 4))
    table.setCurrentIndex(table.model().index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: (view := window.documents.current) is not None and view.cited == range(1))


def test_the_figures_of_a_step_are_told(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    details = rich(qtbot, window, book)
    click(qtbot, details, "Figures")
    text = details.figures.text().replace("\u202f", " ")
    for line in ("Tokens in: 2.4k", "↺ of these reused: 1.6k (66 %)", "of these thinking: 20", "Cost: free"):
        assert line in text
    assert "Waited for the first word: " in text and "tokens/s" in text


def test_words_are_found_in_the_page_on_show(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    details = rich(qtbot, window, book)
    choose(window, 2)
    click(qtbot, details, "Output")
    qtbot.waitUntil(lambda: "sixty" in details.output.view.toPlainText(), timeout=WAIT_MS)
    details.output.view.setFocus()
    qtbot.keyClick(details.output.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(details.find_bar.field, "FIVE")
    assert details.output.view.textCursor().selectedText() == "five"
    assert details.find_bar.count.text() == "40 found"
    qtbot.keyClick(details.find_bar.field, Qt.Key.Key_Escape)
    assert not details.find_bar.isVisible()


def test_a_growing_output_is_followed_until_the_person_scrolls_up(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    output = window.details.output
    output.resize(300, 100)
    output.show()
    output.show_live("line\n" * 100)
    bar = output.view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    output.show_live("line\n" * 200)
    assert bar.value() == bar.maximum()
    qtbot.mousePress(output.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    bar.setValue(3)
    output.show_live("line\n" * 300)
    assert bar.value() == 3
    tail = "".join(f"{number}\n" for number in range(400))
    output.show_live(tail)
    output.show_live(tail[100:] + "more\n")  # a row keeps the end only
    assert output.view.toPlainText() == tail + "more\n"


def test_a_step_of_a_replay_has_run_until_the_moment_on_show(qtbot: QtBot, engine: EngineClient) -> None:
    details = DetailsPanel(engine)
    qtbot.addWidget(details)
    tree = RunTreeModel("run", clock=lambda: 1_010.0)
    row = Row(span=1, parent=0, index=0, kind="turn", label="Turn 1", status="running")
    row.started = 1_000_000_000
    tree.move((Row(span=0, parent=-1, index=0, kind="run", label="Who?"), row))
    details.follow(tree)
    details.show_row(1)
    assert f"Running for: 10{numbers.THIN}s" in details.figures.text()
