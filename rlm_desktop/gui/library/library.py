"""What is open in this window, and which of it the next question is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.library.model import LibraryModel
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.documents import Document, Opened


class Library(QObject):
    """Opens files and folders through the engine and remembers them.

    Signals:
        opening: Paths are being read (a short description), or no longer (empty).
        opened: A source is ready (`Opened`).
        refused: A path could not be opened (`EngineError`).
        ground_changed: The next question is about this source (`Opened` or ``None``).
        closed: A source is not open any more (`Opened`).
    """

    opening = Signal(str)
    opened = Signal(object)
    refused = Signal(object)
    ground_changed = Signal(object)
    closed = Signal(object)

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self.model = LibraryModel()
        self._engine = engine
        self._ground: Opened | None = None
        self._pending = 0
        self._expecting = False

    @property
    def ground(self) -> Opened | None:
        """The source the next question is about."""
        return self._ground

    def choose(self, source: Opened) -> None:
        """Ask about this source from now on."""
        if source != self._ground:
            self._ground = source
            self.ground_changed.emit(source)

    def close(self, source: Opened) -> None:
        """Take a source off the list; if the next question was about it, it is about the one opened last."""
        self.model.remove(self.model.sources.index(source))
        if source == self._ground:
            self._ground = self.model.sources[-1] if self.model.sources else None
            self.ground_changed.emit(self._ground)
        self.closed.emit(source)

    def expect(self, paths: Sequence[str]) -> None:
        """These are opened as soon as the engine answers, and count as being opened; none are any more, if empty."""
        if self._expecting:
            self._expecting = False
            self._settled()
        if paths:
            self._expecting = True
            self._begin(paths)

    def open(
        self,
        paths: Sequence[str],
        then: Callable[[Opened], None] | None = None,
        otherwise: Callable[[EngineError], None] | None = None,
    ) -> None:
        """Open paths together as one source.

        Args:
            paths: Files or folders.
            then: Called with the source once it is there, after `opened`.
            otherwise: Called with the reason if it cannot be opened; by default `refused` announces it.
        """
        self._begin(paths)

        def done(source: Opened) -> None:
            self._settled()
            self.model.add(source)
            self.choose(source)
            self.opened.emit(source)
            if then:
                then(source)

        def failed(error: EngineError) -> None:
            self._settled()
            (otherwise or self.refused.emit)(error)

        self._engine.request("open", Opened, done, failed, paths=list(paths))

    def find(self, path: str, among: Sequence[str], then: Callable[[Document], None]) -> None:
        """Find a document, opening the paths it was among if it is not open yet.

        Args:
            path: The document's path, or its name.
            among: What to open when it is not open.
            then: Called with the document if it exists.
        """
        known = self.model.find(path)
        if known:
            then(known[1])
            return

        def gone(error: EngineError) -> None:
            why = tr("The document of this quote cannot be opened: {message}").format(message=error.message)
            self.refused.emit(EngineError("user", why, tr("What it says is in the answer.")))

        def opened(_: Opened) -> None:
            now_known = self.model.find(path)
            if now_known:
                then(now_known[1])
            else:
                gone(EngineError("user", tr("{path} is not there any more.").format(path=path)))

        self.open(among or [path], opened, gone)

    def _begin(self, paths: Sequence[str]) -> None:
        self._pending += 1
        self.opening.emit(tr("Opening {names}…").format(names=numbers.names(paths)))

    def _settled(self) -> None:
        self._pending -= 1
        if not self._pending:
            self.opening.emit("")
