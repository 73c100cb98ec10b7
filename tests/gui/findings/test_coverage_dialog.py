"""What the share of the documents that was read is called."""

from __future__ import annotations

import pytest

from rlm_desktop.gui.findings.coverage_dialog import coverage_words
from rlm_desktop.gui.wire.reading import Coverage


@pytest.mark.parametrize(
    ("read", "exact", "words"),
    [
        (4, True, "Read 0.4 % · not read 99.6 %"),
        (400, False, "Read about 40 % · not read 60 %"),
        (0, True, "Read 0 % · not read 100 %"),
        (1000, True, "Read 100 % · not read 0 %"),
        (0.01, False, "Read <0.1 % · not read >99.9 %"),
    ],
)
def test_it_is_said_what_was_read_and_what_was_not(read: float, exact: bool, words: str) -> None:
    coverage = Coverage(round(read * 100), 100_000, exact, 0, 1, 0, (), 1)
    assert coverage_words(coverage).replace("\u202f", " ") == words
