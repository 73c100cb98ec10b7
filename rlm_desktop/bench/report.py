"""A bench as one document: on what it was run, what was asked, and every section so far."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from rlm_desktop.bench.machine import Machine, this_machine, versions
from rlm_desktop.bench.section import Section
from rlm_desktop.errors import UserError


class Report:
    """What has been measured so far.

    Args:
        bench: Name of the task.
        plan: What was asked for.
        grounds: On what it is run besides the computer, each under the name it has in the document.
    """

    def __init__(self, bench: str, plan: object, **grounds: object) -> None:
        self.sections: list[Section] = []
        self.error: UserError | None = None
        self.complete = False
        self._bench = bench
        self._plan = plan
        self._grounds = grounds
        self._machine: Machine = this_machine()
        self._started = datetime.now(UTC).isoformat(timespec="seconds")

    @property
    def failed(self) -> bool:
        """Whether something that was to be measured could not be."""
        return bool(self.error or any(section.failures for section in self.sections))

    def document(self) -> dict[str, Any]:
        """It as JSON has it; ``complete`` says whether everything was measured."""
        error = self.error
        return {
            "bench": self._bench,
            "complete": self.complete,
            "started": self._started,
            "machine": _plain(self._machine),
            "versions": versions(),
            **_plain(self._grounds),
            "plan": _plain(self._plan),
            "sections": [_plain(section) for section in self.sections],
            "error": {"message": error.message, "hint": error.hint} if error else None,
        }


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value, str_keys=True)
