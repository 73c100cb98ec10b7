"""The reference's current surface: ``repl`` blocks and the ``answer`` dict."""

from __future__ import annotations

from rlm_desktop.engine.dialects.base import Dialect, Move, first_block
from rlm_desktop.engine.prompts import prompt


def parse(reply: str) -> Move:
    """A block is a cell; prose alone, whatever it claims, is never an answer."""
    code = first_block(reply)
    return Move(code=code) if code.strip() else Move(nudge=prompt("rlm_v1_nudge"))


RLM_V1 = Dialect(name="rlm-v1", stem="rlm_v1", clip=6_000, parse=parse)
