"""A page of Markdown: laid out bit by bit, going on where it was cut, and fetching nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QPalette, QTextDocument
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.findings.prose import read_prose
from rlm_desktop.gui.findings.prose_view import ProseView
from rlm_desktop.gui.look.theme import colours
from tests.gui.conftest import WAIT_MS
from tests.gui.fake_reading import RICH

TEXT = RICH.format(name="book.txt")


@pytest.fixture
def view(qtbot: QtBot) -> ProseView:
    view = ProseView("Answer")
    view.resize(360, 400)
    qtbot.addWidget(view)
    view.show()
    return view


def settled(qtbot: QtBot, view: ProseView) -> str:
    qtbot.waitUntil(lambda: not view.busy, timeout=WAIT_MS)
    return view.toPlainText()


def test_a_text_that_comes_in_parts_reads_as_if_it_came_whole(qtbot: QtBot, view: ProseView) -> None:
    view.show_text(TEXT)
    whole = settled(qtbot, view)
    view.show_text("")
    for start in range(0, len(TEXT), 37):
        view.append_text(TEXT[start : start + 37])
    assert settled(qtbot, view) == whole


def test_it_begins_at_the_top_with_nothing_marked(qtbot: QtBot, view: ProseView) -> None:
    view.show_text(TEXT * 3)
    settled(qtbot, view)
    view.resize(300, 200)
    assert view.verticalScrollBar().value() == 0 and not view.textCursor().hasSelection()
    view.setTextCursor(view.document().find("Who begat whom"))
    view.append_text("more")
    settled(qtbot, view)
    assert view.textCursor().selectedText() == "Who begat whom"


def test_a_long_text_leaves_the_window_time(qtbot: QtBot, view: ProseView) -> None:
    turns: list[int] = []
    view.show_text(TEXT * 40)
    assert view.busy
    while view.busy:
        QApplication.processEvents()
        turns.append(1)
    assert len(turns) > 5
    assert view.toPlainText().count("Who begat whom") == 40


def test_long_tables_and_long_code_are_whole(qtbot: QtBot, view: ProseView) -> None:
    table = "| a | b |\n|---|---|\n" + "".join(f"| {n} | x{n} |\n" for n in range(300))
    code = "```python\n" + "".join(f"y{n} = {n}\n" for n in range(700)) + "```\n"
    view.show_blocks(lambda: read_prose(f"{table}\n{code}\nend"))
    text = settled(qtbot, view)
    assert "x299" in text and "y699 = 699" in text and text.endswith("end")
    assert text.count("y5 = 5") == 1


def test_a_long_table_that_comes_in_parts_has_every_row_once(qtbot: QtBot, view: ProseView) -> None:
    rows = [f"| And Enoch begat number {number} after the flood | {number} |\n" for number in range(150)]
    text = "| who | how many |\n|---|---|\n" + "".join(rows) + "\nThe end."
    view.show_text("")
    for start in range(0, len(text), 500):
        view.append_text(text[start : start + 500])
        settled(qtbot, view)
    said = view.toPlainText()
    assert "|" not in said and said.count("how many") == 1 and said.endswith("The end.")
    assert [said.count(f"number {number} ") for number in range(150)] == [1] * 150


def test_nothing_is_ever_fetched(view: ProseView) -> None:
    for kind in QTextDocument.ResourceType:
        for name in ("https://example.org/a.png", "file:///etc/hostname", "data:image/png;base64,AAAA"):
            assert not view.loadResource(kind.value, QUrl(name))


def test_the_colours_follow_the_scheme(qtbot: QtBot, view: ProseView) -> None:
    view.show_text("[a](https://b.c)")
    settled(qtbot, view)

    def ink() -> str:
        cursor = view.document().find("a")
        return cursor.charFormat().foreground().color().name()

    assert ink() == colours(view.palette()).busy
    dark = QPalette(view.palette())
    dark.setColor(QPalette.ColorRole.Base, "#202020")
    dark.setColor(QPalette.ColorRole.Text, "#f0f0f0")
    view.setPalette(dark)
    qtbot.waitUntil(lambda: ink() == colours(dark).busy, timeout=WAIT_MS)
