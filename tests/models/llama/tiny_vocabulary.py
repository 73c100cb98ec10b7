"""Small vocabularies of the two kinds that local models have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import gguf
from gguf import TokenType

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
THINKING = ("<think>", "</think>")
WORDS = " the| and| that| book| is| on| in| where|user|system|assistant|ing|er|12|34".split("|")


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of a model, and how texts become tokens.

    Attributes:
        kind: ``gpt2`` joins neighbours in the order of the merges, ``llama`` those that make the best token.
        types: What each token is, as llama.cpp counts kinds of tokens.
        merges: Pairs that may be joined, the first ones before others.
        scores: How good each token is.
    """

    kind: str
    tokens: list[str]
    types: list[TokenType]
    merges: list[str]
    scores: list[float]

    def add_to(self, writer: gguf.GGUFWriter) -> None:
        """Write it into a file's metadata."""
        writer.add_tokenizer_model(self.kind)
        writer.add_tokenizer_pre("qwen2")
        writer.add_token_list(self.tokens)
        writer.add_token_types(self.types)
        writer.add_token_type_count(2)
        if self.merges:
            writer.add_token_merges(self.merges)
        else:
            writer.add_token_scores(self.scores)
        writer.add_bos_token_id(self.tokens.index("<|endoftext|>"))
        writer.add_eos_token_id(self.tokens.index("<|im_end|>"))
        writer.add_add_bos_token(not self.merges)


@cache
def byte_pairs() -> Vocabulary:
    """Every byte, and what the words begin with, as most models have it."""
    letters = gguf.bytes_to_unicode()
    pairs = _grown(["".join(letters[byte] for byte in word.encode()) for word in WORDS])
    usual = [letters[byte] for byte in range(256)] + ["".join(pair) for pair in pairs]
    return Vocabulary("gpt2", *_with_special(usual, []), [" ".join(pair) for pair in pairs], [])


@cache
def sentencepiece() -> Vocabulary:
    """Letters and what the words begin with, bytes for all else, and a space before every text."""
    words = [word.replace(" ", "▁") for word in WORDS]
    usual = ["▁", *map(chr, range(33, 127)), *("".join(pair) for pair in _grown(words))]
    tokens, types = _with_special(usual, [f"<0x{byte:02X}>" for byte in range(256)])
    return Vocabulary("llama", tokens, types, [], [-float(index) for index in range(len(tokens))])


def _grown(words: list[str]) -> list[tuple[str, str]]:
    """Each word grows from its first letter, one letter at a time."""
    return list(dict.fromkeys((word[:size], word[size]) for word in words for size in range(1, len(word))))


def _with_special(usual: list[str], raw: list[str]) -> tuple[list[str], list[TokenType]]:
    """Tokens and what they are; the unknown one comes first, where llama.cpp expects it."""
    groups = (
        (["<unk>"], TokenType.UNKNOWN),
        (raw, TokenType.BYTE),
        (usual, TokenType.NORMAL),
        (SPECIAL, TokenType.CONTROL),
        (THINKING, TokenType.USER_DEFINED),
    )
    tokens = [token for group, _ in groups for token in group]
    return tokens, [kind for group, kind in groups for _ in group]
