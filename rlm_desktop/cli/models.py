"""``rlm-desktop models``: what there is, what is here, and how to fetch it."""

from __future__ import annotations

import asyncio
import json

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

from rlm_desktop.cli.output import aside, aside_console, say, say_json
from rlm_desktop.cli.parser import Options
from rlm_desktop.cli.words import one_line, size
from rlm_desktop.models.download import pull
from rlm_desktop.models.listing import list_models
from rlm_desktop.models.registry import find_entry, model_path, model_state, remove, verify

STATES = {"ready": "✓ here", "partial": "◐ partly", "absent": "○"}
SAID_EVERY = 0.1
"""Share of a download after which a line is printed when there is no terminal."""


def list_all(options: Options) -> int:
    """List the catalogue."""
    listed = list_models(options.settings)
    if options.json:
        say_json({"models": msgspec.to_builtins(listed)})
        return 0
    width = max(len(model.name) for model in listed)
    for model in listed:
        default = " (default)" if model.default else ""
        say(f"{STATES[model.state]:<9} {model.name:<{width}}  {size(model.size):>7}  {model.title}{default}")
        say(f"{'':<{10 + width}} {size(model.memory)} of memory · {model.licence}")
        if model.note:
            say(f"{'':<{10 + width}} {model.note}")
    return 0


def info(options: Options) -> int:
    """Say everything about one model."""
    settings = options.settings
    entry = find_entry(options.model, settings)
    document = {
        **msgspec.to_builtins(entry),
        "state": model_state(entry, settings),
        "path": str(model_path(entry, settings)),
    }
    if options.json:
        say_json(document)
        return 0
    for name, value in document.items():
        say(f"{name:<15} {json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value}")
    return 0


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


def check(options: Options) -> int:
    """Check a model's file against its hash."""
    sha256 = verify(find_entry(options.model, options.settings), options.settings, again=True)
    if options.json:
        say_json({"model": options.model, "sha256": sha256})
    else:
        say(f"{options.model} is what it should be (SHA-256 {sha256}).")
    return 0


def delete(options: Options) -> int:
    """Delete a model's file."""
    freed = remove(find_entry(options.model, options.settings), options.settings)
    if options.json:
        say_json({"model": options.model, "freed": freed})
    else:
        say(
            f"{options.model} is removed; {size(freed)} freed." if freed else f"{options.model} was not here."
        )
    return 0
