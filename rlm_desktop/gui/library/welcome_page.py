"""What stands where documents will be: what to do first, what is being opened, what to do next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from rlm_desktop.gui.look.icons import application_icon
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.timers import PATIENCE_MS, once
from rlm_desktop.gui.widgets.quiet_label import QuietLabel


class WelcomePage(QWidget):
    """A sentence and the one or two things one can do."""

    def __init__(self) -> None:
        super().__init__()
        self._title = QLabel()
        self._text = QuietLabel()
        self._picture = QLabel()
        self._picture.setPixmap(application_icon().pixmap(8 * GRID))
        self.open = QPushButton(tr("Open a file or folder…"))
        self.open.setAccessibleName(tr("Open a file or folder"))
        self.open.setDefault(True)
        self.sample = QPushButton(tr("Replay a sample session"))
        self.sample.setAccessibleName(tr("Replay a sample session"))
        self._about_sample = QuietLabel(
            tr("A recorded question about Python's standard library, answered by the default model.")
        )
        self._sample = QWidget()
        for button in (self.open, self.sample):
            button.setEnabled(False)
        self._area = QScrollArea()  # beside a run there may be little room
        self._patience = once(self, PATIENCE_MS, self._area.show)
        self._opening = False
        self._lay_out()
        self.say_opening("")

    def _lay_out(self) -> None:
        self._enlarge_title()
        for label in (self._picture, self._title, self._text, self._about_sample):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(label is not self._picture)
        sample = QVBoxLayout(self._sample)
        sample.setContentsMargins(0, GRID, 0, 0)
        sample.setSpacing(GRID // 2)
        sample.addWidget(self.sample, 0, Qt.AlignmentFlag.AlignCenter)
        sample.addWidget(self._about_sample)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(2 * GRID)
        layout.addStretch(1)
        layout.addWidget(self._picture)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addWidget(self.open, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._sample)
        layout.addStretch(2)
        area = self._area
        area.setAccessibleName(tr("What to do first"))
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(page)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)

    def _enlarge_title(self) -> None:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        self._title.setFont(font)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._enlarge_title()

    def offer(self, open_file: QAction, open_folder: QAction, sample: QAction) -> None:
        """Let one button open a file or a folder, and the other show the sample session."""
        menu = QMenu(self.open)
        menu.addAction(open_file)
        menu.addAction(open_folder)
        self.open.setMenu(menu)
        self.open.setEnabled(True)
        self.open.setFocus()
        self.sample.clicked.connect(sample.trigger)
        self.sample.setEnabled(True)

    def say_opening(self, what: str) -> None:
        """Say what is being opened, if that takes a moment; nothing is, if ``what`` is empty."""
        self._wait(bool(what))
        if what:
            self._say(what, tr("A large folder takes a moment: every text file in it is looked at once."))
        else:
            self._say(
                tr("Ask a question of any text"),
                tr(
                    "A book, a folder of notes, the source code of a program: however large it is.\n"
                    "Nothing leaves this computer."
                ),
            )
        self.open.setVisible(not what)
        self._sample.setVisible(not what)

    def say_choose(self) -> None:
        """A folder is open and no document of it is on show yet."""
        self._wait(False)
        self._say(tr("Ready"), tr("Ask about all of it, or choose a document in the library to read it."))
        self.open.hide()
        self._sample.hide()

    def _wait(self, opening: bool) -> None:
        """What was said before is no longer true, but what is being opened may be there before it can be read."""
        if opening == self._opening:
            return
        self._opening = opening
        self._area.setVisible(not opening)
        if opening:
            self._patience.start()
        else:
            self._patience.stop()

    def _say(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
