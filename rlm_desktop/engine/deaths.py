"""The deaths of model workers in one run: the first is survived, the second ends it."""

from __future__ import annotations

from rlm_desktop.models.base import ModelDied, ModelError

STARTED_AGAIN = "it was started again and the call repeated."


class ModelLost(ModelError):  # noqa: N818 - says what happened
    """A model's worker died twice in a run, and starting it a third time would most likely change nothing."""


class Deaths:
    """Counts them; the calls that one worker took with it died one death."""

    def __init__(self) -> None:
        self._life: int | None = None
        self._lost: ModelLost | None = None

    def check(self) -> None:
        """Raise `ModelLost` if no model is to be called any more."""
        if self._lost:
            raise ModelLost(self._lost.message, self._lost.hint)

    def survive(self, death: ModelDied) -> None:
        """Take note of a death; raise `ModelLost` if it is the second."""
        if self._life is None:
            self._life = death.life
        if self._life != death.life and self._lost is None:
            said = f" Its last words: {death.said}" if death.said else ""
            self._lost = ModelLost(
                f"The model's worker died twice in this run ({death.how}).{said}", death.advice
            )
        self.check()
