"""The button that opens a menu, and the one with an icon."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.widgets.icon_button import IconButton
from rlm_desktop.gui.widgets.menu_button import MenuButton
from tests.gui.shots.camera import palette


def inked(image: QImage, area: QRect) -> list[int]:
    """The lines of the area that something is drawn in."""
    ground = image.pixelColor(1, 1)
    columns = range(area.left(), area.right() + 1)
    lines = range(area.top(), area.bottom() + 1)
    return [y for y in lines if any(_differ(image.pixelColor(x, y), ground) for x in columns)]


def _differ(one: QColor, other: QColor) -> bool:
    return abs(one.lightness() - other.lightness()) > 40


def test_the_arrow_of_a_menu_stands_beside_the_words_in_their_middle(qtbot: QtBot) -> None:
    button = MenuButton()
    qtbot.addWidget(button)
    button.setText("Templates")
    button.setMenu(QMenu(button))
    button.resize(button.sizeHint())
    image = button.grab().toImage()
    side = max(GRID, button.fontMetrics().height() // 2)
    arrow = inked(image, QRect(button.width() - side - 1, 2, side, button.height() - 4))
    assert arrow and abs((arrow[0] + arrow[-1]) / 2 - button.height() / 2) <= 2
    words = inked(image, QRect(2, 2, button.width() - side - 3, button.height() - 4))
    assert words[0] < arrow[0] and arrow[-1] < words[-1]
    plain = QToolButton()
    qtbot.addWidget(plain)
    plain.setText("Templates")
    assert button.sizeHint().width() > plain.sizeHint().width()


def test_an_icon_follows_the_size_of_the_text_and_the_colours(qtbot: QtBot) -> None:
    button = IconButton("close", "Close")
    qtbot.addWidget(button)
    assert button.accessibleName() == button.toolTip() == "Close"
    side = button.iconSize().width()
    font = button.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    button.setFont(font)
    assert button.iconSize().width() > side
    before = button.icon().cacheKey()
    button.setPalette(palette(dark=button.palette().buttonText().color().lightness() < 128))
    assert button.icon().cacheKey() != before
