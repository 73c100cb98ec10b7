"""What the engine knows of the program itself: what it keeps on disk, which keys it has, how well it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.wire import EngineError, Nothing
from rlm_desktop.gui.wire.care import Checks, Keys, Storage


class Upkeep(QObject):
    """Asks, and cleans up.

    Signals:
        measured: What is kept on disk now (`Storage`).
        counted: Which keys there are now (`Keys`).
        refused: The engine did not do what was asked for (`EngineError`).
    """

    measured = Signal(object)
    counted = Signal(object)
    refused = Signal(object)

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._names: tuple[str, ...] = ()

    def refresh(self, names: Sequence[str] = ()) -> None:
        """Ask what is kept, and which keys there are of the known providers and of these."""
        self._names = tuple(names)
        self._engine.request("storage", Storage, self.measured.emit, self.refused.emit)
        self._count()

    def clean(self, what: str) -> None:
        """Throw a part of what is kept away for good: ``trash``, ``passages`` or ``leftovers``."""
        self._engine.request("clean", Storage, self.measured.emit, self.refused.emit, what=what)

    def keep_key(self, name: str, key: str) -> None:
        """Put a provider's key into the system's keyring; an empty one takes it out."""
        self._engine.request("key", Nothing, lambda _: self._count(), self.refused.emit, name=name, key=key)

    def examine(self, done: Callable[[Checks], None], failed: Callable[[EngineError], None]) -> None:
        """Have the doctor look at everything, which takes seconds."""
        self._engine.request("doctor", Checks, done, failed)

    def _count(self) -> None:
        self._engine.request("keys", Keys, self.counted.emit, self.refused.emit, names=self._names)
