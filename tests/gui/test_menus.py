"""The menus of the window."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from rlm_desktop.gui.main_window import MainWindow


def menus(menu: QMenu | QMenuBar) -> Iterator[QMenu | QMenuBar]:
    """It and all below it."""
    yield menu
    for action in menu.actions():
        if isinstance(below := action.menu(), QMenu):
            yield from menus(below)


def test_a_letter_stands_for_one_entry_of_its_menu(window: MainWindow) -> None:
    for menu in menus(window.menuBar()):
        letters = [QKeySequence.mnemonic(action.text()).toString() for action in menu.actions()]
        letters = [letter for letter in letters if letter]  # names of panes and of files have none
        assert len(set(letters)) == len(letters), [action.text() for action in menu.actions()]
