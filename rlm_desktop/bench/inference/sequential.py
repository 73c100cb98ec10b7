"""llama-cpp-python's high-level `Llama`, given its best: one call after the other.

`Llama.generate` over token lists is its quickest public way: it keeps the beginning that a prompt shares with the
previous one, as `create_completion` does, but neither tokenises nor detokenises, and does not stop by itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice

import llama_cpp

from rlm_desktop.bench.inference import wire
from rlm_desktop.bench.inference.peer import Answered, Served


class _Llama(llama_cpp.Llama):  # type: ignore[misc]
    """Counts the tokens it computes."""

    evaluated = 0

    def eval(self, tokens: Sequence[int]) -> None:
        self.evaluated += len(tokens)
        super().eval(tokens)


def load(command: wire.Open) -> tuple[str, _Serve]:
    """Load the model."""
    model = _Llama(
        command.path,
        n_ctx=command.cells,
        n_threads=command.threads,
        n_threads_batch=command.threads,
        n_gpu_layers=-1 if llama_cpp.llama_supports_gpu_offload() else 0,
        verbose=False,
    )
    about = (
        f"Llama.generate, {command.threads} threads, {model.n_ctx():,} cells, steps of {model.n_batch} tokens"
    )
    return about, _Serve(model)


class _Serve:
    def __init__(self, model: _Llama) -> None:
        self._model = model

    def __call__(self, command: wire.Command) -> wire.Reply:
        if not isinstance(command, wire.Serve):
            raise TypeError(f"{type(command).__name__} is no work for this peer")
        started = time.perf_counter()
        generated = [self._generate(call) for call in command.calls]
        seconds = time.perf_counter() - started
        answers = tuple(
            Answered(
                prompt_tokens=len(call.tokens),
                reused_tokens=len(call.tokens) - computed,
                completion_tokens=len(tokens),
                text=self._model.detokenize(tokens).decode("utf-8", "replace"),
            )
            for call, (computed, tokens) in zip(command.calls, generated, strict=True)
        )
        return wire.Done(Served(seconds, answers))

    def _generate(self, call: wire.Ask) -> tuple[int, list[int]]:
        """How many tokens of the prompt were computed, and the reply."""
        self._model.evaluated = 0
        tokens = list(islice(self._model.generate(call.tokens, temp=0.0), call.new_tokens))
        return self._model.evaluated - (len(tokens) - 1), tokens  # the last one is not fed back
