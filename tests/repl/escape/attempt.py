"""One attempt to get out: the code of a cell, and what the host must see of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Template

from rlm_desktop.repl.host import CellResult

REFUSED = (
    r"error: (.*: )?(PermissionError|FileNotFoundError|OSError|BlockingIOError|sqlite3\.OperationalError): .*"
    r"|error: .*(Operation not permitted|Permission denied).*"
)
"""The system said no, and the cell went on to say so."""
RAISED = r"error: .*"
"""An exception of the cell's own, whatever it was."""
DIED = r"crash, restored: .*"
"""Its process ended; the variables are those from before."""
STOPPED = r"timeout, restored: .*"
"""It went on until it was killed."""
NO_MEMORY = r"memory(, restored)?: .*"
"""It wanted more memory than it may have."""


@dataclass(frozen=True)
class Attempt:
    """A cell, and what must come of it.

    Attributes:
        name: What is tried.
        code: The cell; ``$name`` stands for the literal of a thing of the `Surroundings`.
        must: A regular expression that the whole `verdict` must match.
        seconds: Time the cell may take.
        keeps: Whether the variables of earlier cells must be there afterwards. A cell that changes the code of
            its own process may lose them, for itself and nobody else.
        serves: Whether a cell soon sees its document again, whatever became of the variables.
        spoils: Whether it leaves the interpreter in a state that would disturb the next attempt.
    """

    name: str
    code: str
    must: str
    seconds: float = 20.0
    keeps: bool = True
    serves: bool = True
    spoils: bool = False

    def cell(self, surroundings: dict[str, object]) -> str:
        """The code with the literals in place."""
        return Template(self.code).substitute({name: repr(value) for name, value in surroundings.items()})

    def held(self, result: CellResult) -> bool:
        """Whether it came to what it must."""
        return re.fullmatch(self.must, verdict(result), re.DOTALL) is not None


def verdict(result: CellResult) -> str:
    """``status[, restored]: `` and what the cell printed and what was said of its end."""
    restored = ", restored" if result.restored else ""
    said = " ".join(part for part in (result.output.strip(), result.error) if part)
    return f"{result.status}{restored}: {said}"


def prints(text: str) -> str:
    """The cell ended well and printed this."""
    return f"ok: {re.escape(text)}"


def says(*words: str) -> str:
    """The cell raised an exception that says one of these."""
    return f"error: .*({'|'.join(map(re.escape, words))}).*"
