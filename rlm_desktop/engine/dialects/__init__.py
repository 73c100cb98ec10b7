"""Dialects: how a family of models was taught to drive the REPL and to finish."""

from __future__ import annotations

from rlm_desktop.engine.dialects.base import Dialect, Move, Scene
from rlm_desktop.engine.dialects.rlm_v0 import RLM_V0
from rlm_desktop.engine.dialects.rlm_v1 import RLM_V1

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (RLM_V1, RLM_V0)}

__all__ = ["DIALECTS", "RLM_V0", "RLM_V1", "Dialect", "Move", "Scene"]
