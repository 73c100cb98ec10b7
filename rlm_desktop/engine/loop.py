"""The Recursive Language Model loop (arXiv 2512.24601), to be read from top to bottom.

    explore:  step, step, step … until the answer is ready or a limit is reached
    step:     query the model → parse its reply → execute the cell → observe what it printed

The model never sees the documents, only what its code prints. Control flow that ends the loop is two
exceptions: `Finished` carries the answer, `LimitHit` asks for the best partial one.
"""

from __future__ import annotations

from dataclasses import replace

from rlm_desktop.engine.budget import LimitHit
from rlm_desktop.engine.conversation import Conversation
from rlm_desktop.engine.deaths import ModelLost
from rlm_desktop.engine.dialects import Dialect, Scene
from rlm_desktop.engine.dialects.base import without_blocks
from rlm_desktop.engine.outcome import Finished, Outcome, outcome_of
from rlm_desktop.engine.prompts import prompt
from rlm_desktop.engine.rows import Cell, Turn
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.workbench import Workbench
from rlm_desktop.models.base import Message, ModelError, Request
from rlm_desktop.repl.host import CellResult

REPLY_TOKENS = 1024
FINAL_TOKENS = 320
"""Most tokens of a turn's reply, and of the forced final answer."""
STUCK_TEMPERATURE = 0.8
"""For one turn after the model repeated itself."""
LOOKS = ("context", "documents", "find(", "grep(", "chunks(", "read(", "llm_query", "rlm_query")


class RLM:
    """One Recursive Language Model: a model, a REPL that holds its documents, a conversation.

    Args:
        run: The run it belongs to.
        scope: What it explores, and where its rows hang.
        bench: Its REPL, started.
        dialect: How its model was taught to work.
        scene: What its model is told at the start.
    """

    def __init__(self, run: Run, scope: Scope, bench: Workbench, dialect: Dialect, scene: Scene) -> None:
        self.run = run
        self.scope = scope
        self.bench = bench
        self.dialect = dialect
        self.scene = scene
        self.conversation = Conversation(dialect.system(scene), dialect.first(scene))
        self.turn = 0
        self.cells: list[str] = []
        self.stuck = False
        self.refused = False

    async def explore(self) -> Outcome:
        """Step until there is an answer; at a limit, ask once for the best partial one."""
        self.bench.expect_output()
        try:
            async with self.run.within_time():
                while True:
                    await self.step()
        except Finished as end:
            return end.outcome
        except LimitHit as limit:
            return await self.answer_now(limit)
        except ModelError as error:
            if self.scope.depth:  # its row says so, and its parent goes on
                raise
            return self.broken_off(error)

    async def step(self) -> None:
        """One turn: query, parse, execute, observe."""
        self.turn += 1
        self.run.start_turn(self.turn)
        with Turn(self.run, self.scope, self.turn) as row:
            reply = await self.query(row)
            move = self.dialect.parse(reply)
            if move.code:
                with Cell(self.run, row.span, move.code) as cell:
                    result = await self.bench.execute(cell, self.conversation.turns, shown=self.dialect.clip)
                self.conversation.add(reply, await self.observe(move.code, result, row))
            elif move.final is not None:
                self.conversation.add(reply, await self.finish(move.final, row))
            else:
                self.conversation.add(reply, row.nudge(move.nudge))

    async def query(self, row: Turn) -> str:
        """The model's reply to the conversation, asked a second time if the first came to nothing."""
        sampling = self.scope.role.profile.sampling
        for attempt in (1, 2):
            request = Request(
                messages=self.conversation.fit(self.scope.role.model.context_window - REPLY_TOKENS),
                role=self.scope.asks_as,
                max_tokens=REPLY_TOKENS,
                temperature=STUCK_TEMPERATURE if self.stuck else sampling.temperature,
                top_p=sampling.top_p,
                seed=self.turn * attempt,
                conversation=f"{self.run.id}/{self.scope.parent}",
                thinking=attempt == 1,
            )
            try:
                completion = await row.complete(request)
            except ModelError as error:
                if attempt == 2 or isinstance(error, ModelLost):
                    raise
                continue
            if completion.text.strip() or completion.exhausted:
                break
            if attempt == 1:
                row.note("The reply was empty. Asked again.")
        self.stuck = False
        return completion.text

    async def observe(self, code: str, result: CellResult, row: Turn) -> str:
        """What the model is told about its cell, unless the cell finished the exploration."""
        advice = self.bench.take_hints()
        if code in self.cells:
            self.stuck = True
            advice.append(row.nudge(prompt("nudge_repeated")))
        self.cells.append(code)
        if result.answer is not None:
            advice.append(await self.finish(result.answer, row))
        output = self.bench.describe(result)
        return self.dialect.next(self.scene, self.turn + 1, code, output, "\n".join(advice))

    async def finish(self, answer: str, row: Turn) -> str:
        """End with this answer, or refuse it and return the reason.

        An empty answer is a model's slip; so is one before any look at the documents, the first time.
        """
        looked = any(look in code for code in self.cells for look in LOOKS)
        said = "" if answer.strip() == "None" else answer.strip()
        if said and (looked or self.refused):
            raise Finished(outcome_of(said, self.bench.trail))
        self.refused = self.refused or bool(said)
        await self.bench.withdraw_answer()
        return row.nudge(prompt("nudge_look_first" if said else "nudge_empty"))

    async def answer_now(self, limit: LimitHit) -> Outcome:
        """One last turn without code: the best answer from what was seen, marked as partial."""
        draft = self.bench.draft()
        if self.scope.depth > 0 and limit.which != "turns":
            return Outcome("limit", draft or f"No answer: {limit}")
        self.run.limit_reached(self.scope.parent, limit)
        if self.scope.depth == 0:  # what is kept back is the root's
            self.run.budget.open_final()
        final = prompt(
            "forced_answer",
            reason=str(limit),
            question=self.scene.question,
            state=await self.bench.state(),
        )
        messages = (Message("system", prompt("forced_system")), Message("user", final))
        try:
            async with self.run.within_time():
                with Turn(self.run, self.scope, self.turn, label="Answer with what was found") as row:
                    request = Request(
                        messages=messages,
                        role=self.scope.asks_as,
                        max_tokens=FINAL_TOKENS,
                        thinking=False,
                    )
                    text = without_blocks((await row.complete(request)).text).strip() or draft
        except (LimitHit, ModelError):
            text = draft
        if not text:
            return Outcome("limit", f"No answer: {limit}" if self.scope.depth else "")
        return replace(outcome_of(text, self.bench.trail), status="limit")

    def broken_off(self, error: ModelError) -> Outcome:
        """No model answers any more: what was found until then is not lost."""
        outcome = outcome_of(self.bench.draft(), self.bench.trail)
        if outcome.status != "answered":  # nobody knows what the rest of the documents says
            outcome = Outcome("failed", "")
        return replace(outcome, status="failed", failure=error)
