"""Notifications from the tray, where there is one."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.life.tray_notices import TrayNotices
from rlm_desktop.gui.look.icons import application_icon

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What a tray that takes everything was told."""
    said: list[tuple[str, str]] = []
    QApplication.setWindowIcon(application_icon())
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _, title, text, __: said.append((title, text)))
    return said


@pytest.fixture
def notices() -> Iterator[TrayNotices]:
    notices = TrayNotices()
    yield notices
    notices.close()


def test_without_a_tray_there_are_none(notices: TrayNotices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    assert not notices.show("Who was it?", "Answered", "Show")
    notices.withdraw()


def test_a_click_on_the_icon_or_its_message_finds_the_window(
    qtbot: QtBot, qtlog: Any, notices: TrayNotices, said: list[tuple[str, str]]
) -> None:
    with qtlog.disabled():  # the offscreen platform has no tray, and says so
        assert notices.show("Who was it?", "Answered after 18 s", "Show", "run1")
    assert said == [("Who was it?", "Answered after 18 s\nShow")]
    (icon,) = notices.findChildren(QSystemTrayIcon)
    assert icon.isVisible() and icon.toolTip() == "Who was it?"
    with qtbot.waitSignals(
        [notices.clicked, notices.clicked], check_params_cbs=[lambda _, about: about == "run1"] * 2
    ):
        icon.messageClicked.emit()
        icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    notices.withdraw()
    assert not icon.isVisible()
    with qtlog.disabled():
        assert notices.show("And when?", "Failed after 3 s", "Show") and icon.isVisible()
    assert notices.findChildren(QSystemTrayIcon) == [icon]
