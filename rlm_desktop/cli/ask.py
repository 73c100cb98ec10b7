"""``rlm-desktop ask``: the main job, headless."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import msgspec

from rlm_desktop.cli.output import aside, say, say_json
from rlm_desktop.cli.parser import Options
from rlm_desktop.cli.tree import TreeView
from rlm_desktop.cli.words import one_line
from rlm_desktop.engine.engine import AskRequest, Engine
from rlm_desktop.errors import UsageError
from rlm_desktop.events import Limits
from rlm_desktop.store import RunSummary

EXIT_CODES = {"answered": 0, "not_found": 0, "failed": 1, "interrupted": 1, "limit": 3, "cancelled": 130}
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that stop the run, which is then recorded as cancelled."""


def run(options: Options) -> int:
    """Ask, show the tree while it grows, print the answer."""
    if not options.question.strip():
        raise UsageError("The question is empty.", "Ask something about the documents.")
    summary = asyncio.run(_ask(options))
    if options.json:
        say_json(answer_json(summary))
    else:
        print_answer(summary)
    return EXIT_CODES[summary.status]


async def _ask(options: Options) -> RunSummary:
    request = AskRequest(
        paths=tuple(map(str, options.paths)),
        question=options.question,
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
    )
    loop = asyncio.get_running_loop()
    with TreeView() as view:
        async with Engine(options.settings, view.on_event, view.on_notice) as engine:
            asking = asyncio.ensure_future(_ask_and_wait(engine, request))
            for number in ENDINGS:
                if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                    loop.add_signal_handler(number, asking.cancel)
            try:
                return await asking
            except asyncio.CancelledError:
                raise KeyboardInterrupt from None


async def _ask_and_wait(engine: Engine, request: AskRequest) -> RunSummary:
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
        "status": summary.status,
        "answer": summary.answer,
        "citations": msgspec.to_builtins(summary.evidence),
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "reused_tokens": usage.reused_tokens,
            "calls": usage.calls,
            "cost_usd": usage.cost_usd,
            "seconds": round(summary.seconds, 3),
        },
        "turns": summary.turns,
        "strategy": summary.strategy,
        "model": summary.model,
        "sub_model": summary.sub_model,
        "error": {"message": summary.error, "hint": summary.hint} if summary.error else None,
    }


def print_answer(summary: RunSummary) -> None:
    """The answer and what it rests on, on standard output; what went wrong, on standard error."""
    if summary.error:
        aside(f"rlm-desktop: {summary.error} {summary.hint}".rstrip())
    if summary.status == "limit":
        say(f"(partial: the limit on {summary.limit} was reached)")
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
