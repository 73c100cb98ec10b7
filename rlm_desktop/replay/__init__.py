"""Show a run again as it was after any of its events: the fold over the first of them, and nothing else."""

from rlm_desktop.replay.player import Move, Player

__all__ = ["Move", "Player"]
