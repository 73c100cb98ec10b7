"""Load a GGUF model and give it a context: on the graphics card as far as that goes, else on the processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_cpp

from rlm_desktop.errors import UserError
from rlm_desktop.models.gguf import GgufHeader
from rlm_desktop.models.llama import hardware, log
from rlm_desktop.models.llama.options import Options

CPU_STEP = 128
"""Prompt tokens a step on a CPU; 512 take 6 s with a 1.5B model, 128 take 1.4 s at the same speed."""
GPU_STEP = 512
_GPU_ATTEMPTS = (-1, 24, 12, 0)
"""Layers to put on the graphics card: all, and fewer after each failure; 0 is the CPU alone."""
_CACHE_TYPES = {"f16": llama_cpp.GGML_TYPE_F16, "q8_0": llama_cpp.GGML_TYPE_Q8_0}


@dataclass(frozen=True)
class Opened:
    """A loaded model.

    Attributes:
        model: llama.cpp's handle of the weights.
        context: llama.cpp's handle of the context.
        step: Prompt tokens a step may have besides one for each sequence.
        gpu_layers: Layers on the graphics card; all if negative.
        remark: One sentence about where it computes.
    """

    model: Any
    context: Any
    step: int
    gpu_layers: int
    remark: str


def open_model(
    path: Path,
    header: GgufHeader,  # noqa: ARG001
    options: Options,
    *,
    sequences: int,
    on_abort: Any,
    on_progress: Callable[[float], None],
) -> Opened:
    """Load weights and context, with fewer layers on the graphics card after each failure.

    Args:
        path: The GGUF file.
        header: What it says of itself.
        options: How it is to be served.
        sequences: Sequences its context is to have.
        on_abort: A ``ggml_abort_callback``, asked during a step whether to stop; the caller keeps it alive.
        on_progress: Told the share loaded, from 0 to 1.

    Raises:
        UserError: It cannot be loaded.
    """
    attempts = _GPU_ATTEMPTS if hardware.gpu_offload() else _GPU_ATTEMPTS[-1:]
    trouble = ""
    for layers in attempts:
        log.clear()
        step = GPU_STEP if layers else CPU_STEP
        model = _load(path, layers, on_progress)
        context = _context(model, options, sequences, step, on_abort) if model else None
        if context:
            return Opened(model, context, step, layers, _remark(layers, trouble))
        if model:
            llama_cpp.llama_model_free(model)
        trouble = log.cause() or "llama.cpp does not say why"
    raise UserError(
        f"The model {path} cannot be loaded: {trouble}.",
        "Download it again, or choose a smaller model if memory is short.",
    )


def _load(path: Path, layers: int, on_progress: Callable[[float], None]) -> Any:
    def progress(rate: float, _data: object) -> bool:
        on_progress(rate)
        return True

    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = layers
    params.progress_callback = llama_cpp.llama_progress_callback(progress)
    return llama_cpp.llama_model_load_from_file(str(path).encode(), params)


def _context(model: Any, options: Options, sequences: int, step: int, on_abort: Any) -> Any:
    params = llama_cpp.llama_context_default_params()
    params.n_ctx, params.n_seq_max, params.kv_unified = options.context_window, sequences, True
    params.n_batch = params.n_ubatch = step + sequences
    params.n_threads = params.n_threads_batch = hardware.threads()
    params.type_k = params.type_v = _CACHE_TYPES[options.cache_type]
    params.abort_callback = on_abort
    return llama_cpp.llama_init_from_model(model, params)


def _remark(layers: int, trouble: str) -> str:
    if layers < 0:
        return "Loaded on the graphics card."
    if layers:
        return f"Loaded with {layers} layers on the graphics card, which has no room for more."
    why = f", because the graphics card could not take it ({trouble})" if trouble else ""
    return f"Loaded on the processor, {hardware.threads()} threads{why}."
