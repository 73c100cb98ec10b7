"""For real: llama-cpp-python's own server with the 135M model, and whole runs through it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_desktop.cli import main
from rlm_desktop.config import Settings
from rlm_desktop.models.base import Message, Request
from rlm_desktop.models.registry import resolve
from rlm_desktop.models.remote.opening import open_remote
from tests.models.remote.test_failures import free_port

pytestmark = pytest.mark.model
SCHEMA = {"type": "object", "properties": {"animal": {"type": "string"}}, "required": ["animal"]}


@pytest.fixture(scope="module")
def address(gguf_135m: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the server answers."""
    port = free_port()
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(gguf_135m), "--model_alias", "tiny"]
    command += ["--n_ctx", "2048", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        assert server.stderr is not None
        for line in server.stderr:
            if b"Uvicorn running on" in line:
                break
        os.set_blocking(server.stderr.fileno(), False)
        yield f"http://127.0.0.1:{port}/v1"
        server.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("strategy", ["direct", "guided"])
def test_a_question_is_answered_through_a_server(
    address: str, strategy: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "doc.txt"
    document.write_text("The quick brown fox jumps over the lazy dog near Bergen.\n")
    command = ["ask", str(document), "-q", "Who jumps over the dog?", "--strategy", strategy, "--json"]
    assert main([*command, "--model", address]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["status"] in {"answered", "not_found"}
    assert answer["model"] == f"{address}#tiny"
    assert answer["usage"]["prompt_tokens"] > 50
    assert answer["usage"]["completion_tokens"] > 0
    assert answer["usage"]["cost_usd"] == 0


async def test_the_interface_as_this_server_speaks_it(address: str, settings: Settings) -> None:
    model = await open_remote(resolve(f"{address}#tiny", settings))
    try:
        await model.load()
        ask = Request(messages=(Message("user", "Name an animal."),), max_tokens=40)
        pieces: list[str] = []
        completion = await model.complete(ask, pieces.append)
        assert completion.text == "".join(pieces) != ""
        look = Request(messages=(Message("user", "Yes or no?"),), max_tokens=1, top_logprobs=5)
        assert len((await model.complete(look)).first_logprobs) in {0, 5}
        slot = Request(messages=(Message("user", "Name an animal."),), max_tokens=60, schema=SCHEMA)
        assert "animal" in json.loads((await model.complete(slot)).text)
    finally:
        await model.close()


async def test_a_cancelled_call_leaves_the_server_free(address: str, settings: Settings) -> None:
    model = await open_remote(resolve(f"{address}#tiny", settings))
    try:
        story = Request(messages=(Message("user", "Tell a long story of a fox."),), max_tokens=1500)
        begun = asyncio.Event()
        call = asyncio.ensure_future(model.complete(story, lambda _: begun.set()))
        await asyncio.wait_for(begun.wait(), 60)
        call.cancel()
        await asyncio.wait({call})
        assert call.cancelled()
        short = Request(messages=(Message("user", "Hello"),), max_tokens=2)
        assert (await asyncio.wait_for(model.complete(short), 60)).usage.calls == 1
    finally:
        await model.close()
