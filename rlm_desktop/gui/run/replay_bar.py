"""The controls of a replay: to any event of the run by clicking, dragging, stepping or waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import GRID, colours
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.replay import Replay
from rlm_desktop.gui.widgets.icon_button import GrowingButton

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_PLAY = "play"
_BUTTONS = ("to_start", "turn_back", _PLAY, "turn_forward")
_NARROWEST = 8 * GRID


class Scrubber(QSlider):
    """A slider whose handle goes to where one clicks, and can be dragged on from there."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setAccessibleName(tr("Event of the run"))
        self.setMinimumWidth(_NARROWEST)

    def _place(self, part: QStyle.SubControl) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a line where it can go yet, too: the style's groove is dark on dark."""
        super().paintEvent(event)
        groove, handle = map(
            self._place, (QStyle.SubControl.SC_SliderGroove, QStyle.SubControl.SC_SliderHandle)
        )
        if handle.right() + GRID < groove.right():
            painter = QPainter(self)
            painter.setPen(QColor(colours(self.palette()).quiet))
            middle = groove.center().y()
            painter.drawLine(handle.right() + GRID // 4, middle, groove.right() - GRID // 4, middle)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        groove, handle = map(
            self._place, (QStyle.SubControl.SC_SliderGroove, QStyle.SubControl.SC_SliderHandle)
        )
        place = event.position().toPoint()
        if event.button() is Qt.MouseButton.LeftButton and not handle.contains(place):
            offset = place.x() - groove.left() - handle.width() // 2
            room = groove.width() - handle.width()
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), offset, room))
        super().mousePressEvent(event)


class ReplayBar(QWidget):
    """Shown while there is something to replay.

    Args:
        replay: What it controls.
    """

    def __init__(self, replay: Replay) -> None:
        super().__init__()
        self._replay = replay
        self._actions: Mapping[str, QAction] = {}
        self.buttons = {name: GrowingButton() for name in _BUTTONS}
        self.scrubber = Scrubber()
        self.place = QLabel()
        self.place.setToolTip(tr("The event on show, of all that happened"))
        self.place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.speed = QComboBox()
        self.speed.setAccessibleName(tr("Speed of the replay"))
        self.speed.setToolTip(tr("How fast it plays; waits of more than two seconds are cut short"))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(replay.speed))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID // 2, 0, GRID, 0)
        layout.setSpacing(GRID // 2)
        for button in self.buttons.values():
            button.setAutoRaise(True)
            layout.addWidget(button)
        layout.addWidget(self.scrubber, 1)
        layout.addWidget(self.place)
        layout.addSpacing(GRID // 2)
        layout.addWidget(self.speed)
        self.scrubber.valueChanged.connect(replay.seek)
        self.speed.currentIndexChanged.connect(self._set_speed)
        replay.moved.connect(self._show)
        self._show()

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What each of its actions does, by name."""
        replay = self._replay
        return {
            "to_start": replay.to_start,
            "turn_back": replay.turn_back,
            _PLAY: replay.play_or_pause,
            "turn_forward": replay.turn_forward,
            "to_end": replay.to_end,
        }

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Let the buttons do what these actions do, by name."""
        self._actions = {name: actions[name] for name in self.handlers}
        for name, button in self.buttons.items():
            button.setDefaultAction(actions[name])
            button.setAccessibleName(actions[name].text().replace("&", ""))
        self.refresh_colours()
        self._show()

    def _set_speed(self, _: int) -> None:
        self._replay.speed = self.speed.currentData()

    def _show(self) -> None:
        at, total = self._replay.target, self._replay.total
        self.setVisible(total > 0)
        for action in self._actions.values():
            action.setEnabled(total > 0)
        self.scrubber.blockSignals(True)
        self.scrubber.setRange(1, max(1, total))
        self.scrubber.setPageStep(max(1, total // 10))
        if not self.scrubber.isSliderDown():
            self.scrubber.setValue(max(1, at))
        self.scrubber.blockSignals(False)
        self.place.setText(f"{at}/{total}")
        self.place.setMinimumWidth(self.place.fontMetrics().horizontalAdvance(f"{total}/{total}"))
        self._show_play()

    def _show_play(self) -> None:
        action = self._actions.get(_PLAY)
        if action is not None:
            playing = self._replay.playing
            action.setText(tr("&Pause") if playing else tr("&Play"))
            action.setIcon(self._icon("pause" if playing else _PLAY))
            self.buttons[_PLAY].setAccessibleName(tr("Pause") if playing else tr("Play"))

    def _icon(self, name: str) -> QIcon:
        return icon(name, self.palette().buttonText().color().name())

    def refresh_colours(self) -> None:
        """Follow another colour scheme."""
        for name, action in self._actions.items():
            action.setIcon(self._icon(name))
        self._show_play()
