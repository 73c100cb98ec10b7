"""Peak speeds are of generating alone, and of several rounds the best counts."""

from __future__ import annotations

import pytest

from rlm_desktop.bench.inference.peaks import NEW_TOKENS, WIDTHS, measure_peaks, peak_workload
from rlm_desktop.bench.inference.peer import Answered, Contestant
from rlm_desktop.bench.inference.workload import Call, Stage
from tests.bench.inference.fakes import Fakes, tokens_of


async def test_the_best_of_each_speed_over_all_rounds() -> None:
    (workload,) = await tokens_of([peak_workload()])
    rounds = 0

    def seconds(_: Contestant, stage: Stage) -> float:
        nonlocal rounds
        rounds += stage is workload.stages[0]
        slow = (rounds == 1) == (
            len(stage) == 8
        )  # in the first round eight at a time are slow, in the second the rest
        return 4.0 if slow else 2.0

    def answer(_: Contestant, call: Call) -> Answered:
        return Answered(
            prompt_tokens=len(call.tokens), reused_tokens=3, completion_tokens=call.new_tokens, text=""
        )

    fakes = Fakes(seconds, answer)
    peaks = await measure_peaks(workload, 2, fakes, fakes.told.append)
    short, long = (len(stage[0].tokens) for stage in workload.stages[:2])
    assert peaks.prefill == {short: (short - 3) / 2, long: (long - 3) / 2}
    assert peaks.decode == {width: pytest.approx(width * NEW_TOKENS / 2) for width in WIDTHS}
    assert peaks.reading == (long - 3) / 2
    assert peaks.batched == 32 * NEW_TOKENS / 2
    assert fakes.opened == [Contestant("rlm-desktop", 32)] * 2


def test_what_generates_was_read_before() -> None:
    stages = peak_workload().stages[2:]
    for read, asked in zip(stages[::2], stages[1::2], strict=True):
        assert [call.messages for call in read] == [call.messages for call in asked]
        assert {call.new_tokens for call in read} == {1}
        assert {call.new_tokens for call in asked} == {NEW_TOKENS}
    assert [len(stage) for stage in stages[::2]] == list(WIDTHS)
