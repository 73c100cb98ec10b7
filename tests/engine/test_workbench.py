from __future__ import annotations

import pytest

from rlm_desktop.engine.workbench import Workbench
from rlm_desktop.events import CellStatus
from rlm_desktop.repl.results import LOST, UNDONE, CellResult


@pytest.mark.parametrize("setback", [LOST, UNDONE])
@pytest.mark.parametrize("status", ["ok", "error", "crash"])
def test_a_model_is_told_what_befell_its_variables_however_the_cell_ended(
    status: CellStatus, setback: str
) -> None:
    result = CellResult(status=status, output="", seconds=0, error="E", traceback="Traceback", restored=True)
    told = Workbench.describe(result.after(setback))
    assert told.count(setback) == 1
    assert setback not in Workbench.describe(result)


@pytest.mark.parametrize(
    ("restored", "error", "said"),
    [
        (True, "", "are as they were before it"),
        (False, LOST, "are gone"),
        (False, "MemoryError", "are as it left them"),
    ],
)
def test_a_model_is_told_what_is_left_of_its_variables(restored: bool, error: str, said: str) -> None:
    result = CellResult(status="memory", output="", seconds=0, error=error, restored=restored)
    assert f"Your variables {said}" in Workbench.describe(result)
