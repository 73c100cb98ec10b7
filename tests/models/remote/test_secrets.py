"""A key is planted, the server does its worst to get it shown, and then everything is searched for it."""

from __future__ import annotations

import asyncio
import base64
import os
import sqlite3
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.engine.conftest import cell
from tests.models.remote.conftest import KEY
from tests.models.remote.nasty import Asked, Behaviour, Nasty, answer, error, piece, says, stream

VARIABLE = "RLM_DESKTOP_KEY_127_0_0_1"
PARTS = (KEY, KEY[:16], KEY[-16:], base64.b64encode(KEY.encode()).decode().rstrip("=")[:-1])
"""What must be found nowhere: the key, each half of it, and it in base64."""
WITH_CALLS = cell("print(find('fox')); print(llm_query('Which animal? ' + context))")
ANSWER = cell("answer['content'] = 'a fox, KEY'\nanswer['ready'] = True")


class Children:
    """Looks at the environments of a process's children while they live."""

    def __init__(self) -> None:
        self.parent = 0
        self.seen: dict[str, bytes] = {}

    def look(self) -> None:
        for child in psutil.Process(self.parent).children(recursive=True):
            try:
                name = " ".join(child.cmdline())
                self.seen[name] = Path(f"/proc/{child.pid}/environ").read_bytes()
            except PermissionError:  # only root may look at a process that runs cells
                self.seen[name] = b"(hidden)"
            except (OSError, psutil.Error):
                continue

    def then(self, behaviour: Behaviour) -> Behaviour:
        async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
            self.look()
            await behaviour(asked, writer)

        return behave


async def run(home: Path, *arguments: str, watch: Children | None = None) -> tuple[int, bytes]:
    """Run the program as a person does; its exit code and all that it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rlm_desktop",
        "--data-dir",
        str(home),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, VARIABLE: KEY, "OPENAI_LOG": "debug", "PYTHONDEVMODE": "1"},
    )
    if watch:
        watch.parent = process.pid
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    return process.returncode or 0, output


def everything_in(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a data folder as it is, and every text of the store unpacked."""
    for path in home.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    with sqlite3.connect(home / "store.db") as store:
        for packed, body in store.execute("SELECT packed, body FROM texts"):
            yield "a stored text", zlib.decompress(body) if packed else body
    store.close()


def assert_hidden(home: Path, *outputs: bytes) -> None:
    found = [
        (where, part)
        for where, content in (*everything_in(home), *(("the output", output) for output in outputs))
        for part in PARTS
        if part.encode() in content
    ]
    assert not found


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "doc.txt"
    path.write_text("The quick brown fox jumps over the lazy dog near Bergen.\n")
    return path


HALVES = [piece(KEY[:15]), piece(KEY[15:] + " and "), *map(piece, KEY)]


@pytest.mark.parametrize(
    ("behaviours", "listing", "code"),
    [
        ([says(WITH_CALLS), says("A fox. KEY", x_echo="KEY"), says(ANSWER)], None, 0),
        ([stream(*HALVES, piece(ANSWER, "stop"), x_echo="KEY")], None, 0),
        ([stream(piece("<think>KEY"), piece("</think>" + ANSWER, "stop"))], None, 0),
        (
            [
                stream(
                    {"choices": [{"delta": {"reasoning": KEY[:15]}}]},
                    {"choices": [{"delta": {"reasoning": KEY[15:] + " KEY"}}]},
                    piece(ANSWER, "stop"),
                )
            ],
            None,
            0,
        ),
        ([error(401, "Wrong key: Bearer KEY", "KEY", x_key="KEY")], None, 1),
        ([error(400, "Bad: Bearer KEY", x_key="KEY")], None, 1),
        ([error(500, "Fault: " + "x" * 190 + "KEY", x_should_retry="false")], None, 1),
        ([stream({"error": {"message": "Fault: KEY"}})], None, 1),
        ([stream("data: {KEY\n\n")], None, 1),
        ([stream('data: {"choices": "KEY"}\n\n')], None, 1),
        ([stream(piece(KEY[:20]), done=False)], None, 1),
        ([answer(302, "KEY", location="http://127.0.0.1:1/KEY")], None, 1),
        ([answer(200, "<html>KEY</html>", "text/html")], None, 1),
        ([], error(401, "Wrong key: KEY", x_key="KEY"), 1),
        ([], answer(200, {"data": [{"id": "KEY"}, {"id": "a KEY"}]}), 1),
        ([], answer(200, '{"data": ["KEY"]}'), 1),
    ],
)
async def test_a_key_is_nowhere_to_be_found(
    server: Nasty,
    home: Path,
    document: Path,
    behaviours: list[Behaviour],
    listing: Behaviour | None,
    code: int,
) -> None:
    server.behaviours = behaviours
    spec = server.url if listing else f"{server.url}#tiny"
    server.listing = listing or server.listing
    command = (
        "ask",
        str(document),
        "-q",
        "Who jumps?",
        "--model",
        spec,
        "--strategy",
        "rlm",
        "--max-turns",
        "3",
    )
    status, output = await run(home, *command, "--json")
    assert status == code, output.decode()
    assert {asked.key for asked in (*server.completions, *server.others)} == {KEY}, "the server did get it"
    assert_hidden(home, output)


async def test_no_child_has_the_key_in_its_environment(server: Nasty, home: Path, document: Path) -> None:
    children = Children()
    server.behaviours = [says(WITH_CALLS), children.then(says("A fox.")), says(ANSWER.replace("KEY", ""))]
    command = ("ask", str(document), "-q", "Who jumps?", "--model", f"{server.url}#tiny", "--strategy", "rlm")
    status, output = await run(home, *command, watch=children)
    assert status == 0, output.decode()
    _, shown = await run(home, "show", "last", "--json")
    _, examined = await run(home, "doctor", "--json")
    assert_hidden(home, output, shown, examined)
    assert any("scan_process" in name for name in children.seen)
    assert any("repl" in name for name in children.seen)
    assert all(environment and KEY.encode() not in environment for environment in children.seen.values())
