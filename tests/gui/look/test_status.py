"""What a running step is called: it waits until its model begins to answer."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from rlm_desktop.events import Row
from rlm_desktop.gui.look.status import row_look
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS
from tests.gui.test_main_window import ask


@pytest.mark.parametrize(
    ("fields", "shape", "word"),
    [
        ({"kind": "call"}, "queued", "Waiting"),
        ({"kind": "turn"}, "queued", "Waiting"),
        ({"kind": "call", "heard": 1}, "running", "Running"),
        ({"kind": "call", "children": 1}, "running", "Running"),  # a child RLM at work
        ({"kind": "cell"}, "running", "Running"),
        ({"kind": "group"}, "running", "Running"),
        ({"kind": "call", "status": "done"}, "done", "Done"),
        ({"kind": "call", "status": "cancelled"}, "cancelled", "Stopped"),
    ],
)
def test_a_step_waits_until_its_model_answers(fields: dict[str, object], shape: str, word: str) -> None:
    look = row_look(Row(span=1, parent=0, index=0, label="Reading", **fields))  # type: ignore[arg-type]
    assert (look.shape, look.word) == (shape, word)


def test_calls_that_wait_say_so_until_they_are_heard_of(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    ask(qtbot, window, book, "Who was it? (hold)", "Running")
    tree = window.tree.tree()
    assert tree is not None
    qtbot.waitUntil(lambda: tree.row(4) is not None, timeout=WAIT_MS)
    status = tree.index_of(4, 1)
    assert status.data() == "Waiting"
    heard = tree.row(4)
    assert heard is not None
    with qtbot.waitSignal(tree.dataChanged, timeout=WAIT_MS):
        heard.heard = 1
        tree.take([heard])
    assert status.data() == "Running"
