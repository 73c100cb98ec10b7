"""Prompts of tiny models: vocabularies of both kinds, of which only the vocabulary is loaded."""

from collections.abc import Callable, Iterator
from pathlib import Path

import llama_cpp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.base import Message, Request
from rlm_desktop.models.gguf import read_header
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.prompts import Prompts
from rlm_desktop.models.llama.replytext import ReplyText
from rlm_desktop.models.llama.vocabulary import Vocabulary
from tests.models.llama import tiny

KINDS = ("plain", "spaced", "base")
CONTENT = "where is the book 12"
QUESTION = Request(messages=(Message("user", CONTENT),))
Open = Callable[..., tuple[Vocabulary, Prompts]]


@pytest.fixture(scope="module")
def opened(tiny_models: dict[str, Path]) -> Iterator[Open]:
    """Opens the vocabulary of a tiny model."""
    models = []

    def open_it(kind: str, **options: object) -> tuple[Vocabulary, Prompts]:
        path = tiny_models[kind]
        params = llama_cpp.llama_model_default_params()
        params.vocab_only = True
        models.append(llama_cpp.llama_model_load_from_file(str(path).encode(), params))
        vocabulary = Vocabulary(models[-1])
        return vocabulary, Prompts(vocabulary, read_header(path).values, Options(**options))

    yield open_it
    for model in models:
        llama_cpp.llama_model_free(model)


def whole(vocabulary: Vocabulary, content: str, end: str = "") -> list[int]:
    text = f"<|im_start|>user\n{content}<|im_end|>\n<|im_start|>assistant\n{end}"
    return [vocabulary.bos] * vocabulary.begins + vocabulary.tokenize(text, special=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_prompt_has_the_tokens_of_its_text(opened: Open, kind: str) -> None:
    vocabulary, prompts = opened(kind)
    expected = whole(vocabulary, CONTENT)
    assert prompts.prompt(QUESTION).tokens == expected
    halves = prompts.prompt(msgspec.structs.replace(QUESTION, reusable=len("where is the")))
    assert halves.tokens == expected
    beginning = b"".join(map(vocabulary.piece, expected[: halves.reusable]))
    assert beginning.strip() == b"user\nwhere is the"


@pytest.mark.parametrize("kind", KINDS)
@given(content=st.text(st.characters(exclude_categories=["Cs"])), size=st.integers(0, 20))
def test_no_text_changes_on_its_way_to_the_model(opened: Open, kind: str, content: str, size: int) -> None:
    vocabulary, prompts = opened(kind)
    request = Request(messages=(Message("user", content),), reusable=size)
    prompt = prompts.prompt(request)
    text = b"".join(map(vocabulary.piece, prompt.tokens)).decode()
    space = " " * (kind == "spaced")  # llama.cpp puts one after each special token
    assert text == f"{space}user\n{content}{space}\n{space}assistant\n"


@pytest.mark.parametrize("kind", ["plain", "spaced"])
def test_what_keeps_a_model_from_thinking_is_part_of_the_prompt(opened: Open, kind: str) -> None:
    source = tiny.CHATML + "{# <think> #}"
    vocabulary, prompts = opened(kind, chat_template=source)
    for field in ({"thinking": False}, {"schema": {"type": "object"}}, {"top_logprobs": 3}):
        prompt = prompts.prompt(msgspec.structs.replace(QUESTION, **field))
        assert prompt.tokens == whole(vocabulary, CONTENT, "<think>\n\n</think>\n\n")
    assert prompts.prompt(QUESTION).tokens == whole(vocabulary, CONTENT)


def test_marks_that_are_special_tokens_are_seen_in_replies(opened: Open) -> None:
    source = "{{ messages[0].content }}{# <|im_start|> #}"
    vocabulary, _ = opened("plain", chat_template=source)
    (token,) = vocabulary.tokenize("<|im_start|>", special=True)
    assert vocabulary.piece(token) == b""
    vocabulary.spell(("<|im_start|>think", "</think>"))
    assert vocabulary.piece(token) == b"<|im_start|>"


def test_a_reply_is_split_by_the_marks_of_its_prompt(opened: Open) -> None:
    vocabulary, prompts = opened("plain", chat_template=tiny.CHATML + "{{ '<think>\n' }}{# </think> #}")
    prompt = prompts.prompt(QUESTION)
    assert prompt.inside
    reply = ReplyText(prompt.stop, prompt.marks, inside=prompt.inside)
    for token in vocabulary.tokenize("so the</think>\n\nin the book", special=True):
        reply.feed(vocabulary.piece(token))
    reply.finish()
    assert (reply.thinking, reply.text) == ("so the", "in the book")


def test_a_file_without_a_template_is_remarked_on(opened: Open) -> None:
    _, prompts = opened("base")
    assert "chatml" in prompts.remark
    assert "<|im_end|>" in prompts.prompt(QUESTION).stop
    assert opened("plain")[1].remark == ""


def test_special_tokens_are_known(opened: Open) -> None:
    vocabulary, _ = opened("plain")
    assert vocabulary.is_special("<|im_start|>")
    assert vocabulary.is_special("<think>")
    assert not vocabulary.is_special("a")
    assert not vocabulary.is_special("<|im_start|><|im_end|>")
    assert not vocabulary.is_special("")
    assert {vocabulary.text(token) for token in vocabulary.endings} == {"<|endoftext|>", "<|im_end|>"}
