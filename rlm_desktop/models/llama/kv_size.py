"""How many bytes a model takes to remember a conversation, from its header: KV cache and recurrent state.

The formulas are llama.cpp's (llama-kv-cache.cpp, llama-memory-recurrent.cpp, ``n_embd_r`` and ``n_embd_s`` in
llama-hparams.cpp); the tests hold them against a load that llama.cpp simulates.
"""

from __future__ import annotations

from rlm_desktop.models.gguf import GgufHeader
from rlm_desktop.models.llama.options import CacheType

CELLS = 256
"""llama.cpp rounds the tokens of a KV cache up to a multiple of this."""
_BYTES = {"f16": 2.0, "q8_0": 34 / 32}
"""Bytes of one value; a block of 32 in ``q8_0`` has a scale of two bytes."""
_RECURRENT = {"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"}
"""Architectures without a KV cache (``llm_arch_is_recurrent``)."""
_INTERVALS = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4}
"""Architectures where one layer in so many has a KV cache, unless they say otherwise."""
_SHARING_FROM = {"gemma3n": 20}
"""Architectures whose layers from this one on use the KV cache of an earlier layer."""
_BOTH = {"falcon-h1"}
"""Architectures where every layer has a KV cache and a recurrent state."""


def cache_bytes(header: GgufHeader, tokens: int, kind: CacheType, sequences: int) -> tuple[int, ...]:
    """Bytes each layer takes to remember so many tokens, and the states of so many sequences if it is recurrent.

    Layers with a sliding window count whole, since all of it is kept (``swa_full``).
    """
    cells = -(-tokens // CELLS) * CELLS
    return tuple(
        int(cells * _values(header, layer) * _BYTES[kind]) + 4 * sequences * _state(header, layer)
        for layer in range(header.layers)
    )


def _values(header: GgufHeader, layer: int) -> int:
    """Numbers a layer's KV cache has for a token."""
    shared = header.number("attention.shared_kv_layers")
    if layer >= _SHARING_FROM.get(header.architecture, header.layers - shared) or _only_recurrent(
        header, layer
    ):
        return 0
    heads = header.of_layer("attention.head_count", layer)
    default = header.number("embedding_length") // heads if heads else 0
    key = _length(header, "key", layer) or default
    value = _length(header, "value", layer) or default
    if header.states("attention.key_length_mla"):  # latent attention keeps one compressed key, and no value
        value = 0
    return _kv_heads(header, layer) * (key + value)


def _kv_heads(header: GgufHeader, layer: int) -> int:
    """Heads that have a key and a value of their own; all of them if the model does not say."""
    stated = header.states("attention.head_count_kv")
    return header.of_layer("attention.head_count_kv" if stated else "attention.head_count", layer)


def _length(header: GgufHeader, which: str, layer: int) -> int:
    """Length of a head's key or value; layers with a sliding window may have another."""
    whole, sliding = (header.number(f"attention.{which}_length{kind}") for kind in ("", "_swa"))
    pattern = header.lists.get(f"{header.architecture}.attention.sliding_window_pattern")
    if not sliding or pattern is None or layer >= len(pattern):
        return max(whole, sliding)
    return sliding if pattern[layer] else whole


def _only_recurrent(header: GgufHeader, layer: int) -> bool:
    """Whether a layer remembers a state and no tokens."""
    interval = header.number("full_attention_interval") or _INTERVALS.get(header.architecture, 1)
    return header.architecture in _RECURRENT or (layer + 1) % interval != 0


def _state(header: GgufHeader, layer: int) -> int:
    """Numbers of a layer's recurrent state."""
    attends = _kv_heads(header, layer) > 0 and not _only_recurrent(header, layer)
    forwards = (
        header.architecture.startswith("nemotron_h") and header.of_layer("feed_forward_length", layer) > 0
    )
    if (attends or forwards) and header.architecture not in _BOTH:
        return 0
    width, heads = header.number("embedding_length"), header.of_layer("attention.head_count", layer)
    kernel = header.number("ssm.conv_kernel")
    if head := header.number("wkv.head_size"):
        return width * ((header.number("token_shift_count") or 2) + head)
    if short := header.number("shortconv.l_cache"):
        return width * (short - 1)
    if head := header.number("kda.head_dim"):
        return heads * head * (3 * (kernel - 1 if kernel else 3) + head)
    inner, size = header.number("ssm.inner_size"), header.number("ssm.state_size")
    return max(0, kernel - 1) * (inner + 2 * header.number("ssm.group_count") * size) + inner * size
