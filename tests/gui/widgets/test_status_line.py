from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.widgets.status_line import StatusLine
from rlm_desktop.gui.wire import Notice


def test_it_says_for_whom_a_model_waits_until_the_wait_is_over(qtbot: QtBot) -> None:
    line = StatusLine(QWidget())
    qtbot.addWidget(line)
    line.show()
    text = "Waiting for process 7 (rlm-desktop ask), which is using a model on this computer."
    line.show_model(Notice("model", "tiny", "waiting", text, pid=7))
    assert line.model.text() == "tiny waiting for process 7"
    assert line.model.toolTip() == text
    line.show_model(Notice("model", "tiny", "loading", rate=0.5))
    assert line.model.text() == "tiny loading 50\u202f%"
    line.show_model(Notice("model", "tiny", "generating", reading=230.0))
    assert line.model.text() == "tiny reads 230 tok/s"
    line.show_model(Notice("model", "tiny", "generating", reading=230.0, writing=12.34))
    assert line.model.text() == "tiny 12 tok/s"
    line.show_model(Notice("model", "tiny", "ready"))
    assert line.model.text() == "tiny ready"
    line.show_model(Notice("model", "tiny", "unloaded"))
    assert not line.model.isVisible()
