"""What a person sets of a model: looked up, checked against the model, and kept in their catalogue."""

from __future__ import annotations

import os
from dataclasses import dataclass

import msgspec

from rlm_desktop.config import Settings
from rlm_desktop.errors import UsageError, UserError
from rlm_desktop.models.catalogue import Adjustments, Entry
from rlm_desktop.models.catalogue_file import SETTINGS, load_catalogue
from rlm_desktop.models.gguf import read_header
from rlm_desktop.models.own_catalogue import drop_table, put_table
from rlm_desktop.models.registry import model_path, unknown_model

_LOCAL = ("gpu_layers", "threads", "cache_type", "thinking")
"""What a model on a server leaves to that server."""


class Adjustable(msgspec.Struct, frozen=True):
    """What can be set of a model; every field of both `Adjustments` that can be set is there.

    Attributes:
        now: How it is set.
        default: How it would be if nothing were set.
        longest_window: Tokens it was trained for; 0 when not known.
        layers: Layers that can go on a graphics card, the output counted as one; 0 when its file is not here.
        threads: Logical processors there are.
    """

    now: Adjustments
    default: Adjustments
    longest_window: int
    layers: int
    threads: int


@dataclass(frozen=True)
class _Known:
    plain: Entry
    adjusted: Entry


def adjustable(name: str, settings: Settings) -> Adjustable:
    """What can be set of a model of the catalogue.

    Raises:
        UserError: There is no such model.
    """
    known = _find(name, settings)
    return Adjustable(
        now=_stated(known.adjusted),
        default=_stated(known.plain),
        longest_window=known.plain.trained_window,
        layers=_layers(known.plain, settings),
        threads=os.cpu_count() or 1,
    )


def adjust(name: str, wanted: Adjustments, settings: Settings) -> None:
    """Set a model otherwise; what is as the entry says is not kept, and nothing wanted is back to that.

    Raises:
        UsageError: Something is more than the model or this computer has.
        UserError: There is no such model, or the catalogue cannot be written.
    """
    can = adjustable(name, settings)
    _check(name, wanted, can)
    as_it_is = msgspec.structs.asdict(can.default)
    changed = {
        field: value
        for field, value in msgspec.structs.asdict(wanted).items()
        if value is not None and as_it_is[field] is not None and value != as_it_is[field]
    }
    if changed:
        put_table(settings, (name, SETTINGS), changed)
    else:
        drop_table(settings, (name, SETTINGS))


def _find(name: str, settings: Settings) -> _Known:
    catalogue = load_catalogue(settings)
    if name not in catalogue.entries:
        raise unknown_model(name, catalogue)
    return _Known(catalogue.plain[name], catalogue.entries[name])


def _stated(entry: Entry) -> Adjustments:
    """Everything that can be set, as an entry has it."""
    stated = Adjustments(
        context_window=entry.context_window or None,
        gpu_layers=entry.gpu_layers,
        threads=entry.threads,
        cache_type=entry.cache_type,
        thinking=bool(entry.thinking),
        temperature=entry.sampling.temperature,
        top_p=entry.sampling.top_p,
        strategy=entry.strategy,
        dialect=entry.dialect,
    )
    return msgspec.structs.replace(stated, **dict.fromkeys(_LOCAL)) if entry.is_remote else stated


def _layers(entry: Entry, settings: Settings) -> int:
    if entry.is_remote:
        return 0
    try:
        return read_header(model_path(entry, settings)).layers + 1
    except UserError:  # not here, or damaged, which is told elsewhere
        return 0


def _check(name: str, wanted: Adjustments, can: Adjustable) -> None:
    limits = (
        ("context window", "tokens", wanted.context_window, can.longest_window),
        ("number of layers on the graphics card", "layers", wanted.gpu_layers, can.layers),
        ("number of threads", "processors", wanted.threads, can.threads),
    )
    for what, unit, value, most in limits:
        if value is not None and most and value > most:
            raise UsageError(f"The {what} of {name} can be {most:,} {unit} at most, and not {value:,}.")
