from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import pytest

from rlm_desktop.repl import solo
from rlm_desktop.repl.protocol import FrameReader, frame
from rlm_desktop.repl.solo import Turn


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ours, theirs = os.pipe()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def test_without_limits_of_the_system_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    solo._limit({"cpu_seconds": 1}).renew()


def test_a_turn_sends_all_of_it_in_order(pipe: tuple[int, int]) -> None:
    """Also what does not fit the pipe at once, of several threads."""
    turn = Turn(pipe[1])
    sent = [frame({"n": n, "text": "x" * 100_000}) for n in range(8)]
    threads = [threading.Thread(target=turn.sendall, args=(data,)) for data in sent]
    for thread in threads:
        thread.start()
    reader, received = FrameReader(), []
    while len(received) < len(sent):
        received += reader.feed(os.read(pipe[0], 1 << 16))
    for thread in threads:
        thread.join()
    assert sorted(message["n"] for message in received) == list(range(8))


def test_after_its_turn_nobody_sends_or_waits(pipe: tuple[int, int]) -> None:
    turn = Turn(pipe[1])
    failures: list[BaseException] = []

    def wait() -> None:
        try:
            turn.receive()
        except ConnectionError as error:
            failures.append(error)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    turn.close()
    for thread in threads:
        thread.join()
    assert len(failures) == 3
    with pytest.raises(ConnectionError):
        turn.sendall(b"late")


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"file": "/nowhere/at/all", "encoding": "utf-8"}, "No such file"),
        ({"file": __file__, "encoding": "no-such"}, "LookupError"),
    ],
)
def test_what_is_wrong_with_a_document(known: dict[str, str], said: str) -> None:
    held = solo.Held()
    described = {"name": "n", "path": "p", "errors": "replace", **known}
    assert said in solo._load(held, [described])
    assert held.texts == []
