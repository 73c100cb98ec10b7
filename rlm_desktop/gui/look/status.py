"""How a status looks and reads: a shape, a word, and a colour that only underlines them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtGui import QIcon, QPalette

from rlm_desktop.events import Row
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import colours
from rlm_desktop.gui.look.words import later, tr

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
    "running": Look("running", later("Running"), "busy"),
    "answered": Look("done", later("Answered"), "good"),
    "not_found": Look("none", later("The document does not say"), "quiet"),
    "limit": Look("warning", later("Partial answer"), "warn"),
    "failed": Look("failed", later("Failed"), "bad"),
    "cancelled": Look("cancelled", later("Stopped"), "quiet"),
    "interrupted": Look("failed", later("Cut short"), "bad"),
}
ROW = {
    "running": Look("running", later("Running"), "busy"),
    "done": Look("done", later("Done"), "good"),
    "warning": Look("warning", later("Warning"), "warn"),
    "failed": Look("failed", later("Failed"), "bad"),
    "cancelled": Look("cancelled", later("Stopped"), "quiet"),
}
WAITING = Look("queued", later("Waiting"), "quiet")
_DETAIL = {
    ("cell", "error"): later("Code error"),
    ("cell", "timeout"): later("Took too long"),
    ("cell", "memory"): later("Out of memory"),
    ("cell", "crash"): later("Crashed"),
    ("call", "refused"): later("Refused"),
}


def waits(row: Row) -> bool:
    """Whether a model was asked and has not begun to answer: others come first, or it still reads."""
    asked = row.status == "running" and row.kind in ("turn", "call")
    return asked and not (row.heard or row.children)


def run_look(status: str) -> Look:
    """How a run's status is shown; an unknown one is named as it is."""
    look = RUN.get(status) or Look("warning", status.replace("_", " ").capitalize(), "warn")
    return Look(look.shape, tr(look.word), look.tone)


def row_look(row: Row) -> Look:
    """How the status of a row of the tree is shown."""
    look = WAITING if waits(row) else ROW[row.status]
    word = (
        _DETAIL.get((row.kind, row.detail), look.word) if row.status in ("warning", "failed") else look.word
    )
    return Look(look.shape, tr(word), look.tone)
