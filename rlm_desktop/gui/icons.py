"""Our icons: single-colour SVGs that take the colour they are asked for."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from rlm_desktop.config import shared_file

_SIZES = (16, 24, 32, 48)


@cache
def icon(name: str, colour: str) -> QIcon:
    """The icon ``resources/icons/NAME.svg`` in a colour given as ``#rrggbb``."""
    drawing = shared_file("resources", "icons", f"{name}.svg").read_text("utf-8")
    renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))
    result = QIcon()
    for size in _SIZES:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        result.addPixmap(pixmap)
    return result
