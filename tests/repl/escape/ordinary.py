"""The attempts made by whoever runs this, without pytest; families are named by arguments.

Prints a line of JSON: what was wrong.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.repl.escape import FAMILIES
from tests.repl.escape.stage import staged


async def make_attempts(level: str, folder: Path) -> list[str]:
    """What was wrong with any attempt of any family at a level."""
    wrong = []
    for name in FAMILIES:
        (folder / name).mkdir()
        family = importlib.import_module(f"tests.repl.escape.{name}")
        async with staged(folder / name, level) as stage:
            wrong += [f"{name}: {complaint}" for complaint in await stage.family(family.ATTEMPTS)]
    return wrong


def main() -> None:
    """Make them; the level is the argument."""
    assert os.geteuid() != 0
    os.umask(0o077)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(make_attempts(sys.argv[1], Path(folder)))))


if __name__ == "__main__":
    main()
