import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.errors import UserError
from rlm_desktop.events import Usage
from rlm_desktop.models.base import Message, Model, ModelError, PromptTooLong, Request
from rlm_desktop.models.scripted import ScriptedModel, estimate_tokens, read_script


def ask(prompt: str = "hello", role: str = "root", max_tokens: int = 16) -> Request:
    return Request(messages=(Message("user", prompt),), role=role, max_tokens=max_tokens)


@pytest.fixture
def scripted(tmp_path: Path):
    def make(**script: object) -> ScriptedModel:
        path = tmp_path / "script.json"
        path.write_text(json.dumps(script))
        return ScriptedModel(read_script(path), f"script:{path}")

    return make


async def test_lists_are_consumed_by_role_and_the_last_repeats(scripted) -> None:
    model: Model = scripted(root=["one", "two"], sub=["read"])
    texts = [(await model.complete(ask(role=role))).text for role in ("root", "sub", "root", "root", "sub")]
    assert texts == ["one", "read", "two", "two", "read"]


async def test_it_thinks_where_that_is_allowed(scripted) -> None:
    model = scripted(root=[{"text": "yes", "thinking": "Well, well."}])
    thought = await model.complete(ask())
    assert (thought.text, thought.thinking, thought.usage.reasoning_tokens) == ("yes", "Well, well.", 3)
    assert thought.usage.completion_tokens == 4
    for forbidden in ({"thinking": False}, {"schema": {"type": "object"}}, {"top_logprobs": 2}):
        plain = await model.complete(msgspec.structs.replace(ask(), **forbidden))
        assert (plain.text, plain.thinking, plain.usage.reasoning_tokens) == ("yes", "", 0)


async def test_maps_answer_by_the_first_pattern_that_matches(scripted) -> None:
    model = scripted(
        sub={"whale": "a fish", "wha": "what?", ".*": {"text": "else", "finish_reason": "length"}}
    )
    assert (await model.complete(ask("the whale", "sub"))).text == "a fish"
    assert (await model.complete(ask("wha", "sub"))).text == "what?"
    assert (await model.complete(ask("x", "sub"))).finish_reason == "length"


async def test_no_match_and_no_replies_are_errors(scripted) -> None:
    model = scripted(sub={"whale": "a fish"})
    with pytest.raises(ModelError, match="no reply under 'sub' that matches"):
        await model.complete(ask("shark", "sub"))
    with pytest.raises(ModelError, match="no replies under 'child'"):
        await model.complete(ask(role="child"))


async def test_failures_and_usage_are_as_written(scripted) -> None:
    model = scripted(
        root=[
            {"error": "refused"},
            {"crash": True},
            {"text": "x", "usage": {"prompt_tokens": 7, "completion_tokens": 3}, "logprobs": {"yes": -0.1}},
            "estimated",
        ]
    )
    with pytest.raises(ModelError, match="refused"):
        await model.complete(ask())
    with pytest.raises(ModelError, match="worker died"):
        await model.complete(ask())
    reply = await model.complete(ask())
    assert reply.usage == Usage(prompt_tokens=7, completion_tokens=3, calls=1)
    assert reply.first_logprobs == {"yes": -0.1}
    assert (await model.complete(ask())).usage == Usage(2, 3, calls=1, estimated=True)


async def test_a_prompt_over_the_window_is_refused_and_consumes_nothing(scripted) -> None:
    model = scripted(root=["one", "two"], context_window=20)
    with pytest.raises(PromptTooLong) as caught:
        await model.complete(ask("x" * 17, max_tokens=16))
    assert (caught.value.prompt_tokens, caught.value.window) == (5, 20)
    assert (await model.complete(ask())).text == "one"


@given(st.text(max_size=50))
async def test_the_pieces_streamed_are_the_reply(text: str) -> None:
    import msgspec

    from rlm_desktop.models.scripted import Script

    model = ScriptedModel(msgspec.convert({"root": [text]}, Script), "script:x")
    pieces: list[str] = []
    reply = await model.complete(ask(), pieces.append)
    assert "".join(pieces) == reply.text == text
    assert await model.count_tokens(text) == estimate_tokens(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is wrong"),
        ('{"roots": []}', "roots"),
        ('{"root": [1]}', "root"),
        ('{"root": [{"txt": "x"}]}', "txt"),
        ('{"root": {"(": "x"}}', "no regular expression"),
        ('{"context_window": "big"}', "context_window"),
    ],
)
def test_a_wrong_script_is_named_with_what_is_wrong(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(UserError, match=complaint) as caught:
        read_script(path)
    assert str(path) in caught.value.message
