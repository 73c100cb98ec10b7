"""One line that says which documents are not what they were when the run on show began."""

from __future__ import annotations

from PySide6.QtCore import Qt

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.toned_label import TonedLabel
from rlm_desktop.gui.wire import EngineError, Sources

_LISTED = 12
"""Documents in the tooltip."""


class ChangedSources(TonedLabel):
    """Hidden when nothing changed, or nobody knows yet."""

    def __init__(self, engine: EngineClient) -> None:
        super().__init__("warn")
        self._engine = engine
        self._run = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName(tr("Changed documents"))
        self.hide()

    def check(self, run: str) -> None:
        """Compare the documents of this run, which may take a while; an empty id says nothing."""
        if run == self._run:
            return
        self._run = run
        self.hide()

        def done(sources: Sources) -> None:
            if run == self._run:  # else another run is on show by now
                self._say(sources)

        def failed(_: EngineError) -> None:
            if run == self._run:
                self._run = ""  # so that they are compared when it is asked for again

        if run:
            self._engine.request("sources", Sources, done, failed, run=run)

    def _say(self, sources: Sources) -> None:
        self.setText(f"⚠ {sources.text}")
        shown = [f"{source.path}: {source.state}" for source in sources.changed[:_LISTED]]
        more = len(sources.changed) - len(shown)
        self.setToolTip("\n".join([*shown, tr("and {:,} more").format(more)] if more else shown))
        self.setVisible(bool(sources.text))
