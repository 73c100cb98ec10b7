"""The app writes the cells, the model fills small typed slots: find → read → verify → answer.

For models too small to write a program. Each step is a turn with a real cell in the real REPL, so
that a person sees, and can repeat, what was done.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, cycle

from rlm_desktop.documents.support import gist
from rlm_desktop.engine.budget import LimitHit
from rlm_desktop.engine.outcome import Outcome, not_found, quote_of
from rlm_desktop.engine.prompts import dialogue, prompt
from rlm_desktop.engine.rows import Cell, Turn
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.trail import Reading
from rlm_desktop.engine.workbench import Workbench
from rlm_desktop.events import Role
from rlm_desktop.models.base import Message, ModelError, Request
from rlm_desktop.repl.host import CellResult

PASSAGES = 6
"""Passages read at a time; enough at once to keep the model's batch full."""
ROUNDS = 3
"""Times the next best passages of the first search are read before other words are tried."""
MORE_ROUNDS = 2
"""The same for the search with other words."""
MOST_TERMS = 6
WORTH = 0.3
"""Part of the best passage's score that another needs to be worth reading."""
_KEEP = (
    "passages = sorted(passages, key=lambda p: -p.score)[:{most}]\n"
    f"passages = [p for p in passages if p.score >= {WORTH} * passages[0].score]\npassages"
)
SURE = 0.8
"""Confidence at which no further passages are read."""
MOST_QUOTED = 3
RECALLED_IN_FULL = 200
"""Characters of each earlier answer that are enough to tell what a question goes on from."""
LONGEST_ADDED = 200
"""Characters that putting a question in full may add to it; a model that adds more has begun to answer."""
QUESTION_SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string"}},
    "required": ["question"],
    "additionalProperties": False,
}
TERMS_SCHEMA = {
    "type": "object",
    "properties": {
        "terms": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": MOST_TERMS}
    },
    "required": ["terms"],
    "additionalProperties": False,
}


async def answer(run: Run, scope: Scope) -> Outcome:
    """Answer the scope's question by the recipe."""
    async with Workbench(run, scope, lambda child: answer(run, child)) as bench:
        return await Recipe(run, scope, bench).follow()


