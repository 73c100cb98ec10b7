"""One GGUF model in memory, behind the few operations the scheduler needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp

from rlm_desktop.errors import UserError
from rlm_desktop.models.base import Request
from rlm_desktop.models.gguf import read_header
from rlm_desktop.models.kinds import CHOOSE, check_kind
from rlm_desktop.models.llama.kv_memory import KvMemory
from rlm_desktop.models.llama.memory import sequences_for
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.placement import open_model
from rlm_desktop.models.llama.prefix_cache import State
from rlm_desktop.models.llama.prompts import Prompts
from rlm_desktop.models.llama.sampling import Sampler, log_probabilities, logits
from rlm_desktop.models.llama.template import Prompt
from rlm_desktop.models.llama.vocabulary import Vocabulary


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
        on_progress: Told the share loaded, from 0 to 1; says whether to go on.
        on_measuring: Told before the quickest way to compute is found out, which takes some seconds.

    Attributes:
        placement: What the person should know about where it computes, and about its chat template.
        window: Tokens its KV cache holds.
        sequences: How many there are.
        step: Tokens a step should have.
        on_gpu: Whether any layer of it is on a graphics card.
        abort: Set it to cut off the running step.

    Raises:
        UserError: The file is broken, too large, or no model that can hold a conversation.
    """

    def __init__(
        self,
        path: Path,
        options: Options,
        on_progress: Callable[[float], bool],
        on_measuring: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = path
        self.header = read_header(path)
        check_kind(path, self.header)
        sequences = sequences_for(self.header, options.concurrency)
        self.abort = False
        self._on_abort = llama_cpp.ggml_abort_callback(lambda _data: self.abort)
        opened = open_model(
            path,
            self.header,
            options,
            sequences=sequences,
            on_abort=self._on_abort,
            on_progress=on_progress,
            on_measuring=on_measuring,
        )
        self.model, self.context, self.step = opened.model, opened.context, opened.step
        self.on_gpu = opened.gpu_layers != 0
        self.window = int(llama_cpp.llama_n_ctx(self.context))
        self._memory = KvMemory(self.model, self.context, sequences)
        self.sequences = self._memory.sequences
        self._batch = llama_cpp.llama_batch_init(self.step + sequences, 0, len(self._memory.ids(0)))
        try:
            self._vocabulary = Vocabulary(self.model)
            self._prompts = Prompts(self._vocabulary, self.header.values, options)
            if llama_cpp.llama_model_has_encoder(self.model):
                raise UserError(f"{path} is an encoder, which cannot hold a conversation.", CHOOSE)
        except UserError:
            self.close()
            raise
        self.n_vocab = self._vocabulary.size
        self.placement = f"{opened.remark} {self._prompts.remark}".strip()

    @property
    def sharing(self) -> bool:
        """Whether a prefix of a sequence can be copied or cut."""
        return self._memory.divisible

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        """Tokens of a text; special tokens are recognised in it only when asked for."""
        return self._vocabulary.tokenize(text, special)

    def prompt(self, request: Request) -> Prompt:
        """A request's conversation, ready for the model's reply."""
        return self._prompts.prompt(request)

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; none for a special token."""
        return self._vocabulary.piece(token)

    def ends(self, token: int) -> bool:
        """Whether a token ends the reply."""
        return self._vocabulary.ends(token)

    def sampler(self, request: Request) -> Sampler:
        """A sampler for a request."""
        ends = self._vocabulary.endings if request.min_tokens else ()
        return Sampler(request, self._vocabulary.handle, self.n_vocab, ends)

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
            names = self._memory.ids(entry.sequence)
            batch.n_seq_id[index] = len(names)
            for place, name in enumerate(names):
                batch.seq_id[index][place] = name
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

    def copy(self, source: int, target: int, end: int) -> bool:
        """See `KvMemory.copy`."""
        return self._memory.copy(source, target, end)

    def cut(self, sequence: int, start: int) -> bool:
        """See `KvMemory.cut`."""
        return self._memory.cut(sequence, start)

    def save(self, sequence: int, end: int) -> State | None:
        """See `KvMemory.save`."""
        return self._memory.save(sequence, end)

    def load(self, sequence: int, state: State) -> bool:
        """See `KvMemory.load`."""
        return self._memory.load(sequence, state)

    def close(self) -> None:
        """Free the memory."""
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)
