"""What a model says alone, with a memory in which nothing was ever shared, cut, copied or restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import llama_cpp
import numpy as np
import numpy.typing as npt

from rlm_desktop.models.base import Request
from rlm_desktop.models.llama.library import Entry, GgufModel
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.sampling import Sampler, logits

Scores = npt.NDArray[np.float32]
NOISE = 0.03
"""What two ways to compute the same may differ by, in standard deviations of the scores. Flash attention has one
kernel for large steps and another for small ones: up to 0.014 measured. A token lost or doubled makes 0.07 or more."""


@dataclass
class Drawn:
    """What was drawn for one request: each token, and the scores it was drawn from."""

    tokens: list[int] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)


class Observed(GgufModel):
    """A model that notes what is drawn, and whose steps can be cut off at a chosen moment.

    Attributes:
        drawn: For each request, in the order in which they came.
        moment: At the how manieth time that llama.cpp asks the running step is cut off; 0 for never.
    """

    moment = 0

    def __init__(self, path: Path, options: Options) -> None:
        self.drawn: list[Drawn] = []
        super().__init__(path, options, lambda _rate: True)
        llama_cpp.llama_set_n_threads(self.context, 1, 1)  # two would wait for each other more than compute

    @property
    def abort(self) -> bool:
        """What llama.cpp asks before each part of its work."""
        if self.moment:
            self.moment -= 1
            self._abort = self._abort or not self.moment
        return self._abort

    @abort.setter
    def abort(self, value: bool) -> None:
        self._abort = value

    def sampler(self, request: Request) -> Sampler:
        """A sampler whose draws are noted."""
        sampler, drawn = super().sampler(request), Drawn()
        self.drawn.append(drawn)
        draw = sampler.draw

        def noted(context: object, output: int) -> int:
            drawn.scores.append(logits(context, output, self.n_vocab))
            drawn.tokens.append(draw(context, output))
            return drawn.tokens[-1]

        sampler.draw = noted
        return sampler


def open_tiny(path: Path, **options: object) -> Observed:
    """The model with room for 1,024 tokens and four calls, unless told otherwise."""
    return Observed(path, Options(**{"context_window": 1024, "concurrency": 4, **options}))


def feed(model: GgufModel, sequence: int, start: int, tokens: Sequence[int], outputs: int = 1) -> Scores:
    """Compute tokens of one sequence; the scores at the last few of them, one row for each."""
    rows = []
    for at in range(0, len(tokens), model.step):
        part = tokens[at : at + model.step]
        wanted = [at + index >= len(tokens) - outputs for index in range(len(part))]
        model.decode(
            [Entry(token, start + at + index, sequence, wanted[index]) for index, token in enumerate(part)]
        )
        rows += [logits(model.context, index, model.n_vocab) for index, want in enumerate(wanted) if want]
    return np.array(rows)


def differ(first: Scores, second: Scores) -> float:
    """How far two rows of scores are apart, in standard deviations of the second."""
    return float(np.abs(first - second).max() / second.std())


class Alone:
    """One model with a single sequence, emptied before each use."""

    def __init__(self, path: Path, cache_type: str = "f16") -> None:
        self.model = open_tiny(path, context_window=4096, concurrency=1, cache_type=cache_type)

    def scores(self, tokens: Sequence[int], outputs: int = 1) -> Scores:
        """The scores at the last few tokens of a text, one row for each."""
        assert self.model.cut(0, 0)
        return feed(self.model, 0, 0, tokens, outputs)

    def off(self, prompt: Sequence[int], drawn: Drawn) -> float:
        """How far the scores of a reply are from what they are alone, at the worst token, as in `differ`."""
        rows = self.scores([*prompt, *drawn.tokens][:-1], len(drawn.tokens))
        return max(map(differ, drawn.scores, rows))
