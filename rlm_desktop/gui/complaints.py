"""What went wrong, said across the window for as long as it matters, and the way out of it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.views.banner import Banner
from rlm_desktop.gui.wire import EngineError


class Complaints(QObject):
    """Decides what the banner says. While there is no engine, that is what everything else fails of.

    Args:
        engine: Its end is complained of, and it can be started again.
        banner: Says it.
    """

    def __init__(self, engine: EngineClient, banner: Banner) -> None:
        super().__init__(banner)
        self._engine = engine
        self._banner = banner
        self._death = ""
        engine.greeted.connect(self._greeted)
        engine.died.connect(self._died)
        engine.refused.connect(self.tell)

    def tell(self, error: EngineError) -> None:
        """Say why something was not done."""
        if self._death:
            self._offer_restart()  # the banner may have been dismissed, and there is no other way out
        elif self._engine.alive:
            self._banner.say(str(error))

    def settle(self) -> None:
        """The person has gone on to something else, and it worked."""
        if not self._death:
            self._banner.hide()

    def _greeted(self) -> None:
        self._death = ""
        self._banner.hide()

    def _died(self, sentence: str) -> None:
        self._death = sentence
        self._offer_restart()

    def _offer_restart(self) -> None:
        self._banner.say(self._death, "Restart the engine", self._engine.start)
