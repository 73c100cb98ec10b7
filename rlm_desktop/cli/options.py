"""What was asked for on the command line, as commands are given it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from rlm_desktop.config import Settings


class Options(argparse.Namespace):
    """What was asked for on the command line."""

    command: Callable[[Options], int]
    data_dir: Path
    online: bool | None
    json: bool = False
    paths: list[Path]

    @property
    def settings(self) -> Settings:
        """The settings the common options stand for."""
        return Settings(self.data_dir, online=self.online)
