"""The scheduler over a model that is a pure function of its prompt, so that every reply can be foretold."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.base import Message, Request
from rlm_desktop.models.llama.library import Aborted, Entry
from rlm_desktop.models.llama.scheduler import WORTH_WAITING, Scheduler
from rlm_desktop.models.llama.wire import Delta, Done, Failed, Reply

END = 0


def following(tokens: Sequence[int]) -> int:
    """The token the model continues with: a letter, or the end."""
    total = sum((place + 1) * token for place, token in enumerate(tokens))
    return END if total % 11 == 0 else 97 + total % 26


def foretell(prompt: str, max_tokens: int) -> str:
    tokens = [ord(character) for character in prompt]
    reply = ""
    while len(reply) < max_tokens and (token := following(tokens)) != END:
        tokens.append(token)
        reply += chr(token)
    return reply


class Backend:
    """Checks every entry of every step, and remembers what each sequence holds."""

    sharing = True

    def __init__(self, window: int = 64, step: int = 5, sequences: int = 4) -> None:
        self.context = None
        self.window, self.step, self.sequences = window, step, sequences
        self.abort = False
        self.rows: list[list[Any]] = [[] for _ in range(sequences)]
        self.outputs: dict[int, int] = {}
        self.computed = 0
        self.open_samplers = 0
        self.during: Callable[[], None] = lambda: None

    def prompt(self, request: Request) -> list[int]:
        return [ord(character) for character in request.messages[0].content]

    def piece(self, token: int) -> bytes:
        return chr(token).encode()

    def ends(self, token: int) -> bool:
        return token == END

    def sampler(self, request: Request) -> "Backend":
        self.open_samplers += 1
        return self

    def draw(self, context: object, output: int) -> int:
        return self.outputs[output]

    def close(self) -> None:
        self.open_samplers -= 1

    def decode(self, entries: Sequence[Entry]) -> None:
        self.outputs = {}
        for index, entry in enumerate(entries):
            row = self.rows[entry.sequence]
            assert entry.position == len(row)
            row.append([entry.token])
            if entry.output:
                self.outputs[index] = following([cell[0] for cell in row])
        assert len({id(cell) for row in self.rows for cell in row}) <= self.window
        self.during()
        if self.abort:
            raise Aborted
        self.computed += len(entries)

    def first_alternatives(self, output: int, count: int) -> dict[str, float]:
        return {chr(self.outputs[output]): 0.0}

    def copy(self, source: int, target: int, end: int) -> None:
        self.rows[target] = self.rows[source][:end]

    def cut(self, sequence: int, start: int) -> None:
        del self.rows[sequence][start:]


def ask(prompt: str, max_tokens: int = 6, **fields: Any) -> Request:
    return Request(messages=(Message("user", prompt),), max_tokens=max_tokens, **fields)


class Bench:
    def __init__(self, **backend: int) -> None:
        self.backend = Backend(**backend)
        self.replies: list[Reply] = []
        self.scheduler = Scheduler(self.backend, self.replies.append)

    def run(self) -> None:
        for _ in range(10_000):
            if not self.scheduler.busy:
                return
            self.scheduler.step()
        pytest.fail("the scheduler stands still")

    def done(self, call: int) -> Done:
        (reply,) = [reply for reply in self.replies if isinstance(reply, Done) and reply.id == call]
        return reply


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "abc", "abcabc", "abcdefghijkl"]), st.text("abc", min_size=1, max_size=12)
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 9),
    st.lists(st.integers(0, 3), max_size=12),
)
def test_every_reply_is_what_the_model_says_alone(
    prompts: list[tuple[str, str]], max_tokens: int, pauses: list[int]
) -> None:
    bench = Bench()
    for call, (head, tail) in enumerate(prompts):
        bench.scheduler.submit(call, ask(head + tail, max_tokens))
        for _ in range(pauses[call] if call < len(pauses) else 0):
            bench.scheduler.step()
    bench.run()
    for call, (head, tail) in enumerate(prompts):
        done = bench.done(call)
        assert done.text == foretell(head + tail, max_tokens)
        assert done.prompt_tokens == len(head + tail)
        deltas = [reply.text for reply in bench.replies if isinstance(reply, Delta) and reply.id == call]
        assert "".join(deltas) == done.text
    assert bench.backend.open_samplers == 0


def test_a_shared_beginning_is_computed_once_even_when_requests_come_together() -> None:
    bench = Bench(window=400, step=20)
    head = "the sea is wide and blue " * 3
    for call, tail in enumerate("xyz"):
        bench.scheduler.submit(call, ask(head + tail, 1))
    bench.run()
    reused = [bench.done(call).reused_tokens for call in range(3)]
    assert reused[0] == 0
    assert min(reused[1:]) > len(head) - WORTH_WAITING
    assert bench.backend.computed == 3 * (len(head) + 1) - sum(reused)


def test_a_request_that_cannot_fit_is_refused_before_any_token() -> None:
    bench = Bench(window=20)
    bench.scheduler.submit(1, ask("x" * 15, 6))
    assert bench.replies == [
        Failed(1, "The prompt is too long.", prompt_tokens=15, window=20, max_tokens=6),
    ]
    assert not bench.scheduler.busy
    assert bench.backend.computed == 0


def test_requests_without_room_wait_their_turn() -> None:
    bench = Bench(window=20)
    for call in range(3):
        bench.scheduler.submit(call, ask(chr(100 + call) * 10, 8))
    bench.run()
    assert [bench.done(call).text for call in range(3)] == [foretell(chr(100 + n) * 10, 8) for n in range(3)]


def test_a_cancelled_call_sends_nothing_more_and_frees_its_sequence() -> None:
    bench = Bench(sequences=1)
    bench.scheduler.submit(1, ask("abcabcabcabc"))
    bench.scheduler.step()
    bench.scheduler.submit(2, ask("bcd"))
    bench.scheduler.cancel(1)
    bench.run()
    assert {reply.id for reply in bench.replies if isinstance(reply, Delta | Done)} == {2}
    assert bench.backend.open_samplers == 0


def test_an_interrupted_step_is_done_again_for_those_that_stay() -> None:
    bench = Bench()
    bench.scheduler.submit(1, ask("abcabca"))
    bench.scheduler.submit(2, ask("bcdbcdb"))
    bench.backend.during = lambda: bench.scheduler.interrupt(1)
    bench.scheduler.step()
    assert bench.backend.computed == 0
    bench.backend.during = lambda: None
    bench.scheduler.cancel(1)
    bench.run()
    assert bench.done(2).text == foretell("bcdbcdb", 6)


def test_interrupting_a_call_that_is_not_in_the_step_disturbs_nobody() -> None:
    bench = Bench()
    bench.scheduler.submit(1, ask("abc"))
    bench.backend.during = lambda: bench.scheduler.interrupt(7)
    bench.run()
    assert bench.done(1).text == foretell("abc", 6)


def test_a_failure_of_the_model_fails_the_calls_of_the_step_and_the_next_one_works() -> None:
    bench = Bench()

    def fail() -> None:
        raise RuntimeError("llama.cpp failed with code -3")

    bench.scheduler.submit(1, ask("abc"))
    bench.backend.during = fail
    bench.scheduler.step()
    (reply,) = bench.replies
    assert isinstance(reply, Failed)
    assert "code -3" in reply.message
    bench.backend.during = lambda: None
    bench.scheduler.submit(2, ask("abc"))
    bench.run()
    assert bench.done(2).text == foretell("abc", 6)


def test_stop_texts_and_the_token_limit_end_a_reply() -> None:
    bench = Bench()
    prompt = next(text for text in map("ab{}".format, range(99)) if len(foretell(text, 30)) > 5)
    whole = foretell(prompt, 30)
    bench.scheduler.submit(1, ask(prompt, 30, stop=(whole[2:5],)))
    bench.scheduler.submit(2, ask(prompt, 2))
    bench.run()
    assert (bench.done(1).text, bench.done(1).finish_reason) == (whole[:2], "stop")
    assert (bench.done(2).text, bench.done(2).finish_reason) == (whole[:2], "length")


def test_alternatives_are_those_of_the_first_token() -> None:
    bench = Bench()
    bench.scheduler.submit(1, ask("ab", 3, top_logprobs=1))
    bench.run()
    assert bench.done(1).first_logprobs == {foretell("ab", 1): 0.0}
