"""What llama.cpp itself does with each kind of memory: the facts that the rules of the scheduler rest on.

When a new version fails one of these, a rule has lost its reason or a new one is needed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from rlm_desktop.models.llama.sampling import logits
from tests.models.llama import tiny
from tests.models.llama.alone import NOISE, Alone, Scores, differ

TOKENS = [int(token) for token in np.random.default_rng(5).integers(0, 300, 600)]
HEAD, TAIL, OTHER = TOKENS[:100], TOKENS[100:140], TOKENS[200:230]
PARTIAL = llama_cpp.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
STATEFUL = ("recurrent", "hybrid", "delta")
Part = tuple[int, int, Sequence[int]]
"""Tokens of a sequence: its id, the position of the first, and the tokens."""


class Raw:
    """A context, with nothing between the tests and llama.cpp."""

    def __init__(
        self, path: Path, *, cells: int = 1024, swa_full: bool = True, rollback: int = 0, twins: int = 0
    ) -> None:
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = 0
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        self.moment = self.asked = 0
        self._on_abort = llama_cpp.ggml_abort_callback(self._abort)
        options = llama_cpp.llama_context_default_params()
        options.n_ctx, options.n_seq_max, options.kv_unified = cells, 8, True
        options.n_batch = options.n_ubatch = 512
        options.n_threads = options.n_threads_batch = 1
        options.swa_full, options.n_rs_seq, options.abort_callback = swa_full, rollback, self._on_abort
        self.context = llama_cpp.llama_init_from_model(self.model, options)
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.batch = llama_cpp.llama_batch_init(512, 0, 2)
        self.twins = twins  # added to the id of a sequence, the id of another that holds the same
        self.words = int(llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model)))

    def _abort(self, _data: object) -> bool:
        self.asked += 1
        return self.asked == self.moment

    def decode(self, *parts: Part, moment: int = 0) -> int:
        """Compute one batch, cut off when llama.cpp asks for the n-th time; its return code."""
        flat = [
            (seq, at + n, token, n == len(tokens) - 1)
            for seq, at, tokens in parts
            for n, token in enumerate(tokens)
        ]
        for index, (sequence, position, token, output) in enumerate(flat):
            self.batch.token[index], self.batch.pos[index], self.batch.logits[index] = token, position, output
            self.batch.n_seq_id[index] = 2 if self.twins else 1
            self.batch.seq_id[index][0], self.batch.seq_id[index][1] = sequence, sequence + self.twins
        self.batch.n_tokens, self.asked, self.moment = len(flat), 0, moment
        return int(llama_cpp.llama_decode(self.context, self.batch))

    def scores(self, sequence: int, start: int, tokens: Sequence[int]) -> Scores | None:
        """Compute tokens of one sequence; the scores at the last, or ``None`` where llama.cpp refuses."""
        if self.decode((sequence, start, tokens)):
            return None
        return logits(self.context, len(tokens) - 1, self.words)

    def copy(self, source: int, target: int, end: int) -> None:
        llama_cpp.llama_memory_seq_cp(self.memory, source, target, 0, end)

    def cut(self, sequence: int, start: int) -> bool:
        return bool(llama_cpp.llama_memory_seq_rm(self.memory, sequence, start, -1))

    def positions(self, sequence: int) -> tuple[int, int]:
        """The first and the last it holds."""
        ask = (llama_cpp.llama_memory_seq_pos_min, llama_cpp.llama_memory_seq_pos_max)
        first, last = (int(function(self.memory, sequence)) for function in ask)
        return first, last

    def save(self, sequence: int, flags: int = 0) -> ctypes.Array[ctypes.c_uint8]:
        state = (ctypes.c_uint8 * llama_cpp.llama_state_seq_get_size_ext(self.context, sequence, flags))()
        llama_cpp.llama_state_seq_get_data_ext(self.context, state, len(state), sequence, flags)
        return state

    def load(self, sequence: int, state: ctypes.Array[ctypes.c_uint8], flags: int = 0) -> bool:
        size = llama_cpp.llama_state_seq_set_data_ext(self.context, state, len(state), sequence, flags)
        return bool(size == len(state))

    def close(self) -> None:
        llama_cpp.llama_batch_free(self.batch)
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)


Open = Callable[..., Raw]


@pytest.fixture
def raw(tiny_models: dict[str, Path]) -> Iterator[Open]:
    """Opens a context of a kind."""
    opened: list[Raw] = []

    def of(kind: str, **options: int) -> Raw:
        opened.append(Raw(tiny_models[kind], **options))
        return opened[-1]

    yield of
    for one in opened:
        one.close()


@pytest.fixture
def same(alone: Callable[[str], Alone]) -> Callable[..., bool]:
    """Whether scores are those after a text in a fresh context."""

    def compare(kind: str, scores: Scores | None, text: Sequence[int]) -> bool:
        return scores is not None and differ(scores, alone(kind).scores(text)[0]) < NOISE

    return compare


Same = Callable[..., bool]


# ---------------------------------------------------------------- states that cannot be taken apart


@pytest.mark.parametrize("kind", STATEFUL)
def test_a_state_is_not_cut_and_always_copied_whole(kind: str, raw: Open, same: Same) -> None:
    one = raw(kind)
    one.scores(0, 0, HEAD + OTHER)
    assert not one.cut(0, len(HEAD))
    assert one.positions(0)[1] == len(HEAD + OTHER) - 1
    one.copy(0, 1, len(HEAD))
    scores = one.scores(1, len(HEAD), TAIL)
    if kind == "recurrent":
        assert scores is None, "it sees that the state is of another position"
    else:  # attention has the part, the state has all, and nothing is said about it
        assert scores is not None
        assert not same(kind, scores, HEAD + TAIL)


@pytest.mark.parametrize("kind", ["hybrid", "delta"])
def test_a_checkpoint_is_small_and_set_before_the_rest_is_cut(kind: str, raw: Open, same: Same) -> None:
    one = raw(kind)
    one.scores(0, 0, HEAD)
    checkpoint, whole = one.save(0, PARTIAL), one.save(0)
    assert len(checkpoint) < len(whole)
    one.scores(0, len(HEAD), OTHER)
    assert one.load(0, checkpoint, PARTIAL)
    assert one.cut(0, len(HEAD))
    assert same(kind, one.scores(0, len(HEAD), TAIL), HEAD + TAIL)
    assert one.cut(0, 0)
    one.scores(0, 0, HEAD + OTHER)
    assert not one.cut(0, len(HEAD)), "the other way round attention keeps what should be cut"
    assert one.load(0, checkpoint, PARTIAL)
    assert not same(kind, one.scores(0, len(HEAD), TAIL), HEAD + TAIL)


@pytest.mark.parametrize("kind", STATEFUL)
def test_an_aborted_batch_spoils_sequences_that_have_no_part_in_it(kind: str, raw: Open, same: Same) -> None:
    spoiled = 0
    for trial in range(8):
        one, order = raw(kind), [int(n) for n in np.random.default_rng(trial).permutation(5)]
        texts = {sequence: TOKENS[sequence * 20 : sequence * 20 + 10 + sequence] for sequence in order}
        for sequence, text in texts.items():
            one.scores(sequence, 0, text)
        states = {sequence: one.save(sequence, PARTIAL) for sequence in texts}
        first, second = order[-1], order[1]
        assert one.decode(*((seq, len(texts[seq]), OTHER[:3]) for seq in (first, second)), moment=1) == 2
        assert not one.cut(first, len(texts[first]))
        for sequence in set(texts) - {first, second}:
            spoiled += not same(kind, one.scores(sequence, len(texts[sequence]), [7]), [*texts[sequence], 7])
        for sequence, text in texts.items():  # the way out: every sequence back to a checkpoint
            assert one.load(sequence, states[sequence], PARTIAL)
            assert one.cut(sequence, len(text))
        for sequence, text in texts.items():
            assert same(kind, one.scores(sequence, len(text), [7]), [*text, 7])
    assert spoiled > 0


def test_a_roll_back_is_believed_only_within_the_last_batch(raw: Open, same: Same) -> None:
    one = raw("delta", rollback=8)
    one.scores(0, 0, HEAD + OTHER)
    assert one.cut(0, len(HEAD + OTHER) - 4)
    assert same("delta", one.scores(0, len(HEAD + OTHER) - 4, TAIL), (HEAD + OTHER)[:-4] + TAIL)
    one.scores(1, 0, HEAD)
    for index in range(3):
        one.scores(1, len(HEAD) + index, OTHER[index : index + 1])
    assert one.cut(1, len(HEAD)), "it says yes, and is wrong"
    assert not same("delta", one.scores(1, len(HEAD), TAIL), HEAD + TAIL)


@pytest.mark.parametrize(
    ("kind", "graphs"), [("plain", (1, 1, 1, 1)), ("recurrent", (2, 3, 3, 4)), ("hybrid", (2, 3, 1, 1))]
)
def test_what_a_batch_costs_in_graphs(kind: str, graphs: tuple[int, ...], raw: Open) -> None:
    one = raw(kind)

    def asked(*lengths: tuple[int, int]) -> int:
        for sequence in range(8):
            one.cut(sequence, 0)
        assert one.decode(*((sequence, 0, HEAD[:length]) for sequence, length in lengths)) == 0
        return one.asked

    single = asked((0, 30))
    batches = (
        ((0, 1), (1, 1), (2, 30)),  # one graph for each length
        ((0, 10), (1, 20), (2, 30)),
        ((3, 1), (1, 1), (0, 1), (2, 1)),  # of one length, but not in order
        ((0, 1), (2, 1), (4, 1), (6, 1)),  # with gaps
    )
    assert tuple(asked(*batch) / single for batch in batches) == graphs


# ---------------------------------------------------------------- sliding windows


@pytest.mark.parametrize("swa_full", [True, False])
def test_a_sliding_window_is_whole_where_the_first_position_says_so(
    swa_full: bool, raw: Open, same: Same
) -> None:
    one = raw("sliding", swa_full=swa_full)
    text = TOKENS[:200]
    one.scores(1, 0, OTHER)
    one.scores(0, 0, text)
    one.cut(1, 0)
    one.scores(2, 0, TOKENS[300:400])
    assert one.positions(0)[0] > 0, "another sequence took what is out of the window, with 700 cells free"
    for end in (200, 199, 150, 80, 60, 45, 30, 10):
        one.cut(3, 0)
        one.copy(0, 3, end)
        whole = 0 <= one.positions(3)[0] <= max(0, end - tiny.WINDOW + 1)
        assert same("sliding", one.scores(3, end, TAIL[:1]), [*text[:end], TAIL[0]]) is whole, end


def test_a_token_of_two_sequences_is_never_overwritten(raw: Open, same: Same) -> None:
    one = raw("sliding", twins=4)
    text = TOKENS[:200]
    one.scores(1, 0, OTHER)
    one.scores(0, 0, text)
    for sequence in (1, 5):
        one.cut(sequence, 0)
    one.scores(2, 0, TOKENS[300:400])
    assert one.positions(0) == (0, 199)
    for end in (200, 150, 60, 30, 10):
        for target in (3, 7):
            one.cut(target, 0)
            one.copy(0, target, end)
        assert same("sliding", one.scores(3, end, TAIL), text[:end] + TAIL)


def test_a_state_holds_only_the_window(raw: Open, same: Same) -> None:
    one = raw("sliding")
    one.scores(0, 0, HEAD)
    state = one.save(0)
    assert one.load(1, state)
    assert one.positions(1) == (len(HEAD) - tiny.WINDOW, len(HEAD) - 1)
    assert same("sliding", one.scores(1, len(HEAD), TAIL), HEAD + TAIL)
    assert one.load(1, state)
    assert one.cut(1, 60), "it says yes, and is wrong"
    assert not same("sliding", one.scores(1, 60, TAIL), HEAD[:60] + TAIL)


def test_a_small_window_cache_is_full_of_what_is_shared(raw: Open) -> None:
    for swa_full, code in ((True, 0), (False, 1)):
        one = raw("sliding", cells=2048, swa_full=swa_full)
        one.scores(0, 0, TOKENS[:500])
        one.scores(0, 500, TOKENS[:260])
        one.copy(0, 1, 760)
        assert one.decode((1, 760, TAIL)) == code
