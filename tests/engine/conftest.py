"""Whole runs in-process with the scripted model, a real REPL child and a real store."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.events import AnyEvent, Limits, Row, RunState, fold
from rlm_desktop.store import RunSummary, Store

TEXT = "A first line.\nThe quick brown fox jumps over the lazy dog near Bergen.\nA last line.\n"


@dataclass
class Asked:
    """What a run left in the store."""

    summary: RunSummary
    events: list[AnyEvent]
    texts: Callable[[str], str]

    @property
    def state(self) -> RunState:
        return fold(self.events)

    def rows(self, kind: str) -> list[Row]:
        return [row for row in self.state.rows.values() if row.kind == kind]

    def prompts(self, row: Row) -> list[str]:
        return [self.texts(message.text) for message in row.prompt]

    def notes(self) -> str:
        return "\n".join(note for row in self.state.rows.values() for note in row.notes)


Ask = Callable[..., Awaitable[Asked]]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "doc.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def script(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    """Writes a script and gives the name of its model."""

    def write(content: dict[str, Any]) -> str:
        path = tmp_path / f"script-{len(list(tmp_path.glob('script-*')))}.json"
        path.write_text(json.dumps(content))
        return f"script:{path}"

    return write


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home)


@pytest.fixture
def ask(settings: Settings, document: Path, script: Callable[[dict[str, Any]], str]) -> Ask:
    """Asks a question of the document and waits for the end."""

    async def ask(
        content: dict[str, Any],
        question: str = "Who jumps?",
        *,
        paths: tuple[Path, ...] = (),
        limits: Limits | None = None,
        strategy: str = "rlm",
    ) -> Asked:
        request = AskRequest(
            paths=tuple(map(str, paths or (document,))),
            question=question,
            model=script(content),
            strategy=strategy,
            limits=limits or Limits(),
        )
        published: list[AnyEvent] = []
        async with Engine(settings, lambda event, *_: published.append(event), lambda _: None) as engine:
            run = await engine.ask(request)
            await engine.wait(run)
            asked = read_run(settings, run)
            assert published == asked.events, "what was shown is what was stored"
        return asked

    return ask


def read_run(settings: Settings, run: str) -> Asked:
    """A run as another process would find it."""
    with Store(settings.store, settings.locks) as store:
        summary, events = store.summary(run), list(store.events(run))
        hashes = {row_hash for row in fold(events).rows.values() for row_hash in row.texts.values()}
        hashes |= {message.text for row in fold(events).rows.values() for message in row.prompt}
        texts = {key: store.text(key) for key in hashes}
    return Asked(summary, events, texts.__getitem__)


def cell(code: str) -> str:
    """A reply that runs a cell."""
    return f"Next step.\n```repl\n{code}\n```"


LOOK = cell("print(context[:40])")


def final(answer: str) -> str:
    """A reply that sets the answer."""
    return cell(f"answer['content'] = {answer!r}\nanswer['ready'] = True")
