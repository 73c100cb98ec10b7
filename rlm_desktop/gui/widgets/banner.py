"""One sentence across the window when something needs attention, with one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rlm_desktop.gui.look.status import ROW, Look
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.icon_button import IconButton


class Banner(QFrame):
    """Hidden until there is something to say.

    Signals:
        turned: It appeared or went.

    Args:
        look: The shape before the sentence, if any.
        narrow: Whether what can be done stands below the sentence rather than beside it.
    """

    turned = Signal()

    def __init__(
        self, parent: QWidget | None = None, look: Look | None = ROW["warning"], *, narrow: bool = False
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._icon = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.action = QPushButton()
        self.action.setAccessibleName(tr("Do something about it"))
        self._then: Callable[[], None] | None = None
        self.action.clicked.connect(self.act)
        self.copy = QPushButton(tr("Copy details"))
        self.copy.setToolTip(tr("Copy what somebody who helps you needs: versions and messages, no texts"))
        self.copy.clicked.connect(self._copy)
        self.copy.hide()
        self._details: Callable[[], str] | None = None
        dismiss = IconButton("close", tr("Dismiss"))
        dismiss.setAccessibleName(tr("Dismiss the message"))
        dismiss.clicked.connect(self.hide)
        self._paint_icon()
        said, deeds = QHBoxLayout(), QHBoxLayout()
        if look is not None:
            said.addWidget(self._icon)
        said.addWidget(self.text, 1)
        for button in (self.copy, self.action):
            deeds.addWidget(button)
        (said if narrow else deeds).addWidget(dismiss)
        if narrow:
            deeds.addStretch(1)
        layout = QVBoxLayout(self) if narrow else QHBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        for row in (layout, said, deeds):
            row.setSpacing(GRID)
        layout.addLayout(said, 1)
        layout.addLayout(deeds)
        self.hide()

    def say(
        self,
        text: str,
        action: str = "",
        then: Callable[[], None] | None = None,
        details: Callable[[], str] | None = None,
    ) -> None:
        """Show a message, with a button if there is something to do, and one if there are details to be copied."""
        self._details = details
        self.copy.setVisible(details is not None)
        self.text.setText(text)
        self._then = then
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))
        self.show()

    def act(self) -> None:
        """Do what the button offers."""
        self.hide()
        if self._then is not None:
            self._then()

    def _copy(self) -> None:
        if self._details is not None:
            QGuiApplication.clipboard().setText(self._details())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._paint_icon()

    def _paint_icon(self) -> None:
        if self._look is not None:
            self._icon.setPixmap(self._look.icon(self.palette()).pixmap(2 * GRID))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.turned.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.turned.emit()
