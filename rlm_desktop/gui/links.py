"""What one panel does when another says something: the connections of the window, by subject."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import SignalInstance

from rlm_desktop.gui.asking.asking import Asking
from rlm_desktop.gui.care.complaints import Complaints
from rlm_desktop.gui.findings.details_panel import DetailsPanel
from rlm_desktop.gui.history.save_report import SaveReport
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.pane import RunPane
from rlm_desktop.gui.widgets.docks import Docks
from rlm_desktop.gui.widgets.status_line import StatusLine


def link_complaints(complaints: Complaints, refused: tuple[SignalInstance, ...]) -> None:
    """Have every refusal said across the window."""
    for signal in refused:
        signal.connect(complaints.tell)


def link_run(pane: RunPane, details: DetailsPanel, docks: Docks, asking: Asking) -> None:
    """Have the step chosen in the run shown in full, and its question asked again."""

    def show_tab(name: str) -> None:
        docks.bring(details)
        details.open_tab(name)

    pane.shown.connect(details.follow)
    pane.tree.chosen.connect(details.show_row)
    pane.tree.opened.connect(lambda: docks.bring(details))
    pane.tab_wanted.connect(show_tab)
    pane.steps.read_range.connect(details.read_range)
    pane.steps.again.connect(asking.queue.add)


def link_report(report: SaveReport, status: StatusLine) -> None:
    """Say at the foot of the window that a report is being written, and offer to open it when it is there."""

    def saving(path: str) -> None:
        status.tell(tr("Writing {name}…").format(name=Path(path).name) if path else "")

    def saved(path: str) -> None:
        status.tell(tr("Saved {name}").format(name=Path(path).name), lambda: report.open(path))

    report.saving.connect(saving)
    report.saved.connect(saved)
