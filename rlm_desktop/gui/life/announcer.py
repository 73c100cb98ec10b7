"""Tells a person who is looking at something else that a run has ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from rlm_desktop.gui.kept.preferences import NOTIFY, Preferences
from rlm_desktop.gui.life.tray_notices import TrayNotices
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.status import run_look
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.runs import Runs
from rlm_desktop.gui.wire import Summary

if TYPE_CHECKING:
    from rlm_desktop.gui.life.desktop_notices import DesktopNotices

LONG_SECONDS = 10.0
"""What ends sooner is waited for by the person."""
OWED_MS = 5_000
"""How long the summary of a run that has ended may take to come; of one that could not be stored none comes."""
_QUESTION = 120
"""Characters of the question."""

Notices: TypeAlias = "DesktopNotices | TrayNotices"


def notices_of_this_computer(parent: QObject) -> tuple[Notices, ...]:
    """The ways to show a notification, the best first."""
    tray = TrayNotices(parent)
    if sys.platform != "linux":
        return (tray,)
    from rlm_desktop.gui.life.desktop_notices import DesktopNotices  # what it needs is there on Linux only

    return (DesktopNotices(parent), tray)


class Announcer(QObject):
    """Says of each run that was asked here, once, that it has ended: the question and the outcome, never the answer.

    Args:
        window: Whether it is looked at decides whether something has to be said.
        runs: What goes on, and shows what a notification is about.
        preferences: What the person wants to be told.
        notices: The ways to show a notification, the best first.

    Signals:
        wanted: The person wants to see the window (a token for Wayland, or an empty text).
        settled: Nothing is owed, and no notification is there, any more.
    """

    wanted = Signal(str)
    settled = Signal()

    def __init__(
        self, window: QWidget, runs: Runs, preferences: Preferences, notices: tuple[Notices, ...] = ()
    ) -> None:
        super().__init__(window)
        self._window, self._runs = window, runs
        self._preferences = preferences
        self._notices = notices or notices_of_this_computer(self)
        self._owed: set[str] = set()
        self._shown = False
        for one in self._notices:
            one.clicked.connect(self._clicked)
            one.gone.connect(self._gone)
        runs.accepted.connect(self._owed.add)
        runs.learned.connect(self._learned)
        runs.busy_changed.connect(self._busy_changed)
        window.installEventFilter(self)

    @property
    def open(self) -> bool:
        """Whether something is still to be said, or may still be answered with a click."""
        return self._shown or bool(self._owed)

    @property
    def wished(self) -> bool:
        """Whether the person wants to be told at all."""
        return self._preferences.text(NOTIFY) != "never"

    def close(self) -> None:
        """Say nothing any more."""
        for one in self._notices:
            one.withdraw()
            one.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._shown and event.type() is QEvent.Type.WindowActivate:
            for one in self._notices:
                one.withdraw()
            self._shown = False
        return super().eventFilter(watched, event)

    def _learned(self, summary: Summary) -> None:
        if summary.running or summary.run not in self._owed:
            return
        self._owed.discard(summary.run)
        if self._matters(summary):
            QApplication.alert(self._window)
            title = numbers.beginning(summary.name, _QUESTION)
            # the text may be taken for markup: it is made of words of ours alone
            text = tr("{outcome}, after {time}").format(
                outcome=run_look(summary.status).word, time=numbers.seconds(summary.seconds)
            )
            self._shown |= any(one.show(title, text, tr("Show"), summary.run) for one in self._notices)
        self._look_around()

    def _matters(self, summary: Summary) -> bool:
        hidden = not self._window.isVisible()
        match self._preferences.text(NOTIFY):
            case "never":
                return False
            case "always":
                return True
        return hidden or (summary.seconds >= LONG_SECONDS and not self._window.isActiveWindow())

    def _busy_changed(self, busy: bool) -> None:
        if not busy:
            over = frozenset(self._owed)  # the next run may begin before this is written off
            QTimer.singleShot(OWED_MS, self, lambda: self._write_off(over))

    def _write_off(self, over: frozenset[str]) -> None:
        self._owed -= over
        self._look_around()

    def _clicked(self, token: str, run: str) -> None:
        self._runs.show(run)
        self.wanted.emit(token)

    def _gone(self) -> None:
        self._shown = False
        self._look_around()

    def _look_around(self) -> None:
        if not self.open:
            self.settled.emit()
