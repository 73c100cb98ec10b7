"""The strategies besides `rlm`: auto, direct, guided."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.events import Limits
from tests.engine.conftest import LOOK, Ask, final

QUOTE = "The quick brown fox jumps over the lazy dog near Bergen."
YES = {"text": "yes", "logprobs": {"yes": -0.01, "no": -5.0}}
NO = {"text": "no", "logprobs": {"yes": -5.0, "no": -0.01}}
LOOK_AT, READ, CHECK = "Can the question be answered", "in one short sentence", "A reader answered"


async def test_guided_finds_reads_checks_and_answers(ask: Ask) -> None:
    sub = {LOOK_AT: YES, READ: "The fox jumps.", CHECK: YES}
    asked = await ask({"root": ["never asked"], "sub": sub}, strategy="guided")
    assert asked.summary.status == "answered"
    assert asked.summary.answer == "The fox jumps."
    assert [(c.start_line, c.verified, c.quote) for c in asked.summary.evidence] == [(2, True, QUOTE)]
    assert {row.call_kind for row in asked.rows("call")} == {"read"}
    assert all(row.status == "done" for row in asked.rows("cell"))


async def test_guided_answers_about_the_world_and_not_about_the_passage(ask: Ask) -> None:
    sub = {LOOK_AT: YES, READ: "The passage states that the fox jumps.", CHECK: YES}
    asked = await ask({"root": ["never asked"], "sub": sub}, strategy="guided")
    assert asked.summary.answer == "The fox jumps."


async def test_guided_says_not_found_when_no_passage_answers(ask: Ask) -> None:
    terms = json.dumps({"terms": ["walrus", "dog"]})
    asked = await ask({"root": [terms], "sub": [NO]}, "Where does the fox sleep?", strategy="guided")
    assert asked.summary.status == "not_found"
    assert asked.summary.evidence == ()
    assert "Read 1 passage" in asked.summary.answer
    assert "“walrus”" in asked.summary.answer


async def test_guided_does_not_believe_an_answer_that_is_not_in_the_passage(ask: Ask) -> None:
    sub = {LOOK_AT: YES, READ: "Some walrus from Oslo.", CHECK: YES}
    asked = await ask({"root": ["no terms"], "sub": sub}, strategy="guided")
    assert asked.summary.status == "not_found"


async def test_guided_does_not_believe_an_answer_that_fails_its_check(ask: Ask) -> None:
    sub = {LOOK_AT: YES, READ: "The lazy dog.", CHECK: NO}
    asked = await ask({"root": ["no terms"], "sub": sub}, strategy="guided")
    assert asked.summary.status == "not_found"


async def test_guided_gives_its_best_reading_at_a_limit(ask: Ask) -> None:
    sub = {LOOK_AT: YES, READ: "The fox jumps.", CHECK: YES}
    asked = await ask({"root": ["never"], "sub": sub}, strategy="guided", limits=Limits(turns=2))
    assert asked.summary.status == "limit"
    assert asked.summary.answer == "The fox jumps."
    assert asked.summary.evidence[0].verified


async def test_direct_reads_the_whole_document(ask: Ask) -> None:
    reply = json.dumps({"found": True, "quote": QUOTE, "answer": "A fox."})
    asked = await ask({"root": [reply]}, strategy="direct")
    assert asked.summary.answer == "A fox."
    assert asked.summary.evidence[0].verified
    assert QUOTE in asked.prompts(asked.rows("turn")[0])[-1]


async def test_direct_can_say_not_found(ask: Ask) -> None:
    reply = json.dumps({"found": False, "quote": "", "answer": ""})
    asked = await ask({"root": [reply]}, strategy="direct")
    assert asked.summary.status == "not_found"
    assert "from beginning to end" in asked.summary.answer


async def test_direct_cuts_the_middle_of_a_document_over_the_window(ask: Ask, tmp_path: Path) -> None:
    long = tmp_path / "long.txt"
    long.write_text("begin\n" + "middle words here\n" * 20_000 + "the end\n")
    reply = json.dumps({"found": True, "quote": "the end", "answer": "ends"})
    asked = await ask({"root": [reply], "context_window": 4000}, paths=(long,), strategy="direct")
    assert asked.summary.status == "answered"
    prompt = asked.prompts(asked.rows("turn")[0])[-1]
    assert "begin" in prompt
    assert "the end" in prompt
    assert "were left out" in asked.notes()


async def test_auto_reads_directly_what_fits_and_explores_what_does_not(ask: Ask, tmp_path: Path) -> None:
    reply = json.dumps({"found": True, "quote": QUOTE, "answer": "A fox."})
    asked = await ask({"root": [reply]}, strategy="auto")
    assert asked.summary.strategy == "direct"
    long = tmp_path / "long.txt"
    long.write_text("words here\n" * 50_000)
    asked = await ask({"root": [LOOK, final("x")]}, strategy="auto", paths=(long,))
    assert asked.summary.strategy == "rlm"


async def test_an_answer_outlives_its_document(
    ask: Ask, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever removes the document while the model thinks loses the check of the quotes, not the answer."""

    async def gone(*_: object) -> None:
        raise UserError("doc.txt cannot be read any more.")

    monkeypatch.setattr("rlm_desktop.documents.worker.ScanWorker.locate", gone)
    asked = await ask({"root": [LOOK, final('"quick brown fox jumps"')]})
    assert asked.summary.status == "answered"
    assert [citation.verified for citation in asked.summary.evidence] == [False]
    assert "could not be verified" in asked.notes()


async def test_no_time_at_all_is_a_limit(ask: Ask) -> None:
    for strategy in ("direct", "rlm", "guided"):
        asked = await ask({"root": ["late"]}, strategy=strategy, limits=Limits(seconds=0.0001))
        assert asked.summary.status == "limit", strategy


async def test_what_could_not_be_read_is_never_said_not_to_answer(ask: Ask) -> None:
    asked = await ask({"root": ["no terms"], "sub": [{"error": "The server is full."}]}, strategy="guided")
    assert asked.summary.status == "failed"
    assert "1 of 1 passages could not be read" in asked.summary.error
    assert asked.summary.hint == "Ask again."


async def test_guided_says_at_a_limit_what_was_read_and_what_was_not(ask: Ask) -> None:
    asked = await ask({"sub": [NO]}, strategy="guided", limits=Limits(subcalls=0))
    assert asked.summary.status == "limit"
    (_, said) = asked.state.rows[0].notes
    assert "none answers" not in said
    assert "1 passage could not be read" in said
    assert asked.summary.answer == ""
