"""Follow-up questions: the REPL and its variables go on, and so does what was said."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.engine.sessions import KEPT
from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import AnyEvent, Limits
from rlm_desktop.models.scripted import ScriptedModel
from rlm_desktop.repl.forking import ForkingRepl
from rlm_desktop.store import Store
from tests.engine.conftest import LOOK, Asked, cell, final, read_run
from tests.engine.test_strategies import CHECK, LOOK_AT, READ, YES

KEEP = cell("print(context[:40])\nfox = context.index('fox')\nkept = ['a', 'b']")
GONE = "The variables of the earlier questions are gone"
AGAIN = "The variables of the earlier questions were computed again from 2 cells"
Script = Callable[[dict[str, Any]], str]


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[Engine]:
    async with Engine(settings, lambda *_: None, lambda _: None) as engine:
        yield engine


async def asked(engine: Engine, **fields: Any) -> Asked:
    run = await engine.ask(AskRequest(**{"strategy": "rlm", **fields}))
    await engine.wait(run)
    return read_run(engine.settings, run)


async def kept(engine: Engine, document: Path, script: Script) -> Asked:
    """A first question, which left variables."""
    model = script({"root": [KEEP, final("The fox.")]})
    return await asked(engine, question="Who?", paths=(str(document),), model=model)


async def test_a_follow_up_finds_the_variables_of_the_question_before(
    engine: Engine, document: Path, script: Script
) -> None:
    first = await asked(
        engine,
        question="Who jumps?",
        paths=(str(document),),
        model=script({"root": [KEEP, final("The fox.")]}),
    )
    second = await asked(
        engine,
        question="Where?",
        follows=first.summary.run,
        model=script({"root": [cell("print(context[fox:fox + 3], len(history), answer)"), final("Bergen.")]}),
    )
    assert second.summary.status == "answered"
    output = second.texts(second.rows("cell")[0].texts["output"])
    assert output.startswith("fox 1 {'content': '', 'ready': False}")
    prompt = "\n".join(second.prompts(second.rows("turn")[0]))
    assert "Question: Who jumps?\nAnswer: The fox." in prompt
    assert "- kept: " in prompt
    assert GONE not in second.notes()
    assert (second.summary.session, second.summary.parent_run) == (first.summary.run, first.summary.run)
    assert second.summary.paths == first.summary.paths


async def test_nobody_is_reminded_of_a_question_that_was_deleted(
    engine: Engine, document: Path, script: Script
) -> None:
    model = script({"root": [KEEP, final("The fox.")]})
    first = await asked(engine, question="Who jumps?", paths=(str(document),), model=model)
    model = script({"root": [LOOK, final("A secret.")]})
    second = await asked(engine, question="What else?", follows=first.summary.run, model=model)
    await engine.delete(second.summary.run)
    model = script({"root": [LOOK, final("Bergen.")]})
    third = await asked(engine, question="Where?", follows=first.summary.run, model=model)
    prompt = "\n".join(third.prompts(third.rows("turn")[0]))
    assert "Answer: The fox." in prompt
    assert "A secret." not in prompt


async def test_a_new_question_begins_a_session_of_its_own(
    engine: Engine, document: Path, script: Script
) -> None:
    model = script({"root": [KEEP, final("The fox.")]})
    first = await asked(engine, question="Who?", paths=(str(document),), model=model)
    model = script({"root": [cell("print(context[:5], 'kept' in globals())"), final("No.")]})
    second = await asked(engine, question="Who?", paths=(str(document),), model=model)
    assert second.texts(second.rows("cell")[0].texts["output"]).startswith("A fir False")
    assert second.summary.session == second.summary.run != first.summary.session


async def test_after_a_restart_the_answers_and_the_variables_are_known(
    settings: Settings, document: Path, script: Script
) -> None:
    async with Engine(settings, lambda *_: None, lambda _: None) as engine:
        model = script({"root": [KEEP, final("The fox.")]})
        first = await asked(engine, question="Who jumps?", paths=(str(document),), model=model)
    async with Engine(settings, lambda *_: None, lambda _: None) as engine:
        model = script({"root": [cell("print(context[fox:fox + 3], len(history))"), final("Bergen.")]})
        second = await asked(engine, question="Where?", follows=first.summary.run, model=model)
    assert AGAIN in second.notes()
    assert second.texts(second.rows("cell")[0].texts["output"]).startswith("fox 1")
    assert "- kept: " in "\n".join(second.prompts(second.rows("turn")[0]))
    assert "Answer: The fox." in "\n".join(second.prompts(second.rows("turn")[0]))


async def test_a_document_that_changed_is_read_anew(engine: Engine, document: Path, script: Script) -> None:
    model = script({"root": [KEEP, final("The fox.")]})
    first = await asked(engine, question="Who?", paths=(str(document),), model=model)
    document.write_text("Another text about a walrus in Oslo.")
    model = script({"root": [LOOK, final("A walrus.")]})
    second = await asked(engine, question="And now?", follows=first.summary.run, model=model)
    assert GONE in second.notes()
    assert second.texts(second.rows("cell")[0].texts["output"]).startswith("Another text")


async def test_variables_survive_a_run_that_was_stopped(
    engine: Engine, document: Path, script: Script
) -> None:
    model = script({"root": [KEEP, {"text": LOOK, "delay": 60}]})
    run = await engine.ask(AskRequest(question="Who?", paths=(str(document),), model=model, strategy="rlm"))
    while not any(row.kind == "cell" and row.finished for row in engine.live(run).rows.values()):  # type: ignore[union-attr]
        await _a_moment()
    await engine.cancel(run)
    model = script({"root": [cell("print(context[fox:fox + 3])"), final("The fox.")]})
    second = await asked(engine, question="Go on.", follows=run, model=model)
    assert second.texts(second.rows("cell")[0].texts["output"]).startswith("fox")


async def test_a_question_cannot_follow_one_that_is_being_answered(
    engine: Engine, document: Path, script: Script
) -> None:
    model = script({"root": [{"text": LOOK, "delay": 60}]})
    run = await engine.ask(AskRequest(question="Who?", paths=(str(document),), model=model, strategy="rlm"))
    with pytest.raises(UserError, match="still being answered"):
        await engine.ask(AskRequest(question="And?", follows=run))
    await engine.cancel(run)


async def test_only_some_sessions_keep_their_repl(engine: Engine, document: Path, script: Script) -> None:
    runs = []
    for number in range(KEPT + 1):
        model = script({"root": [KEEP, final(f"The fox {number}.")]})
        runs.append(await asked(engine, question="Who?", paths=(str(document),), model=model))
    again = {"root": [cell("print(context[:9], 'kept' in globals())"), final("Yes.")]}
    oldest = await asked(engine, question="And?", follows=runs[0].summary.run, model=script(again))
    newest = await asked(engine, question="And?", follows=runs[-1].summary.run, model=script(again))
    assert AGAIN in oldest.notes()
    assert AGAIN not in newest.notes()


async def test_nothing_of_a_session_is_left_when_the_engine_closes(
    settings: Settings, document: Path, script: Script
) -> None:
    async with Engine(settings, lambda *_: None, lambda _: None) as engine:
        await asked(
            engine, question="Who?", paths=(str(document),), model=script({"root": [KEEP, final("The fox.")]})
        )
        assert list(settings.scratch.rglob("*"))
    assert list(settings.scratch.iterdir()) == []


async def test_another_engine_leaves_the_repl_of_a_living_one_alone(
    settings: Settings, document: Path, script: Script
) -> None:
    async with Engine(settings, lambda *_: None, lambda _: None) as engine:
        model = script({"root": [KEEP, final("The fox.")]})
        first = await asked(engine, question="Who?", paths=(str(document),), model=model)
        before = sorted(settings.scratch.rglob("*"))
        async with Engine(settings, lambda *_: None, lambda _: None):
            assert sorted(settings.scratch.rglob("*")) == before
        model = script({"root": [cell("print(context[fox:fox + 3])"), final("Yes.")]})
        second = await asked(engine, question="And?", follows=first.summary.run, model=model)
    assert second.texts(second.rows("cell")[0].texts["output"]).startswith("fox")


async def test_a_repl_that_died_in_between_is_replaced_and_said_so(
    engine: Engine, document: Path, script: Script
) -> None:
    model = script({"root": [cell("import os\nprint(context[:3], os.getppid())"), final("The fox.")]})
    first = await asked(engine, question="Who?", paths=(str(document),), model=model)
    for process in _repls():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has gone with one of the others
            process.kill()
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                await _a_moment()
    second = await asked(
        engine, question="And?", follows=first.summary.run, model=script({"root": [LOOK, final("Yes.")]})
    )
    assert second.summary.status == "answered"
    assert "gone" in second.notes() or "lost" in second.notes()


async def test_guided_puts_a_follow_up_in_full_before_it_searches(
    engine: Engine, document: Path, script: Script
) -> None:
    sub = {LOOK_AT: YES, READ: "The fox jumps.", CHECK: YES}
    full = json.dumps({"question": "Over whom does the quick brown fox jump?"})
    first = await asked(
        engine, question="Who jumps?", paths=(str(document),), model=script({"sub": sub}), strategy="guided"
    )
    model = script({"root": [full], "sub": {**sub, READ: "The fox jumps over the lazy dog."}})
    second = await asked(
        engine, question="Over whom?", follows=first.summary.run, model=model, strategy="guided"
    )
    assert "Read as: Over whom does the quick brown fox jump?" in second.notes()
    cells = [second.texts(row.texts["code"]) for row in second.rows("cell")]
    assert "Over whom does the quick brown fox jump?" in cells[0]
    assert second.summary.question == "Over whom?"


@pytest.mark.parametrize(
    "reply", ["not JSON", "{}", json.dumps({"question": 5}), json.dumps({"question": "x" * 500})]
)
async def test_a_follow_up_that_is_put_badly_is_asked_as_it_is(
    engine: Engine, document: Path, script: Script, reply: str
) -> None:
    sub = {LOOK_AT: YES, READ: "The fox jumps.", CHECK: YES}
    first = await asked(
        engine, question="Who jumps?", paths=(str(document),), model=script({"sub": sub}), strategy="guided"
    )
    model = script({"root": [reply], "sub": sub})
    second = await asked(
        engine, question="Who jumps now?", follows=first.summary.run, model=model, strategy="guided"
    )
    assert "Who jumps now?" in second.texts(second.rows("cell")[0].texts["code"])


async def test_direct_is_told_what_was_said(engine: Engine, document: Path, script: Script) -> None:
    reply = json.dumps({"found": True, "quote": "A first line.", "answer": "A line."})
    first = await asked(
        engine, question="Who?", paths=(str(document),), model=script({"root": [reply]}), strategy="direct"
    )
    second = await asked(
        engine,
        question="And?",
        follows=first.summary.run,
        model=script({"root": [reply]}),
        strategy="direct",
        limits=Limits(turns=1),
    )
    assert "Question: Who?\nAnswer: A line." in "\n".join(second.prompts(second.rows("turn")[0]))


async def _a_moment() -> None:
    await asyncio.sleep(0.01)


async def test_stopping_twice_leaves_the_session_free_for_the_next_question(
    engine: Engine, document: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaning, go_on = asyncio.Event(), asyncio.Event()

    async def slow_to_close(_: object) -> None:
        cleaning.set()
        await go_on.wait()

    monkeypatch.setattr(ScriptedModel, "close", slow_to_close)
    model = script({"root": [KEEP, {"text": LOOK, "delay": 60}]})
    run = await engine.ask(AskRequest(question="Who?", paths=(str(document),), model=model, strategy="rlm"))
    while not any(row.kind == "cell" and row.finished for row in engine.live(run).rows.values()):  # type: ignore[union-attr]
        await _a_moment()
    stops = [asyncio.ensure_future(engine.cancel(run)) for _ in range(2)]
    await cleaning.wait()
    stops.append(asyncio.ensure_future(engine.cancel(run)))
    model = script({"root": [cell("print(context[fox:fox + 3])"), final("The fox.")]})
    second = asyncio.ensure_future(asked(engine, question="Go on.", follows=run, model=model))
    await _a_moment()
    go_on.set()
    await asyncio.gather(*stops)
    follow_up = await second
    assert engine.live(run) is None
    assert follow_up.texts(follow_up.rows("cell")[0].texts["output"]).startswith("fox")


async def test_sessions_without_a_repl_take_no_place_of_one_that_has(
    engine: Engine, document: Path, script: Script
) -> None:
    model = script({"root": [KEEP, final("The fox.")]})
    first = await asked(engine, question="Who?", paths=(str(document),), model=model)
    reply = json.dumps({"found": True, "quote": "A first line.", "answer": "A line."})
    for _ in range(KEPT):
        await asked(
            engine,
            question="What?",
            paths=(str(document),),
            model=script({"root": [reply]}),
            strategy="direct",
        )
    model = script({"root": [cell("print(context[fox:fox + 3])"), final("The fox.")]})
    second = await asked(engine, question="Go on.", follows=first.summary.run, model=model)
    assert GONE not in second.notes()


async def test_a_follow_up_that_is_stopped_before_it_has_the_repl_ends_the_repl(
    engine: Engine, document: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await kept(engine, document, script)
    taking = asyncio.Event()

    async def never(*_: object, **__: object) -> None:
        taking.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(ForkingRepl, "execute", never)
    run = await engine.ask(AskRequest(question="And?", follows=first.summary.run, strategy="rlm"))
    await taking.wait()
    await engine.cancel(run)
    assert _repls() == []


async def test_a_disk_that_is_full_when_a_follow_up_begins_leaves_no_repl_behind(
    engine: Engine, document: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await kept(engine, document, script)
    document.write_text("Another text.")  # so that the loss of the variables is noted
    append = Store.append

    def full(store: Store, event: AnyEvent, *texts: Any) -> None:
        if event.seq > 1:
            raise StoreError("The disk is full.")
        append(store, event, *texts)

    monkeypatch.setattr(Store, "append", full)
    run = await engine.ask(AskRequest(question="And?", follows=first.summary.run, strategy="rlm"))
    with pytest.raises(StoreError, match="full"):
        await engine.wait(run)
    assert _repls() == []
    monkeypatch.undo()
    model = script({"root": [LOOK, final("Another text.")]})
    third = await asked(engine, question="And now?", follows=run, model=model)
    assert third.summary.status == "answered"


def _repls() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [child for child in children if any("repl" in word for word in child.cmdline())]


async def test_documents_can_come_to_a_session(
    engine: Engine, document: Path, script: Script, tmp_path: Path
) -> None:
    first = await kept(engine, document, script)
    (folder := tmp_path / "more").mkdir()
    (folder / "walrus.txt").write_text("A walrus in Oslo.\n")
    (folder / "xylophone.txt").write_text("A xylophone.\n")
    count = cell("print(kept, context[0][fox:fox + 3], [text[:5] for text in context], len(history))")
    model = script({"root": [count, final('"A walrus in Oslo."')]})
    second = await asked(
        engine, question="And?", follows=first.summary.run, paths=(str(folder),), model=model
    )
    printed = second.texts(second.rows("cell")[0].texts["output"])
    assert printed.startswith("['a', 'b'] fox ['A fir', 'A wal', 'A xyl'] 1")
    assert GONE not in second.notes()
    assert second.summary.paths == (str(document), str(folder))
    assert [Path(source.path).name for source in second.state.start.sources] == [
        "doc.txt", "walrus.txt", "xylophone.txt",
    ]  # fmt: skip
    assert second.summary.evidence[0].verified
    prompt = "\n".join(second.prompts(second.rows("turn")[0]))
    assert (
        "it is a list of 3 texts now, and the last 2 of them are new: more/walrus.txt, more/xylophone.txt."
        in prompt
    )
    model = script({"root": [cell("print(len(context), kept)"), final("No more.")]})
    third = await asked(engine, question="More?", follows=second.summary.run, model=model)
    assert third.texts(third.rows("cell")[0].texts["output"]).startswith("3 ['a', 'b']")
    assert third.summary.paths == second.summary.paths
    assert "has grown" not in "\n".join(third.prompts(third.rows("turn")[0]))


async def test_what_changed_while_documents_come_is_read_anew(
    engine: Engine, document: Path, script: Script, tmp_path: Path
) -> None:
    first = await kept(engine, document, script)
    document.write_text("Another text about a walrus in Oslo.")
    (other := tmp_path / "other.txt").write_text("And another one.")
    model = script({"root": [cell("print(len(context), 'kept' in globals())"), final("A walrus.")]})
    second = await asked(engine, question="And?", follows=first.summary.run, paths=(str(other),), model=model)
    assert second.texts(second.rows("cell")[0].texts["output"]).startswith("2 False")
    assert GONE in second.notes()


async def test_a_document_named_again_is_no_new_one(engine: Engine, document: Path, script: Script) -> None:
    first = await kept(engine, document, script)
    model = script({"root": [cell("print(context[fox:fox + 3])"), final("The fox.")]})
    second = await asked(
        engine, question="And?", follows=first.summary.run, paths=(str(document),), model=model
    )
    assert second.texts(second.rows("cell")[0].texts["output"]).startswith("fox")
    assert second.summary.paths == first.summary.paths


async def test_a_repl_that_cannot_take_the_documents_gives_way_to_a_new_one(
    engine: Engine, document: Path, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await kept(engine, document, script)
    (other := tmp_path / "other.txt").write_text("And another one.")

    async def refuse(*_: object) -> None:
        raise UserError("The documents could not be added.")

    monkeypatch.setattr(ForkingRepl, "add", refuse)
    model = script({"root": [cell("print(len(context), 'kept' in globals())"), final("The fox.")]})
    second = await asked(engine, question="And?", follows=first.summary.run, paths=(str(other),), model=model)
    assert second.texts(second.rows("cell")[0].texts["output"]).startswith("2 False")
    assert GONE in second.notes()
