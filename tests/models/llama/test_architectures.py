"""The scheduler on the real llama.cpp, with every kind of memory: each reply is what the model says alone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from rlm_desktop.models.base import Message, Request
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.scheduler import Scheduler
from rlm_desktop.models.llama.states import open_states
from rlm_desktop.models.llama.wire import Done, Failed, Reply
from tests.models.llama import tiny
from tests.models.llama.alone import NOISE, Alone, Drawn, open_tiny

SHARING = ("plain", "sliding")
SYSTEM = Message(
    "system", "You are the assistant. 12 and 34. " + "Where is the book that is on the book? " * 3
)
PASSAGE = "The book is in the system, and the user is in the book that the 1234 is on. " * 6


@pytest.fixture(params=tiny.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Desk:
    """A scheduler at work, and all it said."""

    def __init__(self, path: Path, alone: Alone, **options: object) -> None:
        self.model = open_tiny(path, **options)
        self.alone = alone
        self.replies: list[Reply] = []
        self.prompts: dict[int, list[int]] = {}
        self.drawn: dict[int, Drawn] = {}
        states = open_states(Options(**options), pytest.fail)
        self.scheduler = Scheduler(self.model, self.replies.append, states)

    def ask(self, call: int, *texts: str, max_tokens: int = 8, **fields: object) -> None:
        """Submit a conversation: system, user, assistant, user and so on."""
        roles = ["user", "assistant"] * len(texts)
        messages = (SYSTEM, *map(Message, roles, texts))
        request = Request(messages=messages, max_tokens=max_tokens, **fields)
        self.prompts[call] = self.model.prompt(request).tokens
        before = len(self.model.drawn)
        self.scheduler.submit(call, request)
        self.drawn.update(zip([call], self.model.drawn[before:], strict=False))  # none if it was refused

    def steps(self, count: int) -> None:
        """Compute some steps."""
        for _ in range(count):
            self.scheduler.step()

    def run(self) -> None:
        """Compute until nothing is left to do."""
        for _ in range(10_000):
            if not self.scheduler.busy:
                return
            self.scheduler.step()
        pytest.fail("the scheduler stands still")

    def done(self, call: int) -> Done:
        """The reply to a call."""
        (reply,) = [reply for reply in self.replies if isinstance(reply, Done | Failed) and reply.id == call]
        assert isinstance(reply, Done), reply
        return reply

    def right(self, call: int) -> bool:
        """Whether a call was answered as the model would alone."""
        reply, drawn = self.done(call), self.drawn[call]
        assert reply.completion_tokens == len(drawn.tokens)
        return self.alone.off(self.prompts[call], drawn) < NOISE

    def close(self) -> None:
        """Free the model."""
        self.scheduler.close()
        self.model.close()


@pytest.fixture
def desk(
    kind: str, tiny_models: dict[str, Path], alone: Callable[[str], Alone]
) -> Iterator[Callable[..., Desk]]:
    """Opens desks of one kind."""
    opened: list[Desk] = []

    def of(**options: object) -> Desk:
        told = alone(kind, *(str(value) for name, value in options.items() if name == "cache_type"))
        opened.append(Desk(tiny_models[kind], told, **options))
        return opened[-1]

    yield of
    for one in opened:
        one.close()


def test_a_wrong_memory_would_be_noticed(desk: Callable[..., Desk]) -> None:
    one = desk()
    one.ask(0, "where is the book")
    one.run()
    assert one.right(0)
    prompt, drawn = one.prompts[0], one.drawn[0]
    half = len(prompt) // 2
    for wrong in (
        prompt[1:],
        prompt[:-20] + prompt[-19:],
        prompt[:1] + prompt,
        prompt[:half] + prompt[half + 5 :],
    ):
        assert one.alone.off(wrong, drawn) > 2 * NOISE


@pytest.mark.parametrize("cache_type", ["f16", "q8_0"])
def test_calls_together_say_what_each_says_alone(desk: Callable[..., Desk], cache_type: str) -> None:
    one = desk(cache_type=cache_type)
    for call in range(9):
        one.ask(call, f"the book {call * 11}" * (1 + call % 3), max_tokens=4 + call)
        one.steps(call % 3)
    one.run()
    assert all(one.right(call) for call in range(9))


def test_a_beginning_is_shared_where_memory_allows_it(desk: Callable[..., Desk], kind: str) -> None:
    one = desk()
    for call in range(4):
        one.ask(call, PASSAGE + f"{call}")
    one.run()
    assert all(one.right(call) for call in range(4))
    reused = [one.done(call).reused_tokens for call in range(4)]
    assert reused[0] == 0
    if kind in SHARING:
        assert min(reused[1:]) > len(one.prompts[0]) - 40


def test_a_conversation_grows(desk: Callable[..., Desk], kind: str) -> None:
    one = desk()
    texts = ["where is the book"]
    for turn in range(5):
        one.ask(2 * turn, *texts, role="root", conversation="root")
        one.ask(2 * turn + 1, PASSAGE + str(turn))
        one.run()
        assert one.right(2 * turn)
        assert one.right(2 * turn + 1)
        if turn and kind in SHARING:
            assert one.done(2 * turn).reused_tokens >= len(one.prompts[2 * turn - 2]) - 1
        texts += [one.done(2 * turn).text or "?", f"and that is {turn}"]


def test_a_call_is_cancelled_between_two_steps(desk: Callable[..., Desk]) -> None:
    for steps in (0, 1, 2, 5):
        one = desk()
        for call in range(3):
            one.ask(call, PASSAGE + str(call))
        one.steps(steps)
        one.scheduler.cancel(1)
        one.ask(3, PASSAGE + "1")
        one.run()
        assert all(one.right(call) for call in (0, 2, 3)), steps
        assert not any(isinstance(reply, Done) and reply.id == 1 for reply in one.replies)


@pytest.mark.parametrize("moment", [1, 3, 11, 21])
def test_a_step_that_is_cut_off_spoils_no_reply(desk: Callable[..., Desk], moment: int) -> None:
    for steps in (0, 1, 3, 5):
        one = desk()
        one.ask(0, "user 12")
        one.run()  # it rests in its sequence and is gone on with at last
        for call in (1, 2, 3):
            one.ask(call, PASSAGE * (call - 1) + str(call), max_tokens=4 * call)
            one.steps(1)
        one.steps(steps)
        one.model.moment = moment
        one.steps(1)
        one.model.moment = 0
        one.scheduler.cancel(2)
        one.ask(4, "user 12", one.done(0).text or "?", "and that")
        one.run()
        assert all(one.right(call) for call in (0, 1, 3, 4)), steps


def test_more_than_the_window_holds_comes_one_after_the_other(desk: Callable[..., Desk]) -> None:
    one = desk(context_window=512)
    for call in range(8):
        one.ask(call, PASSAGE[: 40 * call] + str(call), max_tokens=20)
    one.ask(8, PASSAGE * 4)
    one.run()
    assert all(one.right(call) for call in range(8))
    (refusal,) = [reply for reply in one.replies if isinstance(reply, Failed)]
    assert (refusal.id, refusal.window) == (8, 512)


def test_states_on_disk_are_gone_on_with_as_if_computed(
    desk: Callable[..., Desk], tmp_path: Path, kind: str
) -> None:
    options = {"sha256": kind, "states": str(tmp_path), "states_limit": 10**8}
    first = desk(**options)
    first.ask(0, PASSAGE + "where", reusable=len(PASSAGE))
    first.run()
    assert first.right(0)
    first.scheduler.close()
    again = desk(**options)
    for call, text in enumerate((PASSAGE + "on 12", PASSAGE[:-90] + "in", PASSAGE + "and", PASSAGE[:200])):
        again.ask(call, text, reusable=len(PASSAGE) if text.startswith(PASSAGE) else 0)
        if call % 2:
            again.run()
    again.run()
    assert all(again.right(call) for call in range(4))
    assert again.done(0).reused_tokens >= len(first.prompts[0]) - 40


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_every_reply_is_right(desk: Callable[..., Desk], seed: int) -> None:
    chance = Random(seed)
    one = desk(context_window=chance.choice((512, 1024)), concurrency=chance.choice((2, 4)))
    heads = ("", PASSAGE[:60], PASSAGE[:200], PASSAGE[100:260])
    conversations: dict[int, list[str]] = {}
    cancelled: set[int] = set()
    for call in range(16):
        answered = [at for at in conversations if any(r.id == at for r in one.replies if isinstance(r, Done))]
        texts = [chance.choice(heads) + str(chance.randrange(4))]
        if answered and chance.random() < 0.5:
            before = chance.choice(answered)
            texts = [*conversations[before], one.done(before).text or "?", *texts]
        conversations[call] = texts
        one.ask(call, *texts, max_tokens=chance.randrange(1, 9), role=chance.choice(("root", "sub")))
        for _ in range(chance.randrange(6)):
            one.model.moment = chance.choice((0, 0, 0, 1, 6, 17))
            one.steps(1)
            one.model.moment = 0
            if chance.random() < 0.1:
                cancelled.add(chance.randrange(call + 1))
                one.scheduler.cancel(max(cancelled))
    one.run()
    finished = {reply.id for reply in one.replies if isinstance(reply, Done)}
    refused = {reply.id for reply in one.replies if isinstance(reply, Failed) and reply.window}
    assert finished | refused | cancelled == set(range(16))
    assert [call for call in finished if not one.right(call)] == []
