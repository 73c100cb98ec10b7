"""The tokens of a model: from text to tokens and back."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import llama_cpp

from rlm_desktop.errors import UserError

_SPECIAL = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED
_LONGEST = 256
"""Bytes the longest token has."""
_GUARD = "\x01"
"""Stands in no token with anything else, so that what follows it is tokenised as within a text."""


class Vocabulary:
    """The tokens of a loaded model.

    Args:
        model: The llama.cpp model.

    Attributes:
        handle: The llama.cpp vocabulary.
        size: How many tokens there are.
        bos: The token a text begins with; negative for none.
        eos: The token a text ends with; negative for none.
    """

    def __init__(self, model: Any) -> None:
        self.handle = llama_cpp.llama_model_get_vocab(model)
        self.size = int(llama_cpp.llama_vocab_n_tokens(self.handle))
        self.bos = int(llama_cpp.llama_vocab_bos(self.handle))
        self.eos = int(llama_cpp.llama_vocab_eos(self.handle))
        self._spelt: frozenset[int] = frozenset()

    @property
    def begins(self) -> bool:
        """Whether every prompt begins with `bos`."""
        return self.bos >= 0 and bool(llama_cpp.llama_vocab_get_add_bos(self.handle))

    @cached_property
    def endings(self) -> tuple[int, ...]:
        """The tokens that end a reply."""
        return tuple(token for token in range(self.size) if self.ends(token))

    def tokenize(self, text: str, special: bool = False, *, continued: bool = False) -> list[int]:
        """Tokens of a text.

        Args:
            text: The text.
            special: Whether special tokens are recognised in it.
            continued: Whether it goes on with a text; otherwise some vocabularies (Llama 2, the first Mistral)
                put a space before it.
        """
        if not continued or not self._spaced:
            return self._tokenize(text, special)
        guard = self._tokenize(_GUARD, False)
        return self._tokenize(_GUARD + text, special)[len(guard) :]

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; none for a special token, unless it spells a mark (`spell`)."""
        return self._piece(token, special=token in self._spelt)

    def text(self, token: int) -> str:
        """How a token is written in a chat template; empty for none."""
        return self._piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""

    def spell(self, marks: Iterable[str]) -> None:
        """Let the special tokens of which these texts consist be seen in replies."""
        self._spelt = frozenset(token for mark in marks for token in self._tokenize(mark, True))

    def ends(self, token: int) -> bool:
        """Whether a token ends the reply."""
        return bool(llama_cpp.llama_vocab_is_eog(self.handle, token))

    def special(self, token: int) -> bool:
        """Whether a token is no piece of ordinary text."""
        return bool(llama_cpp.llama_vocab_get_attr(self.handle, token) & _SPECIAL)

    def is_special(self, text: str) -> bool:
        """Whether a text is one special token."""
        tokens = self._tokenize(text, True)
        return len(tokens) == 1 and self.special(tokens[0])

    @cached_property
    def _spaced(self) -> bool:
        """Whether a space is put before texts."""
        return self._piece(self._tokenize("a", False)[0], special=False).startswith(b" ")

    def _tokenize(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 2
        tokens = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(self.handle, data, len(data), tokens, room, False, special)
        if count < 0:  # cannot be: no token is shorter than a byte
            raise UserError("The prompt could not be turned into tokens.")
        return list(tokens[:count])

    def _piece(self, token: int, *, special: bool) -> bytes:
        buffer = ctypes.create_string_buffer(_LONGEST)
        size = llama_cpp.llama_token_to_piece(self.handle, token, buffer, _LONGEST, 0, special)
        return buffer.raw[: max(0, size)]
