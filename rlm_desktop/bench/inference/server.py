"""xllamacpp's `Server`, which is llama.cpp's own server in a process: slots, continuous batching, cached prompts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import xllamacpp

from rlm_desktop.bench.inference import wire
from rlm_desktop.bench.inference.peer import Answered, Served


def load(command: wire.Open) -> tuple[str, _Serve]:
    """Load the model, with one cache that every slot may have all of."""
    params = xllamacpp.CommonParams()
    params.model.path = command.path
    params.n_ctx, params.n_parallel, params.kv_unified = command.cells, command.width, True
    params.cont_batching = params.cache_prompt = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = command.threads
    about = (
        f"Server, {command.width} slots, {command.threads} threads, {command.cells:,} cells, "
        f"steps of {params.n_ubatch} tokens; {xllamacpp.get_system_info().strip(' |')}"
    )
    return about, _Serve(xllamacpp.Server(params))


class _Serve:
    def __init__(self, server: xllamacpp.Server) -> None:
        self._server = server

    def __call__(self, command: wire.Command) -> wire.Reply:
        if not isinstance(command, wire.Serve):
            raise TypeError(f"{type(command).__name__} is no work for this peer")
        with ThreadPoolExecutor(len(command.calls)) as threads:
            started = time.perf_counter()
            replies = list(threads.map(self._complete, command.calls))
            seconds = time.perf_counter() - started
        return wire.Done(Served(seconds, tuple(map(_answered, replies))))

    def _complete(self, call: wire.Ask) -> dict[str, Any]:
        request = {
            "prompt": list(call.tokens),
            "max_tokens": call.new_tokens,
            "temperature": 0,
            "ignore_eos": True,
            "cache_prompt": True,
        }
        reply: dict[str, Any] = self._server.handle_completions(request)
        return reply


def _answered(reply: Mapping[str, Any]) -> Answered:
    if "choices" not in reply:
        raise RuntimeError(str(reply.get("error", reply))[:300])
    usage = reply["usage"]
    return Answered(
        prompt_tokens=usage["prompt_tokens"],
        reused_tokens=usage.get("prompt_tokens_details", {}).get("cached_tokens", 0),
        completion_tokens=usage["completion_tokens"],
        text=reply["choices"][0]["text"],
    )
