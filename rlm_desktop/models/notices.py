"""What a model backend reports besides replies."""

from __future__ import annotations

from typing import Literal

import msgspec

ModelState = Literal["loading", "ready", "failed", "waiting", "generating", "unloaded"]


class ModelNotice(msgspec.Struct, frozen=True, tag_field="kind", tag="model"):
    """A model is loaded, is ready, could not be loaded, waits for another process's model, computes, or is gone from memory.

    Attributes:
        model: Its name.
        state: What is happening.
        text: One sentence for the person.
        rate: Share loaded, from 0 to 1, while ``loading``.
        pid: Process that is waited for, 0 when unknown or nobody.
        reading: Tokens of prompts a second, over all calls together, while ``generating``; see `Speed`.
        writing: Tokens of replies a second, likewise.
    """

    model: str
    state: ModelState
    text: str = ""
    rate: float = 0.0
    pid: int = 0
    reading: float = 0.0
    writing: float = 0.0


class Speed(msgspec.Struct, frozen=True):
    """How quick a model has been of late, in tokens a second over all calls together; 0 is not measured yet.

    Attributes:
        prompt: Tokens of prompts, those of replies in the same steps included.
        completion: Tokens of replies in steps without any prompt.
        overhead: Part of the time that was spent on anything but computing tokens, since the model was loaded;
            what another model computes in between counts too.
    """

    prompt: float = 0.0
    completion: float = 0.0
    overhead: float = 0.0
