from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.timers import once


def test_it_fires_once_after_the_last_start(qtbot: QtBot) -> None:
    owner = QObject()
    fired: list[int] = []
    timer = once(owner, 1, lambda: fired.append(1))
    for _ in range(3):
        timer.start()
    with qtbot.waitSignal(timer.timeout):
        pass
    assert fired == [1] and not timer.isActive() and timer.parent() is owner
