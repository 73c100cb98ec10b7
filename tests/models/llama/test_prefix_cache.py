import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.llama.prefix_cache import WORTH_LOADING, WORTH_PARKING, PrefixCache, Slot
from tests.models.llama.memory import Cells, Kept, RecurrentCells


class Desk:
    """A cache over a memory, and how a request is served with it."""

    def __init__(
        self,
        sequences: int,
        total: int,
        kept: Kept | None = None,
        *,
        sharing: bool = True,
        idle: int | None = None,
    ) -> None:
        self.total = total
        self.cells = Cells(sequences) if sharing else RecurrentCells(sequences)
        self.kept = kept or Kept()
        self.cache = PrefixCache(sequences, total, self.cells, self.kept, sharing=sharing, idle=idle)

    def begin(self, prompt: list[int], reply: int = 2, *, keep: bool = False) -> tuple[Slot, int] | None:
        """Admit a request and compute its prompt and reply; returns its slot and what was reused."""
        slot = self.cache.admit(prompt, reply, keep=keep)
        if slot is None:
            return None
        reused = self.cache.length(slot)
        assert self.cells.tokens(slot.sequence) == prompt[:reused]
        assert reused < len(prompt)
        self.compute(slot, [*prompt[reused:], *range(7, 7 + reply - 1)])
        return slot, reused

    def compute(self, slot: Slot, tokens: list[int]) -> None:
        self.cells.compute(slot.sequence, tokens)
        self.cache.extend(slot, tokens)
        assert self.cells.used <= self.total

    def serve(self, prompt: list[int], reply: int = 2, *, keep: bool = False) -> int:
        """Serve one whole request; returns how many tokens were reused."""
        begun = self.begin(prompt, reply, keep=keep)
        assert begun
        self.cache.release(begun[0])
        return begun[1]


def test_a_continued_conversation_is_reused_in_place() -> None:
    desk = Desk(2, 100)
    assert desk.serve([1, 2, 3], keep=True) == 0
    assert desk.serve([1, 2, 3, 4, 5], keep=True) == 3
    assert desk.cells.used == 6, "what the first reply left is of no use to a conversation that went on"
    assert [bool(row) for row in desk.cells.rows].count(True) == 1


def test_the_last_token_is_always_computed() -> None:
    desk = Desk(2, 100)
    desk.serve([1, 2, 3], 1)
    assert desk.serve([1, 2, 3], 1) == 2


def test_a_shared_beginning_takes_its_cells_once() -> None:
    desk = Desk(3, 100)
    desk.serve([1, 2, 3, 4], 1)
    assert desk.serve([1, 2, 3, 9], 1) == 3
    assert desk.cells.used == 5
    assert desk.cache.free_cells() == 95


def test_of_what_is_at_rest_the_oldest_end_goes_first_and_a_shared_beginning_stays() -> None:
    desk = Desk(4, 14)
    for last in (4, 5, 6):
        desk.serve([1, 2, 3, last, last, last], 1)
    begun = desk.begin([9, 9, 9, 9], 1)
    assert begun
    rows = sorted(desk.cells.tokens(sequence) for sequence in range(4))
    assert [1, 2, 3, 4, 4, 4] not in rows
    assert rows[-2:] == [[1, 2, 3, 6, 6, 6], [9, 9, 9, 9]]


def test_a_conversation_is_dropped_last() -> None:
    desk = Desk(3, 12)
    desk.serve([1, 1, 1], 1, keep=True)
    desk.serve([2, 2, 2], 1)
    desk.serve([3, 3, 3], 1)
    assert desk.begin([4, 4, 4], 2)
    assert sorted(desk.cells.tokens(sequence) for sequence in range(3)) == [
        [1, 1, 1],
        [3, 3, 3],
        [4, 4, 4, 7],
    ]


def test_a_request_waits_while_others_hold_the_room_or_every_sequence() -> None:
    desk = Desk(2, 10)
    first = desk.cache.admit([1, 2, 3], 4)
    assert first
    assert desk.cache.admit([5, 6], 2) is None
    desk.cache.release(first)
    assert desk.cache.admit([5, 6], 2)
    assert desk.cache.admit([7, 8], 2)
    assert desk.cache.admit([9], 1) is None


