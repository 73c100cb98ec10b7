"""The document as whoever it is pasted to would read it: by a parser with everything switched on."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import HealthCheck, example, given, settings
from markdown_it import MarkdownIt

from rlm_desktop.events import Citation, LimitReached, Recording, Source
from rlm_desktop.reports.markdown import code, escaped, fenced, markdown, quoted
from tests.reports.runs import HOSTILE, Making, conversation, recordings
from tests.reports.test_prose import MARKDOWN

READER = MarkdownIt("gfm-like", {"linkify": False, "html": True})
ACTIVE = {"link_open", "image", "html_inline", "html_block"}


def tokens(text: str):
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def text_of(recording: Recording) -> str:
    return "".join(markdown(recording))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(recordings())
def test_no_text_breaks_the_layout(recording: Recording) -> None:
    text = text_of(recording)
    text.encode()
    found = list(tokens(text))
    assert not [token for token in found if token.type in ACTIVE]
    headings = [
        token.tag for token in READER.parse(text) if token.type == "heading_open" and token.level == 0
    ]
    assert headings[0] == "h1"
    assert set(headings[1:]) == {"h2"}
    assert len(headings) in {3, 4}


@given(MARKDOWN)
@example("\\[a](b)")
@example("```a```\n[a](b)")
@example("- a\n  ```\n[a](b)")
def test_an_answer_stays_in_its_quote(answer: str) -> None:
    text = f"{quoted(answer)}\n\nAfter.\n"
    parsed = READER.parse(text)
    assert [token.type for token in parsed if token.level == 0 and token.nesting >= 0][-1] == "paragraph_open"
    assert parsed[-2].content == "After."
    assert not [token for token in tokens(text) if token.type in ACTIVE]


@given(st.one_of(st.sampled_from(HOSTILE), st.text()))
def test_text_is_code_or_plain_as_meant(text: str) -> None:
    (_, inline, _) = READER.parse(f"x {code(text)} y")
    assert [child.type for child in inline.children or ()] == ["text", "code_inline", "text"]
    fence, after, *_ = READER.parse(f"{fenced(text)}\n\nAfter.")
    assert (fence.type, after.type) == ("fence", "paragraph_open")
    (_, inline, _) = READER.parse(f"x {escaped(text)} y")
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}


def test_it_reads_from_answer_to_steps() -> None:
    evidence = (Citation("docs/a.txt", 2, 3, "quick\nbrown", True), Citation("", 0, 0, "slow", False))
    text = text_of(conversation("The **fox**.", evidence=evidence))
    order = [
        "# Who jumps?\n",
        "**✓ Answered**",
        "> The **fox**.",
        "✓ `docs/a.txt:2-3`\n\n```text\nquick\nbrown\n```",
        "✕ Not in the documents word for word:\n\n```text\nslow\n```",
        f"- Model: `big`, on this computer, SHA-256 `{'ab' * 32}`\n",
        "- Model of sub-calls: `small`, at `api.example`\n",
        "- Spent: 600 → 30 tokens · 3 calls · 0.0 s\n",
        "- Limits: turns 3 of 20, sub-calls 0 of 200, tokens 630 of 5,000\n",
        "- Documents: 1 file, 84 B\n",
        "- ✓ **Turn 1** · 100 → 10 tokens · 0.0 s\n  - ✓ `print(1)` · 0.0 s\n",
    ]
    at = [text.index(part) for part in order]
    assert at == sorted(at)


def test_a_partial_answer_says_which_limit_and_a_failure_why() -> None:
    making = Making()
    making.write(LimitReached, 0, which="turns", value=20)
    assert "**⚠ Partial answer** – The limit of 20 turns was reached." in text_of(
        making.finish("x", status="limit")
    )
    failed = text_of(conversation("", status="failed", error="It <broke>.", hint="Mend it."))
    assert "**✕ Failed** – It \\<broke\\>. Mend it." in failed


def test_one_line_stands_for_calls_made_at_once_and_a_long_list_ends() -> None:
    making = Making(sources=(Source("a", 1, 1, ""),))
    for number in range(1, 251):
        cell = making.cell(making.turn(number), "read()")
        batch = making.spans + 1
        for name in ("alpha", "beta"):
            making.end_call(making.call(cell, ("user", name), batch=batch), "x")
    text = text_of(making.finish("z"))
    assert "    - 2 calls at once: 2 × done\n" in text
    assert "alpha" not in text
    assert text.endswith("\n550 more steps left out here.\n")


def test_it_tells_how_much_of_the_documents_models_have_seen() -> None:
    making = Making()
    turn = making.turn(1, ("user", "Who jumps?"))
    cell = making.cell(turn, "print(context[:21])")
    call = making.call(cell, ("user", "Who?"))
    making.end_call(call, "nobody", sent="0:10+32")
    making.end_cell(cell, "x", printed="0:0+21", searched="0:60+9")
    making.end_turn(turn)
    text = text_of(making.finish("The fox."))
    assert "- Models have seen 42 characters of 1 of 1 document, about 50 % of their text.\n" in text
    assert "Models have seen" not in text_of(conversation())
