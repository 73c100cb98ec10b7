"""Drags as the platform delivers them: to the window's handle, ahead of every widget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

_COPY, _LEFT, _NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def carrying(*what: Path | str) -> QMimeData:
    """Files, and addresses of the web."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(one)) if isinstance(one, Path) else QUrl(one) for one in what])
    return data


class Drag:
    """Something that is held over a window, to be moved, dropped or taken away."""

    def __init__(self, window: QWidget, data: QMimeData, at: float = 0.1) -> None:
        self._window = window
        self._data = data
        self.accepted = self._send(QDragEnterEvent(self._place(at), _COPY, data, _LEFT, _NONE))

    def _place(self, at: float) -> QPoint:
        return QPoint(int(self._window.width() * at), self._window.height() // 2)

    def _send(self, event: QEvent) -> bool:
        event.ignore()
        QCoreApplication.sendEvent(self._window.windowHandle(), event)
        return event.isAccepted()

    def move(self, at: float) -> None:
        """Move it to a share of the window's width."""
        self._send(QDragMoveEvent(self._place(at), _COPY, self._data, _LEFT, _NONE))

    def drop(self, at: float = 0.1) -> bool:
        """Let it fall; returns whether anything took it."""
        self.move(at)
        return self._send(QDropEvent(self._place(at), _COPY, self._data, _LEFT, _NONE))

    def leave(self) -> None:
        """Take it away."""
        self._send(QDragLeaveEvent())


def drop(window: QWidget, paths: Sequence[Path], at: float = 0.1) -> None:
    """Drop files at a share of the window's width."""
    assert Drag(window, carrying(*paths), at).drop(at)
