"""The command palette, the help, the list of keys, diagnostics, and what can be copied when something fails."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.actions import ACTIONS
from rlm_desktop.gui.care import settings_rows
from rlm_desktop.gui.care.commands import plain
from rlm_desktop.gui.care.manual import help_text, keys_of
from rlm_desktop.gui.care.palette import Choice, Palette, ranked
from rlm_desktop.gui.care.versions import licences
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.preferences import TEXT_SIZE
from rlm_desktop.gui.last_words import LastWords
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.wire import EngineError
from tests.gui.conftest import WAIT_MS
from tests.gui.test_main_window import ask

CONTROL = Qt.KeyboardModifier.ControlModifier


def items(palette: Palette) -> Iterator[QTreeWidgetItem]:
    for place in range(palette.list.topLevelItemCount()):
        heading = palette.list.topLevelItem(place)
        for row in range(heading.childCount()):
            yield heading.child(row)


def titles(palette: Palette) -> list[str]:
    return [item.text(0) for item in items(palette)]


def open_palette(qtbot: QtBot, window: MainWindow) -> Palette:
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_K, CONTROL)
    palette = window.care.commands.palette
    qtbot.waitUntil(palette.isVisible, timeout=WAIT_MS)
    return palette


def test_everything_in_the_menus_is_in_the_palette_once(qtbot: QtBot, window: MainWindow) -> None:
    palette = open_palette(qtbot, window)
    names = [item.data(0, Qt.ItemDataRole.UserRole).name for item in items(palette)]
    assert sorted(names) == sorted(set(window.actions_by_name) - {"palette"})
    greyed = {item.data(0, Qt.ItemDataRole.UserRole).name for item in items(palette) if item.isDisabled()}
    assert greyed == {name for name, action in window.actions_by_name.items() if not action.isEnabled()}
    keys = {item.data(0, Qt.ItemDataRole.UserRole).name: item.text(1) for item in items(palette)}
    assert keys["ask_box"] == "Ctrl+L"


def test_a_few_letters_and_enter_do_it(qtbot: QtBot, window: MainWindow) -> None:
    palette = open_palette(qtbot, window)
    qtbot.keyClicks(palette.field, "larg te")
    assert titles(palette)[0] == "Larger text"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.care.preferences.number(TEXT_SIZE) == 110
    qtbot.keyClick(window, Qt.Key.Key_0, CONTROL)
    palette = open_palette(qtbot, window)
    assert titles(palette)[0] == "Larger text", "what was done last stands first"
    assert palette.list.topLevelItem(0).text(0) == "Used last"
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)


def test_escape_gives_the_focus_back(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    window.ask.box.setFocus()
    qtbot.waitUntil(window.ask.box.hasFocus, timeout=WAIT_MS)
    palette = open_palette(qtbot, window)
    qtbot.waitUntil(palette.field.hasFocus, timeout=WAIT_MS)
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    qtbot.waitUntil(window.ask.box.hasFocus, timeout=WAIT_MS)


def test_whoever_goes_elsewhere_leaves_the_palette(qtbot: QtBot, window: MainWindow) -> None:
    palette = open_palette(qtbot, window)
    qtbot.waitUntil(palette.isActiveWindow, timeout=WAIT_MS)
    window.activateWindow()
    qtbot.waitUntil(lambda: not palette.isVisible(), timeout=WAIT_MS)


@pytest.mark.parametrize("place", ["question", "search", "document"])
def test_the_palette_opens_wherever_one_types(
    qtbot: QtBot, window: MainWindow, book: Path, place: str
) -> None:
    window.activateWindow()
    window.open_paths([str(book)])
    qtbot.waitUntil(lambda: window.documents.current is not None, timeout=WAIT_MS)
    places = {"question": window.ask.box, "search": window.history_panel.search}
    widget = places.get(place) or window.documents.current
    assert widget is not None
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus, timeout=WAIT_MS)
    qtbot.keyClick(widget, Qt.Key.Key_K, CONTROL)
    assert window.care.commands.palette.isVisible()
    window.care.commands.palette.close()


def test_arrows_go_over_what_cannot_be_done(qtbot: QtBot, window: MainWindow) -> None:
    palette = open_palette(qtbot, window)
    seen = set()
    for _ in range(len(titles(palette))):
        qtbot.keyClick(palette.field, Qt.Key.Key_Down)
        chosen = palette.chosen
        assert chosen is not None and not chosen.obstacle
        seen.add(chosen.name)
    assert seen == {name for name, action in window.actions_by_name.items() if action.isEnabled()} - {
        "palette"
    }
    first = palette.chosen
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.chosen != first
    qtbot.keyClicks(palette.field, "stop")
    assert titles(palette)[0].startswith("Stop") and palette.list.topLevelItem(0).child(0).isDisabled()
    palette.close()


def test_sessions_are_found_by_what_they_say(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who was Enoch?", "Answered")
    window.ask.start_afresh()
    palette = open_palette(qtbot, window)
    qtbot.keyClicks(palette.field, "Enoch")
    qtbot.waitUntil(lambda: "Who was Enoch?" in titles(palette), timeout=WAIT_MS)
    while palette.chosen is not None and palette.chosen.title != "Who was Enoch?":
        qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    with qtbot.waitSignal(window.care.commands.showing, timeout=WAIT_MS) as shown:
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert shown.args == ["run1"]


def test_what_was_opened_lately_is_opened_again(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    window.recent.note([str(book), str(book.parent)])
    palette = open_palette(qtbot, window)
    qtbot.keyClicks(palette.field, "open book")
    assert titles(palette) == ["Open book.txt and 1 more"]
    with qtbot.waitSignal(window.care.commands.opening, timeout=WAIT_MS) as opened:
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert opened.args == [[str(book), str(book.parent)]]


def test_what_does_so_is_found_after_what_is_called_so(qtbot: QtBot, window: MainWindow) -> None:
    def titles(typed: str) -> list[str]:
        palette = window.care.commands.palette
        return [choice.title for choice in ranked(palette._choices(), typed, ())]

    assert "Sample session" in titles("replay a recorded")
    assert titles("question")[0] == "Question"
    assert titles("zzz recorded") == []


def test_what_is_called_so_comes_before_what_only_has_the_letters() -> None:
    def choice(title: str, group: str = "A") -> Choice:
        return Choice(group, title, print, name=title)

    choices = [
        choice("Stop nothing"),
        choice("Open folder"),
        choice("Open file", "B"),
        choice("Zoom of file"),
    ]
    assert next(one.title for one in ranked(choices, "of", [])) == "Zoom of file"
    assert [one.title for one in ranked(choices, "op fi", [])] == ["Open file"]
    assert ranked(choices, "xyz", []) == []
    assert next(one.title for one in ranked(choices, "", ["Open file"])) == "Open file"
    assert next(one.title for one in ranked(choices, "open f", ["Open folder"])) == "Open file"


def test_no_two_actions_that_can_be_active_together_share_a_key() -> None:
    by_key: dict[str, list[str]] = {}
    for spec in ACTIONS:
        for key in QKeySequence.listFromString(spec.key) if spec.key else ():
            by_key.setdefault(key.toString(), []).append(spec.pane)
    for key, panes in by_key.items():
        clashing = [pair for pair in combinations(panes, 2) if "" in pair or pair[0] == pair[1]]
        assert not clashing, (key, panes)


def test_every_key_is_one_and_every_name_and_tip_is_said() -> None:
    for spec in ACTIONS:
        keys = QKeySequence.listFromString(spec.key) if spec.key else []
        assert all(not key.isEmpty() for key in keys), spec.name
        assert plain(spec.text) and spec.tip and spec.menu, spec.name
    assert len({spec.name for spec in ACTIONS}) == len(ACTIONS)


def test_f1_shows_the_help_whose_links_do_things(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_F1)
    page = window.care.help
    qtbot.waitUntil(page.isVisible, timeout=WAIT_MS)
    text = page.page.toPlainText()
    assert "{" not in text and "Ctrl+Shift+P" in text
    qtbot.keyClicks(page.search, "sandbox")
    assert page.page.textCursor().selectedText().lower() == "sandbox"
    place = page.page.textCursor().position()
    qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert page.page.textCursor().position() != place
    qtbot.keyClicks(page.search, "xyz")
    assert page.note.isVisible()
    page.page.anchorClicked.emit(QUrl("action:shortcuts"))
    qtbot.waitUntil(window.care.shortcuts.isVisible, timeout=WAIT_MS)


def test_the_list_of_keys_has_every_action_and_is_searched(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_F1, CONTROL)
    page = window.care.shortcuts
    qtbot.waitUntil(lambda: page.isVisible() and not page.busy, timeout=WAIT_MS)
    text = page.page.toPlainText()
    assert page.page.verticalScrollBar().value() == 0
    for name, action in window.actions_by_name.items():
        assert plain(next(spec.text for spec in ACTIONS if spec.name == name)) in text
        assert keys_of(action) in text
    qtbot.keyClicks(page.search, "Ctrl+L")
    qtbot.waitUntil(lambda: not page.busy, timeout=WAIT_MS)
    assert "Question" in page.page.toPlainText() and "Open file" not in page.page.toPlainText()
    qtbot.keyClicks(page.search, " xyz")
    assert page.note.isVisible()


def test_the_help_knows_every_action_it_names(window: MainWindow) -> None:
    assert "{" not in help_text(window.actions_by_name)


def test_diagnostics_are_copied(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_by_name["about"].trigger()
    about = window.care.about
    qtbot.waitUntil(about.isVisible, timeout=WAIT_MS)
    assert "PySide6" in about.parts.toPlainText() and str(window.care._home) in about.home.text()
    QGuiApplication.clipboard().clear()
    qtbot.mouseClick(about.diagnostics, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "✕ sandbox: none" in QGuiApplication.clipboard().text(), timeout=WAIT_MS)
    assert "RLM Desktop" in QGuiApplication.clipboard().text()


def test_the_data_folder_is_opened(
    qtbot: QtBot, window: MainWindow, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(settings_rows.QDesktopServices, "openUrl", opened.append)
    window.actions_by_name["data_folder"].trigger()
    assert [url.toLocalFile() for url in opened] == [str(home)]


def test_licences_name_every_part() -> None:
    assert {"PySide6", "msgspec", "Python"} <= {
        line.split()[0].split("_")[0] for line in licences().splitlines()
    }


# -- copy details --------------------------------------------------------------------------------------------


def test_details_name_what_was_done_and_no_text(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    window.open_paths(["/nowhere"])
    qtbot.waitUntil(window.banner.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(window.banner.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert "RLM Desktop" in text and "Command: open" in text and "/nowhere does not exist." in text
    assert "Enoch" not in text
    window.banner.hide()
    window.banner.say("Fine.")
    assert not window.banner.copy.isVisible()


def test_last_words_of_an_engine_that_died_are_among_the_details(qtbot: QtBot, window: MainWindow) -> None:
    window.engine.last_words.hear(b"Traceback: out of m")
    window.engine.last_words.hear(b"emory\nAuthorization: Bearer sk-123456789 and sk-proj-abcdef\n")
    with qtbot.waitSignal(window.engine.died, timeout=WAIT_MS):
        window.engine._process.kill()
    qtbot.mouseClick(window.banner.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert "Traceback: out of memory" in text and "123456789" not in text and "abcdef" not in text


def test_what_the_engine_writes_to_its_standard_error_is_heard_and_passed_on(
    qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    client = EngineClient((sys.executable, "-c", "import sys; sys.stderr.write('out of ideas')"))
    with qtbot.waitSignal(client.died, timeout=WAIT_MS):
        client.start()
    assert str(client.last_words) == "out of ideas"
    assert "out of ideas" in capsys.readouterr().err


def test_only_the_end_of_a_long_speech_is_kept() -> None:
    words = LastWords()
    for number in range(10_000):
        words.hear(f"line {number} {'x' * 1000}\n".encode())
    said = str(words)
    assert said.startswith("line 9960 ") and len(said) < 20_000
    words.forget()
    assert str(words) == ""


def test_a_complaint_without_an_engine_still_has_details(window: MainWindow) -> None:
    window.complaints.tell(EngineError("bug", "It broke.", ""))
    window.banner.copy.click()
    assert "Failure (bug): It broke." in QGuiApplication.clipboard().text()
