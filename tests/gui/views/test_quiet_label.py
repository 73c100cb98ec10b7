from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.theme import DARK, LIGHT
from rlm_desktop.gui.views.quiet_label import QuietLabel
from tests.gui.shots import palette


@pytest.fixture
def former_palette() -> Iterator[None]:
    former = QApplication.palette()
    yield
    QApplication.setPalette(former)


def test_it_follows_the_scheme_there_and_back(qtbot: QtBot, former_palette: None) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    label = QuietLabel("A hint")
    QVBoxLayout(parent).addWidget(label)
    for dark, own in ((False, LIGHT), (True, DARK), (False, LIGHT), (True, DARK)):
        QApplication.setPalette(palette(dark))
        QApplication.processEvents()
        assert label.palette().color(QPalette.ColorRole.WindowText).name() == own.quiet
