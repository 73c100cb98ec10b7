"""The SDK takes half a second to import: who asks a local model, or starts the window, does not pay for it."""

from __future__ import annotations

import subprocess
import sys

SLOW = {"openai", "httpx2", "keyring", "genai_prices", "pydantic"}
ASK = """
import sys
from rlm_desktop.cli import ask, main, models
from rlm_desktop.engine.server import Server
from rlm_desktop.models.opening import open_model
main(["models"])
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def test_a_local_model_imports_nothing_of_the_remote_ones() -> None:
    loaded = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stderr
    assert "rlm_desktop" in loaded.split()
    assert not SLOW & set(loaded.split())
