"""Where the window is, and how large it is the first time."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QStyle

from rlm_desktop.gui.kept.window_state import first_size


@pytest.mark.parametrize(
    "screen", [QSize(1920, 1080), QSize(1280, 800), QSize(1024, 768)], ids=lambda size: f"{size.width()}"
)
def test_a_new_window_fits_the_screen_with_its_title_bar(screen: QSize) -> None:
    style = QApplication.style()
    bar = style.pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
    size = first_size(screen, style)
    assert bar > 0
    assert size.width() == min(1280, screen.width())
    assert size.height() == min(800, screen.height() - bar)
