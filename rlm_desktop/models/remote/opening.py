"""Open a model on a server: its key, its name there, its window and its price."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from rlm_desktop.errors import BugError
from rlm_desktop.models.base import ModelError
from rlm_desktop.models.prices import FREE, LARGEST_WINDOW, look_up
from rlm_desktop.models.registry import ResolvedModel
from rlm_desktop.models.remote.endpoint import PROVIDERS, WINDOW_HERE
from rlm_desktop.models.remote.model import OpenAICompatible
from rlm_desktop.models.remote.server import Server
from rlm_desktop.models.remote.wire import Offer

SILENT_SECONDS, SILENT_HERE = 300.0, 900.0
"""Without a byte from a server elsewhere, which may be thinking; and here, where a CPU may read a long prompt."""
_LISTED = 8


async def open_remote(model: ResolvedModel, *, silent: float = 0.0) -> OpenAICompatible:
    """Open a model on a server. A server at an address of one's own is asked what it has.

    Args:
        model: The model, which the network switch permits.
        silent: Seconds without a byte after which the server counts as dead, if not the usual ones.

    Raises:
        UserError: There is no key for it.
        ModelError: The server does not answer, or it is not clear which of its models is meant.
    """
    endpoint = model.endpoint
    if endpoint is None:
        raise BugError(f"{model.name} is on no server.")
    key = await asyncio.to_thread(endpoint.find_key, model.name)
    server = Server(endpoint, key, silent or (SILENT_HERE if endpoint.loopback else SILENT_SECONDS))
    try:
        name, window = model.name, model.profile.context_window
        if not endpoint.model or (not window and endpoint.base_url not in PROVIDERS.values()):
            offer = _chosen(await server.models(), endpoint.model, endpoint.host)
            if not endpoint.model and name.startswith("http"):
                name = f"{name.rstrip('#')}#{offer.id}"  # what asks for the same model again
            endpoint, window = replace(endpoint, model=offer.id), window or min(offer.window, LARGEST_WINDOW)
        known = look_up(endpoint.base_url, endpoint.model, window or LARGEST_WINDOW)
        unsaid = WINDOW_HERE if endpoint.loopback else LARGEST_WINDOW
        return OpenAICompatible(
            name,
            endpoint,
            server,
            context_window=window or min(known.context_window or unsaid, LARGEST_WINDOW),
            concurrency=model.profile.concurrency,
            price=model.price or (FREE if endpoint.loopback else known.price),
        )
    except BaseException:
        await server.close()
        raise


def _chosen(offers: tuple[Offer, ...], model: str, host: str) -> Offer:
    """The model that was asked for, listed or not; else the only one there is."""
    if model:
        return next((offer for offer in offers if offer.id == model), Offer(model))
    if len(offers) == 1:
        return offers[0]
    if not offers:
        raise ModelError(f"{host} lists no model.", "Name one at the end of the address: …/v1#MODEL.")
    names = [offer.id for offer in offers[:_LISTED]]
    more = f" and {len(offers) - _LISTED} more" if len(offers) > _LISTED else ""
    raise ModelError(
        f"{host} has {len(offers)} models: {', '.join(names)}{more}.",
        f"Name one at the end of the address: …/v1#{names[0]}.",
    )
