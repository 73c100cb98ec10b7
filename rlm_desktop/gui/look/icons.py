"""Our icons: single-colour SVGs that take the colour they are asked for, and the application's own in its colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from rlm_desktop.config import shared_file

_SIZES = (16, 24, 32, 48)
APPLICATION_SIZES = (16, 22, 24, 32, 48, 64, 128, 256)
"""Pixels of what taskbars, switchers and the welcome page show on screens of any density."""


@cache
def icon(name: str, colour: str, selected: str = "") -> QIcon:
    """The icon ``resources/icons/NAME.svg``.

    Args:
        name: The file without its suffix.
        colour: Its colour as ``#rrggbb``.
        selected: Its colour in a selected row, if another.
    """
    drawing = _drawing(name)
    result = QIcon()
    for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Selected, selected or colour)):
        for pixmap in _render(drawing.replace("currentColor", ink), _SIZES):
            result.addPixmap(pixmap, mode)
    return result


@cache
def application_icon() -> QIcon:
    """The program's own icon, the one that the desktop's menu shows too."""
    result = QIcon()
    for pixmap in _render(_drawing("app"), APPLICATION_SIZES):
        result.addPixmap(pixmap)
    return result


def _drawing(name: str) -> str:
    return shared_file("resources", "icons", f"{name}.svg").read_text("utf-8")


def _render(drawing: str, sizes: Iterable[int]) -> Iterator[QPixmap]:
    """A square picture of the drawing in each size, in pixels."""
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    for size in sizes:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        yield pixmap
