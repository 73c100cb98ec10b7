"""The attempts of a family made by whoever runs this, without pytest.

The arguments are the level and the family. Prints a line of JSON: what was wrong.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.repl.escape.stage import staged


async def make_attempts(level: str, name: str, folder: Path) -> list[str]:
    """What was wrong with any attempt of a family at a level."""
    family = importlib.import_module(f"tests.repl.escape.{name}")
    async with staged(folder, level) as stage:
        return [f"{name}: {complaint}" for complaint in await stage.family(family.ATTEMPTS)]


def main() -> None:
    """Make them."""
    assert os.geteuid() != 0
    os.umask(0o077)
    level, family = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(make_attempts(level, family, Path(folder)))))


if __name__ == "__main__":
    main()
