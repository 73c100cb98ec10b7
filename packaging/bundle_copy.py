"""A copy of the bundle that a person runs, and what its checks ask of it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 120.0
"""Seconds any one step may take on a busy computer; most take one or two."""


class CheckError(Exception):
    """The bundle does not do what it should; the text says what."""


@dataclass(frozen=True)
class Bundle:
    """A copy of the bundle, and the person who runs it.

    Attributes:
        program: The program.
        home: A home that is empty but for ``book.txt``.
        identity: How `subprocess` becomes that person; empty if it is this one.
    """

    program: Path
    home: Path
    identity: dict[str, Any] = field(default_factory=dict)

    @property
    def book(self) -> str:
        """The document that questions are asked about."""
        return str(self.home / "book.txt")

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start it with these arguments and no variables but these and ``HOME``."""
        return subprocess.Popen(
            [self.program, *arguments],
            env={"HOME": str(self.home), "LANG": "C.UTF-8", **variables},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            **self.identity,
        )

    def text(self, *arguments: str, **variables: str) -> str:
        """What a command prints.

        Raises:
            CheckError: It fails, or does not end.
        """
        output, errors, status = self._run(*arguments, **variables)
        if status:
            raise CheckError(f"{arguments[0]} ended with {status}: {errors.strip()}")
        return output

    def json(self, *arguments: str, **variables: str) -> Any:
        """The document a command prints, whatever its exit code.

        Raises:
            CheckError: It prints none, or does not end.
        """
        output, errors, status = self._run(*arguments, "--json", **variables)
        try:
            return json.loads(output)
        except ValueError:
            raise CheckError(f"{arguments[0]} ended with {status}: {errors.strip()}") from None

    def _run(self, *arguments: str, **variables: str) -> tuple[str, str, int]:
        with self.start(*arguments, **variables) as process:
            try:
                output, errors = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise CheckError(f"{arguments[0]} did not end within {PATIENCE:.0f} seconds") from None
        return output, errors, process.returncode


def expect(what: str, found: object, wanted: object) -> None:
    """Raise `CheckError` unless both are the same."""
    if found != wanted:
        raise CheckError(f"{what} is {found!r} instead of {wanted!r}")


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Look until it holds.

    Raises:
        CheckError: It did not, within `PATIENCE` or before the process ended.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline or (process and process.poll() is not None):
            said = process.communicate()[1] if process and process.poll() is not None else ""
            raise CheckError(f"what was waited for did not come: {said.strip()}")
        time.sleep(0.05)
