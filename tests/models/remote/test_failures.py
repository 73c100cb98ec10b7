"""Servers that fail, each in its own way: one clear sentence, a way out, no hang, and never the key."""

from __future__ import annotations

import asyncio
import socket
import time
import traceback
from email.utils import formatdate
from typing import Any

import pytest

from rlm_desktop.models.base import ModelError
from tests.models.remote.conftest import KEY, QUESTION, Open
from tests.models.remote.nasty import HEAD, Behaviour, Nasty, answer, error, piece, raw, says, stream

ENDLESS = b": " + b"x" * 65536 + b"\n"


def endless(head: bytes, body: bytes) -> Behaviour:
    async def behave(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(body)
            await writer.drain()

    return behave


def slow_head() -> Behaviour:
    async def behave(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"x-more: to come\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    return behave


async def fails(model: Any) -> ModelError:
    """The one sentence a call fails with."""
    async with asyncio.timeout(30):
        with pytest.raises(ModelError) as caught:
            await model.complete(QUESTION)
    error = caught.value
    assert KEY not in "".join(traceback.format_exception(error))
    assert error.message.endswith((".", "…", "?", "!")) or ":" in error.message
    assert "Traceback" not in str(error)
    return error


@pytest.mark.parametrize(
    ("behaviour", "sentence", "hint", "begun"),
    [
        (error(401, "Incorrect API key provided: KEY"), "does not accept the key", "models key 127.0.0.1", False),
        (error(403, "Not for KEY"), r"does not allow this: Not for \[key\]", "RLM_DESKTOP_KEY_127_0_0_1", False),
        (error(404, "The model `tiny` does not exist"), "has no model tiny: The model", "Check the model's name", False),
        (error(402, "Pay first"), "no credit left", "Add credit", False),
        (error(400, "messages: odd"), "refuses the request (status 400): messages: odd", "Choose another", False),
        (answer(400, "just text KEY", "text/plain"), r"just text \[key\]", "", False),
        (answer(400, {"detail": [{"msg": "odd"}]}), "odd", "", False),
        (answer(400, ["odd"]), "odd", "", False),
        (answer(418, ""), "status 418", "", False),
        (answer(302, "", Location="http://192.0.2.1/v1"), "elsewhere (status 302), which is not followed", "Give", False),
        (answer(307, "", Location="http://127.0.0.1:1/v1"), "which is not followed", "Give", False),
        (answer(200, "<html><body>Welcome</body></html>", "text/html"), "sends a web page", "ends in /v1", True),
        (answer(200, "not json at all"), "is no JSON", "ends in /v1", True),
        (answer(200, "[" * 100_000), "is no JSON", "ends in /v1", True),
        (answer(200, [1, 2]), "something odd", "", True),
        (answer(200, {"choices": []}), "broke the connection off", "Ask again", True),
        (stream(done=False), "broke the connection off", "Ask again", True),
        (stream({"choices": []}), "broke the connection off", "Ask again", True),
        (stream(piece("A quick "), done=False), "broke the connection off", "Ask again", True),
        (stream("data: {nonsense\n\n"), "is no JSON", "", True),
        (stream("data: \x00\x01\n\n"), "is no JSON", "", True),
        (stream('data: {"choices": 5}\n\n'), "something odd", "", True),
        (stream('data: "text"\n\n'), "something odd", "", True),
        (stream('data: {"choices": [{"delta": {"content": 5}}]}\n\n'), "something odd", "", True),
        (stream({"error": {"message": "overloaded, KEY"}}), r"broke the reply off: overloaded, \[key\]", "", True),
        (stream({"error": "overloaded"}), "overloaded", "", True),
        (says("", "content_filter"), "withholds the reply", "", True),
        (answer(200, "x", content_encoding="gzip"), "compressed data", "", True),
        (endless(HEAD, ENDLESS), "a reply without end", "", True),
        (endless(b"HTTP/1.1 400 Bad\r\ncontent-type: text/plain\r\n\r\n", ENDLESS), "a reply without end", "", True),
        (raw(HEAD.replace(b"\r\n\r\n", b"\r\ntransfer-encoding: chunked\r\n\r\n"), b"5\r\ndata:"),
         "broke the connection off", "Ask again", True),
    ],
)  # fmt: skip
async def test_what_a_server_does_wrong_is_said_in_a_sentence(
    server: Nasty, open_model: Open, behaviour: Behaviour, sentence: str, hint: str, begun: bool
) -> None:
    server.behaviours = [behaviour]
    failure = await fails(await open_model())
    assert sentence.replace("\\", "") in failure.message
    assert hint in failure.hint
    assert failure.begun == begun
    assert len(server.completions) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_server_that_is_busy_is_asked_again(server: Nasty, open_model: Open, status: int) -> None:
    server.behaviours = [error(status, "busy"), error(status, "busy"), says("A fox.")]
    completion = await (await open_model()).complete(QUESTION)
    assert (completion.text, completion.retries) == ("A fox.", 2)


@pytest.mark.parametrize(
    ("status", "sentence"), [(429, "accepts no more requests"), (500, "fault of its own"), (503, "busy")]
)
async def test_a_server_that_stays_busy_is_given_up(
    server: Nasty, open_model: Open, status: int, sentence: str
) -> None:
    server.behaviours = [error(status, "busy with KEY")]
    failure = await fails(await open_model())
    assert sentence in failure.message
    assert "(asked 5 times)" in failure.message
    assert not failure.begun


async def test_retry_after_is_honoured_in_seconds_and_as_a_date(server: Nasty, open_model: Open) -> None:
    date = formatdate(time.time() + 60, usegmt=True)
    server.behaviours = [
        error(429, "busy", retry_after="7"),
        error(429, "busy", retry_after=date),
        says("A fox."),
    ]
    await (await open_model()).complete(QUESTION)
    seconds, until = open_model.waits  # type: ignore[attr-defined]
    assert seconds == 7
    assert 50 < until <= 60


async def test_an_exhausted_quota_is_not_asked_again(server: Nasty, open_model: Open) -> None:
    server.behaviours = [error(429, "You exceeded your current quota.", "insufficient_quota")]
    failure = await fails(await open_model())
    assert "no credit left" in failure.message
    assert len(server.completions) == 1


async def test_a_far_retry_after_is_given_up_at_once(server: Nasty, open_model: Open) -> None:
    server.behaviours = [error(429, "come back tomorrow", retry_after="86400")]
    assert "come back tomorrow" in (await fails(await open_model())).message
    assert len(server.completions) == 1


@pytest.mark.parametrize(
    "behaviour",
    [stream(piece("A quick "), hang=True), stream(hang=True), slow_head(), raw(then_wait=True)],
)
async def test_a_silent_server_is_given_up(server: Nasty, open_model: Open, behaviour: Behaviour) -> None:
    server.behaviours = [behaviour]
    failure = await fails(await open_model(silent=0.3))
    assert "has sent nothing for 0.3 seconds" in failure.message
    assert failure.begun
    assert len(server.completions) == 1, "what a provider may charge for is not asked twice"


async def test_a_server_that_ignores_the_limit_is_cut_short(server: Nasty, open_model: Open) -> None:
    server.behaviours = [
        endless(HEAD, b'data: {"choices": [{"delta": {"content": "again and again "}}]}\n\n')
    ]
    async with asyncio.timeout(20):
        completion = await (await open_model()).complete(QUESTION)
        await server.left.wait()
    assert completion.finish_reason == "length"
    assert len(completion.text) < QUESTION.max_tokens * 100


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


async def test_nobody_there_is_said_at_once(open_model: Open) -> None:
    with pytest.raises(ModelError, match="cannot be reached: Connection refused") as caught:
        await open_model(f"http://127.0.0.1:{free_port()}/v1#tiny")
    assert "Check that it runs" in caught.value.hint


async def test_a_name_nobody_knows_is_said_in_words(
    open_model: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ModelError, match="localhost:1 cannot be reached: Name or service not known"):
        await open_model("http://localhost:1/v1#tiny")


async def test_tls_on_a_plain_port_is_named(server: Nasty, open_model: Open) -> None:
    with pytest.raises(ModelError, match="does not speak TLS") as caught:
        await open_model(server.url.replace("http:", "https:") + "#tiny")
    assert "http://" in caught.value.hint


async def test_a_list_that_is_none_is_nonsense(server: Nasty, open_model: Open) -> None:
    for listing in (answer(200, "<html>", "text/html"), answer(200, {"data": "x"}), answer(200, "{")):
        server.listing = listing
        with pytest.raises(ModelError, match="instead of an OpenAI-compatible reply"):
            await open_model()
    server.listing = error(401, "Wrong key KEY")
    with pytest.raises(ModelError, match="does not accept the key") as caught:
        await open_model()
    assert KEY not in str(caught.value)


async def test_a_listed_name_that_is_the_key_is_left_out(server: Nasty, open_model: Open) -> None:
    server.listing = answer(200, {"data": [{"id": "KEY"}, {"id": "bad\nname"}, {"id": "good"}]})
    assert (await open_model(server.url)).name.endswith("#good")


@pytest.mark.parametrize(
    "replies",
    [
        ["The key is KEY."],
        ["The key is " + KEY[:10], KEY[10:] + "."],
        [*KEY, "."],
        ["<think>KEY</think>KEY"],
        ["KEY" * 3],
        [KEY[:20]],
    ],
)
async def test_a_key_in_a_reply_is_never_seen(server: Nasty, open_model: Open, replies: list[str]) -> None:
    server.behaviours = [stream(*map(piece, replies), piece("", "stop"))]
    pieces: list[str] = []
    completion = await (await open_model()).complete(QUESTION, pieces.append)
    shown = completion.text + "".join(pieces) + repr(completion)
    assert KEY[:20] not in shown
    assert "[key]" in completion.text


async def test_text_that_begins_like_the_key_is_left_alone(server: Nasty, open_model: Open) -> None:
    server.behaviours = [stream(*map(piece, ("a mask", "-", "s sk-pl", "ease s")), piece("", "stop"))]
    assert (await (await open_model()).complete(QUESTION)).text == "a mask-s sk-please s"
