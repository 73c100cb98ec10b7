"""What llama.cpp does to bring a model into memory, behind a small interface, so that a test can do it instead."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import llama_cpp

from rlm_desktop.models.llama import hardware, log, stopwatch
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.tuning import Race

_PLAIN = {"CPU", "CPU_Mapped"}
"""What llama.cpp calls memory that holds weights as the file does."""
_CACHE_TYPES = {"f16": llama_cpp.GGML_TYPE_F16, "q8_0": llama_cpp.GGML_TYPE_Q8_0}
Handle = Any
"""A pointer of llama.cpp's; false when what it should point to could not be made."""


class Opener(Protocol):
    """Brings models into memory; `LlamaCpp` is the real one."""

    def devices(self) -> list[hardware.Device]:
        """What layers can be put on."""
        ...

    def load(self, path: Path, layers: int, on_progress: Callable[[float], bool], *, repack: bool) -> Handle:
        """Load the weights, so many layers of them on graphics cards.

        Args:
            path: The GGUF file.
            layers: How many, from the last; the output counts as one.
            on_progress: Told the share loaded, from 0 to 1; says whether to go on.
            repack: Whether the processor gets a copy in an order of its own, or uses the mapped file as it is.
        """
        ...

    def context(self, model: Handle, options: Options, sequences: int, step: int) -> Handle:
        """Make a context for steps of so many prompt tokens, and one of each sequence."""
        ...

    def free(self, model: Handle, context: Handle) -> None:
        """Free both, as far as they are there."""
        ...

    def repacked(self) -> bool:
        """Whether any weights of the model loaded last are copies in another order."""
        ...

    def race(self, contexts: Sequence[Handle], words: int, go_on: Callable[[], bool]) -> Race | None:
        """How quickly one with copies computes, and then one with the mapped file; see `stopwatch.race`."""
        ...

    def trouble(self) -> str:
        """Why the last of these things failed."""
        ...


class LlamaCpp:
    """The real opener.

    Args:
        on_abort: A ``ggml_abort_callback``, asked during a step whether to stop; the caller keeps it alive.
    """

    def __init__(self, on_abort: Any) -> None:
        self._on_abort = on_abort

    def devices(self) -> list[hardware.Device]:
        """What layers can be put on; nothing if this build can use no card."""
        return hardware.devices() if hardware.gpu_offload() else []

    def load(self, path: Path, layers: int, on_progress: Callable[[float], bool], *, repack: bool) -> Handle:
        """See `Opener.load`."""

        def progress(rate: float, _data: object) -> bool:
            return on_progress(rate)

        log.clear()
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = layers
        params.use_extra_bufts = repack
        params.progress_callback = llama_cpp.llama_progress_callback(progress)
        return llama_cpp.llama_model_load_from_file(os.fsencode(path), params)

    def context(self, model: Handle, options: Options, sequences: int, step: int) -> Handle:
        """See `Opener.context`."""
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_seq_max, params.kv_unified = options.context_window, sequences, True
        params.n_batch = params.n_ubatch = step + sequences
        params.n_threads = params.n_threads_batch = hardware.threads(options.threads)
        params.type_k = params.type_v = _CACHE_TYPES[options.cache_type]
        params.abort_callback = self._on_abort
        return llama_cpp.llama_init_from_model(model, params)

    def free(self, model: Handle, context: Handle) -> None:
        """See `Opener.free`."""
        if context:
            llama_cpp.llama_free(context)
        if model:
            llama_cpp.llama_model_free(model)

    def repacked(self) -> bool:
        """Whether llama.cpp spoke of memory for weights that is neither the file's nor a plain copy of it."""
        return bool(log.buffers() - _PLAIN)

    def race(self, contexts: Sequence[Handle], words: int, go_on: Callable[[], bool]) -> Race | None:
        """See `Opener.race`."""
        return stopwatch.race(contexts, words, go_on)

    def trouble(self) -> str:
        """What llama.cpp logged as the cause."""
        return log.cause() or "llama.cpp does not say why"
