from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import llama_cpp
import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.models.gguf import GgufHeader, Tensor, read_header
from rlm_desktop.models.llama import hardware
from rlm_desktop.models.llama.hardware import Device
from rlm_desktop.models.llama.memory import PROCESS, estimate, with_window
from rlm_desktop.models.llama.opener import LlamaCpp
from rlm_desktop.models.llama.options import CPU_STEP, GPU_STEP, Options
from rlm_desktop.models.llama.placement import Opened, Place, look_around, open_model

GB = 10**9
BLOCKS, BLOCK = 28, GB // 4
"""A model of 7 GB in 28 layers, with 64 kB of cache a token."""
TOKEN = BLOCKS * 8 * 2 * 64 * 2 * 2
PATH = Path("model.gguf")
HEADER = GgufHeader(
    {
        "general.architecture": "llama",
        "llama.block_count": BLOCKS,
        "llama.embedding_length": 512,
        "llama.attention.head_count": 8,
        "llama.attention.key_length": 128,
        "llama.attention.value_length": 128,
    },
    BLOCKS * BLOCK,
    {},
    {f"blk.{n}.ffn_up.weight": Tensor((1,), BLOCK) for n in range(BLOCKS)},
)
CARD = Device("CUDA0", "NVIDIA RTX 9999", "gpu", 24 * GB, 24 * GB)


@dataclass
class FakeOpener:
    """Loads nothing.

    Attributes:
        cards: What there is.
        too_many: Layers from which on the card refuses.
        context_fails: Whether it is the context that cannot be made, and not the weights.
        broken: Whether the processor cannot load it either.
        asked: The layers of each try.
    """

    cards: list[Device] = field(default_factory=list)
    too_many: int = 1000
    context_fails: bool = False
    broken: bool = False
    asked: list[int] = field(default_factory=list)
    windows: list[int] = field(default_factory=list)
    freed: list[str] = field(default_factory=list)

    def devices(self) -> list[Device]:
        return self.cards

    def load(self, path: Path, layers: int, on_progress: Callable[[float], bool], *, repack: bool) -> str:
        self.asked.append(layers)
        on_progress(1.0)
        refused = self.broken or (layers >= self.too_many and not self.context_fails)
        return "" if refused else f"model{layers}"

    def context(self, model: str, options: Options, sequences: int, step: int) -> str:
        self.windows.append(options.context_window)
        assert model
        refused = self.context_fails and self.asked[-1] >= self.too_many
        return "" if refused else f"context of {step}"

    def free(self, model: str, context: str | None) -> None:
        assert not context
        if model:
            self.freed.append(model)

    def trouble(self) -> str:
        return "out of memory"


def opened(opener: FakeOpener, free: int = 64 * GB, total: int = 64 * GB, window: int = 16_384) -> Opened:
    return open_model(
        PATH,
        HEADER,
        Options(context_window=window, concurrency=8),
        sequences=10,
        on_abort=None,
        on_progress=lambda _: True,
        opener=opener,
        place=Place(opener.cards, free, total),
    )


def test_without_a_card_the_processor_computes() -> None:
    opener = FakeOpener()
    found = opened(opener)
    assert opener.asked == [0]
    assert opener.windows == [16_384]
    assert (found.model, found.context, found.step) == ("model0", f"context of {CPU_STEP}", CPU_STEP)
    assert found.remark == f"Loaded on the processor, {hardware.threads()} threads."


def test_with_room_for_all_of_it_the_card_computes() -> None:
    opener = FakeOpener([CARD])
    found = opened(opener)
    assert opener.asked == [BLOCKS + 1] == [found.gpu_layers]
    assert found.step == GPU_STEP
    assert found.remark == "Loaded on NVIDIA RTX 9999."


def test_a_small_card_gets_what_it_has_room_for() -> None:
    found = opened(FakeOpener([Device("Vulkan0", "A small card", "gpu", 4 * GB, 4 * GB)]))
    # 3.5 GB but for the scratch space, at 0.25 GB and 38 MB of cache a layer
    assert 9 <= found.gpu_layers <= 13
    assert found.remark == (
        f"Loaded with {found.gpu_layers} of {BLOCKS + 1} layers on A small card, which has no room for more."
    )


