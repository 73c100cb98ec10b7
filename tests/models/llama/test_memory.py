import ctypes
import re
from pathlib import Path

import llama_cpp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.gguf import GgufHeader, Tensor, Value, read_header
from rlm_desktop.models.llama import hardware, memory
from rlm_desktop.models.llama.kv_size import cache_bytes
from rlm_desktop.models.llama.memory import Fit, estimate, largest_window, step_bytes
from rlm_desktop.models.llama.options import CacheType, Options
from tests.models.llama import tiny

TYPES = {"f16": llama_cpp.GGML_TYPE_F16, "q8_0": llama_cpp.GGML_TYPE_Q8_0}
KINDS = {
    "attention": tiny.plain,
    "sliding window": tiny.sliding,
    "recurrent": tiny.recurrent,
    "hybrid": tiny.hybrid,
    "hybrid by interval": tiny.delta,
}


def header(architecture: str, lists: dict[str, tuple[int, ...]] | None = None, **values: Value) -> GgufHeader:
    named = {f"{architecture}.{key.replace('__', '.')}": value for key, value in values.items()}
    return GgufHeader(
        {"general.architecture": architecture} | named,
        0,
        {f"{architecture}.{key}": value for key, value in (lists or {}).items()},
    )


class Simulated:
    """What llama.cpp would allocate, in bytes, from its own log of a load without allocation."""

    def __init__(self, path: Path, tokens: int, kind: CacheType, sequences: int, step: int) -> None:
        lines: list[str] = []

        @llama_cpp.llama_log_callback
        def take(_level: int, text: bytes, _data: object) -> None:
            lines.append(text.decode())

        before, data = llama_cpp.llama_log_callback(), ctypes.c_void_p()
        llama_cpp.llama_log_get(ctypes.byref(before), ctypes.byref(data))
        llama_cpp.llama_log_set(take, ctypes.c_void_p())
        params = llama_cpp.llama_model_default_params()
        params.no_alloc, params.load_mode = True, llama_cpp.LLAMA_LOAD_MODE_NONE
        model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        context = llama_cpp.llama_context_default_params()
        context.n_ctx, context.n_seq_max, context.kv_unified = tokens, sequences, True
        context.n_batch = context.n_ubatch = step
        context.type_k = context.type_v = TYPES[kind]
        made = llama_cpp.llama_init_from_model(model, context)
        llama_cpp.llama_free(made)
        llama_cpp.llama_model_free(model)
        llama_cpp.llama_log_set(before, data)
        said = "".join(lines)
        self.cache = self._sum(r"(?:kv_cache|memory_recurrent): size = +([\d.]+) MiB", said)
        self.step = self._sum(r"compute buffer size = +([\d.]+) MiB", said)

    @staticmethod
    def _sum(pattern: str, text: str) -> float:
        found = re.findall(pattern, text)
        assert found, text
        return sum(map(float, found)) * 2**20


