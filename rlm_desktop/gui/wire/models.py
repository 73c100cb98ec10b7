"""What the engine says of a model's files and settings, as types."""

from __future__ import annotations

import msgspec


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
