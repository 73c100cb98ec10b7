"""``rlm-desktop export`` and ``import``: hand a run on, take one in."""

from __future__ import annotations

import os
from pathlib import Path

from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import aside, pour, say
from rlm_desktop.cli.words import one_line
from rlm_desktop.engine.recordings import SAMPLE, Recordings, sample
from rlm_desktop.errors import UsageError
from rlm_desktop.events import Recording, RunStarted
from rlm_desktop.reports import FORMATS, export, render
from rlm_desktop.reports.log import read_log
from rlm_desktop.store import Store

STANDARD_OUTPUT = "-"


def run(options: Options) -> int:
    """Write a report of a run; prints the path of the file."""
    written = _format(options.format, options.output)
    if options.run == SAMPLE:
        return _export(sample(), SAMPLE, written, options)
    with _store(options) as store:
        recordings = Recordings(store)
        name = recordings.resolve(options.run)
        return _export(recordings.open(name), name, written, options)


def _store(options: Options) -> Store:
    settings = options.settings.prepare()
    return Store(settings.store, settings.locks)


def _format(wanted: str, output: str) -> str:
    """The format asked for, or else that of the file's name, or else HTML."""
    suffix = Path(output).suffix.lower().removeprefix(".") if output != STANDARD_OUTPUT else ""
    known = {"htm": "html", "markdown": "md"}.get(suffix, suffix)
    if wanted or known in FORMATS:
        return wanted or known
    if known and not os.path.isdir(output):  # noqa: PTH112
        raise UsageError(
            f"The name {one_line(output)} says nothing about the format.",
            f"Add --format with one of: {', '.join(FORMATS)}.",
        )
    return "html"


def _export(recording: Recording, name: str, written: str, options: Options) -> int:
    if options.output == STANDARD_OUTPUT:
        pour(render(recording, written))
        return 0
    path = Path(options.output or ".")
    if os.path.isdir(path):  # noqa: PTH112 - a name too long is no folder
        path /= f"rlm-{name}.{written}"
    say(str(export(recording, written, path, overwrite=options.force)))
    return 0


def import_log(options: Options) -> int:
    """Put the runs of a log into the history, all or none."""
    imported = read_log(options.file)
    with _store(options) as store:
        store.take_in(imported.recordings)
    if imported.note:
        aside(f"rlm-desktop: {imported.note}")
    for recording in imported.recordings:
        start = recording.events[0]
        if isinstance(start, RunStarted):
            say(f"Imported {start.run}: {one_line(start.question)}")
    return 0
