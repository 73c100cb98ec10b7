"""Estimates and the queue on the real engine process, with a scripted model."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.main_window import MainWindow
from tests.gui.asking.test_asking import done, enter, hint
from tests.gui.conftest import WAIT_MS
from tests.gui.test_with_engine import ENDLESS, ask, bible, real

__all__ = ["bible", "real"]  # fixtures
FIRST = "```repl\nhits = find('begat Methuselah', 3)\nanswer['content'] = 'one'\nanswer['ready'] = True\n```"
SECOND = "```repl\nanswer['content'] = f'{len(hits)} hit'\nanswer['ready'] = True\n```"
QUESTION = "Who was the father of Methuselah?"


def test_questions_wait_are_asked_in_one_session_and_make_the_next_estimate(
    qtbot: QtBot, real: MainWindow, bible: Path
) -> None:
    real.ask.limits.seconds.setValue(60)
    ask(qtbot, real, bible, [ENDLESS])
    qtbot.waitUntil(lambda: real.answer.status.text() == "Running", timeout=WAIT_MS)
    tree = real.tree.tree()
    assert tree is not None
    qtbot.waitUntil(lambda: (row := tree.row(2)) is not None and "going on" in row.live, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: hint(real) == "no figures yet for this model", timeout=WAIT_MS)
    bible.with_name("replies.json").write_text(json.dumps({"root": [FIRST]}))
    real.ask.follow_up.drop()
    enter(qtbot, real, QUESTION)
    qtbot.keyClick(real, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not real.runs.busy, timeout=WAIT_MS)
    assert real.ask.queue.view.item(0).text() == f"1. {QUESTION}"
    real.actions_by_name["queue_start"].trigger()
    done(qtbot, real, QUESTION, QUESTION)
    qtbot.waitUntil(lambda: hint(real).endswith("s · free"), timeout=WAIT_MS)
    bible.with_name("replies.json").write_text(json.dumps({"root": [SECOND]}))
    enter(qtbot, real, "And how many hits?")
    done(qtbot, real, "And how many hits?", QUESTION, QUESTION)
    qtbot.waitUntil(lambda: "1 hit" in real.answer.page.toPlainText(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "2 earlier runs" in real.ask._hint.toolTip(), timeout=WAIT_MS)
    box = real.ask.box
    for expected in ("And how many hits?", QUESTION):
        qtbot.keyClick(box, Qt.Key.Key_Up)
        assert box.text == expected
    qtbot.waitUntil(
        lambda: "This question was asked once before" in real.ask._hint.toolTip(), timeout=WAIT_MS
    )
