"""What this program is: its version, where its data lies, what it is made of."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.care.versions import licences, versions
from rlm_desktop.gui.look.icons import application_icon
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.quiet_label import QuietLabel

_LINES = 10
"""Lines of the list of licences that are seen at once."""


class AboutDialog(QDialog):
    """Stands beside the window.

    Args:
        home: The data folder.

    Signals:
        folder_wanted: Show the data folder.
        diagnostics_wanted: Examine this computer and copy what was found.
    """

    folder_wanted = Signal()
    diagnostics_wanted = Signal()

    def __init__(self, home: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About RLM Desktop"))
        self.setModal(False)
        picture = QLabel()
        picture.setPixmap(application_icon().pixmap(6 * GRID))
        purpose = QLabel(tr("Answers questions about documents of any size, and shows how it found them."))
        self.versions = QuietLabel(versions())
        self.home = QuietLabel(tr("Its data lies in {folder}").format(folder=home))
        for fact in (self.versions, self.home):
            fact.setTextFormat(Qt.TextFormat.PlainText)
            fact.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.folder = QPushButton(tr("Open the data folder"))
        self.folder.clicked.connect(self.folder_wanted)
        self.diagnostics = QPushButton(tr("Copy diagnostics"))
        self.diagnostics.clicked.connect(self.diagnostics_wanted)
        made_of = QLabel(
            tr("&Made of, and under these licences; the program itself is under the MIT licence:")
        )
        self.parts = QPlainTextEdit(licences())
        self.parts.setReadOnly(True)
        self.parts.setTabChangesFocus(True)
        self.parts.setAccessibleName(tr("Parts and licences"))
        self.parts.setMinimumHeight(self.parts.fontMetrics().lineSpacing() * _LINES)
        made_of.setBuddy(self.parts)
        for label in (purpose, made_of):
            label.setWordWrap(True)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        top = QHBoxLayout()
        top.setSpacing(2 * GRID)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        for said in (purpose, self.versions, self.home):
            words.addWidget(said)
        top.addLayout(words, 1)
        deeds = QHBoxLayout()
        deeds.addWidget(self.folder)
        deeds.addWidget(self.diagnostics)
        deeds.addStretch()
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        for part in (top, deeds):
            layout.addLayout(part)
        for widget in (made_of, self.parts, close):
            layout.addWidget(widget)
        letters = self.fontMetrics().averageCharWidth()
        self.resize(90 * letters, self.sizeHint().height())

    def start(self) -> None:
        """Show it, or bring it to the front."""
        self.show()
        self.raise_()
        self.activateWindow()
