"""The paper's base model: the model reads the document itself, truncated when it does not fit."""

from __future__ import annotations

import json

from rlm_desktop.engine.budget import LimitHit
from rlm_desktop.engine.conversation import CHARACTERS_PER_TOKEN
from rlm_desktop.engine.outcome import Outcome, Quote, not_found, outcome_of
from rlm_desktop.engine.prompts import prompt
from rlm_desktop.engine.rows import Turn
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.trail import Trail
from rlm_desktop.models.base import Message, PromptTooLong, Request

REPLY_TOKENS = 400
SCHEMA = {
    "type": "object",
    "properties": {
        "found": {"type": "boolean"},
        "quote": {"type": "string"},
        "answer": {"type": "string"},
    },
    "required": ["found", "quote", "answer"],
    "additionalProperties": False,
}


async def answer(run: Run, scope: Scope) -> Outcome:
    """Put the documents into one prompt; over the window, cut the middle out and say so."""
    document = await _whole(run, scope)
    question = f"{scope.question}\n\n{scope.earlier}".strip()
    with Turn(run, scope, 1, label="Read the whole document") as row:
        room = len(document)
        while True:
            text = document if room >= len(document) else _truncated(document, room)
            reading = prompt("direct_document", document=text)
            task = f"{reading}\n\n{prompt('direct_task', question=question)}"
            messages = (Message("system", prompt("direct_system")), Message("user", task))
            try:
                run.start_turn(1)
                async with run.within_time():
                    completion = await row.complete(
                        Request(
                            messages=messages,
                            role="root",
                            max_tokens=REPLY_TOKENS,
                            schema=SCHEMA,
                            reusable=len(reading),
                        )
                    )
                break
            except PromptTooLong as long:
                excess = max(200, (long.prompt_tokens + REPLY_TOKENS - long.window) * CHARACTERS_PER_TOKEN)
                room = min(room, len(document)) - excess
                if room <= 0:
                    raise
            except LimitHit as limit:
                run.limit_reached(scope.parent, limit)
                return Outcome("limit", "")
        if room < len(document):
            row.note(
                f"The document does not fit the window: {len(document) - room:,} of {len(document):,} "
                "characters in its middle were left out."
            )
    return _outcome(completion.text, scope)


async def fits(run: Run, scope: Scope) -> bool:
    """Whether the documents and the reply fit the root's window."""
    if scope.figures.characters > _room(run) * 6:  # more than any tokenizer packs into a window
        return False
    text = await _whole(run, scope)
    tokens = await run.outlive(lambda: run.root.model.count_tokens(text))
    return tokens <= _room(run)  # it is loaded now, perhaps with a shorter window than it was to have


def _room(run: Run) -> int:
    """Tokens of the root's window that the documents can have."""
    return run.root.model.context_window - REPLY_TOKENS - 200


async def _whole(run: Run, scope: Scope) -> str:
    texts = [await run.scan.read(document) for document in scope.corpus.documents]
    if len(texts) == 1:
        return str(texts[0])
    pairs = zip(scope.corpus.documents, texts, strict=True)
    return "\n\n".join(f"=== {document.name} ===\n{text}" for document, text in pairs)


def _truncated(document: str, room: int) -> str:
    half = room // 2
    return f"{document[:half]}\n[… the middle of the document is left out …]\n{document[-half:]}"


def _outcome(reply: str, scope: Scope) -> Outcome:
    try:
        fields = json.loads(reply)
    except ValueError:
        return outcome_of(reply, Trail())
    if not isinstance(fields, dict) or not fields.get("found") or not str(fields.get("answer", "")).strip():
        names = [document.name for document in scope.corpus.documents]
        trail = Trail()
        outcome = not_found(trail)
        read = names[0] if len(names) == 1 else f"{len(names)} documents"
        return Outcome("not_found", f"{outcome.answer} Read {read} from beginning to end.")
    quote = str(fields.get("quote", "")).strip()
    return Outcome("answered", str(fields["answer"]).strip(), (Quote(quote),) if quote else ())
