"""How a GGUF model is to be served."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

CacheType = Literal["f16", "q8_0"]
"""How a value of the KV cache is stored: in 16 bits, or in blocks of 32 with 8.5 bits a value."""

AUTO = -1
"""Of layers on graphics cards, and of threads: as many as are best."""
CPU_STEP = 128
"""Prompt tokens a step on a CPU; 512 take 6 s with a 1.5B model, 128 take 1.4 s at the same speed."""
GPU_STEP = 512


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a GGUF model is to be served.

    Attributes:
        sha256: Hash of its file.
        context_window: Tokens its KV cache holds, over all calls together.
        concurrency: Calls served together.
        template: Variables its chat template knows, such as ``enable_thinking``.
        chat_template: A Jinja template instead of the file's own, or the name of a known one; empty for that.
        cache_type: How a value of the KV cache is stored.
        gpu_layers: Layers to put on graphics cards, the output counted as one; `AUTO` for all that fit.
        threads: Threads to compute with on the processor; `AUTO` for one on each core.
        states: Folder that keeps KV states of passages; empty to keep none.
        states_limit: Bytes that folder may take.
    """

    sha256: str = ""
    context_window: int = 8192
    concurrency: int = 16
    template: dict[str, Any] = {}
    chat_template: str = ""
    cache_type: CacheType = "f16"
    gpu_layers: int = AUTO
    threads: int = AUTO
    states: str = ""
    states_limit: int = 0
