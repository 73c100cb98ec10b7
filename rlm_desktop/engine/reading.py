"""Read passages for a question: look, extract, check.

A small model asked for an answer gives one, whether the passage has it or not. So each passage is
first looked at (one token: yes or no, as a probability), the likely ones are read (a grammar holds
the reply to a quote and an answer), and each answer is checked against its passage (again one
token). A reading counts as found only if its quote stands in the passage and the check says yes.
All prompts begin with the same instruction and the passage, so the later ones reuse its prefix.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from rlm_desktop.documents.citations import stands_in
from rlm_desktop.engine.prompts import prompt, version
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.subcalls import Call, Reply, dispatch, label_of
from rlm_desktop.engine.trail import Piece, Reading
from rlm_desktop.events import Range
from rlm_desktop.models.base import Completion, Message, Request

LOOK_THRESHOLD = 0.25
"""Probability of "yes" below which a passage is not read further; low, as the check comes after."""
CHECK_THRESHOLD = 0.5
MOST_READ = 3
"""Of one batch, how many of the likeliest passages are read further."""
PROMPTS = ("read_system", "read_passage", "read_look", "read_extract", "read_check")
SCHEMA = {
    "type": "object",
    "properties": {"quote": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["quote", "answer"],
    "additionalProperties": False,
}


def prompt_version() -> str:
    """Changes whenever a prompt of reading does."""
    return version(*PROMPTS)


async def read(run: Run, parent: int, question: str, pieces: Sequence[Piece]) -> list[Reading]:
    """What each passage says about the question, in the order of the passages.

    Args:
        run: The run.
        parent: Row the calls hang on.
        question: What to look for.
        pieces: The passages, each short enough for the sub-model's window.
    """
    looks = await _ask(run, parent, question, "Look at", [(piece, prompt("read_look")) for piece in pieces])
    chances = [_yes(look.completion) for look in looks]
    likely = sorted(range(len(pieces)), key=lambda index: -chances[index])[:MOST_READ]
    likely = sorted(index for index in likely if chances[index] >= LOOK_THRESHOLD)
    extracts = await _ask(
        run, parent, question, "Read", [(pieces[i], prompt("read_extract")) for i in likely], schema=SCHEMA
    )
    drafts = {i: _extracted(reply.completion) for i, reply in zip(likely, extracts, strict=True)}
    drafts = {i: draft for i, draft in drafts.items() if all(draft)}
    checks = await _ask(
        run,
        parent,
        question,
        "Check",
        [(pieces[i], prompt("read_check", answer=drafts[i][1])) for i in drafts],
    )
    verdicts = {i: _yes(reply.completion) for i, reply in zip(drafts, checks, strict=True)}
    readings = []
    for index, piece in enumerate(pieces):
        quote, answer = drafts.get(index, ("", ""))
        span = stands_in(quote, piece.text) if quote else None
        confidence = verdicts.get(index, chances[index])
        found = span is not None and verdicts.get(index, 0.0) >= CHECK_THRESHOLD
        exact = piece.text[span[0] : span[1]] if span else quote
        readings.append(Reading(found, answer, exact, confidence, piece, looks[index].error))
    return readings


async def _ask(
    run: Run,
    parent: int,
    question: str,
    verb: str,
    tasks: Sequence[tuple[Piece, str]],
    *,
    schema: dict[str, object] | None = None,
) -> list[Reply]:
    calls = [
        Call(
            label=label_of(f"{verb} {piece.where}"),
            kind="read",
            ranges=() if piece.document < 0 else (Range(piece.document, piece.start, piece.end),),
            request=Request(
                messages=(
                    Message("system", prompt("read_system")),
                    Message(
                        "user",
                        prompt(
                            "read_passage",
                            where=piece.name or "a piece",
                            passage=piece.text,
                            question=question,
                            task=task,
                        ),
                    ),
                ),
                max_tokens=160 if schema else 1,
                top_logprobs=0 if schema else 20,
                schema=schema,
            ),
        )
        for piece, task in tasks
    ]
    return await dispatch(run, run.sub, parent, calls) if calls else []


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


def _extracted(completion: Completion | None) -> tuple[str, str]:
    """Quote and answer of a reply, both empty if it is not the JSON that was asked for."""
    if completion is None:
        return "", ""
    start, end = completion.text.find("{"), completion.text.rfind("}")
    try:
        fields = json.loads(completion.text[start : end + 1])
    except ValueError:
        return "", ""
    if not isinstance(fields, dict):
        return "", ""
    return str(fields.get("quote", "")).strip(), str(fields.get("answer", "")).strip()
