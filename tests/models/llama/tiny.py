"""GGUF models of a few hundred kB, one for each kind of memory llama.cpp has: random weights, a real vocabulary.

Names and shapes of tensors and the keys of the metadata are those of llama.cpp's `src/models/*.cpp` and
`src/llama-arch.cpp`. What such a model says is nonsense; that it depends on every token before, and is the
same nonsense each time, is what tests look at.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from tests.models.llama.tiny_vocabulary import Vocabulary, byte_pairs, sentencepiece

Shape = tuple[int, ...]
Value = int | float | list[int]

TOKENS = -1
"""In a shape: as many as the vocabulary has."""
WINDOW = 16
"""Tokens a layer with a sliding window looks back."""
WIDTH, HEADS, HEAD, INNER = 64, 2, 32, 128
"""Width of a token; heads, all of which share one key and value; width of a head, and inside other layers."""
STATE, KERNEL, RANK = 16, 4, 4
"""Of an SSM layer: values a channel remembers, tokens its convolution sees, and rank of its time step."""

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class Tiny:
    """One model.

    Attributes:
        architecture: What llama.cpp calls it.
        values: Its metadata, each key without the architecture it begins with.
        tensors: The shape of each, its fastest dimension first, as llama.cpp counts them.
        template: Its chat template; empty for none.
        kind: What ``general.type`` says.
        vocabulary: Its tokens.
    """

    architecture: str
    values: dict[str, Value]
    tensors: dict[str, Shape]
    template: str = CHATML
    kind: str = "model"
    vocabulary: Vocabulary = field(default_factory=byte_pairs)

    def write(self, path: Path, seed: int = 0) -> Path:
        """Write it as a GGUF file; the same seed gives the same bytes."""
        writer = gguf.GGUFWriter(path, self.architecture)
        writer.add_type(self.kind)
        for key, value in self.values.items():
            _add(writer, f"{self.architecture}.{key}", value)
        self.vocabulary.add_to(writer)
        if self.template:
            writer.add_chat_template(self.template)
        for name, shape in self.tensors.items():
            sizes = tuple(len(self.vocabulary.tokens) if size == TOKENS else size for size in shape)
            writer.add_tensor(name, _weights(name, sizes, seed))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path


def plain(layers: int = 2) -> Tiny:
    """Attention over everything: `llama_kv_cache`."""
    blocks = [_attention(n) | _feed_forward(n) for n in range(layers)]
    return Tiny("llama", _sizes(layers), _whole(blocks))


def base() -> Tiny:
    """Not made for conversations: it has no chat template."""
    return replace(plain(), template="")


def spaced() -> Tiny:
    """A vocabulary that puts a space before every text, as Llama 2 and the first Mistral have it."""
    return replace(plain(), vocabulary=sentencepiece())


def sliding(layers: int = 4) -> Tiny:
    """Every second layer looks back only `WINDOW` tokens: `llama_kv_cache_iswa`."""
    blocks = [
        _attention(n) | _head_norms(n) | _feed_forward(n) | _norms(n, "post_attention_norm", "post_ffw_norm")
        for n in range(layers)
    ]
    values = {"attention.sliding_window": WINDOW, "attention.sliding_window_pattern": 2}
    return Tiny("gemma3", _sizes(layers) | values | {"attention.key_length": HEAD}, _whole(blocks))


def recurrent(layers: int = 2) -> Tiny:
    """A state of constant size and nothing else: `llama_memory_recurrent`."""
    values = _sizes(layers) | _state_sizes() | {"attention.head_count": 0, "feed_forward_length": 0}
    return Tiny("mamba", values, _whole([_state_space(n) for n in range(layers)]))


def hybrid(layers: int = 4) -> Tiny:
    """Every second layer attention, the others states: `llama_memory_hybrid`."""
    blocks = [
        (_attention(n) if n % 2 else _state_space(n) | _state_norms(n)) | _feed_forward(n)
        for n in range(layers)
    ]
    values = _sizes(layers) | _state_sizes() | {"attention.head_count_kv": [n % 2 for n in range(layers)]}
    return Tiny("jamba", values, _whole(blocks))


def delta(layers: int = 4) -> Tiny:
    """As `hybrid`, of a family that can keep states of the last few tokens (`n_rs_seq`)."""
    blocks = []
    for n in range(layers):
        gated = {f"blk.{n}.attn_q.weight": (WIDTH, 2 * HEADS * HEAD)}
        block = _attention(n) | gated | _head_norms(n) if n % 2 else _delta_net(n)
        blocks.append(block | _feed_forward(n, norm="post_attention_norm"))
    values: dict[str, Value] = {
        "full_attention_interval": 2,
        "rope.dimension_count": 8,
        "rope.dimension_sections": [2, 1, 1, 0],
        "ssm.conv_kernel": KERNEL,
        "ssm.inner_size": 2 * STATE,
        "ssm.state_size": STATE,
        "ssm.time_step_rank": 2,
        "ssm.group_count": 1,
    }
    return Tiny("qwen35", _sizes(layers) | values, _whole(blocks))


def embedding() -> Tiny:
    """Turns texts into vectors and cannot write."""
    block = _attention(0) | _feed_forward(0)
    for name in ("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "blk.0.ffn_gate.weight"):
        del block[name]
    for norm in ("attn_output_norm", "layer_output_norm"):
        block |= {f"blk.0.{norm}.weight": (WIDTH,), f"blk.0.{norm}.bias": (WIDTH,)}
    tensors = {
        "token_embd.weight": (WIDTH, TOKENS),
        "position_embd.weight": (WIDTH, 128),
        "token_embd_norm.weight": (WIDTH,),
        "token_embd_norm.bias": (WIDTH,),
    }
    values = _sizes(1) | {"pooling_type": 1, "attention.layer_norm_epsilon": 1e-5, "context_length": 128}
    return Tiny("bert", values, tensors | block, template="")


def projector() -> Tiny:
    """What turns pictures into tokens for another model."""
    values: dict[str, Value] = {"vision.block_count": 1, "vision.embedding_length": WIDTH}
    return Tiny("clip", values, {"v.patch_embd.weight": (4, 4, 3, WIDTH)}, template="", kind="mmproj")


def encoder() -> Tiny:
    """Reads all of a text before it writes another: an encoder and a decoder."""
    heads = {
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (WIDTH, WIDTH),
        "attn_v": (WIDTH, WIDTH),
        "attn_o": (WIDTH, WIDTH),
    }
    inner = {"ffn_up": (WIDTH, INNER), "ffn_down": (INNER, WIDTH)}
    layer: dict[str, Shape] = heads | inner | {"attn_norm": (WIDTH,), "ffn_norm": (WIDTH,)}
    tensors: dict[str, Shape] = {"token_embd.weight": (WIDTH, TOKENS)}
    for side in ("enc", "dec"):
        tensors |= {f"{side}.output_norm.weight": (WIDTH,), f"{side}.blk.0.attn_rel_b.weight": (HEADS, 8)}
        tensors |= {f"{side}.blk.0.{name}.weight": shape for name, shape in layer.items()}
    cross = {**heads, "attn_norm": (WIDTH,)}
    tensors |= {f"dec.blk.0.cross_{name}.weight": shape for name, shape in cross.items()}
    values = _sizes(1) | {"attention.relative_buckets_count": 8, "attention.head_count_kv": HEADS}
    return Tiny("t5", values, tensors)


KINDS = {make.__name__: make for make in (plain, sliding, recurrent, hybrid, delta)}
"""What can hold a conversation, one for each kind of memory."""
ALL = KINDS | {make.__name__: make for make in (base, spaced, embedding, projector, encoder)}


# ---------------------------------------------------------------- layers


def _sizes(layers: int) -> dict[str, Value]:
    return {
        "block_count": layers,
        "context_length": 4096,
        "embedding_length": WIDTH,
        "feed_forward_length": INNER,
        "attention.head_count": HEADS,
        "attention.head_count_kv": 1,
        "attention.layer_norm_rms_epsilon": 1e-5,
    }


def _state_sizes() -> dict[str, Value]:
    return {
        "ssm.conv_kernel": KERNEL,
        "ssm.inner_size": 2 * WIDTH,
        "ssm.state_size": STATE,
        "ssm.time_step_rank": RANK,
    }


def _whole(blocks: list[dict[str, Shape]]) -> dict[str, Shape]:
    """The blocks between the embedding and the output."""
    tensors: dict[str, Shape] = {"token_embd.weight": (WIDTH, TOKENS), "output_norm.weight": (WIDTH,)}
    for block in blocks:
        tensors |= block
    return tensors | {"output.weight": (WIDTH, TOKENS)}


def _norms(layer: int, *names: str) -> dict[str, Shape]:
    return {f"blk.{layer}.{name}.weight": (WIDTH,) for name in names}


def _attention(layer: int) -> dict[str, Shape]:
    return _norms(layer, "attn_norm") | {
        f"blk.{layer}.attn_q.weight": (WIDTH, HEADS * HEAD),
        f"blk.{layer}.attn_k.weight": (WIDTH, HEAD),
        f"blk.{layer}.attn_v.weight": (WIDTH, HEAD),
        f"blk.{layer}.attn_output.weight": (HEADS * HEAD, WIDTH),
    }


def _head_norms(layer: int) -> dict[str, Shape]:
    return {f"blk.{layer}.{name}.weight": (HEAD,) for name in ("attn_q_norm", "attn_k_norm")}


def _feed_forward(layer: int, norm: str = "ffn_norm") -> dict[str, Shape]:
    return _norms(layer, norm) | {
        f"blk.{layer}.ffn_gate.weight": (WIDTH, INNER),
        f"blk.{layer}.ffn_up.weight": (WIDTH, INNER),
        f"blk.{layer}.ffn_down.weight": (INNER, WIDTH),
    }


def _state_space(layer: int) -> dict[str, Shape]:
    """A layer of Mamba."""
    inner = 2 * WIDTH
    return _norms(layer, "attn_norm") | {
        f"blk.{layer}.ssm_in.weight": (WIDTH, 2 * inner),
        f"blk.{layer}.ssm_conv1d.weight": (KERNEL, inner),
        f"blk.{layer}.ssm_conv1d.bias": (inner,),
        f"blk.{layer}.ssm_x.weight": (inner, RANK + 2 * STATE),
        f"blk.{layer}.ssm_dt.weight": (RANK, inner),
        f"blk.{layer}.ssm_dt.bias": (inner,),
        f"blk.{layer}.ssm_a": (STATE, inner),
        f"blk.{layer}.ssm_d": (inner,),
        f"blk.{layer}.ssm_out.weight": (inner, WIDTH),
    }


def _state_norms(layer: int) -> dict[str, Shape]:
    sizes = {"ssm_dt_norm": RANK, "ssm_b_norm": STATE, "ssm_c_norm": STATE}
    return {f"blk.{layer}.{name}.weight": (size,) for name, size in sizes.items()}


def _delta_net(layer: int) -> dict[str, Shape]:
    """A layer of a gated delta net: one key head, two value heads."""
    mixed = 4 * STATE
    return _norms(layer, "attn_norm") | {
        f"blk.{layer}.attn_qkv.weight": (WIDTH, mixed),
        f"blk.{layer}.attn_gate.weight": (WIDTH, 2 * STATE),
        f"blk.{layer}.ssm_conv1d.weight": (KERNEL, mixed),
        f"blk.{layer}.ssm_dt.bias": (2,),
        f"blk.{layer}.ssm_a": (2,),
        f"blk.{layer}.ssm_beta.weight": (WIDTH, 2),
        f"blk.{layer}.ssm_alpha.weight": (WIDTH, 2),
        f"blk.{layer}.ssm_norm.weight": (STATE,),
        f"blk.{layer}.ssm_out.weight": (2 * STATE, WIDTH),
    }


# ---------------------------------------------------------------- weights


def _weights(name: str, shape: Shape, seed: int) -> npt.NDArray[np.float32]:
    """Random weights of a sensible size, drawn from the seed and the tensor's name alone."""
    draw = np.random.default_rng([seed, zlib.crc32(name.encode())])
    if "norm" in name and name.endswith(".weight"):
        values = draw.uniform(0.8, 1.2, shape[::-1])
    elif name.endswith("ssm_a"):  # how fast a state forgets: slowly
        values = -draw.uniform(0.01, 0.5, shape[::-1])
    elif name == "output.weight":  # far apart, so that the order of additions does not decide between two
        values = draw.normal(0, 1, shape[::-1])
    elif "embd" in name:  # small beside what the layers add, so that what was before counts
        values = draw.normal(0, 1 / np.sqrt(WIDTH), shape[::-1])
    elif len(shape) == 1:
        values = draw.normal(0, 0.1, shape)
    else:
        values = draw.normal(0, 1 / np.sqrt(shape[0]), shape[::-1])
    return values.astype(np.float32)


def _add(writer: gguf.GGUFWriter, key: str, value: Value) -> None:
    match value:
        case int():
            writer.add_uint32(key, value)
        case float():
            writer.add_float32(key, value)
        case list():
            writer.add_array(key, value)
