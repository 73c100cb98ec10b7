"""One sentence across the window when something needs attention, with one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from rlm_desktop.gui.status import ROW, Look
from rlm_desktop.gui.theme import GRID


class Banner(QFrame):
    """Hidden until there is something to say.

    Signals:
        turned: It appeared or went.

    Args:
        look: The shape before the sentence, if any.
    """

    turned = Signal()

    def __init__(self, parent: QWidget | None = None, look: Look | None = ROW["warning"]) -> None:
        super().__init__(parent)
        self._look = look
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._icon = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.action = QPushButton()
        self.action.setAccessibleName("Do something about it")
        self._then: Callable[[], None] | None = None
        self.action.clicked.connect(self.act)
        dismiss = QToolButton()
        dismiss.setText("✕")
        dismiss.setAutoRaise(True)
        dismiss.setAccessibleName("Dismiss the message")
        dismiss.setToolTip("Dismiss")
        dismiss.clicked.connect(self.hide)
        self._paint_icon()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        layout.setSpacing(GRID)
        if look is not None:
            layout.addWidget(self._icon)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.action)
        layout.addWidget(dismiss)
        self.hide()

    def say(self, text: str, action: str = "", then: Callable[[], None] | None = None) -> None:
        """Show a message, with a button if there is something to do."""
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
