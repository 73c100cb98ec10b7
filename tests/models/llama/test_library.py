"""What the real llama.cpp does with every kind of memory, on models of a few hundred kB."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from rlm_desktop.errors import UserError
from rlm_desktop.models.base import Message, Request
from rlm_desktop.models.llama.library import Aborted, Entry
from rlm_desktop.models.llama.sampling import logits
from tests.models.llama import tiny
from tests.models.llama.alone import NOISE, Alone, Observed, differ, feed, open_tiny
from tests.models.llama.tiny_vocabulary import byte_pairs

SHARING = ("plain", "sliding")
TOKENS = [int(token) for token in np.random.default_rng(7).integers(0, 300, 400)]
HEAD, TAIL, OTHER = TOKENS[:100], TOKENS[100:140], TOKENS[200:230]


@pytest.fixture(params=tiny.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def model(kind: str, tiny_models: dict[str, Path]) -> Iterator[Observed]:
    model = open_tiny(tiny_models[kind])
    yield model
    model.close()


def right(model: Observed, sequence: int, start: int, expected: np.ndarray) -> bool:
    """Whether a sequence goes on with `TAIL` as it should."""
    return differ(feed(model, sequence, start, TAIL)[0], expected[0]) < NOISE


# ---------------------------------------------------------------- loading


def test_each_kind_loads_and_says_whether_its_memory_can_be_cut(model: Observed, kind: str) -> None:
    assert model.header.architecture == tiny.KINDS[kind]().architecture
    assert model.sharing is (kind in SHARING)
    assert model.window == 1024
    assert model.n_vocab == len(byte_pairs().tokens)


@pytest.mark.parametrize(("kind", "space"), [("plain", "Ġ"), ("spaced", "▁")], indirect=["kind"])
def test_special_tokens_are_special_only_where_asked_for(model: Observed, kind: str, space: str) -> None:
    tokens = tiny.ALL[kind]().vocabulary.tokens
    text = "the book<|im_end|>\nжук <think>"
    plain, special = model.tokenize(text), model.tokenize(text, special=True)
    assert b"".join(map(model.piece, plain)).decode().strip() == text
    assert tokens.index("<|im_end|>") in set(special) - set(plain)
    assert model.tokenize(" the book")[-2:] == [tokens.index(space + word) for word in ("the", "book")]
    ends = [tokens[token] for token in range(model.n_vocab) if model.ends(token)]
    assert ends == ["<|endoftext|>", "<|im_end|>"]


@pytest.mark.parametrize("kind", ["plain", "spaced", "base"], indirect=True)
def test_a_prompt_has_the_tokens_of_its_text(model: Observed, kind: str) -> None:
    vocabulary = tiny.ALL[kind]().vocabulary
    begin = [] if vocabulary.merges else [vocabulary.tokens.index("<|endoftext|>")]
    content = "where is the book 12"
    text = f"<|im_start|>user\n{content}<|im_end|>\n<|im_start|>assistant\n"
    request = Request(messages=(Message("user", content),))
    expected = begin + model.tokenize(text, special=True)
    assert model.prompt(request).tokens == expected
    halves = model.prompt(msgspec.structs.replace(request, reusable=len("where is the")))
    assert halves.tokens == expected
    assert 0 < halves.reusable < len(expected)


@pytest.mark.parametrize("name", ["embedding", "projector", "encoder"])
def test_what_cannot_hold_a_conversation_is_refused_in_a_sentence(
    name: str, tiny_models: dict[str, Path]
) -> None:
    with pytest.raises(UserError) as caught:
        open_tiny(tiny_models[name])
    assert str(tiny_models[name]) in caught.value.message
    assert caught.value.message.count(".\n") == 0
    assert caught.value.message.endswith(".")
    assert caught.value.hint


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "four bytes": lambda whole: whole[:4],
    "cut in the metadata": lambda whole: whole[:300],
    "cut in the list of tensors": lambda whole: whole[: whole.index(b"blk.1.ffn_up.weight")],
    "cut in the weights": lambda whole: whole[: len(whole) // 2],
    "one byte short": lambda whole: whole[:-1],
    "another version": lambda whole: whole[:4] + b"\x63" + whole[5:],
    "absurd counts": lambda whole: whole[:8] + b"\xff" * 16 + whole[24:],
    "a tensor is missing": lambda whole: whole.replace(b"output_norm", b"output_nurm"),
    "an unknown architecture": lambda whole: whole.replace(b"llama", b"lambo"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_named_and_nothing_crashes(
    damage: Callable[[bytes], bytes], tiny_models: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(damage(tiny_models["plain"].read_bytes()))
    with pytest.raises(UserError) as caught:
        open_tiny(path).close()
    assert str(path) in caught.value.message
    assert caught.value.hint


# ---------------------------------------------------------------- what the scheduler builds on


def test_sequences_mixed_in_one_step_do_not_see_each_other(
    model: Observed, alone: Callable[[str], Alone], kind: str
) -> None:
    feed(model, 3, 0, HEAD)
    feed(model, 0, 0, OTHER)
    parts = {3: (100, TAIL), 0: (30, TAIL[:1]), 1: (0, OTHER[:20])}  # neither in order nor of one length
    entries = [
        Entry(token, start + index, sequence, index == len(tokens) - 1)
        for sequence, (start, tokens) in parts.items()
        for index, token in enumerate(tokens)
    ]
    model.decode(entries)
    got = [logits(model.context, i, model.n_vocab) for i, entry in enumerate(entries) if entry.output]
    for row, text in zip(got, ([*HEAD, *TAIL], [*OTHER, TAIL[0]], OTHER[:20]), strict=True):
        assert differ(row, alone(kind).scores(text)[0]) < NOISE


def test_a_whole_sequence_can_be_copied_and_both_go_on(
    model: Observed, alone: Callable[[str], Alone], kind: str
) -> None:
    expected = alone(kind).scores(HEAD + TAIL)
    feed(model, 0, 0, HEAD)
    model.copy(0, 1, len(HEAD))
    feed(model, 0, len(HEAD), OTHER)
    assert right(model, 1, len(HEAD), expected)
    assert model.cut(0, 0)
    assert model.cut(1, 0)
    assert right(model, 1, 0, alone(kind).scores(TAIL))


def test_a_part_can_be_copied_or_cut_only_where_memory_is_shared(
    model: Observed, alone: Callable[[str], Alone], kind: str
) -> None:
    feed(model, 0, 0, HEAD + OTHER)
    assert model.cut(0, len(HEAD)) is (kind in SHARING)
    if kind in SHARING:
        expected = alone(kind).scores(HEAD + TAIL)
        assert right(model, 0, len(HEAD), expected)
        model.copy(0, 1, len(HEAD))
        assert right(model, 1, len(HEAD), expected)
    else:  # nothing was changed: it still goes on where it was
        assert right(model, 0, len(HEAD + OTHER), alone(kind).scores(HEAD + OTHER + TAIL))
        assert model.cut(0, 0)
        assert right(model, 0, 0, alone(kind).scores(TAIL))


def test_a_state_goes_on_exactly_where_it_was_taken(
    model: Observed, alone: Callable[[str], Alone], tiny_models: dict[str, Path], kind: str
) -> None:
    expected = alone(kind).scores(HEAD + TAIL)
    feed(model, 0, 0, HEAD)
    state = model.save(0, len(HEAD))
    feed(model, 0, len(HEAD), OTHER)
    assert model.load(2, state)
    assert right(model, 2, len(HEAD), expected)
    another = open_tiny(tiny_models[kind], context_window=256, concurrency=1)
    assert another.load(1, state)
    assert right(another, 1, len(HEAD), expected)
    another.close()


def test_a_state_of_something_else_leaves_the_sequence_empty_and_usable(
    model: Observed, alone: Callable[[str], Alone], tiny_models: dict[str, Path], kind: str
) -> None:
    feed(model, 0, 0, HEAD)
    state = model.save(0, len(HEAD))
    for wrong in (state[:0], state[:3], state[: len(state) // 2], state[:-1]):
        assert not model.load(1, wrong)
    for name in set(tiny.KINDS) - {kind}:
        foreign = open_tiny(tiny_models[name])
        feed(foreign, 0, 0, HEAD)
        assert not model.load(1, foreign.save(0, len(HEAD)))
        foreign.close()
    assert right(model, 1, 0, alone(kind).scores(TAIL))
    assert right(model, 0, len(HEAD), alone(kind).scores(HEAD + TAIL))


def test_a_step_without_room_changes_nothing(
    tiny_models: dict[str, Path], alone: Callable[[str], Alone], kind: str
) -> None:
    model = open_tiny(tiny_models[kind], context_window=256, concurrency=2)
    feed(model, 0, 0, HEAD)
    feed(model, 1, 0, TOKENS[:100])
    if kind == "recurrent":  # a state takes no more room for a long text
        feed(model, 2, 0, HEAD)
    else:
        with pytest.raises(RuntimeError, match="code 1"):
            feed(model, 2, 0, HEAD)
    assert right(model, 0, len(HEAD), alone(kind).scores(HEAD + TAIL))
    model.close()


@pytest.mark.parametrize("kind", SHARING, indirect=True)
@pytest.mark.parametrize("moment", [1, 2, 10, 20])
def test_an_aborted_step_can_be_cut_back_and_done_again(
    model: Observed, alone: Callable[[str], Alone], kind: str, moment: int
) -> None:
    feed(model, 0, 0, HEAD)
    feed(model, 1, 0, OTHER)
    model.moment = moment
    with pytest.raises(Aborted):
        feed(model, 0, len(HEAD), TAIL)
    model.abort = False
    assert model.cut(0, len(HEAD))
    assert right(model, 0, len(HEAD), alone(kind).scores(HEAD + TAIL))
    assert right(model, 1, len(OTHER), alone(kind).scores(OTHER + TAIL))


def test_a_loaded_state_is_cut_right_or_not_at_all(
    model: Observed, alone: Callable[[str], Alone], kind: str
) -> None:
    feed(model, 0, 0, HEAD)
    state = model.save(0, len(HEAD))
    for end in (len(HEAD) - 1, len(HEAD) - 2, len(HEAD) - tiny.WINDOW, 60, 1):
        assert model.cut(1, 0)
        assert model.load(1, state)
        if model.cut(1, end):
            assert right(model, 1, end, alone(kind).scores(HEAD[:end] + TAIL)), end
