"""The timeline of the run on show, linked with its tree and its replay."""

from __future__ import annotations

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.run.pane import RunPane
from rlm_desktop.gui.run.replay import Replay
from rlm_desktop.gui.run.runs import Runs
from rlm_desktop.gui.timeline.timeline import Timeline
from rlm_desktop.gui.timeline.view import TimelineView


def run_timeline(engine: EngineClient, runs: Runs, replay: Replay, pane: RunPane) -> TimelineView:
    """A timeline that follows the run on show; a step chosen in it is chosen in the tree, and the other way round."""
    timeline = Timeline(engine)
    view = TimelineView(timeline)
    timeline.setParent(view)
    runs.shown.connect(timeline.follow)
    runs.updated.connect(timeline.update)
    replay.moved.connect(lambda: timeline.place(replay.time))
    pane.tree.chosen.connect(view.select)
    view.wanted.connect(pane.go_to)
    return view
