from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.look.status import Tone
from rlm_desktop.gui.look.theme import DARK, LIGHT
from rlm_desktop.gui.widgets.banner import Banner
from rlm_desktop.gui.widgets.toned_label import TonedLabel
from tests.gui.shots.camera import palette


@pytest.fixture
def former_palette() -> Iterator[None]:
    former = QApplication.palette()
    yield
    QApplication.setPalette(former)


@pytest.mark.parametrize("tone", ["quiet", "warn"])
def test_it_follows_the_scheme_there_and_back(qtbot: QtBot, former_palette: None, tone: Tone) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    label = TonedLabel(tone, "A hint")
    QVBoxLayout(parent).addWidget(label)
    for dark, own in ((False, LIGHT), (True, DARK), (False, LIGHT), (True, DARK)):
        QApplication.setPalette(palette(dark))
        QApplication.processEvents()
        assert label.palette().color(QPalette.ColorRole.WindowText).name() == getattr(own, tone)


def test_the_shape_of_a_banner_follows_the_scheme(qtbot: QtBot, former_palette: None) -> None:
    QApplication.setPalette(palette(False))
    parent = QWidget()
    qtbot.addWidget(parent)
    banner = Banner()
    QVBoxLayout(parent).addWidget(banner)
    banner.say("Something")
    shapes = [banner._icon.pixmap().toImage()]
    for dark in (True, False):
        QApplication.setPalette(palette(dark))
        QApplication.processEvents()
        shapes.append(banner._icon.pixmap().toImage())
    assert shapes[0] == shapes[2] != shapes[1]
