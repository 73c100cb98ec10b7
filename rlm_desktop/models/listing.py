"""The catalogue as a person sees it: what there is, what is here, what it needs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import ApiSource, Entry, FileSource
from rlm_desktop.models.catalogue_file import load_catalogue
from rlm_desktop.models.llama.hardware import Device
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.outlook import Outlook, expected, outlook
from rlm_desktop.models.prices import FREE, LARGEST_WINDOW, Price, look_up
from rlm_desktop.models.registry import State, fetched, model_path, model_state


class Listing(msgspec.Struct, frozen=True):
    """One model.

    Attributes:
        size: Bytes of its file; 0 if a server has it.
        context_window: Tokens; 0 when it is not known before the server is asked.
        memory: Bytes it needs here, as the catalogue says.
        host: The server that has it; empty if it runs here.
        price: What it costs; ``None`` when nobody knows.
        outlook: What to expect of it on this computer now; ``None`` if a server has it.
        path: Its file, there or not; empty if a server has it.
        own: Whether it is a file of the person's own, which is listed where it lies.
        fetched: Bytes that a download left and that need not be fetched again.
        adjusted: Whether the person set anything of it otherwise.
    """

    name: str
    title: str
    size: int
    licence: str
    context_window: int
    memory: int
    state: State
    note: str
    default: bool
    host: str = ""
    price: Price | None = FREE
    outlook: Outlook | None = None
    path: str = ""
    own: bool = False
    fetched: int = 0
    adjusted: bool = False


def list_models(settings: Settings, cards: Sequence[Device] = ()) -> list[Listing]:
    """Every model of the catalogue, in its order.

    Args:
        settings: Whose catalogue.
        cards: The graphics cards there are (`graphics.cards`).
    """
    catalogue = load_catalogue(settings)
    return [
        Listing(
            entry.name,
            entry.title or entry.name,
            entry.size,
            entry.licence,
            entry.context_window,
            entry.memory,
            model_state(entry, settings),
            entry.note,
            entry.default,
            host_of(entry),
            price_of(entry),
            outlook_of(entry, settings, cards),
            path="" if entry.is_remote else str(model_path(entry, settings)),
            own=isinstance(entry.source, FileSource),
            fetched=fetched(entry, settings) if model_state(entry, settings) == "partial" else 0,
            adjusted=entry != catalogue.plain[name],
        )
        for name, entry in catalogue.entries.items()
    ]


def host_of(entry: Entry) -> str:
    """The server that has a model; empty if it runs here."""
    return entry.source.endpoint.host if isinstance(entry.source, ApiSource) else ""


def price_of(entry: Entry) -> Price | None:
    """What a model costs; ``None`` when nobody knows."""
    if not isinstance(entry.source, ApiSource):
        return FREE
    endpoint = entry.source.endpoint
    if entry.price or endpoint.loopback:
        return entry.price or FREE
    return look_up(endpoint.base_url, endpoint.model, entry.context_window or LARGEST_WINDOW).price


def outlook_of(entry: Entry, settings: Settings, cards: Sequence[Device] = ()) -> Outlook | None:
    """What to expect of a model on this computer now; ``None`` if a server has it.

    A file that is here is asked itself; of others the catalogue knows what they need.
    """
    if isinstance(entry.source, ApiSource):
        return None
    options = Options(
        context_window=entry.context_window,
        concurrency=entry.profile.concurrency,
        cache_type=entry.cache_type,
        gpu_layers=entry.gpu_layers,
        threads=entry.threads,
    )
    try:
        return outlook(model_path(entry, settings), options, cards)
    except (OSError, UserError):  # not here, or damaged, which is told when it is used
        return expected(entry.memory, cards)
