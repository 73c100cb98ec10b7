"""``rlm-desktop bench``: how quick this program is here, beside its peers."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table as RichTable

from rlm_desktop.bench.inference.grounds import real_grounds
from rlm_desktop.bench.inference.measure import measure as measure_inference
from rlm_desktop.bench.inference.peer import PEERS
from rlm_desktop.bench.inference.plan import PARTS, Plan
from rlm_desktop.bench.machine import llama_build, model_file
from rlm_desktop.bench.repl.measure import measure as measure_repl
from rlm_desktop.bench.repl.plan import PARTS as PARTS_OF_REPL
from rlm_desktop.bench.repl.plan import Plan as ReplPlan
from rlm_desktop.bench.report import Report
from rlm_desktop.bench.section import Section, Table
from rlm_desktop.bench.store.measure import measure as measure_store
from rlm_desktop.bench.store.plan import PARTS as PARTS_OF_STORE
from rlm_desktop.bench.store.plan import Plan as StorePlan
from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import aside, say, say_json
from rlm_desktop.errors import UsageError, UserError
from rlm_desktop.models.registry import ResolvedModel, default_model, resolve
from rlm_desktop.repl.host import sandbox_level
from rlm_desktop.reports.files import save

FAILED = 1
_WIDTH = 120
"""Columns of a table where there is no terminal."""
_Name = TypeVar("_Name", bound=str)


def inference(options: Options) -> int:
    """Measure local inference; what was measured before a failure or Ctrl-C is printed and kept."""
    plan = _inference_plan(options)
    model = _gguf(options)
    build = asyncio.run(llama_build())

    async def sections() -> AsyncGenerator[Section]:
        grounds = await real_grounds(model, build, aside)
        async with aclosing(measure_inference(plan, grounds)) as found:
            async for section in found:
                yield section

    report = Report("inference", plan, llama_cpp=build, model=model_file(model))
    return _run(sections(), report, options)


def repl(options: Options) -> int:
    """Measure the REPL; what was measured before a failure or Ctrl-C is printed and kept."""
    parts = _known(options.only, PARTS_OF_REPL, "part") or PARTS_OF_REPL
    plan = ReplPlan(parts, options.sizes, rounds=options.rounds, kills=options.kills)
    level, why = sandbox_level()
    report = Report("repl", plan, sandbox={"level": level, "why": why})
    return _run(measure_repl(plan, aside, allow_unconfined=options.unconfined), report, options)


def store(options: Options) -> int:
    """Measure the store and the window; what was measured before a failure or Ctrl-C is printed and kept."""
    parts = _known(options.only, PARTS_OF_STORE, "part") or PARTS_OF_STORE
    plan = StorePlan(parts, events=options.events, rate=options.rate, seconds=options.seconds)
    return _run(measure_store(plan, aside), Report("store", plan), options)


def _run(sections: AsyncGenerator[Section], report: Report, options: Options) -> int:
    _keep(report, options, overwrite=options.force)
    try:
        asyncio.run(_measure(sections, report, options))
    except UserError as error:
        report.error = error
        aside(f"rlm-desktop: {error}")
    finally:
        if options.json:
            say_json(report.document())
        _keep(report, options, overwrite=True)
    return FAILED if report.failed else 0


async def _measure(sections: AsyncGenerator[Section], report: Report, options: Options) -> None:
    async with aclosing(sections):
        async for section in sections:
            report.sections.append(section)
            if not options.json:
                _show(section)
            try:
                _keep(report, options, overwrite=True)
            except UserError as error:  # a disk that is full now may not be in the end
                aside(str(error))
    report.complete = True


def _inference_plan(options: Options) -> Plan:
    return Plan(
        parts=_known(options.only, PARTS, "workload") or PARTS,
        peers=_known(options.peers, PEERS, "peer") or PEERS,
        rounds=options.rounds,
        slots=options.slots,
        concurrency=options.concurrency,
        new_tokens=options.new_tokens,
    )


def _known(given: Sequence[str], known: Sequence[_Name], what: str) -> tuple[_Name, ...]:
    """Those of the known names that were given, in their own order."""
    if unknown := [name for name in given if name not in known]:
        raise UsageError(f"There is no {what} called {unknown[0]!r}.", f"Choose from {', '.join(known)}.")
    return tuple(name for name in known if name in given)


def _gguf(options: Options) -> ResolvedModel:
    settings = options.settings
    model = resolve(options.model or default_model(settings), settings)
    if model.kind != "gguf":
        raise UsageError(f"The model {model.name} does not run here.", "Name one that is a GGUF file.")
    return model


def _keep(report: Report, options: Options, *, overwrite: bool) -> None:
    """Write the document as it is now, so that nothing that was measured can be lost."""
    if options.output:
        text = json.dumps(report.document(), ensure_ascii=False, indent=2)
        save([text, "\n"], Path(options.output), overwrite=overwrite)


def _show(section: Section) -> None:
    for table in section.tables():
        say(_drawn(table))


def _drawn(table: Table) -> str:
    width = shutil.get_terminal_size((_WIDTH, 0)).columns
    text = io.StringIO()
    console = Console(file=text, width=width, color_system=None, highlight=False)
    if table.columns:
        drawn = RichTable(title=table.title, title_justify="left", box=None, pad_edge=False)
        for index, heading in enumerate(table.columns):
            drawn.add_column(heading, justify="right" if index else "left")
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)
    for remark in table.remarks:
        console.print(remark, markup=False)
    return text.getvalue()
