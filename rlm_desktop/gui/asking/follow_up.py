"""Whether the next question goes on from the run on show, or starts afresh."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QWidget

from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.icon_button import IconButton
from rlm_desktop.gui.wire import SAMPLE, Summary
from rlm_desktop.gui.wire.documents import Opened


class FollowUp(QWidget):
    """One line that is there when there is a run to go on from.

    Signals:
        changed: The choice is another.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._run: Summary | None = None
        self._ground: Opened | None = None
        self._going = self._wanted = ""
        self.box = QCheckBox()
        self.box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.box.toggled.connect(self._choose)
        self.add = IconButton("add", tr("Add files to what the session is about (Ctrl+Shift+A)"))
        self.add.setAccessibleName(tr("Add files to the session"))
        self.afresh = IconButton("close", tr("Ask a new question instead (Ctrl+N)"))
        self.afresh.setAccessibleName(tr("Ask a new question instead"))
        self.afresh.clicked.connect(self.drop)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.box, 1)
        layout.addWidget(self.add)
        layout.addWidget(self.afresh)
        self.hide()

    @property
    def run(self) -> Summary | None:
        """The run to go on from; ``None`` for a new question."""
        return self._run if self._run is not None and self.box.isChecked() else None

    @property
    def offered(self) -> Summary | None:
        """The run that could be gone on from, chosen or not."""
        return self._run

    def goes_on(self, run: str) -> None:
        """This run is on its way here: what is asked next can wait for it, and follow it."""
        self._going = run

    def want(self, run: str) -> None:
        """Go on from this run as soon as it is on show."""
        self._wanted = run
        if self._run is not None and self._run.run == run:
            self._wanted = ""
            self.box.setChecked(True)

    def show_run(self, run: Summary | None, ground: Opened | None) -> None:
        """Offer to go on from a run; it is what one expects when what is open is what it is about.

        Documents that came to those of the run since make no difference.

        Args:
            run: The run on show.
            ground: What the next question is about otherwise.
        """
        offered = run if run is not None and run.run != SAMPLE else None
        if offered is not None and offered.running and offered.run != self._going:
            offered = None  # another window carries it on
        another = (offered.run if offered else "") != (self._run.run if self._run else "")
        if offered is not None and (another or ground is not self._ground):
            self.box.setChecked(ground is None or ground.extends(offered.paths))
        self._run, self._ground = offered, ground
        if self._wanted:
            self.want(self._wanted)
        self.setVisible(offered is not None)
        self._name()
        self.changed.emit()

    def drop(self) -> None:
        """Ask a new question."""
        self.box.setChecked(False)

    def _choose(self, follows: bool) -> None:
        self.afresh.setVisible(follows)
        self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._name()

    def _name(self) -> None:
        if self._run is None:
            return
        whole = tr("Follow-up to: {name}").format(name=self._run.name)
        room = self.box.width() - self.box.iconSize().width() - 2 * self.box.fontMetrics().averageCharWidth()
        short = self.box.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, max(0, room))
        self.box.setText(short.replace("&", "&&"))
        self.box.setAccessibleName(whole)
        self.box.setToolTip(
            tr("{whole}\nThe model knows what was asked and found, and its variables are kept.").format(
                whole=whole
            )
        )
