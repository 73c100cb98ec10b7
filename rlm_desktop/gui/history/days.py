"""Days as headings of a list: what each is called today, and when that changes."""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from rlm_desktop.gui.look.words import later, tr

_WEEK = 7
_LOOK_MS = 30_000
"""Between two looks at the clock: a timer for midnight would come late after a night the computer slept through."""
_WEEKDAYS = (
    later("Monday"), later("Tuesday"), later("Wednesday"), later("Thursday"), later("Friday"), later("Saturday"),
    later("Sunday"),
)  # fmt: skip
_MONTHS = (
    later("January"), later("February"), later("March"), later("April"), later("May"), later("June"), later("July"),
    later("August"), later("September"), later("October"), later("November"), later("December"),
)  # fmt: skip


def now() -> datetime:
    """This moment where the person is."""
    return datetime.now().astimezone()


def called(day: date, today: date) -> str:
    """A day as people say it: ``Today``, ``Yesterday``, ``Monday`` for six days, ``3 March``, ``3 March 2024``."""
    ago = (today - day).days
    if ago <= 0:  # a clock that was set back makes no tomorrow
        return tr("Today")
    if ago == 1:
        return tr("Yesterday")
    if ago < _WEEK:
        return tr(_WEEKDAYS[day.weekday()])
    month = tr(_MONTHS[day.month - 1])
    if day.year == today.year:
        return tr("{day} {month}").format(day=day.day, month=month)
    return tr("{day} {month} {year}").format(day=day.day, month=month, year=day.year)


class Midnight(QObject):
    """Tells that another day has begun: at midnight, after sleep, or since somebody set the clock.

    Signals:
        passed: From now on days are called something else.
    """

    passed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._today = now().date()
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        timer.setInterval(_LOOK_MS)
        timer.timeout.connect(self.look)
        timer.start()
        QGuiApplication.instance().applicationStateChanged.connect(self.look)  # type: ignore[union-attr]  # there is one

    def look(self) -> None:
        """Look at the clock."""
        if (today := now().date()) != self._today:
            self._today = today
            self.passed.emit()
