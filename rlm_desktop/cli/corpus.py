"""``rlm-desktop corpus``: what would be read."""

from __future__ import annotations

import asyncio

from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import say, say_json
from rlm_desktop.cli.words import one_line
from rlm_desktop.documents.corpus import Corpus
from rlm_desktop.documents.figures import Figures
from rlm_desktop.documents.worker import ScanWorker

SHOWN = 20


def run(options: Options) -> int:
    """Say what would be read of the paths, and what was left out and why."""
    corpus, figures = asyncio.run(_open(options))
    if options.json:
        document = {
            "files": figures.files,
            "characters": figures.characters,
            "lines": figures.lines,
            "tokens_estimate": figures.tokens_estimate,
            "skipped": [{"path": item.path, "reason": item.reason} for item in corpus.skipped],
        }
        say_json(document)
        return 0
    say(
        f"{figures.files:,} {'file' if figures.files == 1 else 'files'}, {figures.characters:,} characters, {figures.lines:,} lines, "
        f"about {figures.tokens_estimate:,} tokens"
    )
    for item in corpus.skipped[:SHOWN]:
        say(f"  left out: {one_line(item.path)} ({item.reason})")
    if len(corpus.skipped) > SHOWN:
        say(f"  … and {len(corpus.skipped) - SHOWN:,} more (all of them with --json)")
    return 0


async def _open(options: Options) -> tuple[Corpus, Figures]:
    scan = ScanWorker()
    try:
        return await scan.open(tuple(options.paths))
    finally:
        await scan.close()
