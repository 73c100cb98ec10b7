"""Read passages for a question: look, answer, check.

A small model asked for an answer gives one, whether the passage has it or not. So each passage is first
looked at (one token: can the question be answered from it, as a probability), the likely ones are asked for
the answer, with a way to say that there is none, and each answer is checked: the words it adds to the
question must stand in the passage, and the model, shown only the sentence that the answer rests on, must say
yes (one token again). That sentence is chosen, not asked for: small models copy the wrong one (see
`documents.support`). The prompts about a passage begin alike, so that the model reads it once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import msgspec

from rlm_desktop.documents.support import support
from rlm_desktop.engine.prompts import prompt
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.subcalls import Call, Reply, dispatch, label_of
from rlm_desktop.engine.tracing import Sent
from rlm_desktop.engine.trail import Piece, Reading
from rlm_desktop.models.base import Completion, Message, Request

LOOK_THRESHOLD = 0.5
"""Probability of "yes" below which a passage is not read further; low, as the check comes after."""
CHECK_THRESHOLD = 0.6
SURE_THRESHOLD = 0.77
"""Geometric mean of both probabilities from which on an answer counts."""
MOST_READ = 3
"""Of one batch, how many of the likeliest passages are read further."""
SHARE_THRESHOLD = 0.5
"""Part of what an answer adds to the question that must stand in the passage."""
ANSWER_TOKENS = 80
NONE = "NONE"
_PREAMBLE = re.compile(r"^(the|this) (passage|text) (says|states|mentions|indicates) that ", re.IGNORECASE)
_SAYS_NONE = re.compile(
    r"\b(passage|text)\b.{0,10}\b(does|do|did|is|was)(n't| not)\b"
    r"|\bnot (said|stated|mentioned|provided|specified|given)\b",
    re.IGNORECASE,
)


async def read(
    run: Run, parent: int, question: str, pieces: Sequence[Piece], sent: Mapping[Piece, Sent]
) -> list[Reading]:
    """What each passage says about the question, in the order of the passages.

    Args:
        run: The run.
        parent: Row the calls hang on.
        question: What to look for.
        pieces: The passages, each short enough for the sub-model's window.
        sent: What of the documents they are made of.
    """
    asker = _Asker(run, parent, question, sent)
    looks = await asker.ask("Look at", [(piece, prompt("read_look")) for piece in pieces], 1)
    chances = [_yes(look.completion) for look in looks]
    likely = sorted(range(len(pieces)), key=lambda index: -chances[index])[:MOST_READ]
    likely = sorted(index for index in likely if chances[index] >= LOOK_THRESHOLD)
    replies = await asker.ask("Read", [(pieces[i], prompt("read_answer")) for i in likely], ANSWER_TOKENS)
    answers = {i: _answer(reply.completion) for i, reply in zip(likely, replies, strict=True)}
    answers = {i: answer for i, answer in answers.items() if answer}
    grounds = {i: support(pieces[i].text, question, answer) for i, answer in answers.items()}
    quotes = {
        i: msgspec.structs.replace(pieces[i], text=pieces[i].text[ground.start : ground.end])
        for i, ground in grounds.items()
        if ground is not None and ground.share >= SHARE_THRESHOLD
    }
    checks = await asker.ask(
        "Check", [(quote, prompt("read_check", answer=answers[i])) for i, quote in quotes.items()], 1
    )
    errors = {i: look.error for i, look in enumerate(looks)}
    errors |= {
        i: reply.error for i, reply in (*zip(likely, replies, strict=True), *zip(quotes, checks, strict=True))
    }
    verdicts = {i: _yes(check.completion) for i, check in zip(quotes, checks, strict=True)}
    sure = [math.sqrt(chances[i] * verdicts.get(i, 0.0)) for i in range(len(pieces))]
    return [
        Reading(
            found=sure[i] >= SURE_THRESHOLD and verdicts[i] >= CHECK_THRESHOLD,
            answer=answers.get(i, ""),
            quote=quotes[i].text if i in quotes else "",
            confidence=round(sure[i], 3),
            passage=piece,
            error=errors[i],
        )
        for i, piece in enumerate(pieces)
    ]


class _Asker:
    """Asks one question of passages."""

    def __init__(self, run: Run, parent: int, question: str, sent: Mapping[Piece, Sent]) -> None:
        self._run = run
        self._parent = parent
        self._question = question
        self._sent = sent

    async def ask(self, verb: str, tasks: Sequence[tuple[Piece, str]], max_tokens: int) -> list[Reply]:
        """One call for each passage and task; a single token is asked for as a probability."""
        calls = [self._call(verb, piece, task, max_tokens) for piece, task in tasks]
        return await dispatch(self._run, self._run.sub, self._parent, calls) if calls else []

    def _call(self, verb: str, piece: Piece, task: str, max_tokens: int) -> Call:
        """What is the same in every call comes first, then the passage, then what is asked of it.

        So the model's state after the passage serves every question about it, whenever that is asked.
        """
        passage = prompt("read_passage", where=piece.name or "a piece", passage=piece.text)
        question = prompt("read_question", question=self._question, task=task)
        return Call(
            label=label_of(f"{verb} {piece.where}"),
            kind="read",
            sent=self._sent.get(piece),
            request=Request(
                messages=(
                    Message("system", prompt("read_system")),
                    Message("user", f"{passage}\n\n{question}"),
                ),
                max_tokens=max_tokens,
                top_logprobs=20 if max_tokens == 1 else 0,
                reusable=len(passage),
            ),
            judge=_in_words if max_tokens == 1 else None,
        )


def _yes(completion: Completion | None) -> float:
    """Probability that the first word is yes, given that it is yes or no."""
    if completion is None:
        return 0.0
    if not completion.first_logprobs:
        return 1.0 if completion.text.strip().lower().startswith("yes") else 0.0
    yes = no = 0.0
    for token, logprob in completion.first_logprobs.items():
        word = token.strip().lower()
        if word in {"yes", "y"}:
            yes += math.exp(logprob)
        elif word in {"no", "n"}:
            no += math.exp(logprob)
    return yes / (yes + no) if yes + no else 0.0


def _in_words(completion: Completion) -> str:
    return f"{_yes(completion):.0%} yes"


def _answer(completion: Completion | None) -> str:
    """The answer in a reply; empty when it says that there is none."""
    text = completion.text.strip() if completion else ""
    if text.upper().startswith(NONE) or _SAYS_NONE.search(text):
        return ""
    bare = _PREAMBLE.sub("", text)
    return bare[:1].upper() + bare[1:] if bare != text else text
