"""What a model is asked in a bench: stages of calls, fixed texts, so that runs can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from string import Template

import msgspec

from rlm_desktop.config import shared_file
from rlm_desktop.models.base import Message

MAP_CALLS = 24
AGAIN_TOKENS = 24
ROOT_TOKENS = 80
SUB_TOKENS = 48


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One reply to generate, of exactly ``new_tokens`` tokens, greedily.

    Attributes:
        messages: The conversation, for those who apply the chat template themselves.
        tokens: The same as tokens, for all others; empty until `Workload.with_tokens`.
        new_tokens: Tokens to generate, whatever they are.
        root: Whether it is a turn of the root model, and not a sub-call.
        ends: Whether the reply may end by itself, and so have fewer tokens.
        reusable: Characters of the last message that other calls begin with too; 0 for none.
    """

    messages: tuple[Message, ...]
    new_tokens: int
    tokens: tuple[int, ...] = ()
    root: bool = False
    ends: bool = False
    reusable: int = 0


Stage = tuple[Call, ...]
"""Calls that may be computed together; the next stage begins when all are answered."""


class Workload(msgspec.Struct, frozen=True):
    """Stages of calls, one after the other."""

    name: str
    stages: tuple[Stage, ...]

    @property
    def calls(self) -> list[Call]:
        """All calls in order."""
        return [call for stage in self.stages for call in stage]

    def with_tokens(self, prompts: Sequence[Sequence[int]]) -> Workload:
        """This workload with the tokens of each call's prompt, in the order of `calls`."""
        given = iter(prompts)
        stages = tuple(
            tuple(msgspec.structs.replace(call, tokens=tuple(next(given))) for call in stage)
            for stage in self.stages
        )
        return Workload(self.name, stages)


class Passage(msgspec.Struct, frozen=True):
    """A text to read, and where it is from."""

    where: str
    text: str


class Reading(msgspec.Struct, frozen=True):
    """Passages to read, and how they are asked about (``resources/bench/reading.json``).

    Attributes:
        source: Where the texts are from, and their licence.
        system: The constant first message.
        layout: The second message; the passage comes first, so that its state can be used again.
        questions: A first and a second question.
        passages: 64 of about 350 tokens.
        long_passages: 12 of about 1,000 tokens.
    """

    source: str
    system: str
    layout: str
    questions: tuple[str, str]
    passages: tuple[Passage, ...]
    long_passages: tuple[Passage, ...]

    def call(self, passage: Passage, question: str, new_tokens: int) -> Call:
        """The call that asks a question about a passage."""
        text = Template(self.layout).substitute(where=passage.where, passage=passage.text, question=question)
        reusable = text.index(passage.text) + len(passage.text)
        messages = (Message("system", self.system), Message("user", text))
        return Call(messages=messages, new_tokens=new_tokens, reusable=reusable)


class Turn(msgspec.Struct, frozen=True):
    """One turn: what the root was told, what it replied, and what its cell then asked the sub-model, in one batch."""

    prompt: str
    reply: str
    sub_calls: tuple[str, ...]


class Trace(msgspec.Struct, frozen=True):
    """A recorded run (``resources/bench/trace.json``): the root's turns, and the sub-calls their cells made."""

    source: str
    system: str
    sub_system: str
    turns: tuple[Turn, ...]


@cache
def reading() -> Reading:
    """The passages that ship."""
    return msgspec.json.decode(shared_file("resources", "bench", "reading.json").read_bytes(), type=Reading)


@cache
def trace() -> Trace:
    """The recorded run that ships."""
    return msgspec.json.decode(shared_file("resources", "bench", "trace.json").read_bytes(), type=Trace)


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Tokens two prompts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def map_workload(new_tokens: int, calls: int = MAP_CALLS) -> Workload:
    """One question over many passages, in one batch."""
    texts = reading()
    stage = tuple(texts.call(passage, texts.questions[0], new_tokens) for passage in texts.passages[:calls])
    return Workload(f"map, {len(stage)} calls, {new_tokens} new tokens", (stage,))


def trace_workload() -> Workload:
    """The recorded run: each turn goes on from the recorded reply, whatever was generated."""
    run = trace()
    told = [Message("system", run.system)]
    stages: list[Stage] = []
    for turn in run.turns:
        told.append(Message("user", turn.prompt))
        stages.append((Call(messages=tuple(told), new_tokens=ROOT_TOKENS, root=True),))
        told.append(Message("assistant", turn.reply))
        if turn.sub_calls:
            stages.append(tuple(_sub_call(run.sub_system, text) for text in turn.sub_calls))
    return Workload("trace", tuple(stages))


def again_workload(question: int) -> Workload:
    """The first or second question (0 or 1) over the long passages."""
    texts = reading()
    asked = texts.questions[question]
    stage = tuple(texts.call(passage, asked, AGAIN_TOKENS) for passage in texts.long_passages)
    return Workload(f"question {question + 1} over {len(stage)} passages", (stage,))


def _sub_call(system: str, text: str) -> Call:
    return Call(messages=(Message("system", system), Message("user", text)), new_tokens=SUB_TOKENS)
