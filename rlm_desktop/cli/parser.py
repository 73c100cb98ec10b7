"""What the command line accepts. Commands are imported only when they run, so that help is quick."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlm_desktop import __version__
from rlm_desktop.cli.arguments import amount, count, json_option, later, path, whole
from rlm_desktop.cli.bench_options import add_benches
from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import aside, say
from rlm_desktop.config import HOME_VARIABLE, data_folder, default_home
from rlm_desktop.events import Limits

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

COMMANDS = (
    "ask",
    "runs",
    "show",
    "replay",
    "export",
    "import",
    "rename",
    "pin",
    "unpin",
    "rm",
    "undo",
    "models",
    "corpus",
    "bench",
    "doctor",
    "engine",
)
FORMATS = ("html", "md", "jsonl")
STRATEGIES = ("auto", "rlm", "direct", "guided")
_DESCRIPTION = "Ask questions of documents far larger than a model's context window, offline."
_EPILOG = (
    "Without a command the window opens, with the paths given. "
    "Exit codes: 0 answered, or the document does not say; 1 failed; 2 usage; "
    "3 a limit was reached and a partial answer printed; 130 cancelled."
)


class _Parser(argparse.ArgumentParser):
    """Prints as every command does. By itself argparse fails or keeps silent, by version, when output is lost."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        if message:
            (say if file is sys.stdout else aside)(message.removesuffix("\n"))


def parse(arguments: Sequence[str], options: Options) -> None:
    """Read the arguments into the options; bad ones end the program with exit code 2.

    Raises:
        UserError: The environment names a data folder that cannot be.
    """
    words = _words(arguments)
    if words and words[0] in COMMANDS:
        parser = _with_commands()
    elif {"-h", "--help"} & set(arguments):
        parser, arguments = _with_commands(), ["--help"]
    else:
        parser = _Parser("rlm-desktop", description=_DESCRIPTION, parents=[_common()])
        _version(parser)
        parser.add_argument(
            "paths", nargs="*", type=path, metavar="PATH", help="files and folders to open in the window"
        )
        parser.set_defaults(command=later("window"))
    parser.parse_args(arguments, options)


def _words(arguments: Sequence[str]) -> list[str]:
    """What is neither a common option nor its value, up to ``--``: a command comes first among it."""
    rest = _common().parse_known_args(arguments)[1]
    return [word for word in takewhile("--".__ne__, rest) if not word.startswith("-")]


def _common(*, repeated: bool = False) -> _Parser:
    """The options that every command takes, before it and after it.

    Args:
        repeated: They are a command's own, and so leave alone what was given before the command.
    """

    def default(value: Any) -> Any:
        return argparse.SUPPRESS if repeated else value

    home = default_home()
    common = _Parser("rlm-desktop", usage="rlm-desktop [options] [command | path …]", add_help=False)
    common.add_argument(
        "--data-dir",
        type=_data_folder,
        default=default(home),
        metavar="DIR",
        help=f"where the history and the models live (also {HOME_VARIABLE}; default: {str(home).replace('%', '%%')})",
    )
    network = common.add_mutually_exclusive_group()
    network.add_argument(
        "--offline",
        dest="online",
        action="store_false",
        default=default(None),
        help="no network (the default; for the window, whatever its switch was left at)",
    )
    network.add_argument("--online", action="store_true", default=default(None), help="allow remote models")
    return common


def _data_folder(text: str) -> Path:
    try:
        return data_folder(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action="version", version=f"rlm-desktop {__version__}")


def _with_commands() -> argparse.ArgumentParser:
    parser = _Parser("rlm-desktop", description=_DESCRIPTION, epilog=_EPILOG, parents=[_common()])
    _version(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    common = _common(repeated=True)

    def add(name: str, text: str, module: str, function: str = "run") -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[common])
        command.set_defaults(command=later(module, function))
        return command

    _ask(add("ask", "Ask a question of files and folders; the answer goes to standard output.", "ask"))
    _runs(add("runs", "List past runs, newest first, or search them.", "history", "runs"))
    show = add("show", "Show a past run with its whole tree, and what of its documents has changed.", "show")
    _names_run(show, or_sample=True)
    json_option(show)
    replay = add("replay", "Watch a past run again, as it was; it needs no model.", "replay")
    _names_run(replay, or_sample=True)
    replay.add_argument(
        "--speed", type=amount, default=1.0, metavar="X", help="times as fast; 0 does not wait (default: 1)"
    )
    replay.add_argument("--at", type=whole, metavar="N", help="print how it stood after event N, and end")
    _export(add("export", "Write a report of a run to a file.", "export"))
    take_in = add("import", "Put the runs of a log into the history.", "export", "import_log")
    take_in.add_argument(
        "file",
        type=path,
        metavar="FILE",
        help="a JSONL log of the reference implementation, or one exported here",
    )
    rename = add("rename", "Give a past run a name of your own.", "history", "rename")
    _names_run(rename)
    rename.add_argument("title", metavar="TITLE", help="its name; an empty one takes it away")
    _names_run(add("pin", "Keep a past run at the top of the list.", "history", "pin"))
    _names_run(add("unpin", "Let a pinned run take its place by age again.", "history", "unpin"))
    remove = add("rm", "Delete a past run; for a week `undo` brings it back.", "history", "remove")
    _names_run(remove)
    remove.add_argument(
        "--for-good", action="store_true", help="delete it, and the texts no other run uses, beyond undoing"
    )
    add("undo", "Bring back the run that was deleted last.", "history", "undo")
    _models(add("models", "List, fetch, check and remove models.", "models", "list_all"), common)
    corpus = add("corpus", "Say what would be read of files and folders, and what not.", "corpus")
    corpus.add_argument("paths", nargs="+", type=path, metavar="PATH", help="files and folders")
    json_option(corpus)
    add_benches(add("bench", "Measure how quick this program is here, beside its peers.", "bench"), common)
    json_option(add("doctor", "Check this computer and say what to do about each problem.", "doctor"))
    add("engine", "The engine process that the window starts (JSON lines).", "engine")
    return parser


