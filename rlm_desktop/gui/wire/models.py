"""What the engine says of models, their files and settings, as types."""

from __future__ import annotations

import msgspec


class Price(msgspec.Struct, frozen=True):
    """US dollars for a million tokens of prompts and of replies."""

    prompt: float = 0.0
    completion: float = 0.0


class Outlook(msgspec.Struct, frozen=True):
    """What to expect of a model on this computer now.

    Attributes:
        verdict: ``fits``, ``tight`` or ``will not fit``.
        needed: Bytes of memory it needs.
        free: Bytes that are free.
        total: Bytes there are.
        place: Where it computes; empty before its file is here.
        speed: How quickly; empty before that was measured.
    """

    verdict: str
    needed: int
    free: int
    total: int
    place: str = ""
    speed: str = ""


class ModelEntry(msgspec.Struct, frozen=True):
    """A model of the catalogue; ``size`` in bytes, ``context_window`` in tokens.

    ``state`` is ``ready``, ``absent``, ``partial`` or ``damaged``; ``host`` is the server that has it, if one has;
    ``price`` is ``None`` when nobody knows it; ``outlook`` is ``None`` if a server has it. Its file is, or would be, at
    ``path``; ``own`` is one the person added, which is listed where it lies. ``fetched`` bytes of a partial one are here;
    ``adjusted`` is one that the person set otherwise.
    """

    name: str
    title: str = ""
    size: int = 0
    licence: str = ""
    context_window: int = 0
    memory: int | None = None
    state: str = "absent"
    note: str = ""
    host: str = ""
    price: Price | None = None
    outlook: Outlook | None = None
    default: bool = False
    path: str = ""
    own: bool = False
    fetched: int = 0
    adjusted: bool = False


class ModelList(msgspec.Struct, frozen=True):
    """The catalogue."""

    models: tuple[ModelEntry, ...]


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What can be set of a model; ``None`` of what cannot, or is left as it is. -1 is as many as are best."""

    context_window: int | None = None
    gpu_layers: int | None = None
    threads: int | None = None
    cache_type: str | None = None
    thinking: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    strategy: str | None = None
    dialect: str | None = None


class Adjustable(msgspec.Struct, frozen=True):
    """How a model is set, how it would be by itself, and the most there can be; 0 where that is not known."""

    now: ModelSettings
    default: ModelSettings
    longest_window: int = 0
    layers: int = 0
    threads: int = 0


class Removed(msgspec.Struct, frozen=True):
    """Bytes that were freed."""

    freed: int = 0


class AddedFile(msgspec.Struct, frozen=True):
    """The name a file of the person's own was given."""

    model: str
