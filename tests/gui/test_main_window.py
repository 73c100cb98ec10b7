"""What a person does with the window, against the scripted engine."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.actions import ACTIONS
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow, close
from tests.gui.dragging import drop
from tests.gui.pressing import press


def open_book(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    window.open_paths([str(book)])
    qtbot.waitUntil(lambda: bool(window.documents.views()), timeout=WAIT_MS)


def ask(qtbot: QtBot, window: MainWindow, book: Path, question: str, status: str) -> None:
    if not window.documents.views():
        open_book(qtbot, window, book)
    window.ask.box.setPlainText(question)
    window.actions_by_name["ask"].trigger()
    qtbot.waitUntil(
        lambda: (run := window.runs.on_show) is not None and run.question == question, timeout=WAIT_MS
    )
    qtbot.waitUntil(lambda: window.answer.status.text() == status, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.history_panel.marked is not None, timeout=WAIT_MS)


def what(window: MainWindow) -> list[str]:
    """The first column of the tree, all of it, indented."""
    tree = window.tree.tree()
    assert tree is not None

    def below(parent: object, depth: int) -> list[str]:
        lines = []
        for row in range(tree.rowCount(parent)):  # type: ignore[arg-type, union-attr]
            index = tree.index(row, 0, parent)  # type: ignore[arg-type, union-attr]
            lines += ["  " * depth + index.data(), *below(index, depth + 1)]
        return lines

    return below(window.tree.rootIndex(), 0)


def test_a_question_is_answered_and_its_citation_opens_the_line(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "Who was the father of Methuselah?", "Answered")
    page = window.answer.page.toPlainText()
    assert "Enoch was the father of Methuselah." in page
    assert "book.txt:12 ✓" in page
    assert "book.txt:3-4 ⚠ not found word for word" in page
    assert "And Enoch walked with <God>" in page
    window.answer.page.anchorClicked.emit(QUrl("cite:0"))
    view = window.documents.current
    assert view is not None and view.cited == range(11, 12)


def test_the_tree_grows_while_the_run_goes_on_and_stop_ends_it(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    qtbot.waitUntil(lambda: len(what(window)) == 5, timeout=WAIT_MS)
    assert what(window)[:3] == [
        "Turn 1",
        '  find("father of Methuselah")',
        "    Reading passage 1  (3 together)",
    ]
    assert window.tree.isExpanded(window.tree.tree().index_of(2))  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: window.answer.page.toPlainText() == "Reading 3 passages…", timeout=WAIT_MS)
    assert window.ask.stop.isVisible() and window.ask.button.text() == "Queue"
    assert "tokens · free" in window.status.spent.text()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.answer.status.text() == "Stopped", timeout=WAIT_MS)
    assert window.ask.button.text() == "Ask"
    assert window.tree.tree().row(4).status == "cancelled"  # type: ignore[union-attr]


def test_stop_works_before_the_engine_has_named_the_run(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    window.ask.box.setPlainText("hold")
    window.ask.ask()
    window.ask.stop.click()
    qtbot.waitUntil(lambda: window.answer.status.text() == "Stopped", timeout=WAIT_MS)


OUTCOMES = {
    "nothing?": ("The document does not say", "6 passages were read"),
    "limit?": (
        "Partial answer",
        "The limit of 1 turn was reached. This is what was found until then:\nPerhaps Enoch.",
    ),
    "unsupported limit?": ("Partial answer", "⚠ Unsupported"),
    "fail?": ("Failed", "The model tiny stopped working.\nAsk again or choose another model."),
}


@pytest.mark.parametrize("question", OUTCOMES)
def test_every_outcome_says_what_it_is(qtbot: QtBot, window: MainWindow, book: Path, question: str) -> None:
    status, words = OUTCOMES[question]
    ask(qtbot, window, book, question, status)
    assert words in window.answer.page.toPlainText()
    assert window.answer.copy.isVisible() == (status == "Failed")


def test_the_details_of_a_failure_can_be_copied(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "fail?", "Failed")
    window.answer.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "Error: The model tiny stopped working." in copied and "Question: fail?" in copied


def test_a_row_says_what_of_the_documents_it_showed(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "who?", "Answered")
    details, tree = window.details, window.tree.tree()
    assert tree is not None
    window.tree.setCurrentIndex(tree.index_of(2))
    read = details.tabs.indexOf(details.places)
    assert details.tabs.isTabVisible(read)
    assert details.places.sentence.text().startswith("Shown to the model 36 characters")
    window.tree.setCurrentIndex(tree.index_of(1))
    assert not details.tabs.isTabVisible(read)


def test_a_row_shows_its_code_output_prompt_thinking_response_and_notes(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    ask(qtbot, window, book, "fail?", "Failed")
    details, tree = window.details, window.tree.tree()
    assert tree is not None
    window.tree.setCurrentIndex(tree.index_of(2))
    qtbot.waitUntil(lambda: "find(" in details.code.view.toPlainText(), timeout=WAIT_MS)
    assert [details.tabs.isTabVisible(n) for n in range(6)] == [True, *[False] * 5]
    assert details.progress.isVisible() and details.progress.text() == "pages 340 of 1,000"
    window.tree.setCurrentIndex(tree.index_of(1))
    assert not details.progress.isVisible()
    qtbot.waitUntil(lambda: "── User ──\nfail?" in details.prompt.view.toPlainText(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "```repl" in details.response.view.toPlainText(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: details.thinking.view.toPlainText() == "Who was his father?", timeout=WAIT_MS)
    assert details.tabs.isTabVisible(details.tabs.indexOf(details.thinking))
    window.tree.setCurrentIndex(tree.index_of(4))
    assert details.notes.toPlainText() == "The worker died.\n\nThe model's worker was killed."


def test_a_run_is_found_again_after_a_restart(qtbot: QtBot, make_window: MakeWindow, book: Path) -> None:
    first = make_window()
    ask(qtbot, first, book, "Who was it?", "Answered")
    close(qtbot, first)
    second = make_window()
    history = second.history_panel.view
    qtbot.waitUntil(lambda: history.model().rowCount() == 1, timeout=WAIT_MS)
    history.clicked.emit(history.model().index(0, 0))
    qtbot.waitUntil(lambda: second.answer.status.text() == "Answered", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "Turn 1" in what(second), timeout=WAIT_MS)
    second.answer.page.anchorClicked.emit(QUrl("cite:0"))
    qtbot.waitUntil(lambda: second.documents.current is not None, timeout=WAIT_MS)
    assert second.documents.current.cited == range(11, 12)  # type: ignore[union-attr]


def test_the_engine_dies_and_nothing_typed_is_lost(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    window.ask.box.setPlainText("please die")
    window.ask.ask()
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert window.banner.text.text() == "The engine stopped unexpectedly."
    assert window.ask.box.toPlainText() == "please die"
    assert window.ask.button.text() == "Ask"
    window.banner.action.click()
    qtbot.waitUntil(lambda: not window.banner.isVisible(), timeout=WAIT_MS)
    ask(qtbot, window, book, "and again?", "Answered")


def test_a_refused_question_is_explained(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    window.ask.box.setPlainText("refuse this")
    window.ask.ask()
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert window.banner.text.text() == "The model is missing. Download it."
    assert not window.runs.busy


def test_a_missing_path_is_named(qtbot: QtBot, window: MainWindow) -> None:
    window.open_paths(["/no/such/book.txt"])
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    assert "/no/such/book.txt does not exist." in window.banner.text.text()


def test_files_are_dropped_on_the_window(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    drop(window, [book])
    qtbot.waitUntil(lambda: window.documents.current is not None, timeout=WAIT_MS)


def test_a_folder_lists_its_documents(qtbot: QtBot, window: MainWindow, book: Path, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.txt").write_text(f"{name}\n" * 20)
    window.open_paths([str(folder)])
    qtbot.waitUntil(lambda: window.library.ground is not None, timeout=WAIT_MS)
    view = window.library_panel.view
    top = view.model().index(0, 0)
    view.clicked.emit(view.model().index(1, 0, top))
    assert window.documents.current.source.document.name == "b.txt"  # type: ignore[union-attr]
    assert window.ask._about.text() == "Ask about notes (2 files)"


def test_a_model_is_downloaded(qtbot: QtBot, window: MainWindow) -> None:
    picker = window.ask.picker
    assert "fits (280" in picker._note.text() and not picker._warning.isVisible()
    picker.choose("big")
    assert not picker.ready and picker.fetch.isVisible()
    assert picker._warning.isVisible() and "of memory, and 5.2" in picker._warning.text()
    moves: list[int] = []
    window.catalogue.progress.connect(lambda notice: moves.append(notice.received))
    picker.fetch.click()
    qtbot.waitUntil(lambda: picker.ready, timeout=WAIT_MS)
    assert moves == [0, 940_000_000, 1_880_000_000, 0]  # the last says that it is over
    assert not picker.fetch.isVisible()


def test_the_window_of_models_is_a_key_away_and_what_is_used_there_is_chosen(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = window.models.view
    qtbot.keyClick(
        window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    qtbot.waitUntil(lambda: view.isVisible() and view.page.name == "tiny", timeout=WAIT_MS)
    assert window.isEnabled() and not view.isModal()
    view.mark("openai:gpt-mini")
    assert "network is off" in view.page.state.text()
    qtbot.mouseClick(view.page.buttons["network"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(view.page.buttons["use"].isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(view.page.buttons["use"], Qt.MouseButton.LeftButton)
    assert window.ask.picker.name == "openai:gpt-mini"
    qtbot.mouseClick(view.add_remote, Qt.MouseButton.LeftButton)
    assert window.models.dialog.isVisible()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()


def test_another_model_can_be_typed(qtbot: QtBot, window: MainWindow) -> None:
    picker = window.ask.picker
    picker.combo.setCurrentIndex(picker.combo.findData(""))
    assert not picker.ready
    picker.other.setText("script:/replies.json")
    assert picker.ready and picker.name == "script:/replies.json"
    window.catalogue.refresh()
    with qtbot.waitSignal(window.catalogue.changed, timeout=WAIT_MS):
        pass
    assert picker.name == "script:/replies.json"


def test_closing_during_a_run_asks_first(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "hold on", "Running")
    window.close()
    question = window.life.presence.question
    assert question.isVisible() and window.isVisible()
    press(qtbot, question, "Keep waiting")
    assert window.isVisible() and window.runs.busy
    window.close()
    press(qtbot, question, "Stop and close")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT_MS)
    assert not window.engine.alive


def test_the_window_comes_back_where_it_was(qtbot: QtBot, make_window: MakeWindow, home: Path) -> None:
    first = make_window()
    first.resize(first.width(), 640)  # the offscreen platform's screen is 800 pixels wide and high
    first.docks.toggle("library")
    close(qtbot, first)
    assert (home / "window.ini").exists()
    second = make_window()
    assert second.height() == 640
    assert second.docks.closed == ("library",)


INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
)


def test_everything_one_can_use_has_a_name(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who?", "Answered")
    window.banner.say("Something", "Do it")
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, INTERACTIVE)
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and not (widget.objectName().startswith("qt_") or _is_part(widget))
    ]
    assert not nameless


def _is_part(widget: QWidget) -> bool:
    """Whether Qt made it as a part of a widget that has a name."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, MainWindow):
        if isinstance(parent, INTERACTIVE) and parent.accessibleName():
            return True
        parent = parent.parentWidget()
    return False


