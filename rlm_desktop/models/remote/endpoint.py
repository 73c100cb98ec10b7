"""Where a model is served: what a person writes, and whether it may be reached."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.keys import find_key, key_name, missing_key

PROVIDERS = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com/v1"}
PREFIXES = (*(f"{name}:" for name in PROVIDERS), "http://", "https://")
"""How the name of a model begins that is not in the catalogue and not a file."""
WINDOW_HERE = 8192
"""Tokens that a server here which says nothing of its window is trusted with; llama.cpp's and Ollama's start with
2,048 to 8,192, and not all of them say that a prompt is too long."""
_HOSTS = {urlsplit(url).hostname: name for name, url in PROVIDERS.items()}
_URL = re.compile(r"https?://[\x21-\x7e]+", re.IGNORECASE)
_MODEL = re.compile(r"[^\x00-\x20\x7f]{1,200}")


@dataclass(frozen=True)
class Endpoint:
    """A model on a server.

    Attributes:
        base_url: Where its interface begins, mostly ending in ``/v1``.
        model: Its name there; empty for the only one the server has.
        key: Name of the key it is reached with.
        needs_key: Whether it cannot be reached without.
        options: Further fields of each request, as the person states them.
    """

    base_url: str
    model: str
    key: str
    needs_key: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The host, with its port if it is no usual one."""
        return urlsplit(self.base_url).netloc

    @property
    def loopback(self) -> bool:
        """Whether it is this computer."""
        host = urlsplit(self.base_url).hostname or ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def permit(self, name: str, settings: Settings) -> None:
        """Refuse what the network switch forbids.

        Args:
            name: How the person calls the model.
            settings: Whose switch.

        Raises:
            UserError: It is not on this computer, and the switch is off.
        """
        if not self.loopback and not settings.online:
            raise UserError(
                f"The model {name} is on {self.host}, and this program is offline.",
                "Allow it with --online, or with the switch in the Models menu of the window: "
                "documents, questions and answers then go there.",
            )

    def find_key(self, name: str) -> str:
        """The key, or nothing where none is needed.

        Args:
            name: How the person calls the model.

        Raises:
            UserError: There is none, or it would travel in the clear.
        """
        needed = self.needs_key and not self.loopback
        key = find_key(self.key, needed=needed)
        if needed and not key:
            raise missing_key(self.key, name)
        if key and not self.loopback and self.base_url.startswith("http:"):
            raise UserError(
                f"{self.host} is reached over plain http, where anyone on the way could read the key.",
                "Use https, or remove the key.",
            )
        return key


def parse_endpoint(spec: str) -> Endpoint:
    """The endpoint that ``openai:MODEL``, ``anthropic:MODEL`` or ``http(s)://HOST[:PORT]/v1#MODEL`` names.

    Raises:
        UserError: It names none; says why, without repeating what may be a password.
    """
    provider, _, model = spec.partition(":")
    if url := PROVIDERS.get(provider.lower()):
        return endpoint(url, _checked_model(model, spec), needs_key=True)
    url, _, model = spec.partition("#")
    return endpoint(url, _checked_model(model, spec) if model else "")


def endpoint(
    url: str,
    model: str,
    key: str = "",
    *,
    needs_key: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Endpoint:
    """An endpoint by its parts, its address put together anew from what was understood of it.

    Raises:
        UserError: The address is none, or holds a password or a query.
    """
    if not _URL.fullmatch(url) or "\\" in url:
        raise _no_address("is no address of a server")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_address("is no address of a server") from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise _no_address("may hold no password and no query: keys are kept apart")
    host = host.rstrip(".")
    if not host:
        raise _no_address("names no host")
    default = 443 if parts.scheme == "https" else 80
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port in {None, default} else f"{shown}:{port}"
    name = key or _HOSTS.get(host) or re.sub(r"[^a-z0-9._-]+", "-", host).strip("-._")
    base_url = f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}"
    return Endpoint(base_url, model, key_name(name), needs_key or bool(key), dict(options or {}))


def _no_address(why: str) -> UserError:
    return UserError(
        f"The address of the model {why}.", "Write it like http://127.0.0.1:8080/v1#MODEL or openai:MODEL."
    )


def _checked_model(model: str, spec: str) -> str:
    if not _MODEL.fullmatch(model):
        raise UserError(
            f"{spec.partition(':')[0]}: names no model.", "Write the model's name, like openai:gpt-4o-mini."
        )
    return model
