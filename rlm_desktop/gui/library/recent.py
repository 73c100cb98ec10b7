"""What was opened lately, here and in windows before."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.wire.documents import Missing

MOST = 20
_KEPT = "library/recent"

Paths = tuple[str, ...]
"""Files and folders that were opened together."""


class Recent(QObject):
    """Keeps the list, newest first, each set of paths once. It is written down at once.

    Attributes:
        missing: Those paths that are not there any more, as far as the engine was asked.

    Signals:
        changed: The list, or what is missing of it, is another.
    """

    changed = Signal()

    def __init__(self, engine: EngineClient, choices: Choices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.missing: frozenset[str] = frozenset()
        self._engine = engine
        self._choices = choices
        self._entries = read_paths(choices.kept(_KEPT))[:MOST]

    @property
    def entries(self) -> tuple[Paths, ...]:
        """The list."""
        return self._entries

    def note(self, paths: Sequence[str]) -> None:
        """These were opened together just now."""
        entry = tuple(paths)
        self._set((entry, *(one for one in self._entries if one != entry))[:MOST])

    def forget(self, paths: Paths) -> None:
        """Take one off the list; the files are left alone."""
        self._set(tuple(one for one in self._entries if one != paths))

    def clear(self) -> None:
        """Forget them all."""
        self._set(())

    def look(self) -> None:
        """Find out which are still there."""
        paths = sorted({path for entry in self._entries for path in entry})
        if paths and self._engine.alive:
            self._engine.request("missing", Missing, self._looked, lambda _: None, paths=paths)

    def gone(self, paths: Paths) -> bool:
        """Whether any of these is missing."""
        return not self.missing.isdisjoint(paths)

    def _looked(self, answer: Missing) -> None:
        missing = frozenset(answer.paths)
        if missing != self.missing:
            self.missing = missing
            self.changed.emit()

    def _set(self, entries: tuple[Paths, ...]) -> None:
        if entries != self._entries:
            self._entries = entries
            self._choices.keep(_KEPT, write_paths(entries) if entries else None)
            self.changed.emit()


def read_paths(kept: str | None) -> tuple[Paths, ...]:
    """Sets of paths as `write_paths` wrote them; none, if somebody else wrote there."""
    try:
        entries = msgspec.json.decode(kept or "[]", type=tuple[Paths, ...])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return ()
    return tuple(dict.fromkeys(entry for entry in entries if entry and all(entry)))


def write_paths(entries: Sequence[Paths]) -> str:
    """Sets of paths as one text."""
    return msgspec.json.encode(entries).decode()
