"""A model on a well-behaved server, and on servers that want things put otherwise."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from rlm_desktop.models.base import Message, ModelError, PromptTooLong, Request
from rlm_desktop.models.prices import FREE
from tests.models.remote.conftest import KEY, QUESTION, Open, ask
from tests.models.remote.nasty import Nasty, answer, error, models, piece, says, stream

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


async def test_a_reply_streams_and_its_usage_is_the_servers(server: Nasty, open_model: Open) -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 64},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    server.behaviours = [stream(piece("A quick "), piece("brown fox.", "stop"), usage=usage)]
    model = await open_model()
    pieces: list[str] = []
    completion = await model.complete(QUESTION, pieces.append)
    assert (completion.text, "".join(pieces)) == ("A quick brown fox.", "A quick brown fox.")
    assert len(pieces) == 2
    spent = completion.usage
    assert (spent.prompt_tokens, spent.completion_tokens, spent.reused_tokens) == (100, 7, 64)
    assert (spent.reasoning_tokens, spent.calls, spent.estimated, spent.cost_usd) == (3, 1, False, 0.0)
    assert (completion.finish_reason, completion.retries) == ("stop", 0)
    (asked,) = server.completions
    assert asked.key == KEY
    assert asked.body["model"] == "tiny"
    assert asked.body["messages"] == [{"role": "user", "content": "Who jumps?"}]


async def test_a_model_on_this_computer_is_free_and_on_no_host(server: Nasty, open_model: Open) -> None:
    model = await open_model()
    assert (model.host, model.price, model.sha256) == ("", FREE, "")
    assert model.name == f"{server.url}#tiny"


async def test_only_what_is_needed_is_sent(
    server: Nasty, open_model: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "not-for-you")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Mine: not-for-you")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/not-for-you")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server.behaviours = [says("A fox.")]
    await (await open_model()).complete(QUESTION)
    for asked in (*server.completions, *server.others):
        assert "not-for-you" not in json.dumps([asked.headers, asked.body])
        assert asked.headers.keys() <= {
            "host", "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type",
            "user-agent",
        }  # fmt: skip


async def test_without_usage_it_is_estimated_and_says_so(server: Nasty, open_model: Open) -> None:
    server.behaviours = [stream(piece("A fox.", "stop"))]
    usage = (await (await open_model()).complete(QUESTION)).usage
    assert usage.estimated
    assert usage.prompt_tokens >= 4
    assert usage.completion_tokens >= 2


@pytest.mark.parametrize("usage", [{"prompt_tokens": "many"}, {"prompt_tokens": -5}, [], "x", 10**30])
async def test_usage_that_makes_no_sense_is_estimated(server: Nasty, open_model: Open, usage: object) -> None:
    server.behaviours = [stream(piece("A fox.", "stop"), usage=usage)]
    assert (await (await open_model()).complete(QUESTION)).usage.estimated


async def test_thinking_is_no_part_of_the_reply(server: Nasty, open_model: Open) -> None:
    server.behaviours = [
        stream(
            *map(piece, ("<th", "ink>A bear? No", ", a fox.</thi", "nk>\n\nA ", "fox.")), piece("", "stop")
        ),
        stream(piece("A bear? No.</think>A fox.", "stop")),
        *(
            stream({"choices": [{"delta": delta}]}, piece("A fox.", "stop"))
            for delta in (
                {"reasoning_content": "A bear? No.", "content": None},
                {"reasoning": "A bear? No.", "reasoning_details": [{}]},
                {"reasoning_content": "A bear? No.", "reasoning": "A bear? No."},
                {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "A bear? No."}]}]},
            )
        ),
    ]
    model = await open_model()
    pieces: list[str] = []
    for _ in server.behaviours:
        completion = await model.complete(QUESTION, pieces.append)
        assert completion.text == "A fox."
        assert completion.thinking.count("bear") == 1
        assert 0 < completion.usage.reasoning_tokens < completion.usage.completion_tokens


@pytest.mark.parametrize("odd", [3, [], {"a": 1}, [3], "", None])
async def test_thoughts_that_make_no_sense_are_none(server: Nasty, open_model: Open, odd: object) -> None:
    delta = {"reasoning_content": odd, "reasoning": odd, "content": [{"type": "thinking", "thinking": odd}]}
    server.behaviours = [stream({"choices": [{"delta": delta}]}, piece("A fox.", "stop"))]
    completion = await (await open_model()).complete(QUESTION)
    assert (completion.text, completion.thinking) == ("A fox.", "")


async def test_a_model_that_was_seen_to_think_is_asked_not_to_where_it_may_not(
    server: Nasty, open_model: Open
) -> None:
    thought = stream({"choices": [{"delta": {"reasoning": "A bear?"}}]}, piece("A fox.", "stop"))
    server.behaviours = [
        says("A fox."),
        thought,
        thought,
        error(400, "Unrecognized request argument supplied: chat_template_kwargs"),
        error(400, "Unrecognized request argument supplied: chat_template_kwargs"),
        says("A fox."),
        says("A fox."),
    ]
    model = await open_model()
    silent = msgspec.structs.replace(QUESTION, thinking=False)
    for request in (silent, silent, QUESTION, silent, silent):
        assert (await model.complete(request)).text == "A fox."
    asked = [{"chat_template_kwargs", "reasoning_effort"} & one.body.keys() for one in server.completions]
    both, kwargs, effort = (
        {"chat_template_kwargs", "reasoning_effort"},
        {"chat_template_kwargs"},
        {"reasoning_effort"},
    )
    assert asked == [set(), set(), set(), both, kwargs, effort, effort]
    assert server.completions[-1].body["reasoning_effort"] == "none"


async def test_a_key_in_a_thought_is_not_shown(server: Nasty, open_model: Open) -> None:
    server.behaviours = [
        stream(
            {"choices": [{"delta": {"reasoning": f"The key is {KEY[:9]}"}}]},
            {"choices": [{"delta": {"reasoning": f"{KEY[9:]}, I think."}}]},
            piece("A fox.", "stop"),
        )
    ]
    completion = await (await open_model()).complete(QUESTION)
    assert completion.thinking == "The key is [key], I think."


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "error"),
        ("eos", "stop"),
        ("tool_calls", "stop"),
    ],
)
async def test_reasons_to_finish(server: Nasty, open_model: Open, reason: str, expected: str) -> None:
    server.behaviours = [says("A fox.", reason)]
    assert (await (await open_model()).complete(QUESTION)).finish_reason == expected


async def test_the_first_token_s_alternatives(server: Nasty, open_model: Open) -> None:
    top = [{"token": "Yes", "logprob": -0.1}, {"token": "No", "logprob": -2.5}]
    logprobs = {"content": [{"token": "Yes", "logprob": -0.1, "top_logprobs": top}]}
    server.behaviours = [stream(piece("Yes", "length", logprobs=logprobs))]
    completion = await (await open_model()).complete(ask(max_tokens=1, top_logprobs=20))
    assert completion.first_logprobs == {"Yes": -0.1, "No": -2.5}
    assert server.completions[0].body["top_logprobs"] == 20


async def test_a_stop_text_ends_the_reply_whether_the_server_heeds_it_or_not(
    server: Nasty, open_model: Open
) -> None:
    server.behaviours = [stream(*map(piece, ("A fox.", "\nO", "utput: 1")), piece("", "stop"))]
    model = await open_model()
    completion = await model.complete(ask(stop=("\nOutput:",)))
    assert (completion.text, completion.finish_reason) == ("A fox.", "stop")
    server.behaviours = [stream(piece("A fox.\nOutput: 1"), hang=True)]
    async with asyncio.timeout(10):
        assert (await model.complete(ask(stop=("\nOutput:",)))).text == "A fox."
        await server.left.wait()


async def test_a_whole_reply_instead_of_a_stream_is_taken(server: Nasty, open_model: Open) -> None:
    whole = {"choices": [{"message": {"content": "A fox."}, "finish_reason": "stop"}]}
    server.behaviours = [answer(200, whole)]
    assert (await (await open_model()).complete(QUESTION)).text == "A fox."


async def test_a_refused_parameter_is_put_otherwise_and_that_is_remembered(
    server: Nasty, open_model: Open
) -> None:
    server.behaviours = [
        error(
            400, "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
        ),
        error(400, "Unsupported value: 'temperature' does not support 0 with this model."),
        error(400, "logprobs are not supported with this model."),
        error(400, "top_logprobs is not allowed"),
        error(422, '{"detail": "stream_options: extra fields not permitted"}'),
        error(400, "Unknown field seed"),
        error(400, "'stop' is not supported"),
        says("A fox."),
    ]
    model = await open_model()
    request = ask(top_logprobs=20, stop=("x",), seed=3)
    assert (await model.complete(request)).text == "A fo"
    plain = server.completions[-1].body
    assert plain.keys() == {"model", "messages", "stream", "max_completion_tokens"}
    await model.complete(request)
    assert server.completions[-1].body == plain
    assert len(server.completions) == 9


async def test_calls_that_run_together_learn_together(server: Nasty, open_model: Open) -> None:
    async def picky(asked, writer) -> None:
        refused = "max_tokens" in asked.body
        await (error(400, "'max_tokens' is not supported") if refused else says("A fox."))(asked, writer)

    server.behaviours = [picky]
    model = await open_model()
    completions = await asyncio.gather(*(model.complete(QUESTION) for _ in range(8)))
    assert {completion.text for completion in completions} == {"A fox."}


async def test_the_schema_is_asked_for_in_the_way_the_server_understands(
    server: Nasty, open_model: Open
) -> None:
    server.behaviours = [
        error(400, "response_format: unknown variant json_schema"),
        error(400, "response_format.schema is not allowed"),
        error(400, "response_format is not supported"),
        says('Here it is:\n```json\n{"a": "b"}\n```'),
    ]
    completion = await (await open_model()).complete(ask(schema=SCHEMA))
    assert json.loads(completion.text) == {"a": "b"}
    forms = [asked.body.get("response_format") for asked in server.completions]
    assert [form and form["type"] for form in forms] == ["json_schema", "json_object", "json_object", None]
    assert json.dumps(SCHEMA) in server.completions[-1].body["messages"][-1]["content"]


async def test_a_schema_that_is_taken_and_ignored_is_said_in_words_next_time(
    server: Nasty, open_model: Open
) -> None:
    server.behaviours = [says("It is b."), says('{"a": "b"}')]
    model = await open_model()
    assert (await model.complete(ask(schema=SCHEMA))).text == "It is b."
    assert (await model.complete(ask(schema=SCHEMA))).text == '{"a": "b"}'
    assert "response_format" not in server.completions[-1].body


async def test_options_of_the_person_are_sent(server: Nasty, open_model: Open, settings) -> None:
    (settings.home / "models.toml").write_text(
        f'[mine]\ncontext_window = 4096\nprice = {{ prompt = 1.0, completion = 2.0 }}\nsource = {{ kind = "api", '
        f'base_url = "{server.url}", model = "tiny", options = {{ reasoning_effort = "low", stream = false }} }}\n'
    )
    server.behaviours = [says("A fox.")]
    model = await open_model("mine")
    assert (model.name, model.context_window) == ("mine", 4096)
    completion = await model.complete(QUESTION)
    assert completion.usage.cost_usd == pytest.approx(20e-6)
    body = server.completions[0].body
    assert (body["reasoning_effort"], body["stream"], body["model"]) == ("low", True, "tiny")


async def test_a_prompt_that_cannot_fit_is_not_sent(server: Nasty, open_model: Open) -> None:
    server.listing = models("tiny", max_model_len=1000)
    model = await open_model()
    assert model.context_window == 1000
    with pytest.raises(PromptTooLong) as caught:
        await model.complete(Request(messages=(Message("user", "word " * 1000),), max_tokens=100))
    assert (caught.value.window, caught.value.prompt_tokens) == (1000, 1667)
    assert not server.completions


@pytest.mark.parametrize(
    ("status", "message", "code", "prompt", "window"),
    [
        (400, "This model's maximum context length is 4096 tokens, however you requested 5000 tokens "
              "(4900 in your prompt; 100 for the completion).", "context_length_exceeded", 4900, 4096),
        (400, "This model's maximum context length is 4096 tokens. However, your messages resulted in 4900 tokens.",
         "context_length_exceeded", 4900, 4096),
        (400, "prompt is too long: 4900 tokens > 4096 maximum", "", 4900, 4096),
        (400, "The input token count (4900) exceeds the maximum number of tokens allowed (4096).", "", 4900, 4096),
        (413, "too many tokens", "", 4, 515),
    ],
)  # fmt: skip
async def test_the_server_s_word_that_a_prompt_is_too_long(
    server: Nasty, open_model: Open, status: int, message: str, code: str, prompt: int, window: int
) -> None:
    server.behaviours = [error(status, message, code), says("A fox.")]
    model = await open_model()
    with pytest.raises(PromptTooLong) as caught:
        await model.complete(QUESTION)
    assert (caught.value.prompt_tokens, caught.value.window) == (prompt, window)
    assert model.context_window in {window, 8192}
    assert (await model.complete(QUESTION)).text == "A fox."


async def test_a_probe_that_was_spent_on_thinking_is_no_answer(server: Nasty, open_model: Open) -> None:
    server.behaviours = [says("", "length")]
    model = await open_model()
    assert (await model.complete(ask(max_tokens=1))).exhausted
    with pytest.raises(ModelError, match="thinks before it replies"):
        await model.complete(msgspec.structs.replace(ask(max_tokens=1), thinking=False))


async def test_a_model_is_chosen_by_itself_when_there_is_one(server: Nasty, open_model: Open) -> None:
    server.behaviours = [says("A fox.")]
    model = await open_model(server.url)
    assert model.name == f"{server.url}#tiny"
    await model.complete(QUESTION)
    assert server.completions[0].body["model"] == "tiny"
    server.listing = models("one", "two")
    with pytest.raises(ModelError, match="has 2 models: one, two") as caught:
        await open_model(server.url)
    assert "#one" in caught.value.hint
    server.listing = models()
    with pytest.raises(ModelError, match="lists no model"):
        await open_model(server.url)


async def test_a_server_without_a_list_still_answers(server: Nasty, open_model: Open) -> None:
    server.listing = error(404, "no such page")
    server.behaviours = [says("A fox.")]
    model = await open_model()
    await model.load()
    assert (await model.complete(QUESTION)).text == "A fox."


async def test_cancelling_a_call_closes_its_connection(server: Nasty, open_model: Open) -> None:
    server.behaviours = [stream(piece("A quick "), hang=True), says("A fox.")]
    model = await open_model()
    begun = asyncio.Event()
    call = asyncio.ensure_future(model.complete(QUESTION, lambda _: begun.set()))
    async with asyncio.timeout(10):
        await begun.wait()
        call.cancel()
        await asyncio.wait({call})
        await server.left.wait()
    assert call.cancelled()
    assert (await model.complete(QUESTION)).text == "A fox."


async def test_cancelling_before_the_answer_begins_closes_its_connection(
    server: Nasty, open_model: Open
) -> None:
    server.behaviours = [stream(hang=True)]
    model = await open_model()
    call = asyncio.ensure_future(model.complete(QUESTION))
    async with asyncio.timeout(10):
        while not server.completions:
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait({call})
        await server.left.wait()
    assert call.cancelled()
