"""``rlm-desktop show``: one past run, its answer and its whole tree."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.text import Text

from rlm_desktop.cli.ask import answer_json, print_answer
from rlm_desktop.cli.history import open_store, run_line
from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import say, say_json
from rlm_desktop.cli.tree import tree_lines
from rlm_desktop.cli.words import local_time, one_line
from rlm_desktop.documents.changes import Change, changes, describe
from rlm_desktop.engine.recordings import SAMPLE, Recordings, sample
from rlm_desktop.engine.strategies import CODELESS
from rlm_desktop.events import Recording, RunState, decode_ranges, fold
from rlm_desktop.store import RunSummary, summarise


def run(options: Options) -> int:
    """Show one run, and what has changed since."""
    if options.run == SAMPLE:  # its documents are on another computer
        summary = summarise(fold(sample().events))
        return _show(sample(), summary, [summary], options)
    with open_store(options) as store:
        run = store.resolve(options.run)
        recording = Recordings(store).open(run)
        return _show(recording, store.summary(run), store.session(run), options)


def _show(recording: Recording, summary: RunSummary, session: list[RunSummary], options: Options) -> int:
    state = fold(recording.events)
    sources = state.start.sources if state.start and summary.run != SAMPLE else ()
    changed = changes(sources)
    if options.json:
        say_json(_document(recording, state, summary, session, changed))
        return 0
    say(Text(f"{summary.run}  {local_time(summary.started)}  {summary.status}", "bold"))
    if summary.title:
        say(Text(summary.title, "bold"))
    say(Text(one_line(" · ".join(_means(summary))), "dim"))
    if changed:
        say(Text(one_line(describe(changed, len(sources))), "yellow"))
    for line in tree_lines(state, provenance=True):
        say(line)
    say()
    print_answer(summary)
    if len(session) > 1:
        say("\nThe other questions of its session:")
    for other in session:
        if other.run != summary.run:
            say(run_line(other))
    return 0


def _means(summary: RunSummary) -> list[str]:
    """What it was asked of and how, and how far the model's code was confined, if it ran any."""
    confined = [f"sandbox {summary.sandbox}"] if summary.strategy not in CODELESS else []
    return [", ".join(summary.paths), summary.strategy, summary.model, *confined]


def _document(
    recording: Recording,
    state: RunState,
    summary: RunSummary,
    session: list[RunSummary],
    changed: list[Change],
) -> dict[str, Any]:
    return {
        **answer_json(summary),
        "question": summary.question,
        "title": summary.title,
        "pinned": summary.pinned,
        "started": summary.started,
        "seconds": summary.seconds,
        "paths": summary.paths,
        "changed": msgspec.to_builtins(changed),
        "parent_run": summary.parent_run,
        "session": [{"run": one.run, "question": one.question, "status": one.status} for one in session],
        "seen": msgspec.to_builtins(tuple(state.seen)),
        "tree": _tree(recording, state, 0),
    }


def _tree(recording: Recording, state: RunState, span: int) -> dict[str, Any]:
    row = state.rows[span]
    document: dict[str, Any] = msgspec.to_builtins(msgspec.structs.asdict(row))
    document["texts"] = {name: recording.text(key) for name, key in row.texts.items()}
    document["prompt"] = [{"role": m.role, "text": recording.text(m.text)} for m in row.prompt]
    for name in ("printed", "searched", "sent"):
        document[name] = msgspec.to_builtins(decode_ranges(document[name]))
    document["ranges"] = document["printed"] or document["sent"]
    document["children"] = [_tree(recording, state, child.span) for child in state.children(span)]
    return document
