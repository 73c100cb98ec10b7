"""The scheduler over a model that is a pure function of its prompt, so that every reply can be foretold."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.base import Message, Request
from rlm_desktop.models.llama import scheduler
from rlm_desktop.models.llama.library import Aborted, Entry
from rlm_desktop.models.llama.scheduler import PATIENCE, WORTH_WAITING, Scheduler
from rlm_desktop.models.llama.template import Prompt
from rlm_desktop.models.llama.wire import Delta, Done, Failed, Reply
from tests.models.llama.memory import Cell, Cells, Kept

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


class Backend(Cells):
    """Checks every entry of every step, and remembers what each sequence holds."""

    on_gpu = False

    def __init__(self, window: int = 64, step: int = 5, sequences: int = 4, sharing: bool = True) -> None:
        super().__init__(sequences)
        self.sharing = sharing
        self.context = None
        self.window, self.step, self.sequences = window, step, sequences
        self.abort = False
        self.outputs: dict[int, int] = {}
        self.computed = 0
        self.open_samplers = 0
        self.during: Callable[[], None] = lambda: None

    def prompt(self, request: Request) -> Prompt:
        return Prompt([ord(character) for character in request.messages[0].content], request.reusable)

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
            row.append(Cell(entry.token))
            if entry.output:
                self.outputs[index] = following([cell.token for cell in row])
        assert self.used <= self.window
        self.during()
        if self.abort:
            raise Aborted
        self.computed += len(entries)

    def first_alternatives(self, output: int, count: int) -> dict[str, float]:
        return {chr(self.outputs[output]): 0.0}


def ask(prompt: str, max_tokens: int = 6, **fields: Any) -> Request:
    return Request(messages=(Message("user", prompt),), max_tokens=max_tokens, **fields)


class Bench:
    def __init__(self, kept: Kept | None = None, **backend: Any) -> None:
        self.backend = Backend(**backend)
        self.replies: list[Reply] = []
        self.scheduler = Scheduler(self.backend, self.replies.append, kept)

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


HEADS = ("", "abc", "abcabc", "abcdefghijkl", "abcdefghijklmnopqrst")


@given(
    asked=st.lists(
        st.tuples(
            st.sampled_from(HEADS),
            st.text("abc", min_size=1, max_size=12),
            st.sampled_from(["root", "sub", "child"]),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=10,
    ),
    sharing=st.booleans(),
    aborted=st.sets(st.integers(0, 40), max_size=10),
    cancelled=st.dictionaries(st.integers(0, 60), st.integers(0, 9), max_size=6),
)
def test_whatever_is_cancelled_or_cut_off_the_others_get_what_the_model_says(
    asked: list[tuple[str, str, str, int]], sharing: bool, aborted: set[int], cancelled: dict[int, int]
) -> None:
    kept = Kept()
    bench = Bench(kept, sharing=sharing, window=48)
    steps = 0

    def cut_off() -> None:
        if steps in aborted:
            bench.backend.abort = True

    bench.backend.during = cut_off
    gone = set()
    arrivals = list(enumerate(asked))
    while bench.scheduler.busy or arrivals:
        for _ in range(2):
            if arrivals:
                call, (head, tail, role, reusable) = arrivals.pop(0)
                bench.scheduler.submit(call, ask(head + tail, 5, role=role, reusable=reusable * 4))
        bench.scheduler.step()
        steps += 1
        assert steps < 10_000, "the scheduler stands still"
        if (call := cancelled.get(steps)) is not None:
            bench.scheduler.cancel(call)
            gone.add(call)
    for call, (head, tail, *_) in enumerate(asked):
        answers = [reply for reply in bench.replies if isinstance(reply, Done | Failed) and reply.id == call]
        if call not in gone:
            assert len(answers) == 1
        for answer in answers:
            assert isinstance(answer, Done)
            assert answer.text == foretell(head + tail, 5)
    assert bench.backend.open_samplers == 0


@pytest.fixture
def everything_is_worth_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "WORTH_KEEPING", 4)


@pytest.mark.usefixtures("everything_is_worth_keeping")
@pytest.mark.parametrize("sharing", [True, False])
def test_a_passage_is_read_once_for_all_questions_also_after_a_restart(sharing: bool) -> None:
    kept = Kept()
    passage = "the sea is wide and blue and deep " * 2
    for question in ("why?", "how?"):
        bench = Bench(kept, sharing=sharing, window=400)
        bench.scheduler.submit(1, ask(passage + question, 6, reusable=len(passage)))
        bench.run()
        assert bench.done(1).text == foretell(passage + question, 6)
        assert bench.done(1).reused_tokens == (0 if question == "why?" else len(passage))
    assert [len(tokens) for tokens in kept.states] == [len(passage)]


@pytest.mark.parametrize("on_gpu", [True, False])
def test_replies_go_on_while_prompts_are_read_and_no_step_is_too_large(on_gpu: bool) -> None:
    bench = Bench(window=800, step=8, sequences=8)
    bench.backend.on_gpu = on_gpu
    first = next(text for text in map("ab{}".format, range(99)) if len(foretell(text, 30)) > 20)
    bench.scheduler.submit(0, ask(first, 20))
    bench.scheduler.step()
    for call in range(1, 7):
        bench.scheduler.submit(call, ask(chr(100 + call) * 80, 2))
    steps: list[tuple[int, bool]] = []
    decode = bench.backend.decode
    reply = next(slot.sequence for slot in bench.scheduler._cache.slots if slot.busy)

    def noted(entries: Sequence[Entry]) -> None:
        steps.append((len(entries), any(entry.sequence == reply for entry in entries)))
        decode(entries)

    bench.backend.decode = noted
    for _ in range(2 * PATIENCE + 2):
        bench.scheduler.step()
    if on_gpu:
        assert set(steps) == {(8, True)}
    else:  # a single reply waits as long as any, and is then computed without a prompt
        assert steps[: PATIENCE + 1] == [*PATIENCE * [(8, False)], (1, True)]
        assert steps[PATIENCE + 1 :] == [*PATIENCE * [(8, False)], (2, True)]


def test_a_turn_of_the_root_is_not_kept_waiting_by_sub_calls() -> None:
    bench = Bench(window=2000, step=8, sequences=20)
    for call in range(15):
        bench.scheduler.submit(call, ask(chr(100 + call) * 80, 2))
    bench.scheduler.step()
    bench.scheduler.submit(99, ask("z" * 40, 2, role="root"))
    for _ in range(30):  # of 150 that all the prompts take
        bench.scheduler.step()
    assert bench.done(99).text == foretell("z" * 40, 2)
    bench.run()


def test_the_time_beside_computing_is_measured() -> None:
    bench = Bench()
    bench.scheduler.submit(1, ask("abc"))
    bench.run()
    assert 0 < bench.done(1).speed.overhead <= 1
