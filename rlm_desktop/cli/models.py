"""``rlm-desktop models``: what there is, what is here, and how to fetch it."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import aside, aside_console, say, say_json
from rlm_desktop.cli.words import one_line, size
from rlm_desktop.errors import UsageError
from rlm_desktop.models.catalogue import ApiSource, FileSource
from rlm_desktop.models.download import pull
from rlm_desktop.models.keys import key_name, keyring_name, remove_key, store_key
from rlm_desktop.models.listing import Listing, host_of, list_models, outlook_of, price_of
from rlm_desktop.models.llama import graphics
from rlm_desktop.models.llama.kept_states import clear
from rlm_desktop.models.llama.options import AUTO
from rlm_desktop.models.llama.outlook import Outlook
from rlm_desktop.models.own_models import add_file
from rlm_desktop.models.registry import describe, find_entry, model_path, model_state, remove, verify

STATES = {"ready": "✓ here", "partial": "◐ partly", "absent": "○", "damaged": "✕ damaged"}
SAID_EVERY = 0.1
"""Share of a download after which a line is printed when there is no terminal."""


def list_all(options: Options) -> int:
    """List the catalogue."""
    listed = list_models(options.settings, graphics.cards())
    if options.json:
        say_json({"models": msgspec.to_builtins(listed)})
        return 0
    width = max(len(model.name) for model in listed)
    for model in listed:
        default = " (default)" if model.default else ""
        state, bytes_here = ("→ server", "") if model.host else (STATES[model.state], size(model.size))
        say(f"{state:<9} {model.name:<{width}}  {bytes_here:>7}  {model.title}{default}")
        say(f"{'':<{10 + width}} {_needs(model)}")
        if model.note:
            say(f"{'':<{10 + width}} {model.note}")
    return 0


def _needs(model: Listing) -> str:
    if model.host:
        return f"on {model.host} · {model.price or 'price unknown'}"
    return f"{model.outlook} · {model.licence}"


def info(options: Options) -> int:
    """Say everything about one model."""
    settings = options.settings
    entry = describe(options.model, settings)
    expected = outlook_of(entry, settings, graphics.cards())
    document = {
        **msgspec.to_builtins(entry),
        "state": model_state(entry, settings),
        "path": "" if isinstance(entry.source, ApiSource) else str(model_path(entry, settings)),
        "host": host_of(entry),
        "price": msgspec.to_builtins(price_of(entry)),
        "outlook": msgspec.to_builtins(expected),
    }
    if options.json:
        say_json(document)
        return 0
    said = {
        "size": size(entry.size),
        "memory": size(expected.needed) if expected else "",
        "price": str(price_of(entry) or "unknown"),
        "outlook": _expect(expected) if expected else "",
        **{name: "automatic" for name in ("gpu_layers", "threads") if document[name] == AUTO},
    }
    for name, value in document.items():
        if value or name == "price":
            text = said.get(name) or (
                value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            )
            say(f"{name:<15} {text}")
    return 0


def _expect(outlook: Outlook) -> str:
    """What to expect of a model, in a line."""
    where = f"on {outlook.place}" if outlook.place else ""
    return "; ".join(filter(None, (str(outlook), where, outlook.speed)))


def fetch(options: Options) -> int:
    """Fetch a model, with a progress bar on a terminal and a line now and then elsewhere."""
    settings = options.settings.prepare()
    console = aside_console()
    if console.is_terminal:
        path = asyncio.run(_fetch_with_bar(options, console))
    else:
        path = asyncio.run(pull(options.model, settings, _Lines(options.model)))
    document = {"model": options.model, "path": str(path)}
    if options.json:
        say_json(document)
    else:
        say(f"{options.model} is ready: {path}")
    return 0


async def _fetch_with_bar(options: Options, console: Console) -> object:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(options.model, total=None)

        def show(received: int, total: int, text: str) -> None:
            progress.update(
                task, completed=received, total=total or None, description=one_line(text or options.model)
            )

        return await pull(options.model, options.settings, show)


class _Lines:
    """Says how far a download is, every tenth of it and whenever something else begins."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._said = -1.0

    def __call__(self, received: int, total: int, text: str) -> None:
        share = received / total if total else 0.0
        if share - self._said < SAID_EVERY and share < 1.0:
            return
        if share == self._said:
            return
        self._said = share
        aside(f"{one_line(text or self._model)}: {size(received)} of {size(total)} ({share:.0%})")


def add(options: Options) -> int:
    """List a GGUF file of the person's own, where it lies."""
    entry = add_file(options.path, options.settings.prepare())
    if options.json:
        say_json(
            {"model": entry.name, "title": entry.title, "path": str(model_path(entry, options.settings))}
        )
    else:
        say(f"{entry.name} is listed: {entry.title}, {size(entry.size)}. {entry.note}")
    return 0


def check(options: Options) -> int:
    """Check a model's file against its hash."""
    sha256 = verify(find_entry(options.model, options.settings), options.settings, again=True)
    if options.json:
        say_json({"model": options.model, "sha256": sha256})
    else:
        say(f"{options.model} is what it should be (SHA-256 {sha256}).")
    return 0


def delete(options: Options) -> int:
    """Delete a model's file; one of the person's own is taken off the list and stays."""
    entry = find_entry(options.model, options.settings)
    freed = remove(entry, options.settings)
    if options.json:
        say_json({"model": options.model, "freed": freed})
    elif isinstance(entry.source, FileSource):
        say(f"{options.model} is off the list; its file stays: {entry.source.path}")
    else:
        say(
            f"{options.model} is removed; {size(freed)} freed." if freed else f"{options.model} was not here."
        )
    return 0


def forget(options: Options) -> int:
    """Delete the KV states of passages."""
    freed = clear(options.settings.states)
    if options.json:
        say_json({"freed": freed})
    else:
        say(f"{size(freed)} freed: passages are read anew." if freed else "Nothing was kept of any passage.")
    return 0


def key(options: Options) -> int:
    """Put the key of a provider into the keyring, or take it out."""
    name = key_name(options.name)
    if options.remove:
        there = remove_key(name)
        text = f"The key of {name} is removed." if there else f"There was no key of {name}."
    else:
        store_key(name, _hidden(name))
        there = True
        text = f"The key of {name} is kept in {keyring_name()}."
    if options.json:
        say_json({"name": name, "stored": not options.remove, "removed": options.remove and there})
    else:
        say(text)
    return 0


def _hidden(name: str) -> str:
    """The key as it is typed, unseen, or the first line of standard input."""
    if not sys.stdin or not sys.stdin.isatty():
        return (sys.stdin.readline() if sys.stdin else "").strip()
    try:
        return getpass.getpass(f"Key of {name} (it is not shown): ").strip()
    except EOFError:
        raise UsageError("No key was given.") from None
