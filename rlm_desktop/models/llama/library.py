"""One GGUF model in memory, behind the few operations the scheduler needs."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp

from rlm_desktop.errors import UserError
from rlm_desktop.models.base import Request
from rlm_desktop.models.gguf import GgufHeader, read_header
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.placement import open_model
from rlm_desktop.models.llama.sampling import Sampler, log_probabilities, logits
from rlm_desktop.models.llama.template import ChatTemplate

SPARE_SEQUENCES = 2
"""Sequences besides those at work, so that a growing conversation outlives a batch of reads."""


@dataclass(frozen=True)
class Entry:
    """One token of a step: which sequence, at which position, and whether its output is wanted."""

    token: int
    position: int
    sequence: int
    output: bool


class Aborted(Exception):  # noqa: N818 - an outcome that is asked for, not an error
    """A step was cut off on request; the memory of its sequences must be cut back."""


class GgufModel:
    """A loaded model with its context. Call `close` when done.

    Args:
        path: The GGUF file.
        options: How it is to be served.
        on_progress: Told the share loaded, from 0 to 1.

    Attributes:
        placement: One sentence about where it computes.

    Raises:
        UserError: The file is broken, too large, or no model that can hold a conversation.
    """

    def __init__(
        self,
        path: Path,
        options: Options,
        on_progress: Callable[[float], None],
    ) -> None:
        self.path = path
        self.header = read_header(path)
        _check_kind(path, self.header)
        self.sequences = options.concurrency + SPARE_SEQUENCES
        self.abort = False
        self._on_abort = llama_cpp.ggml_abort_callback(lambda _data: self.abort)
        opened = open_model(
            path,
            self.header,
            options,
            sequences=self.sequences,
            on_abort=self._on_abort,
            on_progress=on_progress,
        )
        self.model, self.context, self.step = opened.model, opened.context, opened.step
        self.placement = opened.remark
        self.vocab = llama_cpp.llama_model_get_vocab(self.model)
        self.n_vocab = int(llama_cpp.llama_vocab_n_tokens(self.vocab))
        self.window = int(llama_cpp.llama_n_ctx(self.context))
        self._memory = llama_cpp.llama_get_memory(self.context)
        self._batch = llama_cpp.llama_batch_init(self.step + self.sequences, 0, 1)
        self._bos = int(llama_cpp.llama_vocab_bos(self.vocab))
        self._template = ChatTemplate(
            str(self.header.values["tokenizer.chat_template"]),
            bos=self._special_text(self._bos),
            eos=self._special_text(int(llama_cpp.llama_vocab_eos(self.vocab))),
            options=options.template,
        )

    @property
    def sharing(self) -> bool:
        """Whether a prefix of a sequence can be copied or cut."""
        return not (
            llama_cpp.llama_model_is_recurrent(self.model) or llama_cpp.llama_model_is_hybrid(self.model)
        )

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        """Tokens of a text; special tokens are recognised in it only when asked for."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 2
        tokens = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(self.vocab, data, len(data), tokens, room, False, special)
        if count < 0:  # cannot be: no token is shorter than a byte
            raise UserError("The prompt could not be turned into tokens.")
        return list(tokens[:count])

    def prompt(self, request: Request) -> list[int]:
        """Tokens of a request's conversation, ready for the model's reply."""
        tokens = self._template.tokens(request.messages, self.tokenize)
        if llama_cpp.llama_vocab_get_add_bos(self.vocab) and tokens[:1] != [self._bos]:
            tokens.insert(0, self._bos)
        return tokens

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; none for a special token."""
        return self._piece(token, special=False)

    def ends(self, token: int) -> bool:
        """Whether a token ends the reply."""
        return bool(llama_cpp.llama_vocab_is_eog(self.vocab, token))

    def sampler(self, request: Request) -> Sampler:
        """A sampler for a request."""
        return Sampler(request, self.vocab, self.n_vocab)

    def decode(self, entries: Sequence[Entry]) -> None:
        """Compute one step.

        Raises:
            Aborted: `abort` was set meanwhile.
            RuntimeError: llama.cpp failed; the state of these sequences is lost.
        """
        batch = self._batch
        batch.n_tokens = len(entries)
        for index, entry in enumerate(entries):
            batch.token[index], batch.pos[index] = entry.token, entry.position
            batch.n_seq_id[index], batch.seq_id[index][0] = 1, entry.sequence
            batch.logits[index] = entry.output
        code = llama_cpp.llama_decode(self.context, batch)
        if code == 2:
            raise Aborted
        if code:
            raise RuntimeError(f"llama.cpp failed with code {code}")

    def first_alternatives(self, output: int, count: int) -> dict[str, float]:
        """The likeliest tokens at one position of the last step, as text, with natural-log probabilities."""
        best = log_probabilities(logits(self.context, output, self.n_vocab), count)
        return {self.piece(token).decode("utf-8", "replace"): value for token, value in reversed(best)}

    def copy(self, source: int, target: int, end: int) -> None:
        """Let a sequence share the first tokens of another."""
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, 0, end)

    def cut(self, sequence: int, start: int) -> None:
        """Forget the tokens of a sequence from a position on."""
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, start, -1)

    def close(self) -> None:
        """Free the memory."""
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)

    def _special_text(self, token: int) -> str:
        return self._piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""

    def _piece(self, token: int, *, special: bool) -> bytes:
        room = 256
        buffer = ctypes.create_string_buffer(room)
        size = llama_cpp.llama_token_to_piece(self.vocab, token, buffer, room, 0, special)
        return buffer.raw[: max(0, size)]


def _check_kind(path: Path, header: GgufHeader) -> None:
    """Refuse, before anything is loaded, what cannot hold a conversation."""
    kind = ""
    if header.values.get("general.type", "model") != "model" or header.architecture == "clip":
        kind = "is a part of a model and not a whole one"
    elif header.values.get(f"{header.architecture}.pooling_type"):
        kind = "is an embedding model, which cannot write"
    elif "tokenizer.chat_template" not in header.values:
        kind = "has no chat template, so it cannot hold a conversation"
    if kind:
        raise UserError(f"{path} {kind}.", "Choose an instruct model.")
