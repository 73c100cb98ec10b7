"""What every test gets: no display needed, a data folder of its own, and the watchdogs of `tests.guards`."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt

pytest_plugins = ["tests.guards", "pytester"]

# A shared machine is no place for wall-clock assertions; failures are printed ready to paste. The same examples every
# time, so that a change is not refused for what it did not change: `make hunt` looks for others.
hypothesis.settings.register_profile(
    "default",
    deadline=None,
    print_blob=True,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],  # a busy machine fails it, not the test
)
hypothesis.settings.register_profile(
    "hunt",
    deadline=None,
    print_blob=True,
    max_examples=1_000,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("default")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, which the program uses unless told otherwise."""
    folder = tmp_path / "home"
    monkeypatch.setenv("RLM_DESKTOP_HOME", str(folder))
    return folder
