"""What is known of a model before it is opened: its window, what it costs, how quickly it was measured to compute."""

from __future__ import annotations

import msgspec

from rlm_desktop.config import Settings
from rlm_desktop.models.catalogue import ApiSource, Entry, Preference
from rlm_desktop.models.listing import price_of
from rlm_desktop.models.llama import graphics, tuning
from rlm_desktop.models.llama.tuning import Speeds
from rlm_desktop.models.prices import LARGEST_WINDOW, Price, look_up
from rlm_desktop.models.registry import SCRIPT, describe, model_path, resolve
from rlm_desktop.models.remote.endpoint import WINDOW_HERE


class Prospect(msgspec.Struct, frozen=True):
    """A model as far as it is known without opening it.

    Attributes:
        name: What runs are recorded under.
        window: Tokens a prompt and its reply may have together.
        strategy: What ``auto`` chooses for documents larger than the window.
        price: What it costs; ``None`` when nobody knows.
        speeds: What was measured of it on this computer's processor; ``None`` if nothing was.
    """

    name: str
    window: int
    strategy: Preference
    price: Price | None
    speeds: Speeds | None = None


def prospect(spec: str, settings: Settings) -> Prospect:
    """What is known of the model that a person means; no server is asked and no file is hashed.

    Raises:
        UserError: There is no such model, or its file is no usable one.
    """
    if spec.startswith(SCRIPT):
        from rlm_desktop.models.scripted import read_script

        script = read_script(resolve(spec, settings).path)
        return Prospect(spec, script.profile.context_window, script.profile.strategy, script.price)
    entry = describe(spec, settings)
    if isinstance(entry.source, ApiSource):
        return Prospect(entry.name, _window(entry, entry.source), entry.strategy, price_of(entry))
    return Prospect(
        entry.name, entry.context_window, entry.strategy, price_of(entry), _speeds(entry, settings)
    )


def _window(entry: Entry, source: ApiSource) -> int:
    """As a server's model is opened, but for what the server itself would say."""
    endpoint = source.endpoint
    known = look_up(endpoint.base_url, endpoint.model, LARGEST_WINDOW).context_window
    unsaid = WINDOW_HERE if endpoint.loopback else LARGEST_WINDOW
    return entry.context_window or min(known or unsaid, LARGEST_WINDOW)


def _speeds(entry: Entry, settings: Settings) -> Speeds | None:
    """Speeds are those of the processor: where a card may compute instead, they tell nothing."""
    if graphics.backends():
        return None
    measured = tuning.recall(model_path(entry, settings))
    return measured.speeds if measured else None
