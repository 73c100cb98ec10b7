from collections.abc import Sequence

from hypothesis import assume, given
from hypothesis import strategies as st

from rlm_desktop.models.llama import gpu_plan
from rlm_desktop.models.llama.hardware import Device, DeviceKind

GB = 10**9
sizes = st.integers(0, 2 * GB)


def card(free: int, total: int = 0, kind: DeviceKind = "gpu", name: str = "CUDA0") -> Device:
    return Device(name, "A card", kind, free, total or free)


cards = st.lists(st.builds(card, st.integers(0, 30 * GB)), min_size=1, max_size=4)


def test_all_layers_go_where_there_is_room() -> None:
    assert gpu_plan.offloaded([GB] * 5, GB // 2, [card(24 * GB)]) == 5


def test_as_many_as_fit_beside_buffers_and_margin() -> None:
    # 8 GiB: 1 GiB is left free and half a GB is scratch space, which leaves 7.0 GB
    assert gpu_plan.offloaded([GB] * 20, GB // 2, [card(8 * 2**30)]) == 7


def test_of_a_small_card_an_eighth_is_left_free() -> None:
    assert gpu_plan.offloaded([GB // 4] * 20, 0, [card(4 * GB)]) == 14


def test_several_cards_are_filled_together() -> None:
    alone = gpu_plan.offloaded([GB] * 40, 0, [card(10 * GB)])
    assert gpu_plan.offloaded([GB] * 40, 0, [card(10 * GB), card(10 * GB)]) == 2 * alone


def test_no_card_takes_nothing() -> None:
    assert gpu_plan.offloaded([GB], 0, []) == 0
    assert gpu_plan.offloaded([GB], 0, [card(0, 8 * GB)]) == 0


@given(st.lists(sizes, max_size=60), sizes, cards)
def test_no_card_gets_more_than_it_has_and_one_layer_more_would_be_too_much(
    layers: list[int], buffers: int, there: Sequence[Device]
) -> None:
    def fits(count: int) -> bool:
        if not any(one.free for one in there):
            return count == 0
        parts = gpu_plan.distributed(layers[len(layers) - count :], there)
        return all(
            sum(part) + buffers + min(gpu_plan.MARGIN, one.total // 8) <= one.free
            for part, one in zip(parts, there, strict=True)
            if part
        )

    count = gpu_plan.offloaded(layers, buffers, there)
    assert 0 <= count <= len(layers)
    assert fits(count)
    assert not any(fits(more) for more in range(count + 1, len(layers) + 1))


@given(st.lists(st.integers(1, GB), min_size=1, max_size=60), cards)
def test_every_layer_is_put_somewhere(layers: list[int], there: Sequence[Device]) -> None:
    assume(any(one.free for one in there))
    assert [size for part in gpu_plan.distributed(layers, there) for size in part] == layers


@given(st.lists(st.integers(1, GB), min_size=1, max_size=40), cards, st.integers(0, 8 * GB))
def test_more_room_on_a_single_card_never_means_fewer_layers(
    layers: list[int], there: Sequence[Device], more: int
) -> None:
    few, many = there[0], card(there[0].free + more, there[0].total)
    assert gpu_plan.offloaded(layers, 0, [few]) <= gpu_plan.offloaded(layers, 0, [many])


@given(st.integers(0, 200))
def test_after_a_failure_fewer_are_tried_and_at_last_none(planned: int) -> None:
    tries = gpu_plan.attempts(planned)
    assert tries[0] == planned
    assert tries[-1] == 0
    assert list(tries) == sorted(set(tries), reverse=True)


def test_an_integrated_card_is_used_only_where_there_is_no_other() -> None:
    discrete, integrated, processor = card(8 * GB), card(16 * GB, kind="igpu"), card(16 * GB, kind="cpu")
    assert gpu_plan.usable([processor, integrated, discrete], 10 * GB) == [discrete]
    assert gpu_plan.usable([processor, integrated], 10 * GB) == [card(10 * GB, 16 * GB, kind="igpu")]
    assert gpu_plan.usable([processor], 10 * GB) == []


def test_memory_that_is_shared_is_no_more_than_the_computer_has_free() -> None:
    metal = card(20 * GB, 24 * GB, name="MTL0")
    (bounded,) = gpu_plan.usable([metal], 6 * GB)
    assert (bounded.free, bounded.total) == (6 * GB, 24 * GB)


def test_a_card_that_reports_no_memory_uses_the_computer_s() -> None:
    (bounded,) = gpu_plan.usable([card(0)], 6 * GB)
    assert (bounded.free, bounded.total) == (6 * GB, 6 * GB)
