"""The least time a workload can take on this computer: every token computed once, at the best speed measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rlm_desktop.bench.inference.workload import Workload, shared
from rlm_desktop.bench.section import Section, Table


class Peaks(Section, frozen=True, kw_only=True):
    """The best speeds, in tokens a second.

    Attributes:
        prefill: Of one prompt of so many tokens (as JSON, the keys are texts, here and below).
        decode: Of so many sequences generating together.
    """

    prefill: dict[int, float]
    decode: dict[int, float]

    @property
    def reading(self) -> float:
        """The best speed of prefill, whatever the length of the prompt."""
        return max(self.prefill.values())

    @property
    def batched(self) -> float:
        """The best speed of generating, whatever the number of sequences."""
        return max(self.decode.values())

    def at(self, width: int) -> float:
        """The speed of so many sequences: that of the nearest number measured that is not smaller."""
        enough = [count for count in self.decode if count >= width]
        return self.decode[min(enough, default=max(self.decode))]

    def tables(self) -> list[Table]:
        """The speeds in a row each."""
        rows = [
            (f"prefill, a prompt of {size:,} tokens", f"{speed:.1f}") for size, speed in self.prefill.items()
        ]
        rows += [(f"decode, {count} at a time", f"{speed:.1f}") for count, speed in self.decode.items()]
        return [Table(self.name, ("", "tok/s"), tuple(rows))]


class Roofline(Section, frozen=True, kw_only=True):
    """How near a contestant is to the least time.

    Attributes:
        uncached: Prompt tokens that are in no cache when their call comes, though it forget nothing.
        new_tokens: Tokens to generate.
        strict: Seconds, if every new token is generated at the best batched speed.
        root_alone: Seconds, if the root's tokens are generated at the speed of one sequence, as nothing can be
            batched with them, and all others at the best speed.
        as_batched: Seconds, if each stage's tokens are generated at the speed of as many sequences as it has calls.
        measured: Seconds of each contestant.
    """

    uncached: int
    new_tokens: int
    strict: float
    root_alone: float
    as_batched: float
    measured: dict[str, float]

    def tables(self) -> list[Table]:
        """Each contestant's time in multiples of the least."""
        least = (self.strict, self.root_alone, self.as_batched)
        rows = [("least time, s", *(f"{seconds:.1f}" for seconds in least))]
        rows += [
            (f"{name}, × the least", *(f"{seconds / bound:.2f}" for bound in least))
            for name, seconds in self.measured.items()
        ]
        columns = ("", "strict", "root alone", "as batched")
        remark = (
            f"{self.uncached:,} prompt tokens are in no cache, {self.new_tokens:,} are generated. Strict: all at the "
            "best batched speed; root alone: the root's at that of one sequence; as batched: each stage's at that of "
            "as many sequences as it has calls."
        )
        return [Table(self.name, columns, tuple(rows), (remark,))]


def roofline(workload: Workload, peaks: Peaks, measured: Mapping[str, float]) -> Roofline:
    """The least time of a workload (prefill and decode one after the other, as one computer does both)."""
    prompts = [call.tokens for call in workload.calls]
    new = uncached(prompts)
    prefill = new / peaks.reading
    root = sum(call.new_tokens for call in workload.calls if call.root)
    total = sum(call.new_tokens for call in workload.calls)
    staged = sum(sum(call.new_tokens for call in stage) / peaks.at(len(stage)) for stage in workload.stages)
    return Roofline(
        name=f"{workload.name}: roofline",
        uncached=new,
        new_tokens=total,
        strict=prefill + total / peaks.batched,
        root_alone=prefill + root / peaks.at(1) + (total - root) / peaks.batched,
        as_batched=prefill + staged,
        measured=dict(measured),
    )


def uncached(prompts: Sequence[tuple[int, ...]]) -> int:
    """Tokens no earlier prompt begins with; at least the last of each, whose output is needed."""
    total = 0
    for index, prompt in enumerate(prompts):
        known = max((shared(prompt, earlier) for earlier in prompts[:index]), default=0)
        total += len(prompt) - min(known, len(prompt) - 1)
    return total
