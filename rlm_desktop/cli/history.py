"""``rlm-desktop runs``: the history, listed and searched; ``rename``, ``pin``, ``rm`` and ``undo``: kept in order."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import say, say_json
from rlm_desktop.cli.words import local_time, one_line, printable, seconds
from rlm_desktop.errors import UsageError, UserError
from rlm_desktop.store import RunSummary, SearchHit, Store
from rlm_desktop.store.trash import KEPT_DAYS

MARKS = {"running": "●", "answered": "✓", "not_found": "○", "limit": "⚠", "failed": "✕", "cancelled": "◼"}
_FIELDS = (
    "run",
    "question",
    "status",
    "started",
    "seconds",
    "strategy",
    "model",
    "cost_usd",
    "paths",
    "title",
    "pinned",
    "sandbox",
)


def open_store(options: Options) -> Store:
    """The history that the options name."""
    settings = options.settings.prepare()
    return Store(settings.store, settings.locks)


def runs(options: Options) -> int:
    """List past runs, those that a search finds, or those in the trash."""
    if options.search is not None and not options.search.strip():
        raise UsageError("The search is empty.", "Name words to look for.")
    with open_store(options) as store:
        if options.search is not None:
            page = store.search(options.search, 0, options.count)
            return _list_hits(page.hits, page.total, options)
        kept = store.trash() if options.trash else store.runs(0, options.count)
        total = len(kept) if options.trash else store.count()
    found = kept[: options.count]
    if options.json:
        say_json({"runs": list(map(_run_json, found)), "total": total})
    elif not found:
        say(
            "The trash is empty." if options.trash else 'No runs yet. Begin with: rlm-desktop ask PATH -q "…"'
        )
    else:
        for run in found:
            say(run_line(run))
        _say_more(total - len(found), total)
    return 0


def _list_hits(hits: tuple[SearchHit, ...], total: int, options: Options) -> int:
    if options.json:
        match = ({"match": {"where": hit.where, "snippet": hit.snippet}} for hit in hits)
        say_json(
            {
                "runs": [_run_json(hit.run) | more for hit, more in zip(hits, match, strict=True)],
                "total": total,
            }
        )
        return 0
    if not total:
        say(f"No run has all of this: {one_line(options.search)}")
    for hit in hits:
        say(run_line(hit.run))
        say(_snippet_line(hit))
    _say_more(total - len(hits), total)
    return 0


def _say_more(more: int, total: int) -> None:
    if more > 0:
        say(f"… and {more:,} more; --count {total} lists them all")


def _run_json(run: RunSummary) -> dict[str, Any]:
    return {name: getattr(run, name) for name in _FIELDS}


def run_line(run: RunSummary) -> Text:
    """A run on one line: how it ended, when, and what it is called."""
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{MARKS.get(run.status, '✕')} {run.run}  ", "bold")
    line.append(f"{local_time(run.started)}  {run.status:<11} {seconds(run.seconds):>9}  ", "dim")
    line.append("★ " * run.pinned, "yellow")
    line.append(f"{printable(run.title)} · " if run.title else "", "bold")
    line.append(" ".join(printable(run.question).split()))
    return line


def _snippet_line(hit: SearchHit) -> Text:
    line = Text(f"    {hit.where}: ", "dim")
    snippet = Text(hit.snippet, "not dim")
    for mark in hit.marks:
        snippet.stylize("bold", mark.start, mark.end)
    return line.append(snippet)


def rename(options: Options) -> int:
    """Give a run a name of the person's own."""
    with open_store(options) as store:
        run = store.rename(store.resolve(options.run), options.title)
    say(f"{run.run} is called: {run.title}" if run.title else f"{run.run} has no name of its own any more.")
    return 0


def pin(options: Options) -> int:
    """Keep a run at the top of the list."""
    return _pin(options, True)


def unpin(options: Options) -> int:
    """Let a pinned run take its place by age again."""
    return _pin(options, False)


def _pin(options: Options, pinned: bool) -> int:
    with open_store(options) as store:
        run = store.pin(store.resolve(options.run), pinned)
    say(f"{run.run} stays at the top of the list." if pinned else f"{run.run} is no longer pinned.")
    return 0


def remove(options: Options) -> int:
    """Put one run into the trash, or delete it for good."""
    with open_store(options) as store:
        discarded = options.for_good and any(run.run == options.run for run in store.trash())
        run = options.run if discarded else store.resolve(options.run)
        if options.for_good:
            store.purge(run)
        else:
            store.delete(run)
    kept = f". For {KEPT_DAYS} days `rlm-desktop undo` brings it back."
    say(f"Deleted {run}{' for good.' if options.for_good else kept}")
    return 0


def undo(options: Options) -> int:
    """Bring back the run that was deleted last."""
    with open_store(options) as store:
        run = store.undo()
    if run is None:
        raise UserError("There is nothing to undo: the trash is empty.")
    say("Brought back:")
    say(run_line(run))
    return 0
