"""Foreign peers in processes of their own, with a model of a few hundred kB."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path

import msgspec
import psutil
import pytest

from rlm_desktop.bench.inference import wire
from rlm_desktop.bench.inference.compare import compare
from rlm_desktop.bench.inference.foreign import MODULE, open_foreign, with_tokens
from rlm_desktop.bench.inference.grounds import real_grounds
from rlm_desktop.bench.inference.peer import Contestant
from rlm_desktop.bench.inference.setup import Setup, warm_up_workload
from rlm_desktop.bench.inference.workload import Call, Workload
from rlm_desktop.config import machine_locks
from rlm_desktop.errors import UserError
from rlm_desktop.models.base import Message
from rlm_desktop.models.catalogue import Profile
from rlm_desktop.models.llama.probe import Report
from rlm_desktop.models.llama.turn import Turn
from rlm_desktop.models.registry import ResolvedModel
from rlm_desktop.processes import own_command
from tests.models.llama import tiny

SEQUENTIAL = Contestant("llama-cpp-python")


def asked(text: str, new_tokens: int = 5, reusable: int = 0) -> Call:
    messages = (Message("system", "You read."), Message("user", text))
    return Call(messages=messages, new_tokens=new_tokens, reusable=reusable)


WORKLOAD = Workload("work", ((asked("one two"), asked("one three")), (asked("one two"),)))


@pytest.fixture(autouse=True)
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Locks of this test's own, for its children too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return machine_locks()


@pytest.fixture
def model(tmp_path: Path) -> ResolvedModel:
    path = tiny.plain().write(tmp_path / "tiny.gguf")
    return ResolvedModel("tiny", "gguf", Profile(), path, sha256="0" * 64)


@pytest.fixture
async def setup(model: ResolvedModel) -> Setup:
    (warm_up,) = await with_tokens([warm_up_workload()], model)
    return Setup(model, 1, warm_up.stages[0], cells=512)


async def test_all_peers_are_given_the_same_tokens_and_generate_as_many(model: ResolvedModel) -> None:
    (workload,) = await with_tokens([WORKLOAD], model)
    grounds = await real_grounds(model, Report("", "", (), gpu_offload=False), lambda _: None)
    contestants = [SEQUENTIAL, Contestant("rlm-desktop", 2)]
    result = await compare(workload, contestants, 1, grounds.open_peer, grounds.tell)
    assert result.failures == ()
    assert [one.unlike for one in result.standings] == [0, 0]
    assert [one.completion_tokens for one in result.standings] == [15, 15]
    assert all(one.reused_tokens for one in result.standings)
    assert grounds.no_gpu.startswith("No graphics card")


async def test_the_boundary_of_what_is_used_again_is_a_boundary_of_tokens(model: ResolvedModel) -> None:
    inside_a_word = asked("in the book", reusable=len("in the b"))
    whole = asked("in the book")
    (workload,) = await with_tokens([Workload("cut", ((inside_a_word, whole),))], model)
    cut, uncut = (call.tokens for call in workload.calls)
    assert len(cut) > len(uncut)


async def test_what_was_computed_for_the_call_before_is_kept(setup: Setup) -> None:
    (workload,) = await with_tokens([WORKLOAD], setup.model)
    (first, second), (third,) = workload.stages
    async with open_foreign(SEQUENTIAL, setup, print) as peer:
        served = await peer.serve((first, first, second))
        again = await peer.serve((third,))
    alike, same, other = served.answers
    assert alike.text == same.text == again.answers[0].text
    assert same.reused_tokens == len(first.tokens) - 1
    assert 0 < other.reused_tokens < len(second.tokens) - 1
    assert {answer.completion_tokens for answer in served.answers} == {5}
    assert served.seconds > 0
    assert "1 threads" in peer.about
    assert peer.overhead() is None


async def test_reuse_is_counted_as_it_is_where_memory_cannot_be_cut(setup: Setup, tmp_path: Path) -> None:
    path = tiny.recurrent().write(tmp_path / "recurrent.gguf")
    (workload,) = await with_tokens([WORKLOAD], setup.model)
    setup = replace(setup, model=replace(setup.model, path=path))
    async with open_foreign(SEQUENTIAL, setup, print) as peer:
        served = await peer.serve(workload.stages[0])
    assert [answer.reused_tokens for answer in served.answers] == [0, 0]


async def test_a_model_that_cannot_be_loaded_is_a_sentence(setup: Setup, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF no more")
    model = replace(setup.model, path=broken)
    with pytest.raises(UserError, match="The vocabulary failed: "):
        await with_tokens([WORKLOAD], model)
    with pytest.raises(UserError, match="llama-cpp-python failed: ") as failure:
        async with open_foreign(SEQUENTIAL, replace(setup, model=model), print):
            pass
    assert "--peers" in failure.value.hint


async def test_a_peer_that_dies_says_what_it_last_said(setup: Setup) -> None:
    children = psutil.Process().children
    async with open_foreign(SEQUENTIAL, setup, print) as peer:
        (child,) = children()
        child.kill()
        with pytest.raises(UserError, match=r"llama-cpp-python ended by itself.*\."):
            await peer.serve(setup.warm_up)


async def test_a_cancelled_peer_leaves_no_process(setup: Setup) -> None:
    opened = asyncio.Event()

    async def run() -> None:
        async with open_foreign(SEQUENTIAL, setup, print) as peer:
            opened.set()
            await peer.serve(
                tuple(msgspec.structs.replace(one, new_tokens=400) for one in setup.warm_up) * 1000
            )

    running = asyncio.create_task(run())
    await asyncio.wait_for(opened.wait(), 30)
    (child,) = psutil.Process().children()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not child.is_running()


async def test_a_peer_waits_for_its_turn_and_says_for_whom(setup: Setup, locks: Path) -> None:
    turn = Turn(locks, program="the test")
    assert turn.take()
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        turn.give_back()

    async with open_foreign(SEQUENTIAL, setup, tell) as peer:
        assert told == [told[0]]
        assert "(the test), which is using a model" in told[0]
        assert not turn.take(), "the turn is the peer's while it lives"
        await peer.serve(setup.warm_up)
        turn.give_back()
    assert turn.take()
    turn.give_back()


def test_a_child_ends_with_its_standard_input() -> None:
    done = subprocess.run(
        own_command(MODULE, "the test"), input=b"", capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_work_before_any_model_is_refused() -> None:
    with subprocess.Popen(
        own_command(MODULE, "the test"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin
        assert child.stdout
        child.stdin.write(wire.encode(wire.Serve(())) + b"\n")
        child.stdin.flush()
        reply = wire.reply_decoder.decode(child.stdout.readline())
        child.stdin.close()
    assert isinstance(reply, wire.Failed)
    assert "before any model" in reply.message
