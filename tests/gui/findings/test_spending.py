"""How near a run is to its limits: computed, and said at the foot of the window while it goes on."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.events import Limits, Row, Usage
from rlm_desktop.gui.findings.spending import used
from rlm_desktop.gui.look.format import THIN
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS
from tests.gui.test_main_window import ask

SECOND = 1_000_000
RUN = Row(
    span=0,
    parent=0,
    index=0,
    kind="run",
    label="Who?",
    children=3,
    subcalls=150,
    total=Usage(9_000, 1_000, cost_usd=0.01),
    started=SECOND,
)


def test_the_nearest_limit_comes_first() -> None:
    limits = Limits(turns=20, subcalls=200, tokens=100_000, seconds=60.0, cost_usd=0.04)
    assert [one.words for one in used(limits, RUN, 31.0)] == [
        "150 of 200 sub-calls",
        f"30{THIN}s of 1{THIN}min 00{THIN}s",
        "$0.0100 of $0.0400",
        "3 of 20 turns",
        "10k of 100k tokens",
    ]


def test_what_has_no_limit_is_not_named() -> None:
    assert used(Limits(turns=None, subcalls=None), RUN, 31.0) == []


@pytest.mark.parametrize("turns", [20, 21])
def test_the_forced_last_turn_is_not_counted(turns: int) -> None:
    row = Row(span=0, parent=0, index=0, kind="run", label="Who?", children=turns)
    assert used(Limits(turns=20), row, 0.0)[0].words == "20 of 20 turns"


def test_a_run_says_how_near_it_is_to_its_limits(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    label = window.status.limits
    assert not label.isVisible()
    ask(qtbot, window, book, "Who was it? (hold)", "Running")
    qtbot.waitUntil(label.isVisible, timeout=WAIT_MS)
    assert label.text() == "1 of 7 turns"
    assert "1 of 200 sub-calls" in label.toolTip()
    assert label.accessibleDescription() == label.toolTip()
    window.ask.box.setFocus()
    qtbot.keyClick(window.ask.box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.answer.status.text() == "Stopped", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not label.isVisible(), timeout=WAIT_MS)
