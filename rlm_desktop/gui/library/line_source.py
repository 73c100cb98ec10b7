"""The lines of a document, fetched in blocks as they are looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.documents import Document, LinesPage

BLOCK = 200
_KEPT = 64


class Written(msgspec.Struct, frozen=True):
    """The file as it was last written: its size in bytes, and when, in ns since 1970."""

    size: int
    mtime: int


class LineSource(QObject):
    """A window on the lines of one document. Lines count from 0 here.

    Signals:
        arrived: Lines came that were missing, or the number of lines is known now.
        failed: The document cannot be read (`EngineError`).
    """

    arrived = Signal()
    failed = Signal(object)

    def __init__(self, engine: EngineClient, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.total = 0
        """Lines of the document; 0 until the first block came."""
        self.written: Written | None = None
        """The file the lines are of; ``None`` until the first block came."""
        self.survived = False
        """Whether the engine has answered, be it that the document cannot be read."""
        self._engine = engine
        self._blocks: OrderedDict[int, tuple[str, ...]] = OrderedDict()
        self._asked: set[int] = set()
        self._collecting: list[tuple[int, int, Callable[[str], None]]] = []
        self._left = False

    def line(self, number: int) -> str | None:
        """A line, or ``None`` while it is on its way."""
        block, offset = divmod(number, BLOCK)
        lines = self._blocks.get(block)
        if lines is None:
            self._ask(block)
            return None
        self._blocks.move_to_end(block)
        return lines[offset] if offset < len(lines) else ""

    def collect(self, first: int, last: int, done: Callable[[str], None]) -> None:
        """Hand over the text of the lines ``first`` to ``last`` as soon as all of them are there.

        At most the blocks that are kept can be collected at once (12,600 lines or more).
        """
        last = min(last, first + (_KEPT - 1) * BLOCK - 1, self.total - 1)
        self._collecting.append((first, last, done))
        self._hand_over()

    def _hand_over(self) -> None:
        waiting, self._collecting = self._collecting, []
        for first, last, done in waiting:
            lines = [self.line(number) for number in range(first, last + 1)]
            if None in lines:
                self._collecting.append((first, last, done))
            else:
                done("\n".join(line for line in lines if line is not None))

    def _ask(self, block: int) -> None:
        if block in self._asked:
            return
        self._asked.add(block)

        def done(page: LinesPage) -> None:
            if self._left:
                return
            self._asked.discard(block)
            self._blocks[block] = page.lines
            while len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
            self.total, self.written = page.total, Written(page.size, page.mtime)
            self.survived = True
            self._hand_over()
            self.arrived.emit()

        def failed(error: EngineError) -> None:
            # left in `_asked`: asking again at every repaint would only repeat the failure
            if not self._left:
                self.survived |= self._engine.alive
                self.failed.emit(error)

        self._engine.request(
            "lines",
            LinesPage,
            done,
            failed,
            path=self.document.path,
            encoding=self.document.encoding,
            first=block * BLOCK + 1,
            count=BLOCK,
        )

    def leave(self) -> None:
        """Nobody is interested any more in the lines that are on their way."""
        self._left = True
        self.deleteLater()

    def retry(self) -> None:
        """Ask again for what failed, as after a restart of the engine."""
        self._asked.clear()
        self.arrived.emit()
