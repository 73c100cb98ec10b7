"""What a front end can ask of the engine process, one method a command (see ARCHITECTURE.md)."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from rlm_desktop.engine.engine import AskRequest, Engine
from rlm_desktop.errors import StoreError, UsageError, UserError
from rlm_desktop.events import RunState, fold, sendable
from rlm_desktop.models.download import pull
from rlm_desktop.models.listing import list_models
from rlm_desktop.models.registry import default_model
from rlm_desktop.repl.host import sandbox_level

LISTED = 2_000
"""Documents and skipped files named in one answer."""
PAGE = 500
TEXT_PAGE = 200_000
"""Most rows and characters in one answer."""

Place = Annotated[int, msgspec.Meta(ge=0, le=2**40)]
BRIEF = 300
"""Characters of an answer in a list of runs; the whole comes with `state`."""

Send = Callable[[dict[str, Any]], None]
T = TypeVar("T")


class _Open(msgspec.Struct):
    paths: tuple[str, ...]


class _Lines(msgspec.Struct):
    path: str
    first: int
    count: int
    encoding: str = "utf-8"


class _Run(msgspec.Struct):
    run: str
    after: int = 0


class _State(msgspec.Struct):
    run: str
    span: int = 0
    start: int = msgspec.field(name="from", default=0)
    count: int = 100


class _Text(msgspec.Struct):
    hash: str
    start: int = msgspec.field(name="from", default=0)
    count: int = TEXT_PAGE


class _History(msgspec.Struct):
    start: Place = msgspec.field(name="from", default=0)
    count: int = 50


class _Model(msgspec.Struct):
    model: str


class Commands:
    """Carries out commands.

    Args:
        engine: What they act on.
        send: Sends an object to the front end.
    """

    def __init__(self, engine: Engine, send: Send) -> None:
        self._engine = engine
        self._send = send
        self._subscribed: set[str] = set()
        self._states: dict[str, RunState] = {}
        self._pulls: dict[str, asyncio.Task[Path]] = {}
        self._watches: set[asyncio.Task[None]] = set()
        self._by_name: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "status": self._status,
            "open": self._open,
            "lines": self._lines,
            "ask": self._ask,
            "cancel": self._cancel,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "state": self._state,
            "text": self._text,
            "history": self._history,
            "delete": self._delete,
            "models": self._models,
            "pull": self._pull,
            "cancel_pull": self._cancel_pull,
        }

    def subscribed(self, run: str) -> bool:
        """Whether the front end wants the events of this run."""
        return run in self._subscribed

    async def run(self, message: dict[str, Any]) -> dict[str, Any]:
        """Carry out one command and return its answer."""
        command = self._by_name.get(message["cmd"])
        if command is None:
            raise UsageError(f"There is no command {message['cmd']}.")
        return await command(message)

    async def _status(self, _: dict[str, Any]) -> dict[str, Any]:
        settings = self._engine.settings
        return {
            "online": settings.online,
            "sandbox": sandbox_level()[0],
            "home": str(settings.home),
            "default_model": default_model(settings),
        }

    async def _open(self, message: dict[str, Any]) -> dict[str, Any]:
        paths = tuple(map(Path, _read(message, _Open).paths))
        corpus, figures = await self._engine.scan.open(paths)
        names = [Path(path).name or path for path in corpus.paths]
        return {
            "title": names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
            "kind": corpus.kind,
            "paths": corpus.paths,
            "files": len(corpus.documents),
            "characters": figures.characters,
            "lines": figures.lines,
            "tokens_estimate": figures.tokens_estimate,
            "documents": corpus.documents[:LISTED],
            "skipped": corpus.skipped[:LISTED],
            "skipped_count": len(corpus.skipped),
        }

    async def _lines(self, message: dict[str, Any]) -> dict[str, Any]:
        asked = _read(message, _Lines)
        _check_text_file(asked)
        page = await self._engine.scan.lines(
            asked.path, asked.encoding, max(1, asked.first), max(0, min(asked.count, PAGE))
        )
        return {"first": asked.first, "lines": page.lines, "total": page.total}

    async def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        run = await self._engine.ask(_read(message, AskRequest))
        self._replay(run, 0)
        watch = asyncio.create_task(self._watch(run))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        return {"run": run}

    def _notify(self, notice: dict[str, Any]) -> None:
        self._send({"notice": notice})

    async def _watch(self, run: str) -> None:
        """Say so when a run could not be recorded to its end."""
        try:
            await self._engine.wait(run)
        except StoreError as error:
            self._notify({"kind": "unsaved", "run": run, "message": error.message, "hint": error.hint})

    async def _cancel(self, message: dict[str, Any]) -> dict[str, Any]:
        await self._engine.cancel(_read(message, _Run).run)
        return {}

    async def _subscribe(self, message: dict[str, Any]) -> dict[str, Any]:
        asked = _read(message, _Run)
        self._engine.store.summary(asked.run)
        self._replay(asked.run, asked.after)
        return {}

    def _replay(self, run: str, after: int) -> None:
        """Send the events stored so far, then those to come."""
        self._subscribed.add(run)
        state = RunState()
        for event in self._engine.store.events(run):
            rows = state.apply(event)
            if event.seq > after:
                self._send({"event": event, "rows": rows})

    async def _unsubscribe(self, message: dict[str, Any]) -> dict[str, Any]:
        self._subscribed.discard(_read(message, _Run).run)
        return {}

    async def _state(self, message: dict[str, Any]) -> dict[str, Any]:
        asked = _read(message, _State)
        summary = self._engine.summary(asked.run)
        state = self._folded(asked.run)
        if asked.span not in state.rows:
            raise UserError(f"Run {asked.run} has no row {asked.span}.")
        spans = state.below.get(asked.span, [])
        start = max(0, asked.start)
        page = spans[start : start + max(0, min(asked.count, PAGE))]
        return {
            "run": summary,
            "row": state.rows[asked.span],
            "rows": [state.rows[span] for span in page],
            "total": len(spans),
        }

    def _folded(self, run: str) -> RunState:
        """The state of a run: the live one, or the stored one, of which the last is kept."""
        if state := self._engine.live(run) or self._states.get(run):
            return state
        state = fold(self._engine.store.events(run))
        if state.finish:
            self._states = {run: state}
        return state

    async def _text(self, message: dict[str, Any]) -> dict[str, Any]:
        asked = _read(message, _Text)
        text = sendable(self._engine.store.text(asked.hash))
        start = max(0, asked.start)
        return {"text": text[start : start + max(0, min(asked.count, TEXT_PAGE))], "total": len(text)}

    async def _history(self, message: dict[str, Any]) -> dict[str, Any]:
        asked = _read(message, _History)
        runs = self._engine.history(asked.start, max(0, min(asked.count, PAGE)))
        brief = [msgspec.structs.replace(run, answer=run.answer[:BRIEF], evidence=()) for run in runs]
        return {"runs": brief, "total": self._engine.store.count()}

    async def _delete(self, message: dict[str, Any]) -> dict[str, Any]:
        run = _read(message, _Run).run
        await self._engine.delete(run)
        self._notify({"kind": "history"})
        return {}

    async def _models(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"models": list_models(self._engine.settings)}

    async def _pull(self, message: dict[str, Any]) -> dict[str, Any]:
        model = _read(message, _Model).model

        def progress(received: int, total: int, text: str) -> None:
            self._download(model, "running", text, received, total)

        task = asyncio.ensure_future(pull(model, self._engine.settings, progress))
        self._pulls[model] = task
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            self._pulls.pop(model, None)
        if task.cancelled():
            self._download(model, "cancelled", "Stopped; what was fetched is kept.")
        elif error := task.exception():
            self._download(model, "failed", str(error))
            raise error
        else:
            self._download(model, "done")
        return {}

    def _download(self, model: str, state: str, text: str = "", received: int = 0, total: int = 0) -> None:
        self._notify(
            {
                "kind": "download",
                "model": model,
                "state": state,
                "text": text,
                "received": received,
                "total": total,
            }
        )

    async def _cancel_pull(self, message: dict[str, Any]) -> dict[str, Any]:
        if task := self._pulls.get(_read(message, _Model).model):
            task.cancel()
        return {}


def _check_text_file(asked: _Lines) -> None:
    """A front end names any path; only a file can be paged, and only in an encoding there is."""
    try:
        codecs.lookup(asked.encoding)
    except (LookupError, ValueError) as error:
        raise UsageError(f"There is no encoding {asked.encoding}.") from error
    if "\0" in asked.path or not Path(asked.path).is_file():
        raise UserError(f"{asked.path} is not a file (any more).", "Open it again.")


def _read(message: dict[str, Any], shape: type[T]) -> T:
    try:
        return msgspec.convert(message, shape)
    except msgspec.ValidationError as error:
        raise UsageError(f"{message['cmd']}: {error}.") from error
