"""Where the panes of the window stand: docks around the documents, to be moved, closed, floated and put back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QMenuBar,
    QStatusBar,
    QStyle,
    QTabBar,
    QTabWidget,
    QWidget,
)

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.widgets.title_bar import TitleBar

_LEFT, _RIGHT, _BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)


@dataclass(frozen=True)
class Place:
    """Where a pane stands at first.

    Attributes:
        title: Its heading, in English.
        area: The side of the window.
        share: Of the height of its side, 0 for what its contents need.
        of_run: Whether it shows a run, and gives its room to the documents while there is none.
    """

    title: str
    area: Qt.DockWidgetArea
    share: int
    of_run: bool = False


PLACES: Mapping[str, Place] = {
    "library": Place(later("Library"), _LEFT, 2),
    "sessions": Place(later("Sessions"), _LEFT, 3),
    "ask": Place(later("Ask"), _RIGHT, 0),
    "answer": Place(later("Answer"), _RIGHT, 5, of_run=True),
    "details": Place(later("Details"), _RIGHT, 4, of_run=True),
    "run": Place(later("Run"), _BOTTOM, 3, of_run=True),
    "timeline": Place(later("Timeline"), _BOTTOM, 2, of_run=True),
}
"""From the top down on each side."""
_WIDTHS = {_LEFT: 30, _RIGHT: 50}
"""Characters side by side in the columns at first."""
_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
_BEHIND = {"details": "answer", "timeline": "run"}
"""Panes that stand behind another at first where there is little room, each with a tab."""
_FEW_LINES = 40
"""Lines of text that little room has from top to bottom: a small screen, or large text."""
_FOOT = 0.51
"""Of the height of the window, below the documents."""


class Dock(QDockWidget):
    """A pane with its heading.

    Attributes:
        wanted: Whether the person has it open; a pane that shows a run may be hidden all the same.

    Signals:
        shut: The person closed it.
    """

    shut = Signal()

    def __init__(self, name: str, place: Place, pane: QWidget) -> None:
        super().__init__(tr(place.title))
        self.wanted = True
        self.of_run = place.of_run
        self.setObjectName(name)
        self.setWidget(pane)
        self.title = TitleBar(self)
        self.setTitleBarWidget(self.title)
        self.topLevelChanged.connect(self._frame)

    def _frame(self, floating: bool) -> None:
        """Leave room for a line around it in a window of its own, which has no frame."""
        margin = int(floating)
        self.setContentsMargins(margin, margin, margin, margin)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.isFloating():
            painter = QPainter(self)
            painter.setPen(self.palette().color(QPalette.ColorRole.Dark))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            painter.end()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.wanted = False
        self.shut.emit()


class Docks(QObject):
    """The panes around what is in the middle of a window.

    Args:
        window: Has the middle already.
        panes: One for each of `PLACES`.
    """

    def __init__(self, window: QMainWindow, panes: Mapping[str, QWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._has_run = False
        self._as_at_first = True
        self._stacked = False
        self._actions: Mapping[str, QAction] = {}
        window.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.by_name = {name: Dock(name, place, panes[name]) for name, place in PLACES.items()}
        for dock in self.by_name.values():
            dock.shut.connect(self._mark)
            dock.topLevelChanged.connect(self._taken_over)
            dock.installEventFilter(self)
        self._needs: dict[str, int] = {}
        window.installEventFilter(self)
        QApplication.instance().focusChanged.connect(self._mark_focus)  # type: ignore[union-attr]  # there is one
        self.reset()

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Mark these actions as the panes they are named after are open or closed."""
        self._actions = actions
        self._mark()

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What the actions about panes do, by name."""
        return {"reset_panes": self.reset} | {
            f"pane_{name}": partial(self.toggle, name) for name in self.by_name
        }

    def _mark(self) -> None:
        for name, dock in self.by_name.items():
            if action := self._actions.get(f"pane_{name}"):
                action.setChecked(dock.wanted)

    def _mark_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        for dock in self.by_name.values():
            dock.title.mark(now)

    def _taken_over(self) -> None:
        """From now on sizes are the person's."""
        self._as_at_first = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, Dock):
            if event.type() is QEvent.Type.LayoutRequest:
                QTimer.singleShot(0, self, partial(self._fit, watched))
        elif (
            event.type() is QEvent.Type.MouseButtonPress
        ):  # on the window itself there is nothing but handles
            self._taken_over()
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange) and self._as_at_first:
            QTimer.singleShot(0, self, self._share_out)  # when the panes have theirs
        return super().eventFilter(watched, event)

    def _fit(self, dock: Dock) -> None:
        """What is in a pane needs more room than before, or less: it gets that from those beside it."""
        own = not PLACES[dock.objectName()].share
        needed = (dock.sizeHint() if own else dock.minimumSizeHint()).height()
        if needed != self._needs.get(dock.objectName()) and dock.isVisible() and not dock.isFloating():
            self._needs[dock.objectName()] = needed
            if self._as_at_first:
                self._share_out()
            elif own:
                self._give(dock, needed)

    def _give(self, dock: Dock, height: int) -> None:
        """Let a pane have this height, at the cost or for the good of the highest above and below it."""
        others = [
            other
            for other in self.by_name.values()
            if other is not dock and other.isVisible() and not other.isFloating() and other.x() == dock.x()
        ]
        heights = {dock: height}
        missing = height - dock.height()
        for other in sorted(others, key=Dock.height, reverse=True):
            heights[other] = max(other.minimumSizeHint().height(), other.height() - missing)
            missing -= other.height() - heights[other]
        self._window.resizeDocks(list(heights), list(heights.values()), Qt.Orientation.Vertical)

    def reset(self) -> None:
        """Put every pane back to where it stands at first."""
        self._place()
        for dock in self.by_name.values():
            dock.wanted = True
        self._as_at_first = True
        self._arrange()

    def _place(self) -> None:
        """Put every pane below the one before on its side."""
        last: dict[Qt.DockWidgetArea, Dock] = {}
        for name, dock in self.by_name.items():
            area = PLACES[name].area
            dock.setFloating(False)
            self._window.removeDockWidget(dock)
            if area in last:
                self._window.splitDockWidget(last[area], dock, Qt.Orientation.Vertical)
            else:
                self._window.addDockWidget(area, dock)
            last[area] = dock
        self._stacked = False
        for bar in self._window.findChildren(QTabBar, options=_DIRECT):
            bar.hide()  # Qt forgets those of places that had tabs, and they would lie above the panes

    def restore(self, closed: Collection[str]) -> None:
        """The window has put its docks back to where they were left; these had been closed."""
        for name, dock in self.by_name.items():
            dock.wanted = name not in closed
        self._as_at_first = False
        self._arrange()

    @property
    def closed(self) -> tuple[str, ...]:
        """The panes the person does not want to see."""
        return tuple(name for name, dock in self.by_name.items() if not dock.wanted)

    def show_run(self, there: bool) -> None:
        """Make room for a run, or give its room to the documents."""
        if there != self._has_run:
            self._has_run = there
            self._arrange()

    def toggle(self, name: str) -> None:
        """Open a pane, or close it."""
        dock = self.by_name[name]
        dock.wanted = not dock.wanted
        self._arrange()
        if dock.wanted:
            dock.raise_()

    def bring(self, pane: QWidget) -> None:
        """Have the pane that holds a widget seen, whatever was done to it."""
        for dock in self.by_name.values():
            if dock.isAncestorOf(pane):
                dock.wanted = True
                self._arrange()
                dock.raise_()

    def _show(self) -> None:
        for dock in self.by_name.values():
            dock.setVisible(dock.wanted and (self._has_run or not dock.of_run))

    def _arrange(self) -> None:
        self._show()
        self._mark()
        self._share_out()
        for bar in self._window.findChildren(QTabBar, options=_DIRECT):
            bar.setAccessibleName(tr("Panes in the same place"))
            if not bar.count():
                bar.hide()  # of a layout that it restores Qt leaves them lying in a corner

    def _room(self, panes: int) -> int:
        """Pixels of height for so many panes above each other; what is shared out beyond it Qt takes off the last."""
        bars = (
            *self._window.findChildren(QMenuBar, options=_DIRECT),
            *self._window.findChildren(QStatusBar, options=_DIRECT),
        )
        handle = self._window.style().pixelMetric(QStyle.PixelMetric.PM_DockWidgetSeparatorExtent)
        return self._window.height() - sum(bar.height() for bar in bars) - handle * max(0, panes - 1)

    def _stack(self, stacked: bool) -> None:
        """Put panes behind others, or below them again."""
        if stacked == self._stacked:
            return
        if not stacked:  # Qt never makes a place with tabs one without
            self._place()
            self._show()
            return
        self._stacked = True
        for name, before in _BEHIND.items():
            self._window.tabifyDockWidget(self.by_name[before], self.by_name[name])
            self.by_name[before].raise_()

    def _share_out(self) -> None:
        """Give every pane the size it has at first, unless the person gave it another."""
        if not self._as_at_first:
            return
        room = self._window.size()
        self._stack(room.height() < _FEW_LINES * QFontMetrics(self._window.font()).lineSpacing())
        letter = QFontMetrics(self._window.font()).averageCharWidth()
        behind = {name for name in _BEHIND if self._stacked and self.by_name[_BEHIND[name]].wanted}
        seen = [
            dock
            for name, dock in self.by_name.items()
            if name not in behind and dock.isVisibleTo(self._window)
        ]
        for area, letters in _WIDTHS.items():
            column = [dock for dock in seen if PLACES[dock.objectName()].area is area]
            width = min(letters * letter + 2 * GRID, room.width() // 3)
            self._window.resizeDocks(column, [width] * len(column), Qt.Orientation.Horizontal)
        for area, height in ((_LEFT, 1.0), (_RIGHT, 1.0), (_BOTTOM, _FOOT)):
            column = [dock for dock in seen if PLACES[dock.objectName()].area is area]
            shares = [PLACES[dock.objectName()].share for dock in column]
            needs = [
                0 if share else dock.sizeHint().height() for share, dock in zip(shares, column, strict=True)
            ]
            share = height * self._room(len(column)) - sum(needs)
            unit = max(0, share) / max(1, sum(shares))
            heights = [max(1, need or round(share * unit)) for need, share in zip(needs, shares, strict=True)]
            self._window.resizeDocks(column, heights, Qt.Orientation.Vertical)