def test_the_keyboard_reaches_everything_it_should(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who?", "Answered")
    qtbot.waitUntil(window.replay_bar.isVisible, timeout=WAIT_MS)
    window.ask.box.setPlainText("And then?")
    reached = {window.focusWidget()}
    for _ in range(60):
        window.focusNextChild()
        reached.add(window.focusWidget())
    for widget in (
        window.library_panel.view, window.history_panel.view, window.documents.current, window.tree,
        window.ask.box, window.ask.picker.combo, window.ask.strategy, window.ask.fold, window.ask.button,
        window.answer.page, window.replay_bar.scrubber, window.replay_bar.speed,
        *window.replay_bar.buttons.values(),
    ):  # fmt: skip
        assert widget in reached, widget


def test_a_long_question_leaves_the_answer_its_room(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    window.resize(1280, 776)
    question = "Who was it, " + "of all these people, " * 60 + "in the end?"
    ask(qtbot, window, book, question, "Answered")
    assert window.height() == 776
    assert window.answer._question.height() < window.answer.page.height()
    assert window.answer._question.text().endswith("…")
    assert question in window.answer._question.toolTip()


def test_details_take_room_from_the_answer_only_when_there_are_some(
    qtbot: QtBot, window: MainWindow, book: Path
) -> None:
    window.resize(1280, 776)
    ask(qtbot, window, book, "Who?", "Answered")
    whole = window.answer.height()
    assert window.details.height() < whole / 4
    tree = window.tree.tree()
    assert tree is not None
    window.tree.setCurrentIndex(tree.index_of(1))
    qtbot.waitUntil(lambda: window.details.height() > whole / 4, timeout=WAIT_MS)
    assert window.answer.height() < whole


def test_the_model_that_was_asked_is_chosen_again(qtbot: QtBot, make_window: MakeWindow, book: Path) -> None:
    first = make_window()
    first.ask.picker.choose("script:replies.json")
    ask(qtbot, first, book, "Who?", "Answered")
    close(qtbot, first)
    second = make_window("script:replies.json")
    assert second.ask.picker.other.isVisible()
    second.ask.picker.choose("tiny")
    ask(qtbot, second, book, "And now?", "Answered")
    close(qtbot, second)
    make_window()


def test_f6_goes_round_the_panes(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who?", "Answered")
    qtbot.waitUntil(window.replay_bar.isVisible, timeout=WAIT_MS)
    window.ask.box.setFocus()
    seen = []
    for _ in range(8):
        window.actions_by_name["next_pane"].trigger()
        seen.append(window.focusWidget())
    assert len(set(seen)) == 8
    assert seen[-1] is window.ask.box


def test_keys_are_given_once() -> None:
    everywhere = [spec.key for spec in ACTIONS if spec.key and not spec.pane]
    assert len(everywhere) == len(set(everywhere))
    of_panes = [(spec.pane, spec.key) for spec in ACTIONS if spec.key and spec.pane]
    assert len(of_panes) == len(set(of_panes))
    assert not {key for _, key in of_panes} & set(everywhere)
