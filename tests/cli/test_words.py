"""Rows on a terminal."""

import pytest

from rlm_desktop.cli.words import row_line
from rlm_desktop.events import Progress, Row


@pytest.mark.parametrize(
    ("progress", "shown"),
    [
        (Progress(340, 1000, "pages"), "● » for  ━━━╌╌╌╌╌╌╌ pages 340 of 1,000"),
        (Progress(12_345), "● » for  12,345"),
        (Progress(9, 3), "● » for  ━━━━━━━━━━ 9 of 3"),
        (Progress(1, 2, "a\n\x1b[31m"), "● » for  ━━━━━╌╌╌╌╌ a �[31m 1 of 2"),
        (None, "● » for"),
    ],
)
def test_the_progress_of_a_cell(progress: Progress | None, shown: str) -> None:
    row = Row(span=1, parent=0, index=0, kind="cell", label="for", progress=progress)
    assert row_line(row, 0).plain == shown
