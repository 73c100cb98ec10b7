"""The command that says, before a question is asked, what it will take."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from rlm_desktop.engine.commands.wire import Command, Fields, read
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.estimate import ASKED_FOR, Estimate, Ground, estimate, strategy_for
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.models.prospect import Prospect, prospect
from rlm_desktop.models.registry import default_model


class EstimateCommands:
    """Carries out ``estimate``, which has the fields of ``ask``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.by_name: dict[str, Command] = {"estimate": self._estimate}

    async def _estimate(self, message: Fields) -> Fields:
        asked = read({"question": "", **message}, AskRequest)
        extent = await self._engine.scan.extent(tuple(map(Path, asked.paths)))
        ground = Ground(asked.question.strip(), asked.paths, extent.size, extent.tokens)
        found = await asyncio.to_thread(self._reckon, asked, ground)
        return msgspec.to_builtins(found)  # type: ignore[no-any-return]

    def _reckon(self, asked: AskRequest, ground: Ground) -> Estimate:
        settings = self._engine.settings
        name = asked.model or default_model(settings)
        root = prospect(name, settings)
        sub = root if asked.sub_model in {"", name} else prospect(asked.sub_model, settings)
        models: tuple[Prospect, Prospect] = root, sub
        strategy = strategy_for(asked.strategy, root, ground)
        with self._engine.store.apart() as store:
            precedents = store.precedents(root.name, sub.name, strategy, ASKED_FOR)
        return estimate(ground, strategy, models, asked.limits, precedents)
