"""The RLM loop: the happy path, and each known failure of models."""

from __future__ import annotations

import pytest

from rlm_desktop.engine.prompts import prompt
from rlm_desktop.events import Limits
from tests.engine.conftest import LOOK, TEXT, Ask, cell, final


async def test_looks_then_answers_with_a_verified_quote(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, final('The fox: "quick brown fox jumps over the lazy dog".')]})
    assert asked.summary.status == "answered"
    (citation,) = asked.summary.evidence
    assert citation.verified
    assert (citation.start_line, citation.end_line) == (2, 2)
    assert asked.summary.turns == 2
    assert [row.status for row in asked.rows("cell")] == ["done", "done"]
    assert "A first line." in asked.texts(asked.rows("cell")[0].texts["output"])
    assert asked.state.start is not None
    (source,) = asked.state.start.sources
    assert source.size > 0
    assert len(source.sha256) == 64


async def test_an_answer_no_quote_supports_has_no_verified_evidence(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, final('It was a bear: "the bear jumped over the moon".')]})
    assert asked.summary.status == "answered"
    assert [citation.verified for citation in asked.summary.evidence] == [False]


async def test_not_found_says_what_was_searched(ask: Ask) -> None:
    asked = await ask({"root": [cell("find('walrus')"), final("NOT FOUND")]})
    assert asked.summary.status == "not_found"
    assert "The document does not say." in asked.summary.answer
    assert "“walrus”" in asked.summary.answer


@pytest.mark.parametrize(
    "reply",
    [
        "```python\nprint('ran')\n```",
        "```py\nprint('ran')\n```",
        "```\nprint('ran')\n```",
        "```repl\nprint('ran')",
        "```REPL\nprint('ran')\n\nOutput:\nI made this up",
        "```json\n{}\n```\nNow:\n```repl\nprint('ran')\n```",
        "```{python}\r\nprint('ran')\r\n```\r\n",
        "```repl\nprint('ran')\n```\nOutput: 42\n```repl\nprint('not this one')\n```",
    ],
)
async def test_every_variant_of_a_fence_runs_its_first_block(ask: Ask, reply: str) -> None:
    asked = await ask({"root": [reply, LOOK, final("a fox")]})
    first = asked.rows("cell")[0]
    assert first.status == "done"
    assert asked.texts(first.texts["output"]).strip() == "ran"


async def test_prose_is_never_an_answer_and_gets_a_nudge(ask: Ask) -> None:
    asked = await ask({"root": ["FINAL(it is a fox)", "The answer is fox.", LOOK, final("a fox")]})
    assert asked.summary.answer == "a fox"
    assert asked.summary.turns == 4
    assert "```repl" in asked.prompts(asked.rows("turn")[1])[-1]


async def test_an_answer_before_looking_is_refused_once(ask: Ask) -> None:
    asked = await ask({"root": [final("a guess"), LOOK, final("a fox")]})
    assert asked.summary.answer == "a fox"
    assert prompt("nudge_look_first") in asked.prompts(asked.rows("turn")[1])[-1]
    asked = await ask({"root": [final("a guess"), final("the same guess")]})
    assert asked.summary.answer == "the same guess"


async def test_a_refused_answer_does_not_come_back_by_itself(ask: Ask) -> None:
    asked = await ask({"root": [final("a guess"), LOOK, cell("1 + 1"), final("a fox")]})
    assert (asked.summary.answer, asked.summary.turns) == ("a fox", 4)


async def test_an_empty_answer_is_refused_once(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, final(""), final("a fox")]})
    assert asked.summary.answer == "a fox"


async def test_an_empty_answer_is_never_an_answer(ask: Ask) -> None:
    nothing = cell("FINAL(None)")
    asked = await ask({"root": [final("a guess"), final(""), LOOK, nothing, final("a fox")]})
    assert (asked.summary.answer, asked.summary.turns) == ("a fox", 5)


async def test_not_found_is_the_whole_answer_or_no_such_outcome(ask: Ask) -> None:
    for said in ("Not Found", "not found in the index, but line 2 names the fox"):
        asked = await ask({"root": [LOOK, final(said)]})
        assert (asked.summary.status, asked.summary.answer) == ("answered", said)
    asked = await ask({"root": [LOOK, final("The document does not say.")]})
    assert asked.summary.status == "not_found"


async def test_the_same_cell_again_is_said_to_be_so(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, LOOK, final("a fox")]})
    assert prompt("nudge_repeated") in asked.prompts(asked.rows("turn")[2])[-1]


async def test_an_empty_reply_is_asked_again(ask: Ask) -> None:
    asked = await ask({"root": ["", LOOK, final("a fox")]})
    assert asked.summary.turns == 2
    assert "The reply was empty. Asked again." in asked.notes()


