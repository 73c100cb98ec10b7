"""Files and folders that are dropped on the window, wherever on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self, cast

from PySide6.QtCore import QEvent, QObject, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QWindow
from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.library.drop_overlay import DropOverlay
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.wire import EngineError

_MODEL = ".gguf"
_NAMED = 80
"""Characters of an address that is refused."""


@dataclass(frozen=True)
class Dropped:
    """What is held over the window.

    Attributes:
        paths: Documents and folders.
        models: Files of models.
        elsewhere: Addresses of what is not on this computer.
    """

    paths: tuple[str, ...]
    models: tuple[str, ...]
    elsewhere: tuple[str, ...]

    @classmethod
    def of(cls, urls: Sequence[QUrl]) -> Self:
        """Sort what a drag carries."""
        local = tuple(dict.fromkeys(url.toLocalFile() for url in urls if url.isLocalFile()))
        return cls(
            paths=tuple(path for path in local if not path.lower().endswith(_MODEL)),
            models=tuple(path for path in local if path.lower().endswith(_MODEL)),
            elsewhere=tuple(url.toString() for url in urls if not url.isLocalFile()),
        )


class Drops(QObject):
    """Takes drags with files before any widget sees them, and leaves all others alone.

    Qt gives a drag to the window's handle first, which then looks for a widget below the pointer: a filter on the
    handle is ahead of text boxes and tabs that take drops themselves, and costs nothing while there is no drag.

    Args:
        window: Where things are dropped.
        session: Whether there is a session that documents can come to.

    Signals:
        opened: These are to be opened together (paths).
        added: These come to the session on show (paths).
        model: This is the file of a model (`str`).
        refused: What was dropped cannot be opened (`EngineError`).
    """

    opened = Signal(object)
    added = Signal(object)
    model = Signal(str)
    refused = Signal(object)

    def __init__(self, window: QWidget, session: Callable[[], bool]) -> None:
        super().__init__(window)
        self.overlay = DropOverlay(window)
        self._window = window
        self._session = session
        self._handle: QWindow | None = None
        self._dropped: Dropped | None = None
        window.setAcceptDrops(True)  # else the platform never tells of a drag
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            if event.type() in {QEvent.Type.Show, QEvent.Type.WinIdChange}:
                self._watch()
            elif event.type() is QEvent.Type.Resize:
                self.overlay.cover()
        elif isinstance(event, QDropEvent):  # so are those of entering and moving
            return self._drag(event)
        elif event.type() is QEvent.Type.DragLeave and self._dropped is not None:
            self._over()
            return True
        return super().eventFilter(watched, event)

    def _watch(self) -> None:
        handle = cast(
            "QWindow | None", self._window.windowHandle()
        )  # there is none while it is being made anew
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.installEventFilter(self)

    def _drag(self, event: QDropEvent) -> bool:
        if isinstance(event, QDragEnterEvent):
            self._enter(event)
        if self._dropped is None:
            return False
        zone = self.overlay.point(event.position().x())
        event.acceptProposedAction()
        if not isinstance(event, QDragMoveEvent):
            dropped = self._dropped
            self._over()
            self._drop(dropped, add=zone == 1)
        return True

    def _enter(self, event: QDragEnterEvent) -> None:
        urls = event.mimeData().urls()
        if not urls or event.source() is not None:  # a text, or something of the window's own
            return
        self._dropped = dropped = Dropped.of(urls)
        if dropped.paths:
            add = (tr("Add to the session"),) if self._session() else ()
            texts: tuple[str, ...] = (tr("Drop to open"), *add)
        elif dropped.models:
            texts = (tr("Drop to add the model"),)
        else:
            texts = (tr("Only files and folders of this computer can be opened"),)
        self.overlay.offer(texts)

    def _over(self) -> None:
        self._dropped = None
        self.overlay.hide()

    def _drop(self, dropped: Dropped, *, add: bool) -> None:
        for path in dropped.models:
            self.model.emit(path)
        if dropped.paths:
            (self.added if add else self.opened).emit(dropped.paths)
        if dropped.elsewhere:
            what = dropped.elsewhere[0]
            self.refused.emit(
                EngineError(
                    "user",
                    tr("{address} is not on this computer.").format(address=what[:_NAMED]),
                    tr("Save it as a file, and drop that."),
                )
            )
