"""What of the documents a run's events say was shown, sent and only found."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from rlm_desktop.documents.worker import ScanWorker
from rlm_desktop.engine import tracing
from rlm_desktop.errors import BugError, UserError
from rlm_desktop.events import CellFinished, Extent, Limits, Range, decode_ranges
from tests.engine.conftest import LOOK, TEXT, Ask, cell, final
from tests.guards import LogGuard

FOX = TEXT.index("The quick"), TEXT.index("\nA last")
DONE = final("a fox")


def only(text: str) -> tuple[int, int]:
    """The one range of an event, of the one document."""
    (one,) = decode_ranges(text)
    assert one.document == 0
    return one.start, one.end


async def test_what_a_cell_prints_is_traced_to_the_document(ask: Ask) -> None:
    asked = await ask({"root": [cell("print('Here:', context.splitlines()[1])"), DONE]})
    row = asked.rows("cell")[0]
    assert only(row.printed) == FOX
    assert row.searched == ""
    assert row.provenance == f"Shown to the model 56 characters: doc.txt {FOX[0] + 1}–{FOX[1]}."
    assert asked.rows("cell")[1].printed == ""
    assert asked.state.seen.characters == FOX[1] - FOX[0]
    assert asked.state.rows[0].provenance.startswith("Models have seen 56 characters of 1 of 1 document,")


async def test_what_is_clipped_was_not_shown(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    text = "\n".join(f"{number} bottles of number {number * number} beer" for number in range(9000))
    path.write_text(text)
    asked = await ask({"root": [cell("print(context)"), DONE]}, paths=(path,))
    shown = asked.prompts(asked.rows("turn")[1])[-1]
    assert "characters left out" in shown
    head, tail = decode_ranges(asked.rows("cell")[0].printed)
    assert head.start == 0
    assert tail.end == len(text)
    assert text[: head.end] in shown
    assert text[tail.start :] in shown
    assert head.end - head.start + tail.end - tail.start < len(text) / 4


async def test_found_and_not_shown_is_only_searched(ask: Ask) -> None:
    found = "hits = grep('Bergen')\nprint(len(hits))"
    asked = await ask({"root": [cell(found), cell("hits = grep('Bergen')\nhits"), DONE]})
    silent, told = asked.rows("cell")[:2]
    assert (only(silent.searched), silent.printed) == (FOX, "")
    assert silent.provenance.startswith("Found and not shown 56 characters")
    assert (only(told.printed), told.searched) == (FOX, "")
    assert asked.state.seen.characters == FOX[1] - FOX[0]


async def test_prompts_of_calls_are_traced_each_for_itself(ask: Ask) -> None:
    code = "prompts = [f'Who is in this line? {line}' for line in context.splitlines()]\nllm_query_batched(prompts)"
    asked = await ask({"root": [cell(code), DONE], "sub": ["nobody"]})
    calls = asked.rows("call")
    places = [only(call.sent) for call in calls]
    assert [TEXT[start:end] for start, end in places] == TEXT.splitlines()
    assert calls[1].provenance.startswith("Sent 56 characters: doc.txt")
    assert asked.rows("cell")[0].printed == ""


async def test_what_a_search_found_and_a_call_was_sent_is_not_only_searched(ask: Ask) -> None:
    code = "hit = grep('Bergen')[0]\nreply = llm_query('Who is here?\\n' + hit.text)"
    asked = await ask({"root": [cell(code), DONE], "sub": ["a fox"]})
    assert only(asked.rows("call")[0].sent) == FOX
    assert asked.rows("cell")[0].searched == ""


async def test_reads_know_their_places_and_what_a_cell_cut_itself_is_traced(ask: Ask) -> None:
    code = "read('Who jumps?', grep('Bergen'))\nread('Who jumps?', [context[5:90]])"
    asked = await ask({"root": [cell(code), DONE], "sub": ["no"]})
    first, second = asked.rows("call")
    assert only(first.sent) == FOX
    assert only(second.sent)[0] <= FOX[0]
    assert asked.rows("cell")[0].searched == ""


@pytest.mark.parametrize(("number", "start"), [(9, 0), (10**30, 0), (-5, 0), (0, 10**20), (0, len(TEXT))])
async def test_a_place_that_no_document_has_is_not_believed(ask: Ask, number: int, start: int) -> None:
    code = (
        "Passage = type(grep('Bergen')[0])\n"
        f"read('Who jumps?', [Passage('A last', document={number}, start={start}, end={start} + 6)])"
    )
    asked = await ask({"root": [cell(code), DONE], "sub": ["no"]})
    (call,) = asked.rows("call")
    assert all(one.document == 0 and one.end <= len(TEXT) for one in decode_ranges(call.sent))


async def test_a_place_whose_text_is_another_is_not_believed(ask: Ask) -> None:
    code = (
        "Passage = type(grep('Bergen')[0])\n"
        "passages = [Passage('x' * 30, document=0), Passage(context.splitlines()[1], document=0), *grep('Bergen')]\n"
        "read('Who jumps?', passages)"
    )
    asked = await ask({"root": [cell(code), DONE], "sub": ["no"]})
    forged, moved, honest = asked.rows("call")
    assert forged.sent == ""
    assert only(moved.sent) == FOX
    assert only(honest.sent) == FOX


async def test_a_child_is_sent_its_context_and_reads_one_of_its_own(ask: Ask) -> None:
    asked = await ask(
        {
            "root": [cell("rlm_query('Who jumps?', context=context[14:])"), DONE],
            "child": [cell("print(context[:40])"), final("a fox")],
        },
        limits=Limits(depth=2),
    )
    (call,) = asked.rows("call")
    start, end = only(call.sent)
    assert (start, end) in {(14, len(TEXT)), (14, len(TEXT) - 1)}
    child = asked.rows("cell")[1]
    assert only(child.printed)[0] == 0
    assert child.provenance == "Shown to the model 39 characters."
    printed = decode_ranges(asked.rows("cell")[0].printed)
    assert asked.state.seen.characters == Extent([Range(0, start, end), *printed]).characters


async def test_direct_tells_what_it_put_into_the_prompt(ask: Ask, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.md").write_text(f"{name} " * 50)
    reply = '{"found": false, "quote": "", "answer": ""}'
    paths = (tmp_path / "a.md", tmp_path / "b.md")
    asked = await ask({"root": [reply]}, paths=paths, strategy="direct")
    assert asked.rows("turn")[0].sent == "0:0+100;1:0+100"
    assert asked.state.seen.characters == 200


async def test_guided_shows_a_model_nothing_but_what_it_reads(ask: Ask) -> None:
    asked = await ask({"root": ['{"terms": ["fox", "dog"]}'], "sub": ["no"]}, strategy="guided")
    assert all(row.printed == "" for row in asked.rows("cell"))
    assert asked.rows("call")
    assert all(row.sent for row in asked.rows("call"))


@pytest.mark.parametrize(
    "failure", [UserError("gone.txt cannot be read any more."), BugError("The scan worker failed.")]
)
async def test_a_run_never_fails_because_nothing_can_be_traced(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, log_guard: LogGuard, failure: Exception
) -> None:
    if isinstance(failure, BugError):
        log_guard.expect("could not be found out")

    async def fail(*_: object, **__: object) -> list[tuple[Range, ...]]:
        raise failure

    monkeypatch.setattr(ScanWorker, "trace", fail)
    asked = await ask({"root": [LOOK, cell("llm_query(context)"), DONE], "sub": ["a fox"]})
    assert asked.summary.status == "answered"
    assert not asked.state.seen


async def test_an_event_does_not_wait_long_for_a_trace(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> list[tuple[Range, ...]]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(tracing, "PATIENCE", 0.01)
    monkeypatch.setattr(ScanWorker, "trace", never)
    asked = await ask({"root": [LOOK, cell("llm_query(context)"), DONE], "sub": ["a fox"]})
    assert asked.summary.status == "answered"
    finished = [event for event in asked.events if isinstance(event, CellFinished)]
    assert [event.printed for event in finished] == ["", "", ""]
