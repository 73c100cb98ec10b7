"""The best speeds of this computer with a model, measured with our own worker."""

from __future__ import annotations

from collections import defaultdict

from rlm_desktop.bench.inference.peer import OURS, Contestant, OpenPeer, Served
from rlm_desktop.bench.inference.roofline import Peaks
from rlm_desktop.bench.inference.workload import Call, Stage, Workload, reading
from rlm_desktop.bench.section import Tell
from rlm_desktop.models.base import Message

WIDTHS = (1, 8, 16, 32)
NEW_TOKENS = 32
NAME = "peak speeds"


def peak_workload() -> Workload:
    """Two prompts to read, and then, for each number of sequences, short prompts twice.

    The prompts to read have about 400 and 2,000 tokens. The short prompts are read the first time; the second time
    all but the last token of each is in the cache, so that what takes time is generating alone. They share their
    beginning, so that there is little to attend to.
    """
    texts = reading()
    long = "\n\n".join(passage.text for passage in texts.long_passages[:2])
    stages: list[Stage] = [(_call(text, 1),) for text in (texts.passages[0].text, long)]
    for width in WIDTHS:
        short = [f"Count from {number} to 1000." for number in range(width)]
        stages += [tuple(_call(text, new_tokens) for text in short) for new_tokens in (1, NEW_TOKENS)]
    return Workload(NAME, tuple(stages))


async def measure_peaks(workload: Workload, rounds: int, open_peer: OpenPeer, tell: Tell) -> Peaks:
    """Measure them; of several rounds the best counts.

    Args:
        workload: `peak_workload`, with tokens.
        rounds: Times to measure.
        open_peer: Opens our worker.
        tell: Told what is being done.

    Raises:
        UserError: Our worker failed.
    """
    prefill: dict[int, float] = defaultdict(float)
    decode: dict[int, float] = defaultdict(float)
    for number in range(1, rounds + 1):
        tell(f"{NAME}: round {number} of {rounds} …")
        async with open_peer(Contestant(OURS, max(WIDTHS))) as peer:
            served = [await peer.serve(stage) for stage in workload.stages]
        for one in served[:2]:
            size = one.answers[0].prompt_tokens
            prefill[size] = max(prefill[size], _read(one))
        for width, one in zip(WIDTHS, served[3::2], strict=True):
            decode[width] = max(decode[width], width * NEW_TOKENS / one.seconds)
    return Peaks(name=NAME, prefill=dict(prefill), decode=dict(decode))


def _read(served: Served) -> float:
    """Prompt tokens computed a second."""
    computed = sum(answer.prompt_tokens - answer.reused_tokens for answer in served.answers)
    return computed / served.seconds


def _call(text: str, new_tokens: int) -> Call:
    return Call(messages=(Message("user", text),), new_tokens=new_tokens)
