from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.llama.prefix_cache import PrefixCache, Slot, common_prefix


class Cells:
    """A memory that keeps which token each cell of each sequence holds, as llama.cpp's does."""

    def __init__(self, sequences: int) -> None:
        self.rows: list[list[object]] = [[] for _ in range(sequences)]

    def copy(self, source: int, target: int, end: int) -> None:
        assert not self.rows[target]
        self.rows[target] = self.rows[source][:end]

    def cut(self, sequence: int, start: int) -> None:
        del self.rows[sequence][start:]

    @property
    def used(self) -> int:
        return len({id(cell) for row in self.rows for cell in row})


def compute(cache: PrefixCache, cells: Cells, slot: Slot, tokens: list[int]) -> None:
    cache.extend(slot, tokens)
    cells.rows[slot.sequence].extend(object() for _ in tokens)


def run(cache: PrefixCache, cells: Cells, prompt: list[int]) -> int:
    """Serve one whole request; returns how many tokens were reused."""
    slot = cache.admit(prompt, 2)
    assert slot
    reused = len(slot.tokens)
    compute(cache, cells, slot, prompt[reused:])
    cache.release(slot)
    return reused


def test_a_continued_conversation_is_reused_in_place() -> None:
    cells = Cells(2)
    cache = PrefixCache(2, 100, cells)
    assert run(cache, cells, [1, 2, 3]) == 0
    assert run(cache, cells, [1, 2, 3, 4, 5]) == 3
    assert cells.used == 5


def test_the_last_token_is_always_computed() -> None:
    cells = Cells(2)
    cache = PrefixCache(2, 100, cells)
    run(cache, cells, [1, 2, 3])
    assert run(cache, cells, [1, 2, 3]) == 2


def test_a_shared_beginning_takes_its_cells_once() -> None:
    cells = Cells(3)
    cache = PrefixCache(3, 100, cells)
    run(cache, cells, [1, 2, 3, 4])
    assert run(cache, cells, [1, 2, 3, 9]) == 3
    assert cells.used == 5
    assert cache.free_cells() == 95


def test_what_is_kept_is_dropped_last_and_the_oldest_first() -> None:
    cells = Cells(3)
    cache = PrefixCache(3, 12, cells)
    for prompt, keep in (([1, 1, 1], True), ([2, 2, 2], False), ([3, 3, 3], False)):
        slot = cache.admit(prompt, 1, keep=keep)
        assert slot
        compute(cache, cells, slot, prompt)
        cache.release(slot)
    assert cache.admit([4, 4, 4], 2)
    assert sorted(tuple(slot.tokens) for slot in cache.slots) == [(), (1, 1, 1), (3, 3, 3)]


def test_a_request_waits_while_others_hold_the_room_or_every_sequence() -> None:
    cells = Cells(2)
    cache = PrefixCache(2, 10, cells)
    first = cache.admit([1, 2, 3], 4)
    assert first
    assert cache.admit([5, 6], 2) is None
    cache.release(first)
    assert cache.admit([5, 6], 2)
    assert cache.admit([7, 8], 2)
    assert cache.admit([9], 1) is None


def test_a_recurrent_model_shares_nothing() -> None:
    cells = Cells(2)
    cache = PrefixCache(2, 100, cells, sharing=False)
    run(cache, cells, [1, 2, 3])
    assert run(cache, cells, [1, 2, 3, 4]) == 0


@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 2), min_size=1, max_size=8), st.integers(1, 6), st.integers(0, 5)),
        max_size=40,
    )
)
def test_memory_never_overflows_and_holds_what_the_cache_says(
    requests: list[tuple[list[int], int, int]],
) -> None:
    total = 14
    cells = Cells(4)
    cache = PrefixCache(4, total, cells)
    live: list[Slot] = []
    for prompt, reply, finish in requests:
        slot = cache.admit(prompt, reply)
        if slot is None:
            assert live, "with nothing at work there is always room"
        else:
            assert slot not in live
            assert slot.tokens == prompt[: len(slot.tokens)]
            assert len(slot.tokens) < len(prompt)
            compute(cache, cells, slot, [*prompt[len(slot.tokens) :], *range(reply)])
            live.append(slot)
        assert cells.used <= total
        for each in cache.slots:
            assert len(each.tokens) == len(each.cells) == len(cells.rows[each.sequence])
        if live and (slot is None or finish):
            cache.release(live.pop(finish % len(live)))


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_common_prefix(first: list[int], second: list[int]) -> None:
    size = common_prefix(first, second)
    assert first[:size] == second[:size]
    assert size == min(len(first), len(second)) or first[size] != second[size]