def test_no_more_than_its_share_is_left_at_rest() -> None:
    desk = Desk(8, 100, idle=10)
    for token in range(6):
        desk.serve([token] * 4, 1)
    assert desk.cells.used <= 10
    assert desk.serve([5, 5, 5, 5, 1], 1) == 4


@pytest.mark.parametrize("sharing", [True, False])
def test_a_kept_state_is_loaded_when_it_saves_enough(sharing: bool) -> None:
    kept = Kept()
    desk = Desk(2, 200, kept, sharing=sharing)
    passage = [n % 5 for n in range(WORTH_LOADING + 8)]
    slot = desk.cache.admit([*passage, 9], 2)
    assert slot
    desk.compute(slot, passage)
    desk.cache.keep_state(slot, len(passage))
    desk.compute(slot, [9])
    desk.cache.release(slot)
    later = Desk(2, 200, kept, sharing=sharing)
    assert later.cache.known([*passage, 8]) == len(passage)
    assert later.serve([*passage, 8, 8]) == len(passage)
    assert later.serve(passage[:WORTH_LOADING]) == (WORTH_LOADING - 1 if sharing else 0)


def test_a_state_that_is_gone_is_computed_again() -> None:
    class Empty(Kept):
        def get(self, tokens: object) -> None:
            return None

    kept = Empty()
    passage = [1] * (WORTH_LOADING + 2)
    kept.states[tuple(passage)] = Cells(1).save(0, 0)
    assert Desk(2, 200, kept).serve([*passage, 2]) == 0


@pytest.mark.parametrize("sharing", [True, False])
def test_a_conversation_without_room_waits_on_the_disk(sharing: bool) -> None:
    desk = Desk(2, WORTH_PARKING + 60, sharing=sharing)
    prompt = [n % 7 for n in range(WORTH_PARKING)]
    desk.serve(prompt, 3, keep=True)
    desk.serve([9] * 100)
    if sharing:
        assert desk.serve([*prompt, 5, 5]) == len(prompt)
    else:  # it cannot be cut, and so goes on only after its reply
        assert desk.serve([*prompt, 7, 8, 5, 5]) == len(prompt) + 2


def test_a_recurrent_model_goes_on_only_where_a_sequence_ends() -> None:
    desk = Desk(3, 100, sharing=False)
    desk.serve([1, 2, 3], 1)
    assert desk.serve([1, 2, 4], 1) == 0
    assert desk.serve([1, 2, 3, 4], 1) == 3


@pytest.mark.parametrize("sharing", [True, False])
def test_a_step_that_did_not_happen_is_taken_back(sharing: bool) -> None:
    desk = Desk(2, 100, sharing=sharing)
    slot = desk.cache.admit([1, 2, 3, 4], 2)
    assert slot
    desk.compute(slot, [1, 2])
    desk.cells.compute(slot.sequence, [3])
    assert desk.cache.take_back(slot) == ([] if sharing else [1, 2])
    assert desk.cells.tokens(slot.sequence) == ([1, 2] if sharing else [])
    assert desk.cache.length(slot) == len(desk.cells.rows[slot.sequence])


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 2), min_size=1, max_size=8),
            st.integers(1, 6),
            st.integers(0, 5),
            st.booleans(),
        ),
        max_size=40,
    ),
    st.booleans(),
    st.sampled_from([0, 5, 14]),
)
def test_memory_never_overflows_and_nobody_gets_another_prompt_s_state(
    requests: list[tuple[list[int], int, int, bool]], sharing: bool, idle: int
) -> None:
    desk = Desk(4, 14, sharing=sharing, idle=idle)
    live: list[Slot] = []
    for prompt, reply, finish, keep in requests:
        begun = desk.begin(prompt, reply, keep=keep)
        if begun is None:
            assert live, "with nothing at work there is always room"
        else:
            assert begun[0] not in live
            live.append(begun[0])
        for slot in desk.cache.slots:
            assert desk.cache.length(slot) == len(desk.cells.rows[slot.sequence])
        if live and (begun is None or finish):
            desk.cache.release(live.pop(finish % len(live)))
