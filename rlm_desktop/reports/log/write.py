"""A run as a log of the reference implementation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from rlm_desktop.events import (
    CallFinished,
    CellFinished,
    CellOutput,
    MessageRef,
    Recording,
    Row,
    TextHash,
    Usage,
)
from rlm_desktop.reports.account import Account, account
from rlm_desktop.reports.log.format import (
    EXTENSION,
    IMPORTED,
    PROGRAM,
    Call,
    CodeBlock,
    Frame,
    Iteration,
    Metadata,
    ModelUsage,
    Result,
    Trajectory,
    UsageSummary,
)

_TRACEBACK = "Traceback (most recent call last):\n"


def log_lines(recording: Recording) -> Iterator[str]:
    """The lines of the log, in the reference's own spelling of JSON: ASCII, so that any text survives.

    Raises:
        StoreError: A text of the run is missing.
    """
    run = account(recording)
    log = _Log(recording, run)
    yield _line(log.metadata())
    for iteration in log.iterations(0, run.finish.answer):
        yield _line(iteration)


def _line(entry: msgspec.Struct) -> str:
    return json.dumps(msgspec.to_builtins(entry)).replace("\x7f", "\\u007f") + "\n"


class _Log:
    """Turns rows into entries of the log.

    Args:
        recording: The run.
        run: What it came to.
    """

    def __init__(self, recording: Recording, run: Account) -> None:
        self._text = recording.text
        self._run = run
        self._rows = run.state
        self._seconds: dict[int, float] = {}
        self._stderr: dict[int, str] = {}
        for event in recording.events:
            if isinstance(event, CellFinished | CallFinished):
                self._seconds[event.span] = event.seconds
            elif isinstance(event, CellOutput) and event.stream == "stderr":
                self._stderr[event.span] = self._stderr.get(event.span, "") + event.chunk

    def metadata(self) -> Metadata:
        """The file's first line."""
        model = next((model.name for model in self._run.start.models if model.role == "root"), "unknown")
        return Metadata(
            type="metadata",
            timestamp=_moment(self._run.start.time),
            **self._set_up(model),
            environment_kwargs={EXTENSION: msgspec.to_builtins(self._frame())},
        )

    def _set_up(self, model: str) -> dict[str, Any]:
        """What the metadata of a run and of its children have in common."""
        limits = self._run.start.limits
        return {
            "root_model": model,
            "max_depth": limits.depth + 1,  # the reference counts the root's own level
            "max_iterations": limits.turns,
            "backend": PROGRAM,
            "backend_kwargs": {"model_name": model},
            "environment_type": "local",
        }

    def _frame(self) -> Frame:
        state, start = self._rows, self._run.start
        plain = {"run": "", "seq": 0, "time": 0}
        program = start.program.removesuffix(IMPORTED)
        return Frame(
            replace(start, **plain, parent_run="", session="", program=program),
            replace(state.limit, **plain) if state.limit else None,
            replace(state.finish, run="", seq=0) if state.finish else None,
        )

    def iterations(self, span: int, answer: str) -> Iterator[Iteration]:
        """The turns of one RLM; its answer is that of the last."""
        turns = [row for row in self._rows.children(span) if row.kind == "turn"]
        for number, row in enumerate(turns, 1):
            yield self._iteration(row, number, (answer or None) if row is turns[-1] else None)

    def _iteration(self, row: Row, number: int, answer: str | None) -> Iteration:
        blocks = [self._block(child) for child in self._rows.children(row.span) if child.kind == "cell"]
        if calls := self._calls(row):  # calls that no cell made
            blocks.append(CodeBlock("", Result(rlm_calls=calls, execution_time=0.0)))
        if blocks and blocks[-1].result:
            blocks[-1].result.final_answer = answer
        ended = row.finished or row.started
        return Iteration(
            iteration=number,
            timestamp=_moment(ended),
            prompt=[self._message(message) for message in row.prompt],
            response=self._long(row, "reply"),
            code_blocks=blocks,
            final_answer=answer,
            iteration_time=(ended - row.started) / 1e6 or None,
            label=row.label,
            usage_summary=_summary({row.model: row.usage}) if _states(row.usage) else UNSET,
        )

    def _block(self, row: Row) -> CodeBlock:
        output, stderr = _streams(self._long(row, "output"), self._stderr.get(row.span, ""), row.error)
        return CodeBlock(
            self._long(row, "code"),
            Result(output, stderr, execution_time=self._duration(row), rlm_calls=self._calls(row)),
        )

    def _calls(self, row: Row) -> list[Call]:
        return [self._call(child) for child in self._rows.children(row.span) if child.kind == "call"]

    def _call(self, row: Row) -> Call:
        reply = self._long(row, "reply")
        trajectory: Trajectory | msgspec.UnsetType = UNSET
        if row.call_kind == "rlm" or row.children:
            set_up = Metadata(**self._set_up(row.model), environment_kwargs={})
            trajectory = Trajectory(set_up, list(self.iterations(row.span, reply)))
        return Call(
            root_model=row.model,
            prompt=self._prompt(row),
            response=reply,
            usage_summary=_summary(self._usage(row)),
            execution_time=self._duration(row),
            metadata=trajectory,
            error=row.error or UNSET,
            prompt_tokens=row.total.prompt_tokens,
            completion_tokens=row.total.completion_tokens,
        )

    def _usage(self, row: Row) -> dict[str, Usage]:
        """What a row and everything below it used, by model."""
        found = {row.model: row.usage}
        waiting = self._rows.children(row.span)
        while waiting:
            below = waiting.pop()
            if _states(below.usage):
                found[below.model] = found.get(below.model, Usage()) + below.usage
            waiting += self._rows.children(below.span)
        return {model: found[model] for model in sorted(found) if _states(found[model])}

    def _prompt(self, row: Row) -> Any:
        """One user message is its text, as in the reference; a child RLM's question is its row's label."""
        if not row.prompt:
            return row.label
        if len(row.prompt) == 1 and row.prompt[0].role == "user":
            return self._text(row.prompt[0].text)
        return [self._message(message) for message in row.prompt]

    def _message(self, message: MessageRef) -> dict[str, str]:
        return {"role": message.role, "content": self._text(message.text)}

    def _long(self, row: Row, name: str) -> str:
        text: TextHash = row.texts.get(name, "")
        return self._text(text) if text else row.live if name != "code" else ""

    def _duration(self, row: Row) -> float:
        """Seconds a cell or call took; what ended with the run has no figure of its own."""
        return self._seconds.get(row.span, max(0, row.finished - row.started) / 1e6)


def _states(usage: Usage) -> bool:
    """Whether there is anything that the format has a field for."""
    return bool(usage.calls or usage.prompt_tokens or usage.completion_tokens or usage.cost_usd)


def _summary(usage: dict[str, Usage]) -> UsageSummary:
    models = {
        model: ModelUsage(one.calls, one.prompt_tokens, one.completion_tokens, one.cost_usd or UNSET)
        for model, one in usage.items()
    }
    return UsageSummary(models, sum(one.cost_usd for one in usage.values()) or UNSET)


def _streams(output: str, stderr: str, error: str) -> tuple[str, str]:
    """What a cell printed, told apart: what is known of standard error, or the traceback, or the error's sentence."""
    if stderr and output.endswith(stderr):
        return output.removesuffix(stderr), stderr
    at = output.rfind(_TRACEBACK) if error else -1
    return (output[:at], output[at:]) if at >= 0 else (output, error)


def _moment(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat()
