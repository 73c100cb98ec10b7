"""Draw the next token: a chain of llama.cpp samplers, and a grammar where a schema is asked for."""

from __future__ import annotations

import ctypes
import json
import math
from collections.abc import Sequence
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt

from rlm_desktop.models.base import ModelError, Request

TOP_K = 40
"""Candidates kept when sampling; llama.cpp's own default."""
_WIDTHS = (64, 0)
"""Candidates looked at after the grammar refused the first choice; 0 is the whole vocabulary, which takes
18 to 85 ms a token, while the best 64 nearly always hold one that is allowed."""


class Sampler:
    """Draws tokens for one request. Call `close` when it is done.

    Args:
        request: Temperature, nucleus threshold, seed and schema.
        vocab: The model's vocabulary.
        n_vocab: Its number of tokens.
        ends: The tokens that end a reply, if there is a least length.

    Raises:
        ModelError: The schema cannot be turned into a grammar.
    """

    def __init__(self, request: Request, vocab: Any, n_vocab: int, ends: Sequence[int] = ()) -> None:
        self._n_vocab = n_vocab
        self._greedy = request.temperature <= 0
        self._ends = list(ends)
        self._before_end = request.min_tokens
        self._grammar = _grammar(request.schema, vocab) if request.schema is not None else None
        self._chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        for sampler in _samplers(request):
            llama_cpp.llama_sampler_chain_add(self._chain, sampler)

    def draw(self, context: Any, output: int) -> int:
        """Draw a token.

        The first choice is checked against the grammar alone, which is nearly free; only when it is
        refused are more candidates looked at.

        Args:
            context: The llama.cpp context that has just decoded.
            output: Which position of the batch to continue.
        """
        token = self._first_choice(context, output)
        self._before_end -= 1
        if self._grammar is None:
            return token
        if not self._allowed(token):
            token = self._redraw(logits(context, output, self._n_vocab))
        llama_cpp.llama_sampler_accept(self._grammar, token)
        return token

    def close(self) -> None:
        """Free the samplers."""
        llama_cpp.llama_sampler_free(self._chain)
        if self._grammar is not None:
            llama_cpp.llama_sampler_free(self._grammar)

    def _first_choice(self, context: Any, output: int) -> int:
        """A token by the request's own rules; the best one needs no list of candidates, which takes a millisecond."""
        if not self._greedy and self._before_end <= 0:
            return int(llama_cpp.llama_sampler_sample(self._chain, context, output))
        scores = logits(context, output, self._n_vocab)
        if self._before_end > 0:
            scores[self._ends] = -math.inf
        if self._greedy:
            return int(scores.argmax())
        candidates = _Candidates(np.arange(len(scores)), scores)
        candidates.apply(self._chain)
        return candidates.selected()

    def _allowed(self, token: int) -> bool:
        candidates = _Candidates(np.array([token]), np.zeros(1, np.float32))
        candidates.apply(self._grammar)
        return candidates.best_logit() > -math.inf

    def _redraw(self, scores: npt.NDArray[np.float32]) -> int:
        for width in _WIDTHS:
            ids = np.arange(len(scores)) if not width else np.argpartition(scores, -width)[-width:]
            candidates = _Candidates(ids, scores[ids])
            candidates.apply(self._grammar)
            if candidates.best_logit() > -math.inf:
                candidates.apply(self._chain)
                return candidates.selected()
        raise ModelError(
            "The model cannot continue in the form that was asked for.", "Ask again without a schema."
        )


class _Candidates:
    """A llama.cpp candidate array over some tokens."""

    def __init__(self, ids: npt.NDArray[Any], scores: npt.NDArray[np.float32]) -> None:
        layout = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)], align=True)
        self._data = np.zeros(len(ids), layout)
        self._data["id"], self._data["logit"] = ids, scores
        self._array = llama_cpp.llama_token_data_array(
            data=self._data.ctypes.data_as(llama_cpp.llama_token_data_p),
            size=len(ids),
            selected=-1,
            sorted=False,
        )

    def apply(self, sampler: Any) -> None:
        llama_cpp.llama_sampler_apply(sampler, ctypes.byref(self._array))

    def best_logit(self) -> float:
        return float(self._data["logit"][: self._array.size].max())

    def selected(self) -> int:
        return int(self._array.data[self._array.selected].id)


def logits(context: Any, output: int, n_vocab: int) -> npt.NDArray[np.float32]:
    """The scores of every token at one position of the last batch, copied."""
    pointer = llama_cpp.llama_get_logits_ith(context, output)
    return np.ctypeslib.as_array(pointer, shape=(n_vocab,)).copy()


def log_probabilities(scores: npt.NDArray[np.float32], count: int) -> list[tuple[int, float]]:
    """The most probable tokens with their natural-log probabilities, best first."""
    top = float(scores.max())
    total = top + math.log(float(np.exp(scores - top).sum(dtype=np.float64)))
    best = np.argpartition(scores, -count)[-count:]
    best = best[np.argsort(scores[best])[::-1]]
    return [(int(token), float(scores[token]) - total) for token in best]


def _samplers(request: Request) -> list[Any]:
    if request.temperature <= 0:
        return [llama_cpp.llama_sampler_init_greedy()]
    return [
        llama_cpp.llama_sampler_init_top_k(TOP_K),
        llama_cpp.llama_sampler_init_top_p(request.top_p, 1),
        llama_cpp.llama_sampler_init_temp(request.temperature),
        llama_cpp.llama_sampler_init_dist(request.seed & 0xFFFFFFFF),
    ]


def _grammar(schema: dict[str, Any], vocab: Any) -> Any:
    from llama_cpp.llama_grammar import json_schema_to_gbnf

    try:
        text = json_schema_to_gbnf(json.dumps(schema))
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError, NotImplementedError) as error:
        raise ModelError(f"The schema of the reply cannot be turned into a grammar: {error}.") from error
    grammar = llama_cpp.llama_sampler_init_grammar(vocab, text.encode(), b"root")
    if not grammar:
        raise ModelError("The schema of the reply cannot be turned into a grammar.")
    return grammar
