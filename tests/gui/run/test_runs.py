"""Which runs are kept, and what becomes of one that cannot be shown."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from rlm_desktop.events import Row
from rlm_desktop.gui.run.runs import Runs
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.wire import EngineError, StatePage, Summary


class Engine(QObject):
    """Keeps what it was asked, and answers when it is told to."""

    happened = Signal(object, object)
    noticed = Signal(object)
    died = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.alive = True
        self.asked: list[tuple[dict[str, Any], Callable[[Any], None], Callable[[Any], None]]] = []

    def request(self, command: str, reply: object, done: Any, failed: Any, **fields: Any) -> None:
        assert (command, reply) == ("state", StatePage)
        self.asked.append((fields, done, failed))

    def answer(self, status: str = "answered") -> None:
        fields, done, _ = self.asked.pop(0)
        row = Row(span=0, parent=0, index=0, kind="run", label="Who?", status="done", started=1, finished=2)
        done(StatePage(Summary(run=fields["run"], question="Who?", status=status), row, (), 0))

    def refuse(self) -> None:
        self.asked.pop(0)[2](EngineError("user", "There is no such run."))


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def runs(engine: Engine) -> Runs:
    runs = Runs(engine)  # type: ignore[arg-type]
    runs.setParent(engine)
    return runs


@pytest.mark.parametrize("how", ["forgotten", "asked for anew"])
def test_a_tree_goes_when_nobody_looks_at_it_any_more(engine: Engine, runs: Runs, how: str) -> None:
    gone: list[str] = []

    def watch(_: object, tree: RunTreeModel | None) -> None:
        if tree is not None:
            tree.destroyed.connect(partial(gone.append, tree.run))

    runs.shown.connect(watch)
    runs.show("r")
    engine.answer()
    if how == "forgotten":
        runs.forget("r")
    else:
        runs.refresh()
        engine.answer()
    gc.collect()
    assert gone == ["r"]


def test_a_run_that_could_not_be_shown_is_asked_for_again(engine: Engine, runs: Runs) -> None:
    told: list[object] = []
    runs.shown.connect(lambda summary, _: told.append(summary))
    runs.refused.connect(told.append)
    runs.show("r")
    engine.refuse()
    assert told == [None, EngineError("user", "There is no such run.")]
    runs.show("r")
    engine.answer()
    assert runs.on_show is not None and runs.on_show.run == "r"


def test_a_run_that_was_wanted_when_the_engine_died_is_shown_by_the_next(engine: Engine, runs: Runs) -> None:
    runs.show("r")
    engine.alive = False
    engine.refuse()
    engine.alive = True
    runs.refresh()
    engine.answer()
    assert runs.on_show is not None and runs.on_show.run == "r"
