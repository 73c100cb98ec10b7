"""``rlm-desktop ask``: the main job, headless."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Any

import msgspec

from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import aside, say, say_json
from rlm_desktop.cli.tree import TreeView
from rlm_desktop.cli.words import LIMITS, one_line
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.errors import UsageError
from rlm_desktop.events import AnyEvent, Limits, Row, RunState
from rlm_desktop.models.notices import ModelNotice
from rlm_desktop.store import RunSummary

EXIT_CODES = {"answered": 0, "not_found": 0, "failed": 1, "interrupted": 1, "limit": 3, "cancelled": 130}
GOING_ON = {"answered", "not_found", "limit"}
"""Outcomes after which the next question is asked."""
ENDINGS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that stop the run, which is then recorded as cancelled."""


def run(options: Options) -> int:
    """Ask, show the tree while it grows, print the answer; then the same for each follow-up question."""
    if not all(question.strip() for question in options.questions):
        raise UsageError("The question is empty.", "Ask something about the documents.")
    if not options.paths and not options.follow:
        raise UsageError("No document was named.", "Name a file or a folder to ask about.")
    summaries = asyncio.run(_Asking(options).run())
    if options.json:
        earlier, last = summaries[:-1], summaries[-1]
        say_json(answer_json(last) | ({"earlier": list(map(answer_json, earlier))} if earlier else {}))
    return EXIT_CODES[summaries[-1].status]


class _Asking:
    """Asks the questions of one command line in order, each with a tree of its own."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._view = TreeView()

    async def run(self) -> list[RunSummary]:
        loop = asyncio.get_running_loop()
        async with Engine(self._options.settings, self._on_event, self._on_notice) as engine:
            asking = asyncio.ensure_future(self._ask_all(engine))
            for number in ENDINGS:
                if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                    with suppress(NotImplementedError):  # on Windows, where Ctrl-C cancels by itself
                        loop.add_signal_handler(number, asking.cancel)
            try:
                return await asking
            except asyncio.CancelledError:
                raise KeyboardInterrupt from None

    def _on_event(self, event: AnyEvent, rows: list[Row], state: RunState) -> None:
        self._view.on_event(event, rows, state)

    def _on_notice(self, notice: ModelNotice) -> None:
        self._view.on_notice(notice)

    async def _ask_all(self, engine: Engine) -> list[RunSummary]:
        """The runs; one that comes to no end is the last."""
        options = self._options
        follows = engine.store.resolve(options.follow) if options.follow else ""
        summaries: list[RunSummary] = []
        for question in options.questions:
            self._view = TreeView()
            with self._view:
                summary = await _ask(engine, _request(options, question, follows))
            summaries.append(summary)
            if not options.json:
                if len(options.questions) > 1:
                    say(f"\n{one_line(question)}\n")
                print_answer(summary)
            stopped = (asking := asyncio.current_task()) and asking.cancelling()
            if stopped or summary.status not in GOING_ON:
                break
            follows = summary.run
        return summaries


def _request(options: Options, question: str, follows: str) -> AskRequest:
    return AskRequest(
        paths=tuple(map(str, options.paths)),
        question=question,
        model=options.model,
        sub_model=options.sub_model,
        strategy=options.strategy,
        limits=Limits(
            turns=options.max_turns,
            subcalls=options.max_subcalls,
            tokens=options.max_tokens,
            seconds=options.max_seconds,
            cost_usd=options.max_cost,
            depth=options.max_depth,
        ),
        follows=follows,
        unconfined=options.unconfined,
    )


async def _ask(engine: Engine, request: AskRequest) -> RunSummary:
    run = await engine.ask(request)
    try:
        await engine.wait(run)
    except asyncio.CancelledError:
        await engine.cancel(run)
    return engine.store.summary(run)


def answer_json(summary: RunSummary) -> dict[str, Any]:
    """The shape that the contract of ``ask --json`` gives a run."""
    usage = summary.usage
    return {
        "run": summary.run,
        "session": summary.session,
        "status": summary.status,
        "answer": summary.answer,
        "citations": msgspec.to_builtins(summary.evidence),
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "reused_tokens": usage.reused_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
            "calls": usage.calls,
            "cost_usd": usage.cost_usd,
            "seconds": round(summary.seconds, 3),
        },
        "turns": summary.turns,
        "strategy": summary.strategy,
        "model": summary.model,
        "sub_model": summary.sub_model,
        "sandbox": summary.sandbox,
        "error": {"message": summary.error, "hint": summary.hint} if summary.error else None,
    }


def print_answer(summary: RunSummary) -> None:
    """The answer and what it rests on, on standard output; what went wrong, on standard error."""
    if summary.error:
        aside(f"rlm-desktop: {summary.error} {summary.hint}".rstrip())
    if summary.status == "limit":
        found = "partial" if summary.answer else "no answer"
        say(f"({found}: the limit on {LIMITS.get(summary.limit, summary.limit)} was reached)")
    if summary.status == "failed" and summary.answer:
        say("(partial: what was found before the run failed)")
    if summary.answer:
        say(summary.answer)
    for citation in summary.evidence:
        where = (
            f"{one_line(citation.path)}:{citation.start_line}"
            if citation.verified
            else "not in the documents"
        )
        mark = "✓" if citation.verified else "✗"
        say(f"\n  {mark} {where}\n    “{' '.join(citation.quote.split())}”")
    if summary.answer and summary.status != "not_found" and not any(c.verified for c in summary.evidence):
        say("\n  ✗ No quote from the documents supports this answer.")
