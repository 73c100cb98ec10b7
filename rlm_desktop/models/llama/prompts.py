"""From requests to prompts, as one model wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rlm_desktop.models.base import Request
from rlm_desktop.models.llama.known_templates import choose_template
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.template import ChatTemplate, Prompt
from rlm_desktop.models.llama.vocabulary import Vocabulary


class Prompts:
    """Writes the prompts of a model.

    Args:
        vocabulary: Its tokens; those that spell the marks of its thoughts are then seen in replies.
        values: The header of its file.
        options: How it is to be served.

    Attributes:
        remark: What the person should know about its chat template; empty if nothing.

    Raises:
        UserError: The chat template is broken.
    """

    def __init__(self, vocabulary: Vocabulary, values: Mapping[str, object], options: Options) -> None:
        chosen = choose_template(values, options.chat_template, vocabulary.is_special)
        self.remark = chosen.remark
        self._vocabulary = vocabulary
        self._template = ChatTemplate(
            chosen.source,
            bos=vocabulary.text(vocabulary.bos),
            eos=vocabulary.text(vocabulary.eos),
            options=options.template,
            stop=chosen.stop,
        )
        vocabulary.spell(self._template.marks.texts)

    def prompt(self, request: Request) -> Prompt:
        """A request's conversation, ready for the model's reply.

        Raises:
            UserError: The chat template refuses the conversation.
        """
        vocabulary = self._vocabulary
        within_text = False

        def tokenize(text: str, special: bool) -> list[int]:
            nonlocal within_text
            tokens = vocabulary.tokenize(text, special, continued=within_text)
            within_text = bool(tokens) and not (special and vocabulary.special(tokens[-1]))
            return tokens

        prompt = self._template.tokens(
            request.messages, tokenize, thinking=request.may_think, reusable=request.reusable
        )
        if vocabulary.begins and prompt.tokens[:1] != [vocabulary.bos]:
            tokens = [vocabulary.bos, *prompt.tokens]
            return replace(prompt, tokens=tokens, reusable=prompt.reusable + bool(prompt.reusable))
        return prompt
