"""The variables of a REPL and the cells that make them, wherever they run; standard library only."""

from __future__ import annotations

import sys
from typing import Any

from rlm_desktop.repl import cell, display
from rlm_desktop.repl.api import RESERVED, Api, CallError
from rlm_desktop.repl.channel import Channel, Printed
from rlm_desktop.repl.protocol import Message
from rlm_desktop.repl.spare import Spare
from rlm_desktop.repl.threads import Threads


class Notebook:
    """Runs cells one after the other in one namespace.

    Args:
        api: What cells may use.
        output_chars: Most characters of a draft of the answer.

    Attributes:
        threads: Those that cells have left behind.
    """

    def __init__(self, api: Api, output_chars: int) -> None:
        self.api = api
        self._output_chars = output_chars
        self._namespace = cell.make_namespace()
        self.threads = Threads()
        self._stdout, self._stderr = Printed("stdout", self.threads), Printed("stderr", self.threads)

    def run(self, channel: Channel, order: Message) -> None:
        """Run a cell and say how it ended.

        Args:
            channel: The cell's connection to the host; hung up at the end.
            order: Its ``code`` and ``number``, and the ``history``.
        """
        self.api.history[:] = order["history"]
        self.api.install(self._namespace)
        sys.stdout, sys.stderr = self._stdout, self._stderr  # an earlier cell may have put others there
        Printed.channel = channel
        outcome = cell.run(order["code"], order["number"], self._namespace, self._stdout.write, Spare())
        self.api.take_answer()
        threads = self.threads.settle()
        for printed in (self._stdout, self._stderr):
            printed.finish()
        left = {"dropped": channel.dropped, "threads": threads}
        channel.finish({"type": "done", **vars(outcome), **self._report(), **left})
        Printed.channel = None

    def _report(self) -> dict[str, Any]:
        answer = self.api.answer
        try:
            content, ready = str(answer.get("content", "")), bool(answer.get("ready"))
        except Exception:
            content, ready = display.describe(answer.get("content")), False
        return {
            "ready": ready,
            "draft": display.clip(content, self._output_chars),
            "variables": display.variables(self._namespace, RESERVED),
        }


def call(api: str, args: dict[str, Any]) -> Any:
    """Put a call to the host through the channel of the running cell."""
    if Printed.channel is None:
        raise CallError("no cell is running")
    return Printed.channel.call(api, args)


def say(done: int, total: int | None, label: str) -> None:
    """Tell the host how far the running cell has come."""
    if Printed.channel is not None:
        Printed.channel.send({"type": "progress", "done": done, "total": total, "label": label})
