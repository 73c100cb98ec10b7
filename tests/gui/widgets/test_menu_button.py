"""A button that opens a menu says so with a sign behind its text, which has room."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMenu, QStyleOptionToolButton, QToolButton
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.widgets.menu_button import MenuButton


def test_the_sign_stands_behind_the_text_and_the_menu_opens(qtbot: QtBot) -> None:
    button, plain = MenuButton(), QToolButton()
    for one in (button, plain):
        one.setText("Templates")
        qtbot.addWidget(one)
    menu = QMenu(button)
    menu.addAction("One")
    button.setMenu(menu)
    option = QStyleOptionToolButton()
    button.initStyleOption(option)
    assert option.text == "Templates ▾"  # type: ignore[attr-defined]
    assert not option.features & QStyleOptionToolButton.ToolButtonFeature.HasMenu  # type: ignore[attr-defined]
    assert button.sizeHint().width() > plain.sizeHint().width()
    button.show()
    opened = []
    menu.aboutToShow.connect(lambda: opened.append(True))
    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, menu.close))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert opened