async def test_an_error_in_a_cell_is_shown_to_the_model(ask: Ask) -> None:
    asked = await ask({"root": [cell("context.nothing"), final("a fox")]})
    assert asked.rows("cell")[0].status == "warning"
    assert "AttributeError" in asked.prompts(asked.rows("turn")[1])[-1]


async def test_variables_survive_a_crashed_cell(ask: Ask) -> None:
    crash = cell("import os\nkept = 2\nos._exit(3)")
    asked = await ask({"root": [cell("kept = len(context)"), crash, cell("print(kept)"), final("x")]})
    cells = asked.rows("cell")
    assert cells[1].detail == "crash"
    assert asked.texts(cells[2].texts["output"]).strip() == str(len(TEXT))
    assert "as they were before" in asked.prompts(asked.rows("turn")[2])[-1]


async def test_lone_surrogates_in_output_are_no_trouble(ask: Ask) -> None:
    asked = await ask({"root": [cell("print(context[:5], 'odd \\ud800 text')"), final("x")]})
    assert asked.summary.status == "answered"
    assert "odd" in asked.prompts(asked.rows("turn")[1])[-1]


async def test_the_last_expression_is_shown(ask: Ask) -> None:
    asked = await ask({"root": [cell("len(context)"), final("x")]})
    assert str(len(TEXT)) in asked.prompts(asked.rows("turn")[1])[-1]


async def test_long_output_is_clipped_in_the_middle_and_stored_whole(ask: Ask) -> None:
    asked = await ask({"root": [cell("print('a' * 50_000)"), LOOK, final("x")]})
    shown = asked.prompts(asked.rows("turn")[1])[-1]
    assert len(shown) < 10_000
    assert "characters left out" in shown
    assert len(asked.texts(asked.rows("cell")[0].texts["output"])) > 50_000


async def test_turns_run_out_and_the_best_partial_answer_is_given(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, cell("2"), "It may be a fox."]}, limits=Limits(turns=2))
    assert asked.summary.status == "limit"
    assert asked.summary.limit == "turns"
    assert asked.summary.answer == "It may be a fox."
    asked = await ask({"root": [LOOK, 'A fox: "quick brown fox jumps".']}, limits=Limits(turns=1))
    assert asked.summary.status == "limit"
    assert asked.summary.evidence[0].verified
    asked = await ask({"root": [LOOK, cell("2"), "It may be a fox."]}, limits=Limits(turns=2))
    assert asked.rows("turn")[-1].label == "Answer with what was found"


async def test_a_long_conversation_is_shortened_to_the_window(ask: Ask) -> None:
    replies = [cell(f"print({n}, 'x' * 5000)") for n in range(12)]
    asked = await ask({"root": [*replies, LOOK, final("x")], "context_window": 8000})
    assert asked.summary.status == "answered"
    for row in asked.rows("turn"):
        assert sum(map(len, asked.prompts(row))) <= 8000 * 3
    assert "shortened" in "".join(asked.prompts(asked.rows("turn")[-1]))


async def test_a_model_that_fails_twice_ends_the_run_with_its_reason(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, {"error": "the worker died"}, {"error": "the worker died"}]})
    assert asked.summary.status == "failed"
    assert "the worker died" in asked.summary.error
    assert asked.rows("turn")[1].status == "failed"


async def test_a_model_that_fails_once_is_asked_again(ask: Ask) -> None:
    asked = await ask({"root": [LOOK, {"error": "The reply was nonsense."}, final("a fox")]})
    assert asked.summary.answer == "a fox"


async def test_a_folder_is_a_list_of_texts(ask: Ask, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path)) / "folder"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.txt").write_text(f"text of {name}\n")
    code = "print(len(context), [d.path for d in documents], context[1])"
    asked = await ask({"root": [cell(code), final("x")]}, paths=(folder,))
    output = asked.texts(asked.rows("cell")[0].texts["output"])
    assert output.startswith("2 [")
    assert "text of b" in output


async def test_a_model_of_the_older_dialect_finishes_in_prose(ask: Ask) -> None:
    replies = [
        "FINAL(a guess)",
        LOOK,
        "found = 'the fox'\n```repl\nfound = 'the fox'\n```",
        "FINAL_VAR(found)",
    ]
    asked = await ask({"root": replies, "dialect": "rlm-v0"})
    assert asked.summary.answer == "the fox"
    assert asked.state.start is not None
    assert asked.state.start.dialect == "rlm-v0"
    assert prompt("nudge_look_first") in asked.prompts(asked.rows("turn")[1])[-1]
    assert "REPL output:" in asked.prompts(asked.rows("turn")[2])[-1]
