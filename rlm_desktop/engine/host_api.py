"""What a cell may ask of the host: search, read, sub-calls, child RLMs.

Every argument comes from code a model wrote, so it is checked like any input from outside.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from rlm_desktop.engine.budget import LimitHit
from rlm_desktop.engine.conversation import CHARACTERS_PER_TOKEN
from rlm_desktop.engine.outcome import Outcome
from rlm_desktop.engine.prompts import prompt
from rlm_desktop.engine.reading import read
from rlm_desktop.engine.run import Role, Run
from rlm_desktop.engine.scope import Scope, spool
from rlm_desktop.engine.stops import AGAIN, STOPPED_CALL, Stopped
from rlm_desktop.engine.subcalls import (
    Call,
    Place,
    all_or_none,
    dispatch,
    label_of,
    side_by_side,
    turned_away,
)
from rlm_desktop.engine.tracing import Sent, Tracing
from rlm_desktop.engine.trail import Piece, Trail
from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events import CallFinished, CallStarted, CallStatus, encode_ranges
from rlm_desktop.models.base import Message, Request
from rlm_desktop.repl.host import CallFailure, Repl

SUB_TOKENS = 1024
"""Most tokens a sub-call may generate."""
CHILDREN = 8
"""Child RLMs of one RLM that work at a time; each has processes that hold its context in memory."""
PROBES = 6
"""Places of a prompt that are looked up in the documents to see whether it holds any of their text."""
PROBE_LENGTH = 24
Explore = Callable[[Scope], Awaitable[Outcome]]
"""Runs a child RLM to its end."""


class FindArgs(msgspec.Struct):
    """Arguments of ``find``."""

    query: str
    k: int = 8


class GrepArgs(msgspec.Struct):
    """Arguments of ``grep``."""

    pattern: str
    k: int = 20


class ReadArgs(msgspec.Struct):
    """Arguments of ``read``."""

    question: str
    passages: list[Piece]


class LlmArgs(msgspec.Struct):
    """Arguments of ``llm_query`` and its batched form."""

    prompts: list[str]
    model: str | None = None


class RlmArgs(msgspec.Struct):
    """Arguments of ``rlm_query``; a missing context means that the prompt is the context."""

    prompts: list[str]
    contexts: list[str | list[str] | None]
    model: str | None = None


class HostApi:
    """Answers the calls of one RLM's cells.

    Args:
        run: The run.
        scope: The RLM.
        trail: Remembers what was searched and read.
        explore: Starts a child.

    Attributes:
        cell: Row of the cell that runs now; calls hang on it.
        repl: The REPL whose calls these are; those of children are forks beside it.
        hints: One-line hints for the model, collected since they were last taken.
        tracing: What of the documents the cells show, send and find.
    """

    def __init__(self, run: Run, scope: Scope, trail: Trail, explore: Explore) -> None:
        self.cell = scope.parent
        self.repl: Repl | None = None
        self.hints: list[str] = []
        self.tracing = Tracing(run, scope)
        self._run = run
        self._scope = scope
        self._trail = trail
        self._explore = explore
        self._children = 0
        self._too_deep = 0
        self._at_once = asyncio.Semaphore(CHILDREN)

    async def __call__(self, api: str, args: dict[str, Any]) -> object:
        """Serve one call; raises `CallFailure` with one sentence when it cannot be."""
        try:
            match api:
                case "find":
                    return await self._find(msgspec.convert(args, FindArgs))
                case "grep":
                    return await self._grep(msgspec.convert(args, GrepArgs))
                case "read":
                    return await self._read(msgspec.convert(args, ReadArgs))
                case "llm_query":
                    return await self._llm(msgspec.convert(args, LlmArgs))
                case "rlm_query":
                    return await self._rlm(msgspec.convert(args, RlmArgs))
        except msgspec.ValidationError as error:
            raise CallFailure(f"{api}: {error}") from error
        except StoreError:
            raise
        except (UserError, LimitHit) as error:
            raise CallFailure(str(error)) from error
        raise CallFailure(f"There is no function {api}.")

    async def _find(self, args: FindArgs) -> object:
        self._trail.search(args.query)
        found = await self._run.scan.find(self._scope.corpus, args.query, max(1, min(args.k, 100)))
        for passage in found:
            self._trail.found.setdefault((passage.document, passage.start), passage.score)
        self.tracing.find(found)
        return msgspec.to_builtins(found)

    async def _grep(self, args: GrepArgs) -> object:
        self._trail.search(args.pattern)
        matches = await self._run.scan.grep(self._scope.corpus, args.pattern, max(1, min(args.k, 1000)))
        self.tracing.find(matches.passages)
        return msgspec.to_builtins(matches.passages)

    async def _read(self, args: ReadArgs) -> object:
        passages = list(map(self._placed, args.passages))
        traced = self.tracing.send([piece.text for piece in passages], [piece.place for piece in passages])
        sent = dict(zip(passages, traced, strict=True))
        readings = await read(self._run, self.cell, args.question, passages, sent)
        self._trail.readings += readings
        return msgspec.to_builtins(readings)

    def _placed(self, piece: Piece) -> Piece:
        """A passage as a cell gave it, without the place if the documents have none such."""
        documents = self._scope.corpus.documents
        if 0 <= piece.document < len(documents) and piece.end <= documents[piece.document].size:
            return piece
        return msgspec.structs.replace(piece, document=-1)

    async def _llm(self, args: LlmArgs) -> list[dict[str, str]]:
        role = self._run.sub_role(args.model)
        if role is None:
            raise CallFailure(f"The model {args.model} is not part of this run; leave the argument out.")
        await self._hint(args.prompts)
        sent = self.tracing.send(args.prompts)
        calls = [
            Call(
                label=label_of(text),
                sent=made,
                request=Request(
                    messages=(Message("user", text),),
                    max_tokens=SUB_TOKENS,
                    temperature=role.profile.sampling.temperature,
                ),
            )
            for text, made in zip(args.prompts, sent, strict=True)
        ]
        replies = await dispatch(self._run, role, self.cell, calls)
        return [
            {"text": reply.completion.text} if reply.completion else {"error": reply.error}
            for reply in replies
        ]

    async def _hint(self, prompts: list[str]) -> None:
        """Warn once when the first prompt holds nothing that stands in the documents."""
        text = prompts[0] if prompts else ""
        hint = prompt("hint_no_text")
        if not text or len(text) > 4000 or hint in self.hints:
            return
        step = max(1, (len(text) - PROBE_LENGTH) // PROBES)
        probes = [text[at : at + PROBE_LENGTH] for at in range(0, max(1, len(text) - PROBE_LENGTH), step)]
        pattern = "|".join(map(re.escape, probes))
        if not (await self._run.scan.grep(self._scope.corpus, pattern, 1)).passages:
            self.hints.append(hint)

    async def _rlm(self, args: RlmArgs) -> list[dict[str, str]]:
        role = self._run.sub_role(args.model)
        if role is None:
            raise CallFailure(f"The model {args.model} is not part of this run; leave the argument out.")
        contexts = args.contexts or [None] * len(args.prompts)
        if len(contexts) != len(args.prompts):
            raise CallFailure("rlm_query_batched needs one context for each prompt.")
        if self._scope.depth >= self._run.budget.limits.depth:
            return await self._beyond_depth(args.prompts, contexts, args.model)
        admitted = self._run.budget.admit(len(args.prompts))
        pairs = list(zip(args.prompts, contexts, strict=True))[:admitted]
        places = side_by_side(self._run, admitted)
        replies = await all_or_none(
            [self._child(role, *pair, place) for pair, place in zip(pairs, places, strict=True)]
        )
        refused = turned_away(self._run, self.cell, len(args.prompts), admitted)
        return replies + [{"error": reply.error} for reply in refused]

    async def _beyond_depth(
        self, prompts: list[str], contexts: list[str | list[str] | None], model: str | None
    ) -> list[dict[str, str]]:
        if self._too_deep != self.cell:  # said once a cell
            self._too_deep = self.cell
            depth = self._run.budget.limits.depth
            self._run.note(self.cell, f"rlm_query beyond depth {depth} is answered by one sub-call instead.")
        texts = []
        for text, context in zip(prompts, contexts, strict=True):
            parts = [context] if isinstance(context, str) else context or []
            texts.append("\n\n".join([text, *parts]))
        return await self._llm(LlmArgs(texts, model))

    async def _child(
        self, role: Role, question: str, context: str | list[str] | None, place: Place
    ) -> dict[str, str]:
        """Run a child RLM to its end, as one row with the child's turns below it."""
        run, span = self._run, place.span
        recorder = run.recorder
        started = CallStarted(
            run=run.id,
            span=span,
            parent=self.cell,
            kind="rlm",
            label=label_of(question),
            model=role.model.name,
            batch=place.batch,
            index=place.index,
            batch_size=place.size,
        )
        recorder.emit(started)
        began = time.monotonic()
        sent: list[Sent] = []

        def end(status: CallStatus, reply: str = "", error: str = "") -> dict[str, str]:
            recorder.emit(
                CallFinished(
                    run=run.id,
                    span=span,
                    status=status,
                    seconds=time.monotonic() - began,
                    reply=recorder.keep(reply) if reply else "",
                    error=error,
                    sent=encode_ranges(place for one in sent for place in one.known),
                )
            )
            return {"error": error} if error else {"text": reply}

        try:
            run.budget.reserve_subcall()
            given = [context] if isinstance(context, str) else context or []
            sent += self.tracing.send([question, *given])
            outcome = await run.stops.within(
                span,
                lambda: self._explored(role, question, context, span),
                again=lambda: run.note(span, AGAIN),
            )
            for one in sent:
                await one.ranges()
        except LimitHit as limit:
            return end("refused", error=str(limit))
        except Stopped:
            return end("cancelled", error=STOPPED_CALL)
        except StoreError:
            raise
        except UserError as error:
            return end("error", error=error.message)
        except asyncio.CancelledError:
            end("cancelled", error="Cancelled.")
            raise
        return end("ok", reply=outcome.answer)

    async def _explored(
        self, role: Role, question: str, context: str | list[str] | None, span: int
    ) -> Outcome:
        async with self._at_once:
            return await self._explore(await self._below(role, question, context, span))

    async def _below(self, role: Role, question: str, context: str | list[str] | None, span: int) -> Scope:
        """The scope of a child: its context is spooled to files and explored like any document."""
        self._children += 1
        folder = self._scope.scratch / f"child-{self._children}"
        given = question if context is None else context
        corpus, figures = await asyncio.to_thread(spool, given, folder)
        return Scope(
            question=_short(question),
            corpus=corpus,
            figures=figures,
            depth=self._scope.depth + 1,
            parent=span,
            role=role,
            scratch=folder / "work",
            beside=self.repl,
        )


def _short(question: str) -> str:
    """A request too long for a prompt is read from the child's ``context``, where it stands whole."""
    if len(question) <= 2000:
        return question
    return f"{question[:500]}… (the whole request is in `context`)"


def sub_characters(run: Run) -> int:
    """Characters a sub-call's prompt may have so that its reply still fits the window."""
    return max(1000, (run.sub.model.context_window - SUB_TOKENS) * CHARACTERS_PER_TOKEN)
