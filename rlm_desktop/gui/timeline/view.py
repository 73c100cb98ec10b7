"""The run over time: who waited for whom, what went on side by side, and what it cost by when."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAction,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QToolTip, QWidget

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.timeline.bar_words import aloud, in_full
from rlm_desktop.gui.timeline.canvas import WaterfallCanvas
from rlm_desktop.gui.timeline.painter import spent
from rlm_desktop.gui.timeline.spans import Picture
from rlm_desktop.gui.timeline.timeline import Timeline
from rlm_desktop.gui.timeline.viewport import Viewport
from rlm_desktop.gui.timeline.waterfall import Waterfall
from rlm_desktop.gui.wire import EngineError

_TICK_MS = 1000
_STEP = 1.25
"""What a turn of the wheel by one notch, or a key, zooms by."""
_NOTCH = 120
_PAN = 0.1
"""What part of the window a key pans by."""


class TimelineView(WaterfallCanvas):
    """Paints the waterfall of a run and lets one move about in it.

    Args:
        timeline: The run on show.

    Signals:
        wanted: A bar was clicked, or Enter pressed on it: the way to it, spans from the top of the tree down.
    """

    wanted = Signal(object)

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._span = -1
        self._pressed: QPointF | None = None
        self._dragged: QPointF | None = None
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._let_grow)
        self.setAccessibleName(tr("Timeline of the run"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        timeline.drawn.connect(self._draw)
        timeline.moved.connect(self._place)
        timeline.refused.connect(self._complain)
        self._say_nothing()

    # -- what is shown -----------------------------------------------------------------------------------

    @property
    def selected(self) -> int:
        """Span of the bar that is chosen; -1 if none is."""
        return self._span

    def select(self, span: int) -> None:
        """Choose the bar of a row, and bring it into the window; nothing is announced by `wanted`."""
        if span != self._span or self.bar is None:
            self._span = span
            self._choose(self._bar_of(span), quiet=True)

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What each of its actions does, by name."""
        return {
            "timeline_in": self.zoom_in,
            "timeline_out": self.zoom_out,
            "timeline_fit": self.fit,
            "timeline_step": self.zoom_to_selected,
        }

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Let these actions be found in its own menu, by name, and their keys work in it."""
        self.addActions([actions[name] for name in self.handlers])
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def fit(self) -> None:
        """Show the whole run."""
        self.part.fit()
        self.show_part()

    def zoom_in(self) -> None:
        """Show half as much, around the bar that is chosen or the middle."""
        self._zoom(_STEP**3, self._middle())

    def zoom_out(self) -> None:
        """Show twice as much."""
        self._zoom(_STEP**-3, self._middle())

    def zoom_to_selected(self) -> None:
        """Fill the window with the bar that is chosen, and all that is below it."""
        if self.bar is not None:
            picture, bar = self.fall.picture, self.bar
            lane, lanes = int(picture.lanes.lane[bar]), int(picture.lanes.height[bar])
            self.part.show(int(picture.start[bar]), int(self.fall.closes[bar]), lane, lanes)
            self.show_part()

    def _draw(self, picture: Picture, anew: bool) -> None:
        self._say_nothing(at_once=anew)
        self.fall = Waterfall(picture, self._timeline.now if picture.running else picture.length)
        if anew:
            self._span, self.bar = -1, None
            self._say("", interrupt=False)
            self.part = Viewport()
            self.lay_out()
        self.part.grow(self.fall.now, self.fall.lanes)
        self._tick_if_running()
        awaited, self.bar = self.bar is None, self._bar_of(self._span)
        if self.bar is not None and awaited:
            self._choose(self.bar, quiet=True)
        elif self.bar is not None:
            self._say(aloud(self.fall, self.bar), interrupt=False)
        self.show_part()

    def wait(self) -> None:
        """A run is about to be on show."""
        self.nothing = ""
        self.viewport().update()

    def _say_nothing(self, *, at_once: bool = False) -> None:
        """What is said instead of bars; nothing for a moment, in which they may come."""
        if not self._timeline.run:
            self.nothing = tr("Ask a question: its steps will appear here over time.")
        elif self._timeline.complete:
            self.nothing = tr("There are no steps yet.")
        else:
            self.nothing = "" if at_once else tr("Reading the steps of the run…")
        self.viewport().update()

    def _complain(self, error: EngineError) -> None:
        self.nothing = str(error)
        self.viewport().update()

    def _place(self) -> None:
        self.moment = self._timeline.moment
        self.viewport().update()

    def _bar_of(self, span: int) -> int | None:
        found = (self.fall.picture.span == span).nonzero()[0]
        return int(found[0]) if len(found) and found[0] else None

    def _tick_if_running(self) -> None:
        if self.fall.picture.running and self.isVisible():
            self._tick.start()
        else:
            self._tick.stop()

    def _let_grow(self) -> None:
        """Bars of rows that run grow by the second; nothing moves in between."""
        self.fall = Waterfall(self.fall.picture, self._timeline.now)
        self.part.grow(self.fall.now, self.fall.lanes)
        self.show_part()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick_if_running()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    # -- choosing ----------------------------------------------------------------------------------------

    def _choose(self, bar: int | None, *, quiet: bool = False) -> None:
        self.bar = bar
        if bar is not None:
            picture = self.fall.picture
            self._span = int(picture.span[bar])
            self.part.reveal(int(picture.start[bar]), int(self.fall.ends[bar]), int(picture.lanes.lane[bar]))
            self._say(aloud(self.fall, bar), interrupt=not quiet)
        else:
            self._say("", interrupt=False)
        self.show_part()

    def _say(self, words: str, *, interrupt: bool) -> None:
        if words == self.accessibleDescription():
            return
        self.setAccessibleDescription(words)
        if QAccessible.isActive() and words:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
            if interrupt:
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _go(self, find: Callable[[int], int | None]) -> None:
        """Choose the bar that is found from the one that is chosen; the first to begin with."""
        if len(self.fall.picture) > 1:
            self._choose(1 if self.bar is None else find(self.bar) or self.bar)

    # -- zoom and pan ------------------------------------------------------------------------------------

    def _middle(self) -> QPointF:
        """Where keys zoom in: at the bar that is chosen, if it can be seen."""
        window = self.part.window
        if self.bar is not None:
            picture = self.fall.picture
            x = window.x((int(picture.start[self.bar]) + int(self.fall.ends[self.bar])) / 2)
            if 0 <= x <= window.width:
                y = window.y(int(picture.lanes.lane[self.bar]) + 0.5)
                return QPointF(x, y + self.header)
        return QPointF(window.width / 2, self.header)

    def _zoom(self, factor: float, place: QPointF) -> None:
        self.part.zoom_by(factor, place.x(), max(0.0, place.y() - self.header))
        self.show_part()

    def _pan(self, x: float, y: float = 0.0) -> None:
        self.part.pan(x, y)
        self.show_part()

    # -- keys and mouse ----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        step = self.part.window.width * _PAN
        shifted = {Qt.Key.Key_Left: -step, Qt.Key.Key_Right: step}
        plain: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Left: lambda: self._go(lambda bar: self.fall.beside(bar, -1)),
            Qt.Key.Key_Right: lambda: self._go(lambda bar: self.fall.beside(bar, 1)),
            Qt.Key.Key_Up: lambda: self._go(lambda bar: self.fall.across(bar, -1)),
            Qt.Key.Key_Down: lambda: self._go(lambda bar: self.fall.across(bar, 1)),
            Qt.Key.Key_PageUp: lambda: self._pan(0, -self.part.window.height),
            Qt.Key.Key_PageDown: lambda: self._pan(0, self.part.window.height),
            Qt.Key.Key_Home: self.fit,
            Qt.Key.Key_Equal: self.zoom_in,  # the same key as +, on many keyboards
            Qt.Key.Key_Return: self._announce,
            Qt.Key.Key_Enter: self._announce,
        }
        if modifiers == Qt.KeyboardModifier.ShiftModifier and event.key() in shifted:
            self._pan(shifted[Qt.Key(event.key())])
        elif not modifiers and event.key() in plain:
            plain[event.key()]()
        else:
            super().keyPressEvent(event)

    def _announce(self) -> None:
        if self.bar is not None:
            self.wanted.emit(self.fall.picture.way_to(self.bar))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn, pixels = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom(_STEP ** (turn.y() / _NOTCH), event.position())
        else:
            # a wheel goes by notches, a touchpad by pixels
            x = pixels.x() or turn.x() / _NOTCH * self.part.window.width * _PAN
            y = pixels.y() or turn.y() / _NOTCH * 3 * GRID
            sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not self.part.deepest
            if sideways and not x:
                x, y = pixels.y() or turn.y() / _NOTCH * self.part.window.width * _PAN, 0
            self._pan(-x, -y)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = self._dragged = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or self._dragged is None:
            return
        here = event.position()
        if self.viewport().cursor().shape() is not Qt.CursorShape.ClosedHandCursor:
            if (here - self._pressed).manhattanLength() < GRID:
                return
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        moved, self._dragged = self._dragged - here, here
        self._pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        clicked = self._pressed is not None and self.viewport().cursor().shape() is Qt.CursorShape.ArrowCursor
        self._pressed = self._dragged = None
        self.viewport().unsetCursor()
        if clicked and event.button() is Qt.MouseButton.LeftButton:
            bar = self._bar_at(event.position())
            if bar is not None:
                self._choose(bar)
                self._announce()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._bar_at(event.position()) is not None:
            self.zoom_to_selected()

    def _bar_at(self, place: QPointF) -> int | None:
        y = place.y() - self.header
        return self.fall.bar_at(self.part.window, place.x(), y) if y >= 0 else None

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self._zoom(1 + event.value(), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._zoom(pinch.scaleFactor(), QPointF(self.viewport().mapFromGlobal(pinch.hotSpot())))
                return True
        elif isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)

    def words_at(self, place: QPoint) -> str:
        """What the tooltip says there: of a bar, or above the bars what was spent by then."""
        if place.y() < self.header:
            meter = self.fall.picture.meter
            moment = int(self.part.window.time(place.x()))
            return spent(meter, moment) if len(meter.time) else ""
        bar = self._bar_at(QPointF(place))
        return in_full(self.fall, bar) if bar is not None else ""
