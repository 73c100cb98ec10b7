"""``rlm-desktop runs``, ``show`` and ``rm``: the history."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.text import Text

from rlm_desktop.cli.ask import answer_json, print_answer
from rlm_desktop.cli.output import say, say_json
from rlm_desktop.cli.parser import Options
from rlm_desktop.cli.tree import walk
from rlm_desktop.cli.words import local_time, one_line, printable, row_line, seconds
from rlm_desktop.errors import UserError
from rlm_desktop.events import RunState, fold
from rlm_desktop.store import Store

MARKS = {"running": "●", "answered": "✓", "not_found": "○", "limit": "⚠", "failed": "✕", "cancelled": "◼"}


def _store(options: Options) -> Store:
    settings = options.settings.prepare()
    return Store(settings.store, settings.locks)


def runs(options: Options) -> int:
    """List past runs."""
    with _store(options) as store:
        found = store.runs(0, max(0, options.count))
    if options.json:
        fields = ("run", "question", "status", "started", "seconds", "strategy", "model", "cost_usd", "paths")
        listed = [{name: getattr(run, name) for name in fields} for run in found]
        say_json({"runs": listed})
        return 0
    if not found:
        say('No runs yet. Begin with: rlm-desktop ask PATH -q "…"')
    for run in found:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{MARKS.get(run.status, '✕')} {run.run}  ", "bold")
        line.append(f"{local_time(run.started)}  {run.status:<11} {seconds(run.seconds):>9}  ", "dim")
        line.append(" ".join(printable(run.question).split()))
        say(line)
    return 0


def show(options: Options) -> int:
    """Show one run: the answer and the whole tree."""
    with _store(options) as store:
        run = store.resolve(options.run)
        summary = store.summary(run)
        state = fold(store.events(run))
        if options.json:
            document = {
                **answer_json(summary),
                "question": summary.question,
                "started": summary.started,
                "seconds": summary.seconds,
                "paths": summary.paths,
                "tree": _tree(store, state, 0),
            }
            say_json(document)
            return 0
    say(Text(f"{summary.run}  {local_time(summary.started)}  {summary.status}", "bold"))
    say(Text(one_line(f"{', '.join(summary.paths)} · {summary.strategy} · {summary.model}"), "dim"))
    for row, depth in walk(state):
        say(row_line(row, depth))
    say()
    print_answer(summary)
    return 0


def remove(options: Options) -> int:
    """Delete one run."""
    with _store(options) as store:
        run = store.resolve(options.run)
        if store.summary(run).status == "running":
            raise UserError(f"Run {run} is still going.", "Stop it first.")
        store.delete(run)
    say(f"Deleted {run}.")
    return 0


def _tree(store: Store, state: RunState, span: int) -> dict[str, Any]:
    row = state.rows[span]
    document: dict[str, Any] = msgspec.to_builtins(row)
    document["texts"] = {name: store.text(key) for name, key in row.texts.items()}
    document["prompt"] = [{"role": m.role, "text": store.text(m.text)} for m in row.prompt]
    document["children"] = [_tree(store, state, child) for child in state.below.get(span, ())]
    return document
