"""Strategies: ways from a question to an answer. Each produces the same rows, calls and answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from rlm_desktop.engine.outcome import Outcome
from rlm_desktop.engine.run import Run
from rlm_desktop.engine.scope import Scope
from rlm_desktop.engine.strategies import direct, guided, rlm

Strategy = Callable[[Run, Scope], Awaitable[Outcome]]

STRATEGIES: dict[str, Strategy] = {"rlm": rlm.answer, "direct": direct.answer, "guided": guided.answer}
AUTO = "auto"
"""`direct` if the documents fit the root's window, else what the model's profile prefers."""
CODELESS = frozenset({"direct"})
"""Those that run no code."""


async def choose(run: Run, scope: Scope) -> str:
    """The strategy that ``auto`` stands for here."""
    return "direct" if await direct.fits(run, scope) else run.root.profile.strategy
