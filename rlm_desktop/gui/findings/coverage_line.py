"""One line below an answer: how much of the documents it was found in, and the way to what was not read."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.coverage_dialog import CoverageDialog, coverage_words
from rlm_desktop.gui.look.theme import colours
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.reading import Coverage

_BETWEEN = " · "


class CoverageLine(QLabel):
    """Hidden until the engine has counted.

    Signals:
        opened: A document is to be shown (its path).
        changed: It says something else.

    Attributes:
        plain: What it says, without markup; empty while it is hidden.
    """

    opened = Signal(str)
    changed = Signal()

    def __init__(self, engine: EngineClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._run = ""
        self._coverage: Coverage | None = None
        self._wanted = True
        self.plain = ""
        self._dialog: CoverageDialog | None = None
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setWordWrap(True)
        self.setAccessibleName(tr("What was not read"))
        self.linkActivated.connect(self.open)
        self.hide()

    def count(self, run: str) -> None:
        """Say how much was read in this run, which may take a while to count; an empty id says nothing."""
        if run == self._run:
            return
        self._run, self._coverage = run, None
        self._write()

        def done(coverage: Coverage) -> None:
            if run == self._run:  # else another run is on show by now
                self._coverage = coverage
                self._write()

        def failed(_: EngineError) -> None:
            if run == self._run:
                self._run = ""  # so that it is counted when it is asked for again

        if run:
            self._engine.request("coverage", Coverage, done, failed, run=run, count=0)

    def show_line(self, wanted: bool) -> None:
        """Show the line once it is known, or not: a run that is replayed has not come to its end."""
        self._wanted = wanted
        self._write()

    def open(self) -> None:
        """List the documents."""
        if self._dialog is None:
            self._dialog = CoverageDialog(self._engine, self.window())
            self._dialog.opened.connect(self.opened)
        if self._run:
            self._dialog.show_run(self._run)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Leave the link behind once it is marked: backwards a label would find its only link again and again."""
        if self.hasSelectedText():
            self.setSelection(0, 0)
            return QWidget.focusNextPrevChild(self, forward)
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter follows the link even before Tab has marked it: there is only one."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.open()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.FontChange}:
            self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill()

    def _fill(self) -> None:
        """Break the line between its parts: by itself Qt would do so before a per cent sign."""
        fits = self.fontMetrics().horizontalAdvance(self.plain) <= self.width()
        words = escape(self.plain).replace(_BETWEEN, _BETWEEN if fits else "<br>")
        colour = colours(self.palette()).busy
        self.setText(f"<a href='#' style='color: {colour}'>{words}</a>" if words else "")

    def _write(self) -> None:
        """Write the line, in the colours of the scheme in use, or hide it."""
        self.plain = self._words()
        self._fill()
        self.setVisible(bool(self.plain))
        self.changed.emit()

    def _words(self) -> str:
        coverage = self._coverage
        if coverage is None or not coverage.characters or not self._wanted:
            return ""
        documents = coverage.none + coverage.part + coverage.whole
        more = tr("{:,} of {:,} files unread").format(coverage.none, documents)
        return _BETWEEN.join([coverage_words(coverage), *([more] if documents > 1 else [])])