@pytest.mark.parametrize("context_fails", [False, True])
def test_after_a_failure_fewer_layers_are_tried(context_fails: bool) -> None:
    opener = FakeOpener([CARD], too_many=15, context_fails=context_fails)
    found = opened(opener)
    assert opener.asked == [29, 21, 14]
    assert opener.freed == (["model29", "model21"] if context_fails else [])
    assert found.remark == (
        "Loaded with 14 of 29 layers on NVIDIA RTX 9999, which could not take more (out of memory)."
    )


def test_a_card_that_can_take_nothing_leaves_it_to_the_processor() -> None:
    found = opened(FakeOpener([CARD], too_many=1))
    assert (found.gpu_layers, found.step) == (0, CPU_STEP)
    assert found.remark == (
        f"Loaded on the processor, {hardware.threads()} threads, because the graphics card could not take it "
        "(out of memory)."
    )


def test_a_full_card_is_not_even_tried() -> None:
    opener = FakeOpener([Device("CUDA0", "A full card", "gpu", GB // 2, 24 * GB)])
    found = opened(opener)
    assert opener.asked == [0]
    assert "because A full card has no room for it (0.5 GB free)" in found.remark


def test_what_nothing_can_load_is_an_error_with_its_cause() -> None:
    with pytest.raises(UserError, match=r"model.gguf cannot be loaded: out of memory\."):
        opened(FakeOpener(broken=True))


def test_the_window_is_reduced_to_what_is_free_and_that_is_said() -> None:
    opener = FakeOpener()
    room = BLOCKS * BLOCK + PROCESS + 8192 * TOKEN
    found = opened(opener, free=room, window=32_768)
    (window,) = opener.windows
    assert 7000 < window < 8192
    assert (
        f"Its context window is {window:,} tokens instead of 32,768, because only 8.1 GB of memory are free."
        in (found.remark)
    )
    assert "slow" not in found.remark


def test_what_does_not_fit_is_loaded_all_the_same_with_a_warning() -> None:
    opener = FakeOpener()
    found = opened(opener, free=5 * GB)
    assert opener.windows == [4096]
    assert "It needs 7.6 GB and 5.0 GB are free, so it may be very slow" in found.remark


def test_a_window_that_is_short_already_stays() -> None:
    opener = FakeOpener()
    opened(opener, free=GB, window=2048)
    assert opener.windows == [2048]


def test_what_can_never_fit_is_refused_before_anything_is_loaded() -> None:
    opener = FakeOpener()
    with pytest.raises(UserError) as caught:
        opened(opener, free=4 * GB, total=6 * GB)
    assert opener.asked == []
    assert caught.value.message == (
        "The model model.gguf needs 7.6 GB of memory even with the shortest context window, and there are 6.0 GB in all."
    )


def test_layers_on_a_card_need_no_memory_of_the_computer() -> None:
    assert opened(FakeOpener([CARD]), free=2 * GB, total=2 * GB).gpu_layers == BLOCKS + 1


def test_layers_on_a_card_that_shares_the_memory_do() -> None:
    metal = Device("MTL0", "Apple M9", "gpu", 24 * GB, 24 * GB)
    with pytest.raises(UserError, match="needs 7"):
        opened(FakeOpener([metal]), free=2 * GB, total=2 * GB)


def test_the_window_that_is_really_made_is_the_reduced_one(tiny_models: dict[str, Path]) -> None:
    path = tiny_models["plain"]
    header, options = read_header(path), Options(context_window=65_536, concurrency=8)
    room = estimate(header, with_window(options, 20_000), 10).total
    on_abort = llama_cpp.ggml_abort_callback(lambda _: False)
    found = open_model(
        path,
        header,
        options,
        sequences=10,
        on_abort=on_abort,
        on_progress=lambda _: True,
        place=Place([], room, room),
    )
    window = llama_cpp.llama_n_ctx(found.context)
    LlamaCpp(on_abort).free(found.model, found.context)
    assert 19_000 < window <= 20_224
    assert "tokens instead of 65,536" in found.remark


def test_a_loading_that_is_called_off_is_not_tried_again() -> None:
    opener = FakeOpener([CARD], broken=True)
    with pytest.raises(UserError, match="was called off"):
        open_model(
            PATH, HEADER, Options(), sequences=10, on_abort=None, on_progress=lambda _: False, opener=opener,
            place=Place(opener.cards, 64 * GB, 64 * GB),
        )  # fmt: skip
    assert opener.asked == [29]


def test_weights_of_other_models_in_this_process_are_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "free_memory", lambda: 64 * GB)
    place = look_around(FakeOpener([CARD]))
    assert place.cards == [CARD]
    assert 60 * GB < place.free < 64 * GB
