"""The best speeds of this computer with a model, measured with our own worker."""

from __future__ import annotations

from rlm_desktop.bench.inference.peer import OURS, Contestant, OpenPeer
from rlm_desktop.bench.inference.roofline import Peaks
from rlm_desktop.bench.inference.workload import Call, Stage, Workload, reading
from rlm_desktop.bench.section import Tell
from rlm_desktop.models.base import Message

WIDTHS = (1, 8, 16, 32)
NEW_TOKENS = 32
_LONG = 2
"""Long passages in the prompt whose prefill is measured: about 2,000 tokens."""


def peak_workload() -> Workload:
    """A long prompt, and then, for each number of sequences, short prompts twice.

    The first time they are read; the second time all but the last token of each is in the cache, so that what
    takes time is generating alone. They share their beginning, so that there is little to attend to.
    """
    texts = reading()
    long = "\n\n".join(passage.text for passage in texts.long_passages[:_LONG])
    stages: list[Stage] = [(_call(long, 1),)]
    for width in WIDTHS:
        texts_of_stage = [f"Count from {number} to 1000." for number in range(width)]
        stages.append(tuple(_call(text, 1) for text in texts_of_stage))
        stages.append(tuple(_call(text, NEW_TOKENS) for text in texts_of_stage))
    return Workload("peak speeds", tuple(stages))


async def measure_peaks(workload: Workload, open_peer: OpenPeer, tell: Tell) -> Peaks:
    """Measure them.

    Args:
        workload: `peak_workload`, with tokens.
        open_peer: Opens our worker.
        tell: Told what is being done.
    """
    tell("peak speeds …")
    async with open_peer(Contestant(OURS, max(WIDTHS))) as peer:
        served = [await peer.serve(stage) for stage in workload.stages]
    long = served[0].answers[0]
    decode = {
        width: width * NEW_TOKENS / stage.seconds for width, stage in zip(WIDTHS, served[2::2], strict=True)
    }
    return Peaks(
        name=workload.name,
        prefill=(long.prompt_tokens - long.reused_tokens) / served[0].seconds,
        prompt_tokens=long.prompt_tokens,
        decode=decode,
    )


def _call(text: str, new_tokens: int) -> Call:
    return Call(messages=(Message("user", text),), new_tokens=new_tokens)
