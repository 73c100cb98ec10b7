"""llama-cpp-python's high-level `Llama`, given its best: one call after the other.

`Llama.generate` over token lists is its quickest public way: it keeps the beginning that a prompt shares with the
previous one, as `create_completion` does, but neither tokenises nor detokenises, and does not stop by itself.
"""

from __future__ import annotations

import time
from itertools import islice

import llama_cpp
import numpy as np

from rlm_desktop.bench.inference import wire
from rlm_desktop.bench.inference.peer import Answered, Served


def load(command: wire.Open) -> tuple[str, _Serve]:
    """Load the model."""
    layers = -1 if llama_cpp.llama_supports_gpu_offload() else 0
    model = llama_cpp.Llama(
        command.path,
        n_ctx=command.cells,
        n_threads=command.threads,
        n_threads_batch=command.threads,
        n_gpu_layers=layers,
        verbose=False,
    )
    about = (
        f"Llama.generate, {command.threads} threads, {model.n_ctx():,} cells, steps of {model.n_batch} tokens"
    )
    return about, _Serve(model)


class _Serve:
    def __init__(self, model: llama_cpp.Llama) -> None:
        self._model = model

    def __call__(self, command: wire.Command) -> wire.Reply:
        if not isinstance(command, wire.Serve):
            raise TypeError(f"{command} is no work for this peer")
        started = time.perf_counter()
        generated = [self._generate(call) for call in command.calls]
        seconds = time.perf_counter() - started
        answers = tuple(
            Answered(
                prompt_tokens=len(call.tokens),
                reused_tokens=reused,
                completion_tokens=len(tokens),
                text=self._model.detokenize(tokens).decode("utf-8", "replace"),
            )
            for call, (reused, tokens) in zip(command.calls, generated, strict=True)
        )
        return wire.Done(Served(seconds, answers))

    def _generate(self, call: wire.Ask) -> tuple[int, list[int]]:
        reused = self._reused(call.tokens)
        return reused, list(islice(self._model.generate(call.tokens, temp=0.0), call.new_tokens))

    def _reused(self, tokens: tuple[int, ...]) -> int:
        """Tokens `generate` finds in its cache: the beginning shared with the previous call, less the last token."""
        held = self._model.input_ids[: self._model.n_tokens][: len(tokens)]
        differs = np.flatnonzero(held != np.asarray(tokens[: len(held)]))
        shared = int(differs[0]) if len(differs) else len(held)
        return min(shared, len(tokens) - 1)
