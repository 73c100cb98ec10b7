"""A session whose REPL is gone gets its variables back: its cells are run again, and no model is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine import workbench
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.events import AnyEvent, CellFinished, Limits
from rlm_desktop.store import Store
from tests.engine import conftest
from tests.engine.conftest import LOOK, Asked, final, read_run
from tests.engine.test_sessions import GONE
from tests.engine.test_strategies import CHECK, LOOK_AT, READ, YES

Script = Callable[[dict[str, Any]], str]
Ask = Callable[..., Any]
AGAIN = "The variables of the earlier questions were computed again from"


@pytest.fixture
def ask(settings: Settings, document: Path, script: Script) -> Ask:
    """Asks a question in a program of its own, as after a restart."""

    async def ask(
        root: list[Any], *, follows: Asked | None = None, paths: tuple[Path, ...] = (), **fields: Any
    ) -> Asked:
        fields = {"strategy": "rlm", "question": "Who jumps?", **fields}
        request = AskRequest(
            paths=tuple(map(str, paths or (() if follows else (document,)))),
            model=script({"root": root, "sub": fields.pop("sub", [])}),
            follows=follows.summary.run if follows else "",
            **fields,
        )
        async with Engine(settings, lambda *_: None, lambda _: None) as engine:
            run = await engine.ask(request)
            await engine.wait(run)
            return read_run(settings, run)

    return ask


def cell(code: str) -> str:
    """A reply with a cell that looks at the documents, or else the answer after it would be refused."""
    return conftest.cell(f"context[:1]\n{code}")


def output(asked: Asked, number: int = 0) -> str:
    return asked.texts(asked.rows("cell")[number].texts["output"])


async def test_no_model_is_asked_again(ask: Ask) -> None:
    code = "hits = find('fox')\nname = llm_query('Who is ' + hits[0])\nnames = llm_query_batched(['a', 'b'])"
    first = await ask([cell(code), final("The fox.")], sub=["Reynard", "A", "B"])
    assert first.summary.answer == "The fox."
    second = await ask([cell("print(name, names, hits[0].where)"), final("He.")], follows=first)
    assert output(second).startswith("Reynard ['A', 'B'] doc.txt:")
    assert f"{AGAIN} 2 cells" in second.notes()
    assert second.rows("call") == []
    third = await ask([cell("print(name)"), final("He.")], follows=second)
    assert output(third) == "Reynard\n"
    assert f"{AGAIN} 4 cells" in third.notes()


async def test_a_failed_call_fails_again(ask: Ask) -> None:
    first = await ask(
        [cell("said = llm_query_batched(['a', 'b'])"), final("The fox.")], sub=["A", {"error": "broken"}]
    )
    second = await ask([cell("print(said[0], said[1].error)"), final("He.")], follows=first)
    assert output(second).startswith("A ")
    assert "broken" in output(second)


async def test_history_goes_on(ask: Ask) -> None:
    first = await ask([cell("x = 1"), cell("seen = len(history)"), final("The fox.")])
    second = await ask([cell("print(seen, len(history), history[0][0])"), final("He.")], follows=first)
    assert output(second).startswith("1 2 ")
    assert "x = 1" in output(second)
    assert "- seen: " in "\n".join(second.prompts(second.rows("turn")[0]))


async def test_a_cell_that_was_undone_is_not_run_and_one_that_raised_is(ask: Ask) -> None:
    cells = [cell("x = 1\n1 / 0"), cell("x = 2\nimport os\nos._exit(1)"), cell("y = 3"), final("The fox.")]
    first = await ask(cells)
    second = await ask([cell("print(x, y)"), final("He.")], follows=first)
    assert output(second) == "1 3\n"
    assert f"{AGAIN} 3 cells" in second.notes()


async def test_what_comes_out_otherwise_is_named(ask: Ask) -> None:
    first = await ask([cell("import time\nstarted = time.time_ns()\nx = 1"), final("The fox.")])
    second = await ask([cell("print(x)"), final("He.")], follows=first)
    assert output(second) == "1\n"
    assert "These variables came out otherwise: started." in second.notes()


async def test_a_document_that_changed_is_said(ask: Ask, document: Path) -> None:
    first = await ask([cell("x = 1"), final("The fox.")])
    document.write_text("Another text about a walrus in Oslo.")
    second = await ask([cell("print('x' in globals())"), final("He.")], follows=first)
    assert output(second) == "False\n"
    assert GONE in second.notes()
    assert "the documents are no longer the same" in second.notes()


async def test_documents_that_came_later_come_later_again(ask: Ask, document: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Another fox in Oslo.\n" * 5)
    first = await ask([cell("kind = type(context).__name__\nhits = len(find('fox'))"), final("The fox.")])
    second = await ask(
        [cell("more = len(context), hits, kind, len(find('fox'))"), final("Two.")],
        follows=first,
        paths=(document, other),
    )
    assert second.summary.answer == "Two."
    third = await ask([cell("print(kind, hits, more, len(context))"), final("He.")], follows=second)
    assert output(third) == "str 1 (2, 1, 'str', 2) 2\n"
    assert "differ" not in third.notes()


async def test_cells_of_the_guided_recipe_are_run_again(ask: Ask) -> None:
    sub = {LOOK_AT: YES, READ: "The fox jumps.", CHECK: YES}
    first = await ask([], sub=sub, strategy="guided")
    assert first.summary.status == "answered"
    second = await ask(
        [cell("print(len(notes), notes[0].answer, notes[0].passage[:7])"), final("He.")], follows=first
    )
    assert output(second).endswith("The fox jumps. A first\n")
    assert "differ" not in second.notes()
    assert second.rows("call") == []


async def test_of_child_rlms_only_the_answer_is_kept(ask: Ask) -> None:
    code = cell("x = rlm_query('What?', context='Only a walrus.')")
    first = await ask([code, final("The fox.")], limits=Limits(depth=1))
    texts = [event.calls for event in first.events if isinstance(event, CellFinished)]
    depths = [row.parent for row in first.rows("cell")]
    assert len(texts) == len(depths)
    second = await ask([cell("print(x)"), final("He.")], follows=first)
    assert second.rows("call") == []
    assert f"{AGAIN} 2 cells" in second.notes()


async def test_runs_of_an_earlier_version_are_not_run_again(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Store.append

    def without(store: Store, event: AnyEvent, *texts: Any) -> None:
        if isinstance(event, CellFinished):
            event = msgspec.structs.replace(event, calls="")
        append(store, event, *texts)

    monkeypatch.setattr(Store, "append", without)
    silent = await ask([cell("x = 1"), final("The fox.")])
    asking = await ask([cell("x = llm_query('a')"), final("The fox.")], sub=["A"])
    monkeypatch.undo()
    assert f"{AGAIN} 2 cells" in (await ask([LOOK, final("He.")], follows=silent)).notes()
    second = await ask([LOOK, final("He.")], follows=asking)
    assert GONE in second.notes()
    assert "was not recorded" in second.notes()
    third = await ask([cell("print('x' in globals())"), final("He.")], follows=second)
    assert output(third) == "False\n"
    assert f"{AGAIN} 2 cells" in third.notes()


async def test_a_question_that_was_deleted_in_between_is_said(ask: Ask, settings: Settings) -> None:
    first = await ask([cell("x = 1"), final("The fox.")])
    second = await ask([cell("y = x"), final("He.")], follows=first)
    third = await ask([cell("z = y"), final("He.")], follows=second)
    with Store(settings.store, settings.locks) as store:
        store.delete(second.summary.run)
    fourth = await ask([cell("print('z' in globals())"), final("He.")], follows=third)
    assert GONE in fourth.notes()
    assert "one of the questions was deleted" in fourth.notes()


async def test_long_cells_are_announced_and_very_long_ones_left(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await ask([cell("x = 1"), final("The fox.")])
    monkeypatch.setattr(workbench, "ANNOUNCED_SECONDS", 0.0)
    second = await ask([cell("print(x)"), final("He.")], follows=first)
    assert "The variables are computed again first, which took" in second.notes()
    assert output(second) == "1\n"
    monkeypatch.setattr(workbench, "MOST_SECONDS", 0.0)
    third = await ask([LOOK, final("He.")], follows=second)
    assert GONE in third.notes()
    assert "too long to do it again unasked" in third.notes()


async def test_a_limit_of_time_holds_for_it_too(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await ask([cell("import time\ntime.sleep(0.3)"), final("The fox.")])
    second = await ask([LOOK], follows=first, limits=Limits(seconds=0.2))
    assert second.summary.status == "limit"


async def test_it_can_be_stopped(
    settings: Settings, ask: Ask, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await ask([cell("x = 1"), final("The fox.")])
    begun = asyncio.Event()

    async def never(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(workbench, "rebuild", never)
    request = AskRequest(
        question="And?", follows=first.summary.run, model=script({"root": [LOOK]}), strategy="rlm"
    )
    async with Engine(settings, lambda *_: None, lambda _: None) as engine:
        run = await engine.ask(request)
        await begun.wait()
        await engine.cancel(run)
        assert read_run(settings, run).summary.status == "cancelled"


async def test_a_session_that_used_no_cells_has_lost_nothing(ask: Ask) -> None:
    reply = '{"found": true, "quote": "A first line.", "answer": "A line."}'
    first = await ask([reply], strategy="direct")
    second = await ask([LOOK, final("He.")], follows=first)
    assert "variables" not in second.notes()
