"""The surface of models trained before May 2026: ``FINAL(…)`` at the start of a line, outside code."""

from __future__ import annotations

import re

from rlm_desktop.engine.dialects.base import Dialect, Move, first_block, without_blocks
from rlm_desktop.engine.prompts import prompt

_FINAL_VAR = re.compile(r"^FINAL_VAR\(\s*[\"']?(\w+)[\"']?\s*\)", re.MULTILINE)
_FINAL = re.compile(r"^FINAL\((.*)\)\s*$", re.MULTILINE | re.DOTALL)


def parse(reply: str) -> Move:
    """A block is a cell and goes first; FINAL counts only when the reply has no code."""
    code = first_block(reply)
    if code.strip():
        return Move(code=code)
    prose = without_blocks(reply)
    if variable := _FINAL_VAR.search(prose):
        return Move(code=f'FINAL_VAR("{variable[1]}")')
    if final := _FINAL.search(prose):
        return Move(final=final[1].strip().strip("\"'"))
    return Move(nudge=prompt("rlm_v0_nudge"))


RLM_V0 = Dialect(name="rlm-v0", stem="rlm_v0", clip=20_000, parse=parse)
