"""How a status looks and reads: a shape, a word, and a colour that only underlines them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtGui import QIcon, QPalette

from rlm_desktop.events import Row
from rlm_desktop.gui.icons import icon
from rlm_desktop.gui.theme import colours

Tone = Literal["good", "warn", "bad", "busy", "quiet"]


@dataclass(frozen=True)
class Look:
    """A status in shape, word and tone."""

    shape: str
    word: str
    tone: Tone

    def colour(self, palette: QPalette) -> str:
        """Its colour in this palette's scheme, as ``#rrggbb``."""
        return str(getattr(colours(palette), self.tone))

    def icon(self, palette: QPalette) -> QIcon:
        """Its shape in its colour."""
        return icon(self.shape, self.colour(palette), palette.highlightedText().color().name())


RUN = {
    "running": Look("running", "Running", "busy"),
    "answered": Look("done", "Answered", "good"),
    "not_found": Look("none", "The document does not say", "quiet"),
    "limit": Look("warning", "Partial answer", "warn"),
    "failed": Look("failed", "Failed", "bad"),
    "cancelled": Look("cancelled", "Stopped", "quiet"),
    "interrupted": Look("failed", "Cut short", "bad"),
}
ROW = {
    "running": Look("running", "Running", "busy"),
    "done": Look("done", "Done", "good"),
    "warning": Look("warning", "Warning", "warn"),
    "failed": Look("failed", "Failed", "bad"),
    "cancelled": Look("cancelled", "Stopped", "quiet"),
}
_DETAIL = {
    ("cell", "error"): "Code error",
    ("cell", "timeout"): "Took too long",
    ("cell", "memory"): "Out of memory",
    ("cell", "crash"): "Crashed",
    ("call", "refused"): "Refused",
}


def run_look(status: str) -> Look:
    """How a run's status is shown; an unknown one is named as it is."""
    return RUN.get(status) or Look("warning", status.replace("_", " ").capitalize(), "warn")


def row_look(row: Row) -> Look:
    """How the status of a row of the tree is shown."""
    look = ROW[row.status]
    word = (
        _DETAIL.get((row.kind, row.detail), look.word) if row.status in ("warning", "failed") else look.word
    )
    return Look(look.shape, word, look.tone)
