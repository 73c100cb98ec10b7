"""Our icons: single-colour SVGs that take the colour they are asked for."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from rlm_desktop.config import shared_file

_SIZES = (16, 24, 32, 48)


@cache
def icon(name: str, colour: str, selected: str = "") -> QIcon:
    """The icon ``resources/icons/NAME.svg``.

    Args:
        name: The file without its suffix.
        colour: Its colour as ``#rrggbb``.
        selected: Its colour in a selected row, if another.
    """
    drawing = shared_file("resources", "icons", f"{name}.svg").read_text("utf-8")
    result = QIcon()
    for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Selected, selected or colour)):
        renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", ink).encode()))
        for size in _SIZES:
            pixmap = QPixmap(size, size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter)
            painter.end()
            result.addPixmap(pixmap, mode)
    return result
