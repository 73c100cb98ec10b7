"""What a front end can ask of the engine process, one method a command (see ARCHITECTURE.md)."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from rlm_desktop.engine.commands.care import CareCommands
from rlm_desktop.engine.commands.documents import DocumentCommands
from rlm_desktop.engine.commands.estimate import EstimateCommands
from rlm_desktop.engine.commands.finding import FindCommands
from rlm_desktop.engine.commands.history import HistoryCommands
from rlm_desktop.engine.commands.kept import Kept
from rlm_desktop.engine.commands.models import ModelCommands
from rlm_desktop.engine.commands.reading import ReadingCommands
from rlm_desktop.engine.commands.runs import RunCommands
from rlm_desktop.engine.commands.show import ShowCommands
from rlm_desktop.engine.commands.timeline import TimelineCommands
from rlm_desktop.engine.commands.wire import Command, Fields, Send, read
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.sandbox import offered, remedy
from rlm_desktop.errors import UsageError
from rlm_desktop.models.registry import default_model


class _Settings(msgspec.Struct):
    online: bool


class Commands:
    """Carries out commands.

    Args:
        engine: What they act on.
        send: Sends an object to the front end.
    """

    def __init__(self, engine: Engine, send: Send) -> None:
        self._engine = engine
        self._runs = RunCommands(engine, send)
        kept = Kept(engine)
        groups = (
            DocumentCommands(engine),
            EstimateCommands(engine),
            self._runs,
            ShowCommands(engine, kept),
            TimelineCommands(kept),
            FindCommands(engine, kept),
            ReadingCommands(engine, kept),
            HistoryCommands(engine, send),
            ModelCommands(engine, send),
            CareCommands(engine, send),
        )
        self._by_name: dict[str, Command] = {"status": self._status, "settings": self._settings}
        for group in groups:
            self._by_name |= group.by_name

    def subscribed(self, run: str) -> bool:
        """Whether the front end wants the events of this run."""
        return self._runs.subscribed(run)

    async def run(self, message: Fields) -> Fields:
        """Carry out one command and return its answer."""
        command = self._by_name.get(message["cmd"])
        if command is None:
            raise UsageError(f"There is no command {message['cmd']}.")
        return await command(message)

    async def _status(self, _: Fields) -> Fields:
        settings, sandbox = self._engine.settings, await offered()
        return {
            "online": bool(settings.online),
            "sandbox": sandbox.level,
            "sandbox_why": sandbox.why,
            "sandbox_fix": remedy(sandbox),
            "home": str(settings.home),
            "default_model": default_model(settings),
        }

    async def _settings(self, message: Fields) -> Fields:
        """Change what may be changed while the engine runs; what goes on is not touched."""
        asked = read(message, _Settings)
        self._engine.settings = replace(self._engine.settings, online=asked.online)
        return await self._status(message)
