"""Every action of the window in one place: its name, its key and its menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow


@dataclass(frozen=True)
class ActionSpec:
    """One action.

    Attributes:
        name: How the program calls it.
        text: How the menu calls it.
        key: Its shortcut, in Qt's portable notation; empty if it has none.
        menu: The menu it stands in.
        tip: What it does, in the status bar.
    """

    name: str
    text: str
    key: str
    menu: str
    tip: str


ACTIONS = (
    ActionSpec("open_file", "&Open file…", "Ctrl+O", "&File", "Open one or more files to ask about"),
    ActionSpec("open_folder", "Open &folder…", "Ctrl+Shift+O", "&File", "Open a folder to ask about"),
    ActionSpec("quit", "&Quit", "Ctrl+Q", "&File", "Close the window"),
    ActionSpec("go_to_line", "&Go to line…", "Ctrl+G", "&View", "Go to a line of the document"),
    ActionSpec("ask_box", "&Question", "Ctrl+L", "&View", "Type a question"),
    ActionSpec("next_pane", "&Next pane", "F6", "&View", "Move to the next pane"),
    ActionSpec("ask", "&Ask", "Ctrl+Return", "&Run", "Ask the question"),
    ActionSpec("stop", "&Stop", "Esc", "&Run", "Stop the run"),
    ActionSpec("delete", "&Delete from history…", "", "&Run", "Delete the selected run for good"),
)
Handlers = Mapping[str, Callable[[], None]]


def build_actions(window: QMainWindow, handlers: Handlers) -> dict[str, QAction]:
    """Create every action, with its menu, on the window.

    Args:
        window: Gets the actions and the menus.
        handlers: What each action does, by name.

    Returns:
        The actions by name.
    """
    menus = {}
    actions = {}
    for spec in ACTIONS:
        action = QAction(spec.text, window)
        action.setObjectName(spec.name)
        action.setStatusTip(spec.tip)
        action.setShortcut(QKeySequence.fromString(spec.key))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(handlers[spec.name])
        if spec.menu not in menus:
            menus[spec.menu] = window.menuBar().addMenu(spec.menu)
        menus[spec.menu].addAction(action)
        actions[spec.name] = action
    actions["quit"].setMenuRole(QAction.MenuRole.QuitRole)
    return actions
