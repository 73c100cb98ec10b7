"""A pane that is as high as what is in it, and scrolls all but its foot where there is no room for that."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

_MOST = 0.22
"""Part of the window's height that it insists on; it is given more as long as the panes beside it can spare it."""


class Footed(QWidget):
    """Holds two parts, each with a layout of its own: a body and, below it and always in sight, a foot.

    Attributes:
        body: What scrolls with large text.
        foot: What does not.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.body, self.foot = QWidget(), QWidget()
        self._area = QScrollArea()
        self._area.setAccessibleName(name)
        self._area.setWidget(self.body)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._area, 1)
        layout.addWidget(self.foot)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.body.installEventFilter(self)

    def sizeHint(self) -> QSize:
        wish = self.body.sizeHint().width()
        width = self.width() if self.isVisible() else wish
        return QSize(wish, self.body.heightForWidth(width) + self.foot.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        width = max(part.minimumSizeHint().width() for part in (self.body, self.foot))
        return QSize(width, min(self.sizeHint().height(), round(_MOST * self.window().height())))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            self.updateGeometry()
            self._scroll()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scroll()

    def _scroll(self) -> None:
        """Have a scroll bar or not: one that came by itself would stay, since beside it the texts are higher."""
        needed = self.body.heightForWidth(self.width()) > self._area.height()
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if needed else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._area.setVerticalScrollBarPolicy(policy)
