"""Real children with a handler that answers at once and remembers what it was asked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.repl.host import CallFailure, CellResult, Context, Repl, ReplLimits
from tests.repl.processes import descendants, descriptors

GUARD = 30.0
"""Seconds after which a test that waits has failed."""
LIMITS = ReplLimits(memory_bytes=512 * 2**20, cpu_seconds=20, output_chars=100_000)


class Host:
    """Answers calls; keeps them in ``calls``."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.called = asyncio.Event()
        self.release = asyncio.Event()
        self.release.set()

    async def __call__(self, api: str, args: dict[str, Any]) -> object:
        self.calls.append((api, args))
        self.called.set()
        await self.release.wait()
        match api:
            case "llm_query" | "rlm_query":
                return [{"error": "refused"} if "fail" in p else {"text": f"<{p}>"} for p in args["prompts"]]
            case "find" | "grep":
                query = args.get("query") or args.get("pattern")
                if query == "nothing":
                    raise CallFailure("no index")
                passage = {
                    "document": 0,
                    "name": "a.txt",
                    "start": 3,
                    "end": 6,
                    "start_line": 2,
                    "end_line": 4,
                    "score": 1.5,
                }
                return [{"text": f"found {query}", **passage}] * min(args["k"], 2)
            case "read":
                if args["question"] == "impossible":
                    raise CallFailure("no model")
                return [
                    {
                        "found": "yes" in p["text"],
                        "answer": "42",
                        "quote": "yes",
                        "passage": {"text": p["text"]},
                    }
                    for p in args["passages"]
                ]
        raise AssertionError(api)


@pytest.fixture
async def host() -> Host:
    return Host()


Start = Callable[..., Awaitable[Repl]]
both = pytest.mark.parametrize("fork", [True, False], ids=["forking", "replaying"])
"""For tests of what both kinds of REPL promise."""


@pytest.fixture
def fork() -> bool:
    return True


@pytest.fixture
async def start(tmp_path: Path, host: Host, fork: bool) -> AsyncIterator[Start]:
    """Starts REPLs, closes them, and fails the test that leaves a process, a descriptor or a file behind."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    before = descriptors()
    started: list[Repl] = []

    async def begin(context: Context | str = "the text", **options: Any) -> Repl:
        if isinstance(context, str):
            context = Context("str", texts=(context,))
        settings: dict[str, Any] = {"scratch": scratch, "handler": host, "limits": LIMITS}
        if not fork:
            settings |= {"fork": False, "allow_unconfined": True}
        settings |= options
        async with asyncio.timeout(GUARD):
            repl = await Repl.start(context, **settings)
        started.append(repl)
        return repl

    yield begin
    async with asyncio.timeout(GUARD):
        for repl in started:
            await repl.close()
    assert list(scratch.iterdir()) == []
    assert descendants(os.getpid()) == []
    left = descriptors() - before
    assert not left, left


Run = Callable[..., Awaitable[CellResult]]


@pytest.fixture
async def repl(start: Start) -> Repl:
    return await start()


@pytest.fixture
async def run(repl: Repl) -> Run:
    return lambda code, **options: execute(repl, code, **options)


async def execute(repl: Repl, code: str, *, timeout: float = 20.0, **options: Any) -> CellResult:
    async with asyncio.timeout(GUARD):
        return await repl.execute(code, timeout=timeout, **options)
