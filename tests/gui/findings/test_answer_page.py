"""What the page of an answer says when there is none."""

from __future__ import annotations

import pytest

from rlm_desktop.gui.findings.answer_page import answer_blocks
from rlm_desktop.gui.wire import Summary


def said(summary: Summary) -> str:
    return "\n".join(run.text for block in answer_blocks(summary) for run in block.runs)


@pytest.mark.parametrize("error", ["", "The run was cancelled."])
def test_a_run_that_was_stopped_says_where_to_look(error: str) -> None:
    page = said(Summary("run1", "?", "cancelled", error=error))
    assert page == "The run was stopped. What it found so far is in the steps of the run."


def test_what_ended_a_run_is_said_once() -> None:
    page = said(Summary("run1", "?", "interrupted", error="The power failed.", hint="Ask again."))
    assert page == "The power failed.\nAsk again."
    assert "Its steps up to then were kept" in said(Summary("run1", "?", "interrupted"))
