"""Read the catalogue: the ``models.toml`` that ships and the person's own on top, checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from rlm_desktop.config import Settings, shared_file
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import (
    Adjustments,
    ApiSource,
    Catalogue,
    Entry,
    PypiSource,
)
from rlm_desktop.models.llama.known_templates import KNOWN
from rlm_desktop.models.llama.options import AUTO

SETTINGS = "settings"
"""The table of a model, in the person's catalogue, with what they set otherwise."""
Tables = dict[str, dict[str, Any]]
T = TypeVar("T")


@cache
def _shipped() -> dict[str, Entry]:
    return read_entries(shared_file("models.toml"))


def load_catalogue(settings: Settings) -> Catalogue:
    """The shipped catalogue with the person's own ``models.toml`` from the data folder on top.

    Raises:
        UserError: The person's file cannot be read or says something that makes no sense.
    """
    path = own_file(settings)
    if not path.exists():
        return Catalogue(_shipped())
    tables = _tables(path)
    return Catalogue(_shipped(), _checked(path, tables, _own_entries), _checked(path, tables, _adjustments))


def own_file(settings: Settings) -> Path:
    """The person's own catalogue; it need not exist."""
    return settings.home / "models.toml"


def read_entries(path: Path) -> dict[str, Entry]:
    """The entries of one catalogue file by name, in its order.

    Raises:
        UserError: The file cannot be read, is not TOML, or an entry lacks something; names both.
    """
    return _checked(path, _tables(path), _entries)


def _tables(path: Path) -> Tables:
    """What a catalogue file says, a table for each model."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"The model catalogue {path} cannot be read: {error.strerror}.") from error
    return _checked(path, {}, lambda *_: msgspec.toml.decode(data, type=Tables))


def _checked(path: Path, tables: Tables, read: Callable[[Tables, Path], T]) -> T:
    """What the tables of a file mean; what is wrong with them is said with the file's name."""
    try:
        return read(tables, path.parent)
    except ValueError as error:  # also msgspec's
        raise UserError(
            f"The model catalogue {path} is wrong: {error}.", "Correct it and try again."
        ) from error


def _entries(tables: Tables, folder: Path) -> dict[str, Entry]:
    return {name: _entry(name, table, folder) for name, table in tables.items()}


def _own_entries(tables: Tables, folder: Path) -> dict[str, Entry]:
    """Those of the tables that are more than settings of a model that is described elsewhere."""
    bare = {name: {key: table[key] for key in table if key != SETTINGS} for name, table in tables.items()}
    return _entries({name: table for name, table in bare.items() if table or not tables[name]}, folder)


def _adjustments(tables: Tables, _folder: Path) -> dict[str, Adjustments]:
    found = {}
    for name, table in tables.items():
        try:
            found[name] = msgspec.convert(table.get(SETTINGS, {}), Adjustments)
        except msgspec.ValidationError as error:
            raise ValueError(f"[{name}.{SETTINGS}] {error}") from error
    return found


def _entry(name: str, table: dict[str, Any], folder: Path) -> Entry:
    try:
        entry = msgspec.convert({"name": name, **table}, Entry)
        entry = msgspec.structs.replace(entry, chat_template=_chat_template(entry.chat_template, folder))
        if isinstance(entry.source, ApiSource):
            _ = entry.source.endpoint
    except (ValueError, UserError) as error:  # also msgspec's
        raise ValueError(f"[{name}] {error}") from error
    if any(bad in name for bad in "/\\:") or name.startswith("."):
        raise ValueError(f"[{name}] is no name for a model")
    if min(entry.concurrency, entry.context_window, entry.gpu_layers - AUTO, entry.threads - AUTO) < 0:
        raise ValueError(f"[{name}] has a number that is not positive")
    if not isinstance(entry.source, ApiSource):
        _check_file(entry)
    return entry


def _chat_template(said: str, folder: Path) -> str:
    """A Jinja text or the name of a known template, as it is; else the text of the file of that name."""
    if "{" in said or said in KNOWN or not said:
        return said
    try:
        return (folder / said).read_text(encoding="utf-8")
    except (OSError, ValueError):
        known = ", ".join(KNOWN)
        raise ValueError(
            f"chat_template {said!r} is no Jinja text, no known template ({known}) and no file that can be read"
        ) from None


def _check_file(entry: Entry) -> None:
    """What an entry must say of a model that runs here."""
    source = entry.source
    for field in ("title", "licence", "size", "context_window", "trained_window", "memory"):
        value = getattr(entry, field)
        if not value or (isinstance(value, int) and value < 0):
            raise ValueError(f"[{entry.name}] {field} is missing or not positive")
    if isinstance(source, PypiSource) and not (source.distributions or (source.prefix and source.count)):
        raise ValueError(f"[{entry.name}] source names no distributions")
    if isinstance(source, PypiSource) and not entry.sha256:
        raise ValueError(f"[{entry.name}] has no sha256")
    if entry.price is not None:
        raise ValueError(f"[{entry.name}] runs on this computer and has no price")
