"""The timeline of the run on show: read once, then kept up with what happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from rlm_desktop.events import Note, Row
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.timeline import timeline as module
from rlm_desktop.gui.timeline.lanes import OPEN
from rlm_desktop.gui.timeline.spans import Picture
from rlm_desktop.gui.timeline.timeline import Timeline
from rlm_desktop.gui.wire import EngineError, Nothing, RunId, Summary, TimelinePage
from tests.gui.conftest import WAIT_MS
from tests.gui.timeline.timelines import RUNNING, SECOND, THREE_TURNS, ZERO, page


class Asked(EngineClient):
    """An engine whose answers the test gives."""

    def __init__(self) -> None:
        super().__init__(("none",))
        self.questions: list[tuple[dict[str, Any], Callable[[Any], None], Callable[[EngineError], None]]] = []

    def request(self, command: str, reply: Any, done: Any, failed: Any = None, **fields: object) -> None:
        self.questions.append(({"cmd": command, **fields}, done, failed))

    def answer(self, said: TimelinePage) -> None:
        self.questions.pop(0)[1](said)


class Watched:
    """A timeline, and every picture it drew."""

    def __init__(self, engine: EngineClient) -> None:
        self.now = 10.0
        self.pictures: list[Picture] = []
        self.anew: list[bool] = []
        self.timeline = Timeline(engine, clock=lambda: ZERO / SECOND + self.now)
        self.timeline.drawn.connect(self._drawn)

    def _drawn(self, picture: Picture, anew: bool) -> None:
        self.pictures.append(picture)
        self.anew.append(anew)

    @property
    def spans(self) -> list[int]:
        return self.pictures[-1].span.tolist() if self.pictures else []


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def watched(asked: Asked) -> Watched:
    return Watched(asked)


DONE, GOING = Summary("r", "Who?", "answered"), Summary("r", "Who?", "running")


def test_a_run_is_read_in_pages(asked: Asked, watched: Watched) -> None:
    watched.timeline.follow(DONE)
    assert not watched.timeline.complete
    for first in range(0, len(THREE_TURNS), 50):
        assert asked.questions[0][0]["from"] == first
        asked.answer(page(THREE_TURNS[first : first + 50], first, len(THREE_TURNS)))
    assert not asked.questions and watched.timeline.complete
    assert watched.spans == [step.span for step in THREE_TURNS]
    assert watched.anew == [True, False]


def test_answers_about_a_run_that_was_left_are_nobodys(asked: Asked, watched: Watched) -> None:
    watched.timeline.follow(DONE)
    watched.timeline.follow(Summary("other", "What?", "answered"))
    asked.answer(page(THREE_TURNS))
    assert watched.spans == []
    asked.answer(page(RUNNING))
    assert len(watched.spans) == len(RUNNING)
    watched.timeline.follow(None)
    assert watched.spans == [] and watched.timeline.complete


def test_what_happens_is_shown_soon(qtbot: QtBot, asked: Asked, watched: Watched) -> None:
    watched.timeline.follow(GOING)
    asked.answer(page(RUNNING))
    event = Note(run="r", span=9, text="")
    row = Row(span=9, parent=2, index=1, kind="call", label="read", started=ZERO + 4 * SECOND)
    drawn = len(watched.pictures)
    asked.happened.emit(event, (row,))
    asked.happened.emit(Note(run="another", span=1, text=""), (row,))
    assert len(watched.pictures) == drawn  # gathered first
    qtbot.waitUntil(lambda: 9 in watched.spans, timeout=WAIT_MS)
    assert len(watched.pictures) == drawn + 1 and not watched.anew[-1]
    assert watched.timeline.now == 10 * SECOND


def test_rows_that_come_while_pages_do_are_in_a_later_page(asked: Asked, watched: Watched) -> None:
    watched.timeline.follow(GOING)
    asked.answer(page(RUNNING[:2], 0, len(RUNNING)))
    row = Row(span=3, parent=2, index=1, kind="call", label="read", started=ZERO + 3 * SECOND)
    asked.happened.emit(Note(run="r", span=3, text=""), (row,))
    asked.answer(page(RUNNING[2:], 2))
    assert watched.spans == [0, 1, 2, 3]


def test_a_run_of_another_process_is_read_again_but_not_all_the_time(asked: Asked, watched: Watched) -> None:
    watched.timeline.follow(GOING)
    watched.now += 1  # that is how long it takes
    asked.answer(page(RUNNING))
    watched.timeline.update(GOING)
    assert not asked.questions
    watched.now += 10
    watched.timeline.update(GOING)
    watched.timeline.update(GOING)
    assert len(asked.questions) == 1
    asked.answer(page(RUNNING))
    watched.timeline.update(DONE)
    ended = tuple(step._replace(end=step.end or 9.0, status="done") for step in RUNNING)
    asked.answer(page(ended))
    watched.timeline.update(DONE)
    assert not asked.questions


def test_the_end_of_a_reading_is_drawn(qtbot: QtBot, asked: Asked, watched: Watched) -> None:
    watched.timeline.follow(GOING)
    asked.answer(page(RUNNING))
    watched.timeline.update(DONE)
    asked.answer(page(tuple(step._replace(end=step.end or 9.0, status="done") for step in RUNNING)))
    qtbot.waitUntil(lambda: not watched.pictures[-1].running, timeout=WAIT_MS)
    assert not (watched.pictures[-1].end == OPEN).any()


def test_a_refusal_is_passed_on(asked: Asked, watched: Watched) -> None:
    said: list[EngineError] = []
    watched.timeline.refused.connect(said.append)
    watched.timeline.follow(DONE)
    asked.questions.pop(0)[2](EngineError("user", "No.", "Try again."))
    assert str(said[0]) == "No. Try again."


def test_the_replay_is_at_a_moment_of_the_run(asked: Asked, watched: Watched) -> None:
    watched.timeline.follow(DONE)
    asked.answer(page(THREE_TURNS))
    watched.timeline.place(ZERO + 3 * SECOND)
    assert watched.timeline.moment == 3 * SECOND
    watched.timeline.place(None)
    assert watched.timeline.moment is None


def test_a_live_run_comes_whole(qtbot: QtBot, engine: EngineClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    watched = Watched(engine)
    runs: list[RunId] = []
    fields = {"paths": ["/b"], "question": "hold", "model": "tiny", "strategy": "rlm"}
    engine.request("ask", RunId, runs.append, **fields)
    qtbot.waitUntil(lambda: bool(runs), timeout=WAIT_MS)
    watched.timeline.follow(Summary(runs[0].run, "hold", "running"))
    qtbot.waitUntil(lambda: watched.spans == [0, 1, 2, 3, 4, 5], timeout=WAIT_MS)
    assert watched.pictures[-1].running
    engine.request("cancel", Nothing, lambda _: None, run=runs[0].run)
    qtbot.waitUntil(lambda: not watched.pictures[-1].running, timeout=WAIT_MS)
    assert not (watched.pictures[-1].end == OPEN).any()
