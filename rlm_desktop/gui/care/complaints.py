"""What went wrong, said across the window for as long as it matters, and the way out of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from rlm_desktop.gui.care.versions import versions
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.banner import Banner
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
            sentences = filter(None, (error.message, error.hint))  # the engine's own are in English
            self._say(" ".join(map(tr, sentences)), error.kind)

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
        self._say(self._death, "engine", tr("Restart the engine"), self._engine.start)

    def _say(
        self, sentence: str, kind: str, action: str = "", then: Callable[[], None] | None = None
    ) -> None:
        command = self._engine.failed  # another may have failed by the time details are wanted

        def details() -> str:
            return details_of(sentence, kind, command, str(self._engine.last_words))

        self._banner.say(sentence, action, then, details)


def details_of(sentence: str, kind: str, command: str, heard: str) -> str:
    """What somebody who helps needs to know: versions, what was done, the message, the engine's last words."""
    facts = [versions(), f"Command: {command or 'none'}", f"Failure ({kind}): {sentence}"]
    return "\n".join([*facts, *(["The engine said:", heard] if heard else [])])
