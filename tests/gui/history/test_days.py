from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.history import days
from rlm_desktop.gui.history.days import Midnight, called

TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("ago", "name"),
    [
        (-1, "Today"), (0, "Today"), (1, "Yesterday"), (2, "Monday"), (6, "Thursday"), (7, "25 February"),
        (62, "1 January"), (63, "31 December 2025"),
    ],
)  # fmt: skip
def test_what_a_day_is_called(ago: int, name: str) -> None:
    assert called(TODAY - timedelta(days=ago), TODAY) == name


def test_another_day_is_noticed_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [datetime(2026, 3, 4, 23, 59).astimezone()]
    monkeypatch.setattr(days, "now", lambda: clock[0])
    owner, passed = QObject(), []
    midnight = Midnight(owner)
    midnight.passed.connect(lambda: passed.append(clock[0].day))
    midnight.look()
    clock[0] += timedelta(minutes=2)
    for _ in range(2):
        midnight.look()
    clock[0] -= timedelta(minutes=2)  # somebody set the clock back
    midnight.look()
    assert passed == [5, 4]
    owner.deleteLater()
