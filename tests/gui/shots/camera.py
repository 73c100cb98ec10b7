"""Takes the pictures: light and dark, a window in two sizes and with what stands above it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from rlm_desktop.gui.look.scheme import scheme_palette

FOLDER = Path("screenshots")
SIZES = ((1280, 800), (1920, 1080))
_SECONDS = 20.0
_PAINTED = 0.12
"""Seconds after which lists, layouts in layouts and what is computed beside them have settled."""
_TURNS = 12
_QUALITY = 70
"""Of a PNG this is how little it is compressed; much more takes longer than all the rest."""


def palette(dark: bool) -> QPalette:
    """The palettes of ours; the offscreen platform knows no colour scheme."""
    return scheme_palette(dark=dark)


def wait(condition: Callable[[], bool], seconds: float = _SECONDS) -> None:
    """Let the window go on until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The window did not get there.")
        QApplication.processEvents()
        time.sleep(0.002)


def settle(seconds: float = 0.3) -> None:
    """Let the window go on for a moment, and for some turns of its loop however long a busy computer takes for one."""
    end, turns = time.monotonic() + seconds, iter(range(_TURNS))
    wait(lambda: next(turns, None) is None and time.monotonic() > end)


def above(window: QWidget) -> list[QWidget]:
    """The windows that stand above this one."""
    others = (one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not window)
    return [one for one in others if window.isAncestorOf(one) or one.parentWidget() is window]


def picture(widget: QWidget) -> QPixmap:
    """What is seen of a widget; of the window, with the dialogs and floating panes above it."""
    taken = widget.grab()
    if isinstance(widget, QMainWindow):
        painter = QPainter(taken)
        for one in above(widget):
            place = one.pos() - widget.pos()
            painter.drawPixmap(place, one.grab())
            painter.drawRect(one.rect().translated(place).adjusted(-1, -1, 0, 0))
        painter.end()
    return taken


def shoot(widget: QWidget, name: str) -> None:
    """Write its pictures."""
    settle()
    sizes = SIZES if isinstance(widget, QMainWindow) else ((0, 0),)
    for dark in (False, True):
        QApplication.setPalette(palette(dark))
        for width, height in sizes:
            if width:
                widget.resize(width, height)
            settle(_PAINTED)
            words = (name, *([str(width)] if width else []), "dark" if dark else "light")
            picture(widget).save(str(FOLDER / f"{'-'.join(words)}.png"), quality=_QUALITY)
