"""The catalogue as a person sees it: what there is, what is here, what it needs."""

from __future__ import annotations

import msgspec

from rlm_desktop.config import Settings
from rlm_desktop.models.catalogue import load_catalogue
from rlm_desktop.models.registry import State, model_state


class Listing(msgspec.Struct, frozen=True):
    """One model. ``size`` and ``memory`` are bytes, ``context_window`` is tokens."""

    name: str
    title: str
    size: int
    licence: str
    context_window: int
    memory: int
    state: State
    note: str
    default: bool


def list_models(settings: Settings) -> list[Listing]:
    """Every model of the catalogue, in its order."""
    return [
        Listing(
            entry.name,
            entry.title,
            entry.size,
            entry.licence,
            entry.context_window,
            entry.memory,
            model_state(entry, settings),
            entry.note,
            entry.default,
        )
        for entry in load_catalogue(settings).entries.values()
    ]