class Recipe:
    """The steps for one question.

    Args:
        run: The run.
        scope: The question and the documents.
        bench: The REPL, started.
    """

    def __init__(self, run: Run, scope: Scope, bench: Workbench) -> None:
        self.run = run
        self.scope = scope
        self.bench = bench
        self.turn = 0

    async def follow(self) -> Outcome:
        """Find and read until a reading is sure, then verify and answer."""
        try:
            async with self.run.within_time():
                await self.put_in_full()
                await self.find_and_read()
                readings = await self.verify()
                if not readings:
                    return self.nothing_found()
                return Outcome("answered", readings[0].answer, tuple(map(quote_of, readings)))
        except LimitHit as limit:
            return await self.partial(limit)
        except ModelError as error:
            if self.scope.depth:  # its row says so, and its parent goes on
                raise
            return replace(await self.so_far(), status="failed", failure=error)

    def nothing_found(self) -> Outcome:
        """The document does not say; unless some passages could not be read, then nobody knows."""
        trail = self.bench.trail
        if unread := trail.unread():
            raise ModelError(
                f"{len(unread)} of {len(trail.readings)} passages could not be read, and the others do not "
                f"answer the question: {unread[-1].error}",
                "Ask again.",
            )
        return not_found(trail)

    async def put_in_full(self) -> None:
        """Make a follow-up question one that can be searched for: say whom its "he" and "it" mean."""
        session, asked = self.scope.session, self.scope.question
        if session is None or not session.exchanges:
            return
        texts = dialogue("full_question", earlier=session.recall(RECALLED_IN_FULL), question=asked)
        roles: Iterable[Role] = chain(("system",), cycle(("user", "assistant")))
        with self.step("Put the question in full") as row:
            request = Request(
                messages=tuple(map(Message, roles, texts)),
                role="root",
                max_tokens=120,
                schema=QUESTION_SCHEMA,
            )
            full = _question((await row.complete(request)).text)
            earlier = {past.question for past in session.exchanges}
            if full not in {"", asked} and full not in earlier and len(full) <= LONGEST_ADDED + len(asked):
                row.note(f"Read as: {full}")
                self.scope = replace(self.scope, question=full)

    async def find_and_read(self) -> None:
        """Read the best passages for the question's own words, then those for other words."""
        question = self.scope.question
        found = await self.search(
            "Search for the question's words",
            f"notes = []\npassages = find({question!r}, k={PASSAGES * ROUNDS})\n{_KEEP.format(most=PASSAGES * ROUNDS)}",
        )
        if await self.read_passages(min(found, PASSAGES * ROUNDS)):
            return
        terms = await self.other_words()
        if not terms:
            return
        queries = ", ".join(f"find({term!r}, k={PASSAGES})" for term in terms)
        found = await self.search(
            "Search for other words",
            "def overlap(p, s):\n    return p.document == s.document and p.start < s.end and s.start < p.end\n"
            f"seen, passages = passages, []\nfor found in ({queries},):\n"
            "    passages += [p for p in found if not any(overlap(p, s) for s in seen + passages)]\n"
            f"{_KEEP.format(most=PASSAGES * MORE_ROUNDS)}",
        )
        await self.read_passages(min(found, PASSAGES * MORE_ROUNDS))

    async def search(self, label: str, code: str) -> int:
        """Run a cell that searches; returns how many new passages are worth reading."""
        before = set(self.bench.trail.found)
        await self.cell(label, code)
        new = [score for place, score in self.bench.trail.found.items() if place not in before]
        return sum(score >= WORTH * max(new) for score in new)

    async def read_passages(self, count: int) -> bool:
        """Read the passages found, a few at a time; true as soon as one answers the question surely."""
        for start in range(0, count, PASSAGES):
            end = min(count, start + PASSAGES)
            await self.cell(
                f"Read passages {start + 1} to {end}",
                f"new = read({self.scope.question!r}, passages[{start}:{end}])\n"
                "notes += new\n[note for note in new if note.found]",
            )
            best = self.bench.trail.best()
            if best is not None and best.confidence >= SURE:
                return True
        return False

    async def other_words(self) -> list[str]:
        """Words the passage with the answer may use instead; the model fills one typed slot."""
        text = prompt("search_terms", question=self.scope.question)
        with self.step("Think of other words") as row:
            request = Request(
                messages=(Message("user", text),), role="root", max_tokens=120, schema=TERMS_SCHEMA
            )
            completion = await row.complete(request)
        return list(_terms(completion.text))

    async def verify(self) -> list[Reading]:
        """The readings behind the best answer whose quotes stand in the documents, surest first."""
        if not self.bench.trail.best():
            return []
        await self.cell(
            "Check the quotes in the document",
            "texts = [context] if isinstance(context, str) else context\n"
            "quotes = [note.quote for note in notes if note.found]\n"
            "{quote: sum(text.count(quote) for text in texts) for quote in quotes}",
        )
        return await self.agreed()

    async def agreed(self) -> list[Reading]:
        """Of the readings whose quotes stand, those that give the answer most is said for, surest first.

        A small model finds an answer in many a passage; the right one is found more often, and in passages
        that the search put first.
        """
        question, scores = self.scope.question, self.bench.trail.found
        best = max(scores.values(), default=1.0)
        votes: defaultdict[frozenset[str], float] = defaultdict(float)
        weights: dict[Reading, float] = {}
        found = [reading for reading in self.bench.trail.readings if reading.found]
        readings = [reading for reading in found if await self._stands(reading)]
        for reading in readings:
            score = scores.get((reading.passage.document, reading.passage.start), 0.0)
            weights[reading] = reading.confidence * (1 + score / best) / 2
            votes[gist(question, reading.answer)] += weights[reading]
        if not votes:
            return []
        winner = max(votes, key=lambda said: votes[said])
        chosen = [reading for reading in readings if gist(question, reading.answer) == winner]
        return sorted(chosen, key=lambda reading: -weights[reading])[:MOST_QUOTED]

    async def _stands(self, reading: Reading) -> bool:
        near = quote_of(reading).near
        (place,) = await self.run.scan.locate(self.run.corpus, [reading.quote], (near,) if near else ())
        return place is not None and place.verified

    async def partial(self, limit: LimitHit) -> Outcome:
        """What most is said for so far, marked as partial."""
        self.run.limit_reached(self.scope.parent, limit)
        return await self.so_far()

    async def so_far(self) -> Outcome:
        """What most is said for, or a remark on what was searched without finding anything."""
        readings = await self.agreed()
        if not readings:
            if account := self.bench.trail.account():
                self.run.note(self.scope.parent, account)
            return Outcome("limit", "")
        return Outcome("limit", readings[0].answer, tuple(map(quote_of, readings)))

    def step(self, label: str) -> Turn:
        """The next turn's row."""
        self.turn += 1
        self.run.start_turn(self.turn)
        return Turn(self.run, self.scope, self.turn, label=label)

    async def cell(self, label: str, code: str) -> CellResult:
        """A turn with one cell the app has written."""
        with self.step(label) as row:
            row.open()
            with Cell(self.run, row.span, code) as cell:
                result = await self.bench.execute(cell)
        self.run.check()
        return result


def _question(reply: str) -> str:
    try:
        found = json.loads(reply)["question"]
    except (ValueError, KeyError, TypeError):
        return ""
    return " ".join(found.split()) if isinstance(found, str) else ""


def _terms(reply: str) -> Iterator[str]:
    try:
        terms = json.loads(reply)["terms"]
    except (ValueError, KeyError, TypeError):
        return
    for term in terms[:MOST_TERMS] if isinstance(terms, list) else ():
        if isinstance(term, str) and term.strip():
            yield term.strip()
