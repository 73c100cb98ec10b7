"""The command palette: type a few letters of anything that can be done, and press Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.care import matching
from rlm_desktop.gui.look.theme import GRID, colours
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.timers import once
from rlm_desktop.gui.widgets.row_delegate import RowDelegate

_LETTERS = 80
_LINES = 20
"""Size of the palette in characters and lines of the person's font."""
_PAUSE_MS = 200
_BY_MEANING = 50.0
"""Added where only the explanation has the words."""
_AFTER_ALL = 100.0
"""The score of what was found elsewhere, which stands below what is called so itself."""


@dataclass(frozen=True)
class Choice:
    """Something that can be done.

    Attributes:
        group: The heading it stands under.
        title: What it is called.
        do: Does it.
        key: Its shortcut, if it has one.
        obstacle: Why it cannot be done now; empty if it can.
        means: What it does, in other words than its title.
        name: What it is remembered by; empty if it is not to be remembered.
        found: Whether it was searched for, and is no longer asked whether it matches.
    """

    group: str
    title: str
    do: Callable[[], None]
    key: str = ""
    obstacle: str = ""
    means: str = ""
    name: str = ""
    found: bool = False

    def score(self, typed: str) -> float | None:
        """How well it matches, see `matching.score`; whole words of what it means count too, after all titles."""
        if self.found:
            return _AFTER_ALL
        by_title = matching.score(typed, self.title)
        if by_title is not None or not all(word in self.means.casefold() for word in matching.words(typed)):
            return by_title
        return _BY_MEANING


def ranked(choices: Sequence[Choice], typed: str, recent: Sequence[str]) -> list[Choice]:
    """Those that match, group by group, the group with the best first and the best first in each.

    Before anything is typed, those that were chosen last are a group of their own, above the others.
    """
    if not typed:
        by_name = {choice.name: choice for choice in choices if choice.name}
        last = [replace(by_name[name], group=tr("Used last")) for name in recent if name in by_name]
        names = {choice.name for choice in last}
        return [*last, *(choice for choice in choices if not choice.name or choice.name not in names)]
    places = {name: place for place, name in enumerate(recent)}
    scores: dict[Choice, tuple[float, int]] = {}
    for choice in choices:
        score = choice.score(typed)
        if score is not None:
            scores[choice] = (score, places.get(choice.name, len(places)))
    best: dict[str, tuple[float, int]] = {}
    for choice, place in scores.items():
        best[choice.group] = min(place, best.get(choice.group, place))
    return sorted(scores, key=lambda choice: (best[choice.group], choice.group, scores[choice]))


class Palette(QDialog):
    """Stands over the top of the window until something is chosen or Esc is pressed.

    Args:
        choices: Says what can be done now.

    Signals:
        searched: What was typed, after a pause, to look for elsewhere too.
        chose: Something was chosen that is to be remembered (its name).
    """

    searched = Signal(str)
    chose = Signal(str)

    def __init__(self, choices: Callable[[], Sequence[Choice]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle(tr("Command palette"))
        self.setModal(False)
        self._window = parent
        self._choices = choices
        self._offered: Sequence[Choice] = ()
        self._found: Sequence[Choice] = ()
        self._recent: Sequence[str] = ()
        self._possible: list[QTreeWidgetItem] = []
        self._former: QWidget | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("What do you want to do?"))
        self.field.setAccessibleName(tr("Search everything that can be done"))
        self.field.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setAccessibleName(tr("What can be done"))
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.setRootIsDecorated(False)
        self.list.setItemsExpandable(False)
        self.list.setIndentation(GRID)
        self.list.setItemDelegate(RowDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._do)
        self._nothing = QLabel(tr("Nothing is called that."))
        self._pause = once(self, _PAUSE_MS, lambda: self.searched.emit(self.field.text().strip()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        for widget in (self.field, self._nothing, self.list):
            layout.addWidget(widget)
        self.field.textChanged.connect(self._typed)

    def start(self, recent: Sequence[str]) -> None:
        """Ask for what to do; these were chosen last, the latest first."""
        if self.isVisible():
            self.field.selectAll()
            return
        self._former = QApplication.focusWidget() or self._window
        self._recent = recent
        self._offered, self._found = self._choices(), ()
        self.field.clear()
        self._list()
        self._place()
        self.show()
        self.activateWindow()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def take(self, typed: str, found: Sequence[Choice]) -> None:
        """List these too, unless something else was typed meanwhile."""
        if self.isVisible() and typed == self.field.text().strip():
            self._found = found
            self._list()

    @property
    def chosen(self) -> Choice | None:
        """What Enter would do."""
        item = self.list.currentItem()
        choice = item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None
        return choice if isinstance(choice, Choice) else None

    def _typed(self) -> None:
        self._found = ()
        self._list()
        self._pause.start()

    def _list(self) -> None:
        self._possible.clear()
        self.list.clear()
        group, heading = "", self.list.invisibleRootItem()
        for choice in ranked((*self._offered, *self._found), self.field.text().strip(), self._recent):
            if choice.group != group:
                group = choice.group
                heading = self._heading(group)
            item = self._item(heading, choice)
            if not choice.obstacle:
                self._possible.append(item)
        self.list.expandAll()
        self._nothing.setVisible(self.list.topLevelItemCount() == 0)
        if self._possible:
            self.list.setCurrentItem(self._possible[0])

    def _heading(self, text: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self.list, [text])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setFirstColumnSpanned(True)
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        return item

    def _item(self, heading: QTreeWidgetItem, choice: Choice) -> QTreeWidgetItem:
        title = f"{choice.title}: {choice.obstacle}" if choice.obstacle else choice.title
        item = QTreeWidgetItem(heading, [title, choice.key])
        item.setData(0, Qt.ItemDataRole.UserRole, choice)
        item.setToolTip(0, title)
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setForeground(1, QBrush(QColor(colours(self.palette()).quiet)))
        if choice.obstacle:
            item.setFlags(Qt.ItemFlag.ItemIsSelectable)
        return item

    def _do(self) -> None:
        choice = self.chosen
        if choice is None or choice.obstacle:
            return
        self.accept()
        if choice.name:
            self.chose.emit(choice.name)
        choice.do()

    def _step(self, step: int) -> None:
        """Mark the next one that can be done, over headings, round and round."""
        if self._possible:
            here = self.list.currentItem()
            at = self._possible.index(here) if here in self._possible else -1
            self.list.setCurrentItem(self._possible[(at + step) % len(self._possible)])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            key = Qt.Key(event.key())
            if key in steps:
                self._step(steps[key])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do()
                return True
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.WindowDeactivate and self._former is not None:
            self._former = None  # the person has gone elsewhere by themselves
            self.reject()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line around it: no one else frames a window of this kind, and its ground is that of the window below."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QColor(colours(self.palette()).quiet))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _place(self) -> None:
        """Over the middle of the top of the window."""
        letters = self.fontMetrics()
        window = self._window
        width = min(letters.averageCharWidth() * _LETTERS, window.width() - 4 * GRID)
        height = min(letters.lineSpacing() * _LINES, window.height() - 8 * GRID)
        self.resize(width, height)
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - width) // 2, corner.y() + 4 * GRID)

    def done(self, result: int) -> None:
        """Go, and give the focus back to whoever had it."""
        former, self._former = self._former, None
        self._pause.stop()
        super().done(result)
        if former is not None and former.isVisible():
            self._window.activateWindow()
            former.setFocus(Qt.FocusReason.PopupFocusReason)
