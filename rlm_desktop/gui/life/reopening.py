"""What was open when the program ended, however it ended, is open again when it starts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.library.kept_tabs import KeptTabs
from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.library.recent import read_paths, write_paths
from rlm_desktop.gui.run.runs import Runs
from rlm_desktop.gui.wire import SAMPLE, EngineError, Summary
from rlm_desktop.gui.wire.documents import Opened

_SOURCES, _RUN = "open/sources", "open/run"


class Reopening(QObject):
    """Writes down what is open whenever that changes, since nobody is told before a crash.

    What is being opened is not written down before it is open: one that cannot be survived is tried a single time.

    Args:
        engine: Has to answer first.
        library: What is open.
        tabs: Which documents of it are on show.
        runs: Which run is on show.
        choices: Where it is written down.

    Signals:
        expected: A run that was on show will be on show again (`bool`).
    """

    expected = Signal(bool)

    def __init__(
        self, engine: EngineClient, library: Library, tabs: KeptTabs, runs: Runs, choices: Choices
    ) -> None:
        super().__init__(library)
        self._library = library
        self._tabs = tabs
        self._runs = runs
        self._choices = choices
        self._was_open = read_paths(choices.kept(_SOURCES))
        self._was_shown = choices.kept(_RUN) or ""
        self._expecting = False
        library.opened.connect(self._keep_sources)
        library.closed.connect(self._keep_sources)
        library.ground_changed.connect(self._keep_sources)
        runs.shown.connect(self._keep_run)
        engine.died.connect(self._give_up)

    def expect(self) -> None:
        """Say of what was open that it is being opened, until the engine answers."""
        self._expecting = True
        self._library.expect([path for paths in self._was_open for path in paths])
        self.expected.emit(bool(self._was_shown))

    def reopen(self) -> None:
        """Open what was open; what is gone meanwhile is among what was open lately, and said to be missing there."""
        self._tabs.reopen()
        was_open, self._was_open = self._was_open, ()
        self._choices.keep(_SOURCES, None)
        for paths in was_open:
            self._library.open(paths, otherwise=_let_go)
        self._library.expect(())
        self._choices.keep(_RUN, None)
        if self._was_shown:
            self._runs.show(self._was_shown)

    def drop(self) -> None:
        """What was open stays closed."""
        self._was_open, self._was_shown = (), ""
        self._tabs.drop()
        self._give_up()

    def _give_up(self) -> None:
        """The engine may yet be started again; until then nothing is on its way."""
        if self._expecting:
            self._expecting = False
            self._library.expect(())
            self.expected.emit(False)

    def _keep_sources(self, _: Opened | None) -> None:
        ground = self._library.ground
        # the one the next question is about is opened last, and so is again
        sources = sorted(self._library.model.sources, key=lambda source: source == ground)
        paths = [source.paths for source in sources]
        self._choices.keep(_SOURCES, write_paths(paths) if paths else None)

    def _keep_run(self, summary: Summary | None, _: object) -> None:
        self._expecting = False
        shown = summary.run if summary is not None and summary.run != SAMPLE else ""
        self._choices.keep(_RUN, shown or None)


def _let_go(_: EngineError) -> None:
    """Nobody asked for it just now."""
