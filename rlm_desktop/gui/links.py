"""Connects the run pane with the panels that show more of the step chosen in it."""

from __future__ import annotations

from rlm_desktop.gui.asking.asking import Asking
from rlm_desktop.gui.care.complaints import Complaints
from rlm_desktop.gui.findings.details_panel import DetailsPanel
from rlm_desktop.gui.run.pane import RunPane
from rlm_desktop.gui.widgets.docks import Docks


def link_run(
    pane: RunPane, details: DetailsPanel, docks: Docks, asking: Asking, complaints: Complaints
) -> None:
    """Have the chosen step shown in full, its question asked again, and said what could not be done."""

    def show_tab(name: str) -> None:
        docks.bring(details)
        details.open_tab(name)

    pane.shown.connect(details.follow)
    pane.tree.chosen.connect(details.show_row)
    pane.tree.opened.connect(lambda: docks.bring(details))
    pane.tab_wanted.connect(show_tab)
    pane.steps.read_range.connect(details.read_range)
    pane.steps.again.connect(asking.queue.add)
    pane.refused.connect(complaints.tell)
