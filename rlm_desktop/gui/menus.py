"""The menus of the window, made of the table of actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from rlm_desktop.gui.actions import ACTIONS
from rlm_desktop.gui.look.words import tr

Handlers = Mapping[str, Callable[[], None]]


def build_actions(window: QMainWindow, handlers: Handlers) -> dict[str, QAction]:
    """Create every action, with its menu, on the window.

    Args:
        window: Gets the actions and the menus.
        handlers: What each action does, by name.

    Returns:
        The actions by name.
    """
    menus: dict[str, QMenu] = {}
    actions = {}
    for spec in ACTIONS:
        action = QAction(tr(spec.text), window)
        action.setObjectName(spec.name)
        first = spec.key.partition("; ")[0]
        action.setToolTip(f"{tr(spec.tip)} ({first})" if first else tr(spec.tip))
        action.setShortcuts(QKeySequence.listFromString(spec.key) if spec.key else [])
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        action.setShortcutContext(inside if spec.pane else Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(spec.checkable)
        action.triggered.connect(handlers[spec.name])
        menu = _menu(window, spec.menu, menus)
        if spec.apart:
            menu.addSeparator()
        menu.addAction(action)
        actions[spec.name] = action
    roles = QAction.MenuRole
    for name, role in (
        ("quit", roles.QuitRole),
        ("settings", roles.PreferencesRole),
        ("about", roles.AboutRole),
    ):
        actions[name].setMenuRole(role)
    return actions


def _menu(window: QMainWindow, path: str, menus: dict[str, QMenu]) -> QMenu:
    """The menu of this name, or the menu in a menu; made the first time."""
    if path not in menus:
        above, _, name = path.rpartition("/")
        parent = _menu(window, above, menus) if above else window.menuBar()
        menus[path] = parent.addMenu(tr(name))
        menus[path].setToolTipsVisible(True)
    return menus[path]


def actions_of(pane: str, actions: Mapping[str, QAction]) -> dict[str, QAction]:
    """Those of the actions that are about the rows of one pane, by name."""
    return {spec.name: actions[spec.name] for spec in ACTIONS if spec.pane == pane}
