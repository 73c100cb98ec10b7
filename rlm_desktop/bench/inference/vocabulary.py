"""Prompts as tokens, by the model's own chat template and vocabulary; the weights are not loaded."""

from __future__ import annotations

from pathlib import Path

import llama_cpp

from rlm_desktop.bench.inference import wire
from rlm_desktop.models.gguf import read_header
from rlm_desktop.models.llama.known_templates import choose_template
from rlm_desktop.models.llama.template import ChatTemplate


def load(command: wire.Open) -> tuple[str, _Serve]:
    """Load the vocabulary."""
    model = llama_cpp.Llama(command.path, vocab_only=True, verbose=False)
    return "the vocabulary alone", _Serve(model, command)


class _Serve:
    def __init__(self, model: llama_cpp.Llama, command: wire.Open) -> None:
        self._model = model
        vocabulary = llama_cpp.llama_model_get_vocab(model.model)
        self._adds_bos = bool(llama_cpp.llama_vocab_get_add_bos(vocabulary))
        values = read_header(Path(command.path)).values
        chosen = choose_template(values, command.chat_template, self._is_special)
        self._template = ChatTemplate(
            chosen.source,
            bos=self._special_text(model.token_bos()),
            eos=self._special_text(model.token_eos()),
            options=command.template,
        )

    def __call__(self, command: wire.Command) -> wire.Reply:
        if not isinstance(command, wire.Render):
            raise TypeError(f"{type(command).__name__} is no work for a vocabulary")
        return wire.Rendered(tuple(tuple(self._render(one)) for one in command.conversations))

    def _render(self, conversation: wire.Conversation) -> list[int]:
        prompt = self._template.tokens(conversation.messages, self._tokenize, reusable=conversation.reusable)
        tokens = prompt.tokens
        bos = self._model.token_bos()
        return [bos, *tokens] if self._adds_bos and tokens[:1] != [bos] else tokens

    def _tokenize(self, text: str, special: bool) -> list[int]:
        return list(self._model.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=special))

    def _is_special(self, text: str) -> bool:
        return len(self._tokenize(text, special=True)) == 1

    def _special_text(self, token: int) -> str:
        return str(self._model._model.token_get_text(token)) if token >= 0 else ""
