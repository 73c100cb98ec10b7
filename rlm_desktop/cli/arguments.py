"""What the arguments of commands have in common: kinds of values, the option --json, and the function that runs."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from rlm_desktop.cli.options import Options

_SIZE = re.compile(r"([1-9]\d{0,5}) ?(kb|mb|gb)", re.IGNORECASE)
_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9}


def later(module: str, function: str = "run") -> Callable[[Options], int]:
    """The function of a module of the command line, which is imported when it is called."""

    def command(options: Options) -> int:
        code = getattr(import_module(f"rlm_desktop.cli.{module}"), function)(options)
        return int(code)

    return command


def path(text: str) -> Path:
    """A path, but not the empty one of an unset variable, which would mean the whole current folder."""
    if not text:
        raise argparse.ArgumentTypeError("a file or folder must be named")
    return Path(text)


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number") from error


def count(text: str) -> int:
    """A whole number from 1 on."""
    if (value := whole(text)) < 1:
        raise argparse.ArgumentTypeError(f"{value} is too few; give 1 or more")
    return value


def amount(text: str) -> float:
    """A number from 0 on."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount; give a number, 0 or more")
    return value


def counts(text: str) -> tuple[int, ...]:
    """Whole numbers from 1 on, with commas between them."""
    return tuple(count(part) for part in text.split(","))


def names(text: str) -> tuple[str, ...]:
    """Words, with commas between them."""
    return tuple(part.strip() for part in text.split(","))


def sizes(text: str) -> tuple[int, ...]:
    """Sizes in bytes by powers of ten, such as ``1MB,1GB``."""
    return tuple(_size(part) for part in text.split(","))


def _size(text: str) -> int:
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no size; write it like 100kB, 1MB or 2GB")
    return int(found[1]) * _UNITS[found[2].lower()]


def json_option(parser: argparse.ArgumentParser) -> None:
    """Let a command take ``--json``, which may also have been given before it."""
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print one JSON document on standard output",
    )