@pytest.mark.parametrize("cache_type", ["f16", "q8_0"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_cache_is_what_llama_cpp_allocates(tmp_path: Path, kind: str, cache_type: CacheType) -> None:
    path = KINDS[kind]().write(tmp_path / "m.gguf")
    mine = sum(cache_bytes(read_header(path), 60_000, cache_type, 100))
    simulated = Simulated(path, 60_000, cache_type, 100, 200)
    assert mine == pytest.approx(simulated.cache, rel=0.01)


@pytest.mark.parametrize("tokens", [136, 530])
def test_the_space_of_a_step_is_what_llama_cpp_reserves(gguf_135m: Path, tokens: int) -> None:
    simulated = Simulated(gguf_135m, 8192, "f16", 10, tokens)
    mine = step_bytes(read_header(gguf_135m), 8192, tokens)
    assert mine == pytest.approx(simulated.step, rel=0.05)


def test_heads_are_counted_for_each_layer() -> None:
    model = header(
        "llama", {"attention.head_count_kv": (4, 0, 2)}, block_count=3, embedding_length=64,
        attention__head_count=4,
    )  # fmt: skip
    assert cache_bytes(model, 256, "f16", 1) == (256 * 4 * 32 * 2, 0, 256 * 2 * 32 * 2)


def test_all_heads_have_keys_of_their_own_unless_the_model_says_otherwise() -> None:
    model = header("llama", block_count=1, embedding_length=64, attention__head_count=4)
    assert cache_bytes(model, 256, "f16", 1) == (256 * 4 * 32 * 2,)


def test_latent_attention_keeps_one_compressed_key() -> None:
    # DeepSeek V2: a rank of 512 and 64 rotated values, for all 16 heads together
    model = header(
        "deepseek2", block_count=2, embedding_length=2048, attention__head_count=16, attention__head_count_kv=1,
        attention__key_length=576, attention__value_length=512, attention__key_length_mla=192,
    )  # fmt: skip
    assert cache_bytes(model, 1024, "f16", 1) == (1024 * 576 * 2,) * 2


def test_layers_that_use_the_cache_of_others_have_none() -> None:
    model = header(
        "gemma4", {"attention.sliding_window_pattern": (1, 0, 1, 0)}, block_count=4, attention__head_count_kv=1,
        attention__key_length=512, attention__value_length=512, attention__key_length_swa=256,
        attention__value_length_swa=256, attention__shared_kv_layers=2,
    )  # fmt: skip
    assert cache_bytes(model, 256, "f16", 1) == (256 * 512 * 2, 256 * 1024 * 2, 0, 0)


def test_one_layer_can_remember_tokens_and_a_state() -> None:
    model = header(
        "falcon-h1", block_count=1, attention__head_count_kv=1, attention__key_length=8, attention__value_length=8,
        ssm__conv_kernel=4, ssm__inner_size=10, ssm__state_size=5, ssm__group_count=1,
    )  # fmt: skip
    assert cache_bytes(model, 256, "f16", 3) == (256 * 16 * 2 + 3 * 4 * (3 * 20 + 50),)


def test_a_header_without_numbers_takes_nothing_and_breaks_nothing() -> None:
    assert cache_bytes(header("llama"), 256, "f16", 1) == ()
    assert cache_bytes(header("llama", block_count=2), 256, "f16", 1) == (0, 0)


def test_weights_are_told_apart_by_where_they_can_go() -> None:
    tensors = {
        "token_embd.weight": Tensor((4, 100), 1000),
        "blk.0.a": Tensor((1,), 10),
        "blk.1.a": Tensor((1,), 20),
        "blk.1.b": Tensor((1,), 30),
        "output_norm.weight": Tensor((1,), 1),
    }
    model = GgufHeader({"general.architecture": "llama", "llama.block_count": 2}, 1100, {}, tensors)
    needs = estimate(model, Options(context_window=256), 1)
    assert needs.blocks == (10, 50)
    assert (needs.output, needs.tied) == (1, 1000)  # no output of its own: the embeddings are used twice
    assert needs.movable == (10, 50, 1001)
    assert needs.total == 1100 + memory.PROCESS + needs.buffers
    own = GgufHeader(model.values, 1100, {}, tensors | {"output.weight": Tensor((1,), 5)})
    assert (estimate(own, Options(), 1).output, estimate(own, Options(), 1).tied) == (6, 0)


def test_a_shorter_window_and_a_smaller_type_take_less(gguf_135m: Path) -> None:
    model = read_header(gguf_135m)
    long = estimate(model, Options(context_window=8192), 10).total
    assert estimate(model, Options(context_window=4096), 10).total < long
    assert estimate(model, Options(context_window=8192, cache_type="q8_0"), 10).total < long


@given(st.integers(256, 300_000), st.integers(0, 400_000), st.integers(1, 8192))
def test_the_largest_window_is_the_largest(asked: int, room: int, floor: int) -> None:
    window = largest_window(lambda tokens: tokens + 100, asked, room, floor)
    assert min(asked, floor) <= window <= asked
    if window > min(asked, floor):
        assert window + 100 <= room
    if window < asked:
        assert min(window + 256, asked) + 100 > room


@pytest.mark.parametrize(("needed", "verdict"), [(80, "fits"), (95, "tight"), (101, "will not fit")])
def test_verdicts(needed: int, verdict: str) -> None:
    assert Fit(needed, 100, 200).verdict == verdict


def test_fit_looks_at_the_file_and_at_the_computer(gguf_135m: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "free_memory", lambda: 10**8)
    monkeypatch.setattr(hardware, "total_memory", lambda: 10**9)
    fit = memory.fit(gguf_135m, Options(context_window=8192))
    assert (fit.free, fit.total, fit.verdict) == (10**8, 10**9, "will not fit")
    assert 0.4e9 < fit.needed < 0.6e9
