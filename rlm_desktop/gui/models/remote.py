"""Models that are asked over the network: which ones a person added, and what tells them from local ones."""

from __future__ import annotations

import ipaddress
import re

from PySide6.QtCore import QObject, QUrl, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.wire import Nothing
from rlm_desktop.gui.wire.models import ModelEntry

PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic"}
"""Names of keys and prefixes of models, and how people call them."""
_HOSTS = {"api.openai.com": "openai", "api.anthropic.com": "anthropic"}
"""However they are reached, they have one key each."""
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def provider(name: str) -> str:
    """Who answers for this model: ``openai``, ``anthropic`` or a host; empty for a model on this computer."""
    if _ADDRESS.match(name):
        host = QUrl(name).host().lower()
        return _HOSTS.get(host, host)
    prefix, colon, _ = name.partition(":")
    return prefix.lower() if colon and prefix.lower() in PROVIDERS else ""


def is_remote(name: str) -> bool:
    """Whether asking this model needs the network; a server on this computer does not."""
    host = provider(name)
    if not host or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return True


def is_served(entry: ModelEntry) -> bool:
    """Whether asking this model of the catalogue needs the network."""
    return is_remote(f"https://{entry.host}" if entry.host else entry.name)


def paid(usd: float, *models: str) -> str:
    """What these models cost, in a sentence; that of a remote one may not be known."""
    return tr("price not known") if not usd and any(map(is_remote, models)) else numbers.price(usd)


class RemoteModels(QObject):
    """Adds remote models to the catalogue's list and passes their keys on, which are kept nowhere here.

    Signals:
        added: A model can be chosen now (its name).
        refused: A key could not be kept (`EngineError`).
    """

    added = Signal(str)
    refused = Signal(object)

    def __init__(self, engine: EngineClient, catalogue: Catalogue, choices: Choices) -> None:
        super().__init__()
        self._engine = engine
        self._catalogue = catalogue
        self._choices = choices
        catalogue.add(choices.remote_models)

    def add(self, name: str, key: str) -> None:
        """List a model; a key, if there is one, goes into the system's keyring."""
        self._list((*(known for known in self._choices.remote_models if known != name), name))
        if key:
            self.keep_key(provider(name), key)
        self.added.emit(name)

    def drop(self, name: str) -> None:
        """Take a model off the list; the key of its provider stays where it is."""
        self._list(tuple(known for known in self._choices.remote_models if known != name))

    def holds(self, name: str) -> bool:
        """Whether a person added this model."""
        return name in self._choices.remote_models

    def keep_key(self, owner: str, key: str) -> None:
        """Put a provider's key into the system's keyring; an empty one takes it out."""
        self._engine.request("key", Nothing, lambda _: None, self.refused.emit, name=owner, key=key)

    def _list(self, names: tuple[str, ...]) -> None:
        self._choices.remote_models = names
        self._catalogue.add(names)
