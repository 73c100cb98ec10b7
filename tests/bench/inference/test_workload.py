"""The texts that ship, and the workloads made of them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.bench.inference.again import bounds_of
from rlm_desktop.bench.inference.workload import (
    again_workload,
    map_workload,
    reading,
    shared,
    trace,
    trace_workload,
)
from rlm_desktop.config import shared_file


def test_the_texts_are_small_and_say_whose_they_are() -> None:
    files = [shared_file("resources", "bench", f"{name}.json") for name in ("reading", "trace")]
    assert sum(file.stat().st_size for file in files) <= 400_000
    assert "PSF licence" in reading().source
    assert "PSF licence" in trace().source


def test_map_asks_one_question_of_different_passages() -> None:
    workload = map_workload(48)
    (stage,) = workload.stages
    assert len({call.messages for call in stage}) == len(stage) == 24
    assert {call.messages[0] for call in stage} == {stage[0].messages[0]}
    assert {call.new_tokens for call in stage} == {48}
    assert len(map_workload(48, 64).calls) == 64


def test_a_passage_comes_before_the_question_and_can_be_used_again() -> None:
    first, second = again_workload(0).calls, again_workload(1).calls
    assert len(first) == 12
    for one, other, passage in zip(first, second, reading().long_passages, strict=True):
        text, again = one.messages[-1].content, other.messages[-1].content
        assert text[: one.reusable] == again[: other.reusable]
        assert text[: one.reusable].endswith(passage.text)
        assert reading().questions[0] in text[one.reusable :]
        assert reading().questions[1] in again[other.reusable :]


def test_the_bounds_of_a_passage_are_its_prompt_without_it_and_up_to_its_end() -> None:
    workload = again_workload(0)
    for call, (head, whole), passage in zip(
        workload.calls, bounds_of(workload).stages, reading().long_passages, strict=True
    ):
        texts = [one.messages[-1].content for one in (head, whole, call)]
        assert texts[1] == texts[0] + passage.text
        assert texts[2].startswith(texts[1])


def test_the_trace_is_six_turns_that_grow_and_four_batches_of_eight() -> None:
    workload = trace_workload()
    assert [len(stage) for stage in workload.stages] == [1, 1, 8, 1, 8, 1, 8, 1, 8, 1]
    turns = [call for call in workload.calls if call.root]
    for before, after in pairwise(turns):
        assert after.messages[: len(before.messages)] == before.messages
        assert [message.role for message in after.messages[len(before.messages) :]] == ["assistant", "user"]
    sizes = [sum(len(message.content) for message in call.messages) for call in turns]
    assert sizes[-2] > 0.94 * sizes[-1]
    assert not any(call.reusable for call in turns)


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_what_is_shared_is_the_longest_common_beginning(one: list[int], other: list[int]) -> None:
    count = shared(one, other)
    assert one[:count] == other[:count]
    assert one[count : count + 1] != other[count : count + 1] or count == min(len(one), len(other))


def test_tokens_are_given_in_order() -> None:
    workload = trace_workload()
    numbered = workload.with_tokens([[number] for number in range(len(workload.calls))])
    assert [call.tokens for call in numbered.calls] == [(number,) for number in range(38)]
    assert [call.messages for call in numbered.calls] == [call.messages for call in workload.calls]
