"""What the tasks of ``bench`` accept."""

from __future__ import annotations

import argparse

from rlm_desktop.cli.arguments import count, counts, json_option, later, names, sizes


def add_benches(bench: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the tasks.

    Args:
        bench: The parser of ``bench``.
        common: The options that every command takes.
    """
    tasks = bench.add_subparsers(title="tasks", metavar="TASK", required=True)
    for name, text, add_options in (
        (
            "inference",
            "Many calls over one local model: llama-cpp-python, xllamacpp and this program, one after the other.",
            _inference,
        ),
        (
            "repl",
            "Texts up to 1 GB made ready for cells, what cells cost and what their deaths, beside the "
            "reference's REPL.",
            _repl,
        ),
        (
            "store",
            "Events recorded, a long run opened, and the window while events stream into it.",
            _store,
        ),
    ):
        task = tasks.add_parser(name, help=text, description=text, parents=[common])
        task.set_defaults(command=later("bench", name))
        add_options(task)
        task.add_argument(
            "-o", "--output", default="", metavar="FILE", help="write the figures as JSON, after each part"
        )
        task.add_argument("--force", action="store_true", help="replace the file if it exists")
        json_option(task)


def _inference(task: argparse.ArgumentParser) -> None:
    task.add_argument(
        "--model", default="", metavar="M", help="a model's name or a .gguf file (default: the default model)"
    )
    for name, what in (
        ("--only", "workloads: map, trace, again, gpu (default: all)"),
        ("--peers", "who runs them: llama-cpp-python, xllamacpp, rlm-desktop (default: all)"),
    ):
        task.add_argument(name, type=names, default=(), metavar="NAMES", help=what)
    task.add_argument(
        "--rounds", type=count, default=1, metavar="N", help="times each runs each workload (default: 1)"
    )
    for name, usual, what in (
        ("--slots", (4, 8, 16), "calls that xllamacpp serves together, each number in a pass of its own"),
        ("--concurrency", (16,), "the same of this program, in the workload map; the others take the most"),
        ("--new-tokens", (48, 160), "tokens of each reply in the workload map"),
    ):
        default = ",".join(map(str, usual))
        task.add_argument(
            name, type=counts, default=usual, metavar="N,N", help=f"{what} (default: {default})"
        )


def _repl(task: argparse.ArgumentParser) -> None:
    task.add_argument(
        "--only",
        type=names,
        default=(),
        metavar="NAMES",
        help="what is measured: context, cell, child, kills, provenance (default: all)",
    )
    task.add_argument(
        "--sizes",
        type=sizes,
        default=sizes("1MB,100MB,1GB"),
        metavar="SIZE,SIZE",
        help="the texts to load; the others use the smallest and the largest (default: 1MB,100MB,1GB)",
    )
    task.add_argument(
        "--rounds", type=count, default=3, metavar="N", help="times each text is loaded (default: 3)"
    )
    task.add_argument(
        "--kills", type=count, default=1000, metavar="N", help="cells that are killed (default: 1000)"
    )
    task.add_argument(
        "--allow-unconfined",
        dest="unconfined",
        action="store_true",
        help="where this computer has no sandbox, run the bench's cells without one",
    )


def _store(task: argparse.ArgumentParser) -> None:
    task.add_argument(
        "--only",
        type=names,
        default=(),
        metavar="NAMES",
        help="what is measured: record, open, live (default: all)",
    )
    for name, usual, what in (
        ("--events", 100_000, "events of the long run"),
        ("--rate", 2_000, "events a second that stream into the window"),
        ("--seconds", 30, "for how long"),
    ):
        task.add_argument(name, type=count, default=usual, metavar="N", help=f"{what} (default: {usual:,})")
