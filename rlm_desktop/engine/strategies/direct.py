"""The paper's base model: the model reads the document itself, truncated when it does not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rlm_desktop.engine.budget import LimitHit
from rlm_desktop.engine.conversation import CHARACTERS_PER_TOKEN
from rlm_desktop.engine.outcome import Outcome, Quote, not_found, outcome_of
from rlm_desktop.engine.prompts import prompt
from rlm_desktop.engine.rows import Turn
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.trail import Trail
from rlm_desktop.events import Range, encode_ranges
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
_BETWEEN = "\n\n"


async def answer(run: Run, scope: Scope) -> Outcome:
    """Put the documents into one prompt; over the window, cut the middle out and say so."""
    texts = await _texts(run, scope)
    document = _joined(scope, texts)
    question = f"{scope.question}\n\n{scope.earlier}".strip()
    with Turn(run, scope, 1, label="Read the document") as row:
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
        row.sent = encode_ranges(_kept(scope, texts, _halves(document, room)))
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
    text = _joined(scope, await _texts(run, scope))
    tokens = await run.outlive(lambda: run.root.model.count_tokens(text))
    return tokens <= _room(run)  # it is loaded now, perhaps with a shorter window than it was to have


def _room(run: Run) -> int:
    """Tokens of the root's window that the documents can have."""
    return run.root.model.context_window - REPLY_TOKENS - 200


async def _texts(run: Run, scope: Scope) -> list[str]:
    return [await run.scan.read(document) for document in scope.corpus.documents]


def _joined(scope: Scope, texts: Sequence[str]) -> str:
    pairs = zip(_headings(scope), texts, strict=True)
    return _BETWEEN.join(heading + text for heading, text in pairs)


def _headings(scope: Scope) -> list[str]:
    """What stands before each document; nothing if there is only one."""
    documents = scope.corpus.documents
    return [f"=== {document.name} ===\n" if len(documents) > 1 else "" for document in documents]


def _halves(document: str, room: int) -> list[tuple[int, int]]:
    """The characters that are kept when there is room for so many."""
    if room >= len(document):
        return [(0, len(document))]
    return [(0, room // 2), (len(document) - room // 2, len(document))]


def _truncated(document: str, room: int) -> str:
    head, tail = (document[start:end] for start, end in _halves(document, room))
    return f"{head}\n[… the middle of the document is left out …]\n{tail}"


def _kept(scope: Scope, texts: Sequence[str], spans: Sequence[tuple[int, int]]) -> Iterator[Range]:
    """These characters of the joined texts as ranges of the documents."""
    at = 0
    for index, (heading, text) in enumerate(zip(_headings(scope), texts, strict=True)):
        at += len(heading)
        for start, end in spans:
            yield Range(index, max(0, start - at), min(len(text), end - at))
        at += len(text) + len(_BETWEEN)


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
