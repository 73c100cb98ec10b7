"""Stepping through what was found, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs
from PySide6.QtCore import QObject

from rlm_desktop.events import Row
from rlm_desktop.gui.run import step_search
from rlm_desktop.gui.run.step_search import StepSearch, filtered
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.wire import EngineError
from rlm_desktop.gui.wire.steps import FoundPage, FoundStep

RUN = Row(span=0, parent=0, index=0, kind="run", label="?", status="done", finished=1)


class Engine(QObject):
    """Has so many steps, each of them found; answers when it is told to."""

    alive = True

    def __init__(self, total: int) -> None:
        super().__init__()
        self.total = total
        self.asked: list[tuple[dict[str, Any], Callable[[Any], None], Callable[[Any], None]]] = []

    def request(self, command: str, reply: object, done: Any, failed: Any, **fields: Any) -> None:
        assert (command, reply) == ("find_rows", FoundPage)
        self.asked.append((fields, done, failed))

    def answer(self) -> None:
        fields, done, _ = self.asked.pop(0)
        spans = range(fields["from"] + 1, min(self.total, fields["from"] + fields["count"]) + 1)
        hits = tuple(FoundStep(span, "label", ((span, span - 1),)) for span in spans)
        done(FoundPage(hits, (), self.total))


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_search, "PAGE", 3)


def searching(engine: Engine, run: Row = RUN) -> tuple[StepSearch, list[int]]:
    search = StepSearch(engine, lambda: None)  # type: ignore[arg-type]
    search.setParent(engine)
    tree = RunTreeModel("r", engine)
    tree.take([run])
    reached: list[int] = []
    search.reached.connect(lambda hit: reached.append(hit.span))
    search.follow(tree)
    search.look_for("enoch", "")
    return search, reached


def test_the_next_page_is_asked_for_when_it_is_reached(small_pages: None) -> None:
    engine = Engine(total=4)
    search, reached = searching(engine)
    search.go(1)  # before there is an answer
    engine.answer()
    for _ in range(2):
        search.go(1)
    assert reached == [1, 2, 3]
    search.go(1)
    engine.answer()
    assert (reached[-1], search.place) == (4, 3)
    search.go(1)
    assert reached[-1] == 1, "after the last comes the first"
    search.go(-1)
    assert reached[-1] == 4


def test_a_look_again_at_a_run_that_goes_on_takes_nobody_back(small_pages: None) -> None:
    engine = Engine(total=9)
    search, reached = searching(engine)
    engine.answer()
    for _ in range(5):
        search.go(1)
        if engine.asked:
            engine.answer()
    assert reached == [1, 2, 3, 4, 5]
    search._look_again()
    engine.answer()
    assert len(search.hits) == 3, "the first page is looked at again"
    search.go(1)
    engine.answer()
    assert reached[-1] == 6


def test_the_steps_of_the_end_are_looked_for_even_if_one_asked_just_before() -> None:
    engine = Engine(total=1)
    search, _ = searching(engine, structs.replace(RUN, status="running", finished=0))
    assert search._tree is not None
    search._tree.take([RUN])
    search._look_again()  # while it still waits for its first answer
    assert len(engine.asked) == 1 and search._again.isActive()
    engine.answer()
    search._look_again()
    assert len(engine.asked) == 1 and not search._again.isActive()


def test_a_run_that_has_ended_is_looked_through_once() -> None:
    search, _ = searching(Engine(total=1))
    assert not search._again.isActive()


def test_before_the_first_comes_the_last_that_is_known(small_pages: None) -> None:
    engine = Engine(total=9)
    search, reached = searching(engine)
    engine.answer()
    search.go(-1)
    assert reached == [3]


def test_it_goes_on_from_the_row_the_person_chose() -> None:
    engine = Engine(total=9)
    search, reached = searching(engine)
    engine.answer()
    search.go(1, chosen=6)
    assert reached == [7]


def test_an_answer_that_nobody_waits_for_is_passed_over() -> None:
    engine = Engine(total=9)
    search, _ = searching(engine)
    search.look_for("noah", "")
    engine.answer()
    assert (search.total, search.hits) == (0, [])
    engine.answer()
    assert search.total == 9
    search.look_for("", "")
    assert not search.active and search.total == 0 and not engine.asked


def test_a_search_that_fails_says_so_once() -> None:
    engine = Engine(total=9)
    search, reached = searching(engine)
    refused: list[EngineError] = []
    search.refused.connect(refused.append)
    search.go(1)
    engine.asked.pop()[2](EngineError("user", "It is gone.", ""))
    assert [str(error) for error in refused] == ["It is gone."] and not reached


def test_some_rows_are_a_tree_of_their_own() -> None:
    def row(span: int, parent: int, index: int) -> Row:
        return Row(span=span, parent=parent, index=index, kind="turn", label=f"{span}", children=9)

    tree = RunTreeModel("r")
    tree.take(filtered([row(8, 5, 7), row(5, 0, 4), row(3, 0, 2), row(6, 5, 1)], RUN))
    assert [tree.index(place, 0).data() for place in range(tree.rowCount())] == ["3", "5"]
    five = tree.index_of(5)
    assert [tree.index(place, 0, five).data() for place in range(tree.rowCount(five))] == ["6", "8"]
    assert not any(tree.canFetchMore(tree.index_of(span)) for span in (0, 3, 5, 6, 8))
    tree.deleteLater()