def _ask(ask: argparse.ArgumentParser) -> None:
    limits = Limits()
    ask.add_argument("paths", nargs="*", type=path, metavar="PATH", help="files and folders")
    ask.add_argument(
        "-q",
        "--question",
        dest="questions",
        action="append",
        required=True,
        metavar="TEXT",
        help="the question; given again, a follow-up that finds the variables of the one before",
    )
    ask.add_argument(
        "--follow",
        default="",
        metavar="RUN",
        help="go on with the session of a past run, whose documents each PATH is added to",
    )
    ask.add_argument(
        "--model",
        default="",
        metavar="M",
        help="a model's name, a .gguf file, openai:MODEL, anthropic:MODEL, http://HOST/v1#MODEL, or script:FILE",
    )
    ask.add_argument(
        "--sub-model", default="", metavar="M", help="the model of sub-calls (default: the same)"
    )
    ask.add_argument("--strategy", default="auto", choices=STRATEGIES, help="default: %(default)s")
    for name, default, what in (
        ("--max-depth", limits.depth, "levels of child RLMs"),
        ("--max-turns", limits.turns, "turns of the model, and of each child RLM"),
        ("--max-subcalls", limits.subcalls, "calls of models by cells"),
    ):
        ask.add_argument(
            name, type=whole, default=default, metavar="N", help=f"{what} (default: %(default)s)"
        )
    ask.add_argument("--max-tokens", type=whole, metavar="N", help="prompt and completion tokens together")
    ask.add_argument("--max-cost", type=amount, metavar="USD", help="US dollars; local models cost nothing")
    ask.add_argument("--max-seconds", type=amount, metavar="S", help="wall-clock seconds")
    ask.add_argument(
        "--allow-unconfined",
        dest="unconfined",
        action="store_true",
        help="where this computer has no sandbox, run the model's code without one; it can do all that you can",
    )
    json_option(ask)


def _names_run(command: argparse.ArgumentParser, *, or_sample: bool = False) -> None:
    known = "`last`, or the recorded `sample`" if or_sample else "or `last`"
    command.add_argument("run", metavar="RUN", help=f"id of the run, the beginning of one, {known}")


def _runs(runs: argparse.ArgumentParser) -> None:
    runs.add_argument(
        "--count", type=count, default=50, metavar="N", help="at most N runs (default: %(default)s)"
    )
    which = runs.add_mutually_exclusive_group()
    which.add_argument(
        "--search",
        metavar="TEXT",
        help="those with all these words, or quoted phrases, in their question, name, answer, code or outputs; "
        "the best first",
    )
    which.add_argument("--trash", action="store_true", help="those that were deleted in the last week")
    json_option(runs)


def _export(export: argparse.ArgumentParser) -> None:
    _names_run(export, or_sample=True)
    export.add_argument(
        "--format",
        default="",
        choices=FORMATS,
        help="html and md are to be read, jsonl is the reference implementation's log "
        "(default: what the file's name says, else html)",
    )
    export.add_argument(
        "-o",
        "--output",
        default="",
        metavar="FILE",
        help="the file, or `-` for standard output (default: a name made of the run's, in this folder)",
    )
    export.add_argument("--force", action="store_true", help="replace the file if it exists")


def _models(models: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    json_option(models)
    actions = models.add_subparsers(title="actions", metavar="ACTION")
    for name, text, function in (
        ("list", "List the catalogue and what is on this computer.", "list_all"),
        ("info", "Say everything about one model.", "info"),
        ("pull", "Fetch a model; an interrupted download goes on where it stopped.", "fetch"),
        ("verify", "Check a model's file against its hash.", "check"),
        ("rm", "Delete a model's file; one of your own is taken off the list and stays.", "delete"),
    ):
        action = actions.add_parser(name, help=text, description=text, parents=[common])
        action.set_defaults(command=later("models", function))
        if name != "list":
            action.add_argument("model", metavar="MODEL", help="name of the model")
        json_option(action)
    text = "List a GGUF file of your own, where it lies; nothing is copied."
    own = actions.add_parser("add", help=text, description=text, parents=[common])
    own.add_argument("path", type=path, metavar="FILE", help="the .gguf file")
    own.set_defaults(command=later("models", "add"))
    json_option(own)
    text = (
        "Delete what local models remember of the passages they have read; they are read again when needed."
    )
    forget = actions.add_parser("forget", help=text, description=text, parents=[common])
    forget.set_defaults(command=later("models", "forget"))
    json_option(forget)
    text = "Keep a provider's key in the system's keyring; it is typed unseen, or read from standard input."
    key = actions.add_parser("key", help=text, description=text, parents=[common])
    key.add_argument("name", metavar="NAME", help="openai, anthropic, or the host of the server")
    key.add_argument("--remove", action="store_true", help="take it out of the keyring")
    key.set_defaults(command=later("models", "key"))
    json_option(key)
