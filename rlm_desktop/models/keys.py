"""Keys of remote models: in the environment or the system's keyring, and nowhere else."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal

from rlm_desktop.errors import UserError
from rlm_desktop.processes import KEY_PREFIX

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "rlm-desktop"
_WELL_KNOWN = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_LONGEST_NAME = 64
_KEY = re.compile(r"[\x21-\x7e]{8,4096}")
"""What fits an HTTP header. A key shorter than eight characters could not be told from ordinary text in a reply."""


def key_name(text: str) -> str:
    """The name of a key as it is kept: ``openai``, ``anthropic``, a host, or what models.toml calls it.

    Raises:
        UserError: It is no name.
    """
    name = text.strip().lower()
    if name.startswith("sk-") or len(name) > _LONGEST_NAME:
        raise UserError(
            "That looks like a key and not like the name of one.", "Keep it out of files and commands."
        )
    if not _NAME.fullmatch(name):
        raise UserError(
            "That is no name of a key.", "Name the provider: openai, anthropic, or the host of the server."
        )
    return name


def variable(name: str) -> str:
    """The environment variable of a key: ``RLM_DESKTOP_KEY_OPENROUTER_AI`` for ``openrouter.ai``."""
    return _WELL_KNOWN.get(name) or KEY_PREFIX + re.sub(r"[^A-Z0-9]", "_", name.upper())


def find_key(name: str, *, needed: bool = True) -> str:
    """The key of this name, from the environment or else the keyring; empty when there is none.

    Args:
        name: Its name.
        needed: Whether a keyring that does not answer is worth a failure.

    Raises:
        UserError: What is there cannot be a key, or the keyring refuses.
    """
    stated = os.environ.get(variable(name), "").strip()
    if stated:
        return _checked(stated, f"The environment variable {variable(name)} holds no key")
    stored = _stored(name, needed=needed)
    return _checked(stored, f"The keyring holds no key for {name}") if stored else ""


def key_place(name: str) -> Literal["environment", "keyring", "unusable", ""]:
    """Where the key of this name is; empty when there is none. The environment comes first, as for `find_key`."""
    try:
        if not find_key(name, needed=False):
            return ""
    except UserError:
        return "unusable"
    return "environment" if os.environ.get(variable(name), "").strip() else "keyring"


def store_key(name: str, key: str) -> None:
    """Put a key into the system's keyring.

    Raises:
        UserError: It cannot be a key, or there is no keyring or it refuses.
    """
    _checked(key, "That is no key")
    backend = _required(name)
    try:
        backend.set_password(SERVICE, name, key)
    except Exception as error:
        raise _refused(error, name) from None


def remove_key(name: str) -> bool:
    """Take a key out of the keyring; returns whether it was there.

    Raises:
        UserError: There is no keyring, or it refuses.
    """
    backend = _required(name)
    try:
        if not backend.get_password(SERVICE, name):
            return False
        backend.delete_password(SERVICE, name)
    except Exception as error:
        raise _refused(error, name) from None
    return True


def keyring_name() -> str:
    """The keyring in use, as it calls itself; empty when there is none that keeps secrets."""
    backend = _backend()
    return backend.name if backend else ""


def missing_key(name: str, model: str) -> UserError:
    """What to say when a model has no key: every way to give one."""
    return UserError(
        f"There is no key for {model}.",
        f"Set {variable(name)}, or store one in the keyring with `rlm-desktop models key {name}`, "
        "or in the window with Models › Add a remote model.",
    )


def _backend() -> KeyringBackend | None:
    """The system's keyring, if it has one; a file in plain text is none."""
    import keyring
    from keyring.backends import chainer

    backend = keyring.get_keyring()
    choices = list(backend.backends) if isinstance(backend, chainer.ChainerBackend) else [backend]
    return next((choice for choice in choices if _keeps_secrets(choice)), None)


def _keeps_secrets(backend: KeyringBackend) -> bool:
    module = type(backend).__module__
    return not module.startswith(("keyrings.alt", "keyring.backends.fail", "keyring.backends.null"))


def _required(name: str) -> KeyringBackend:
    backend = _backend()
    if backend is None:
        raise UserError(
            "This computer has no keyring that could keep the key (a Linux desktop has one, a server mostly not).",
            f"Set the environment variable {variable(name)} instead.",
        )
    return backend


def _stored(name: str, *, needed: bool) -> str | None:
    backend = _backend()
    if backend is None:
        return None
    try:
        return backend.get_password(SERVICE, name)
    except Exception as error:
        if needed:
            raise _refused(error, name) from None
        return None


def _refused(error: Exception, name: str) -> UserError:
    """What a keyring raises; another process, spoken with over D-Bus by a plug-in, it may raise anything."""
    return UserError(
        f"The keyring refused ({type(error).__name__}).",
        f"Unlock it and try again, or set the environment variable {variable(name)}.",
    )


def _checked(key: str, complaint: str) -> str:
    if not _KEY.fullmatch(key):
        raise UserError(
            f"{complaint}: a key has 8 or more visible ASCII characters and no spaces.",
            "Copy it again from the provider's page.",
        )
    return key
