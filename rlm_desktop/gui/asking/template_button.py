"""The menu of templates beside the question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from rlm_desktop.gui.asking.templates import Kind, Template, shipped, suits
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.menu_button import MenuButton


class TemplateButton(MenuButton):
    """Templates that suit what is open, the person's own before them, the others in a menu of their own.

    Signals:
        chosen: This one is to be used (`Template`).
        removed: The person's own template with this text is to be forgotten (`str`).
    """

    chosen = Signal(object)
    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._kinds: frozenset[Kind] = frozenset()
        self._own: Callable[[], tuple[Template, ...]] = tuple
        self._actions: Mapping[str, QAction] = {}
        self.setText(tr("Templates"))
        self.setAccessibleName(tr("Question templates"))
        self.setToolTip(tr("Begin with a question that is half written (Ctrl+T)"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.list = QMenu(self)
        self.list.setToolTipsVisible(True)
        self.list.aboutToShow.connect(self.fill)
        self.setMenu(self.list)

    def offer(self, own: Callable[[], tuple[Template, ...]], actions: Mapping[str, QAction]) -> None:
        """Take on where the person's own templates are, and the actions that change them."""
        self._own, self._actions = own, actions

    def set_kinds(self, kinds: frozenset[Kind]) -> None:
        """What is open now."""
        self._kinds = kinds

    def fill(self) -> None:
        """List what there is at this moment."""
        self.list.clear()
        for menu in self.list.findChildren(QMenu):
            menu.deleteLater()  # `clear` leaves the menus within
        own = self._own()
        self._add(self.list, own)
        self.list.addSeparator()
        self._add(self.list, (one for one in shipped() if suits(one, self._kinds)))
        others = [one for one in shipped() if not suits(one, self._kinds)]
        if others:
            self._add(self.list.addMenu(tr("For other documents")), others)
        self.list.addSeparator()
        self.list.addActions(list(self._actions.values()))
        if own:
            forget = self.list.addMenu(tr("Remove a template of your own"))
            for one in own:
                forget.addAction(_plain(one.title)).triggered.connect(
                    lambda _=False, text=one.text: self.removed.emit(text)
                )

    def _add(self, menu: QMenu, templates: Iterable[Template]) -> None:
        for one in templates:
            action = menu.addAction(_plain(one.title))
            action.setToolTip("\n".join(filter(None, (one.text, one.note))))
            action.triggered.connect(lambda _=False, one=one: self.chosen.emit(one))

    def paint_icon(self) -> None:
        """Follow another colour scheme."""
        size = self.fontMetrics().height()
        self.setIconSize(QSize(size, size))
        self.setIcon(icon("template", self.palette().buttonText().color().name()))


def _plain(title: str) -> str:
    return title.replace("&", "&&")
