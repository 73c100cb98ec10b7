"""The reference's current surface: ``repl`` blocks and the ``answer`` dict."""

from __future__ import annotations

from rlm_desktop.engine.dialects.base import Dialect, Move, first_block

NUDGE = (
    "Your reply had no code block, so nothing was run. Reply with one block like this:\n"
    '```repl\nprint(find("words to look for", k=5))\n```\n'
    'To finish, run:\n```repl\nanswer["content"] = "the answer"\nanswer["ready"] = True\n```'
)


def parse(reply: str) -> Move:
    """A block is a cell; prose alone, whatever it claims, is never an answer."""
    code = first_block(reply)
    return Move(code=code) if code.strip() else Move(nudge=NUDGE)


RLM_V1 = Dialect(name="rlm-v1", stem="rlm_v1", clip=6_000, parse=parse)
