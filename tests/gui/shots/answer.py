"""An answer of many kinds of blocks, and what was not read for it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import Stage


def rendered(stage: Stage) -> QWidget:
    for name in ("exodus.txt", "leviticus.txt", "numbers.txt"):
        stage.write(name, "Nothing of it.\n" * 99)
    stage.open(stage.folder)
    stage.ask("Tell me richly: who begat whom?")
    wait(stage.window.answer.coverage.isVisible)
    return stage.window


def further_down(stage: Stage) -> QWidget:
    bar = stage.window.answer.text_view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    return stage.window


def raw(stage: Stage) -> QWidget:
    stage.do("raw")
    return stage.window


def finding(stage: Stage) -> QWidget:
    stage.do("raw")
    stage.do("find_in_answer")
    return stage.window


def alone(stage: Stage) -> QWidget:
    for name in ("details", "timeline"):
        stage.window.docks.toggle(name)
    settle()
    stage.window.answer.text_view.verticalScrollBar().setValue(0)
    return stage.window


def coverage(stage: Stage) -> QWidget:
    stage.do("reset_panes")
    stage.do("not_read")
    wait(lambda: (one := stage.window.answer.coverage._dialog) is not None and one.isVisible())
    return stage.window.answer.coverage._dialog


def long_table(stage: Stage) -> QWidget:
    stage.window.answer.coverage._dialog.close()
    rows = "".join(
        f"| Son {n} of Enoch | *Genesis* 5:{n}, after the flood | {900 + n} |\n" for n in range(99)
    )
    page = stage.window.answer.page
    page.show_text(f"All of them:\n\n| Name | Where | Years |\n|---|---|--:|\n{rows}")
    wait(lambda: not page.busy)
    first = page.document().find("Son 3")
    first.setPosition(first.selectionStart())
    first.setPosition(page.document().find("Genesis 5:5,").selectionEnd(), first.MoveMode.KeepAnchor)
    page.setTextCursor(first)
    return stage.window


VIEWS = (rendered, further_down, raw, finding, alone, coverage, long_table)
