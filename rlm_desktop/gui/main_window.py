"""The window: composes the panels and connects them to the engine. What a panel does is in its own file."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from rlm_desktop.config import Settings
from rlm_desktop.gui.asking.asking import Asking
from rlm_desktop.gui.asking.consent import Consent
from rlm_desktop.gui.asking.panel import AskPanel
from rlm_desktop.gui.care.care import Care
from rlm_desktop.gui.care.complaints import Complaints
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings.findings import Findings
from rlm_desktop.gui.findings.spending import Spending
from rlm_desktop.gui.history.history import History
from rlm_desktop.gui.history.panel import HistoryPanel
from rlm_desktop.gui.history.save_report import SaveReport
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.kept.window_state import WindowState
from rlm_desktop.gui.library.document_pane import DocumentPane
from rlm_desktop.gui.library.library import Library
from rlm_desktop.gui.library.open_dialog import choose_files, choose_folder
from rlm_desktop.gui.library.opening import Opening
from rlm_desktop.gui.library.panel import LibraryPanel
from rlm_desktop.gui.library.recent import Recent
from rlm_desktop.gui.life.lifecycle import LifeCycle
from rlm_desktop.gui.life.single_instance import Launch
from rlm_desktop.gui.links import link_complaints, link_report, link_run
from rlm_desktop.gui.look.words import later
from rlm_desktop.gui.menus import Handlers, actions_of, build_actions
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.menu import ModelsMenu
from rlm_desktop.gui.run.pane import RunPane
from rlm_desktop.gui.run.replay import Replay
from rlm_desktop.gui.run.replay_bar import ReplayBar
from rlm_desktop.gui.run.runs import Runs
from rlm_desktop.gui.run.tree_model import RunTreeModel
from rlm_desktop.gui.timeline.pane import run_timeline
from rlm_desktop.gui.widgets.banner import Banner
from rlm_desktop.gui.widgets.docks import Docks
from rlm_desktop.gui.widgets.panes import go_to_next, stacked
from rlm_desktop.gui.widgets.status_line import StatusLine
from rlm_desktop.gui.wire import SAMPLE, EngineStatus, Hello, Summary


class MainWindow(QMainWindow):
    """The documents in the middle; around them what is open and was asked, the question, the answer, and its run."""

    def __init__(self, engine: EngineClient, settings: Settings) -> None:
        super().__init__()
        self.engine = engine
        self._choices = Choices(settings.home / "window.ini")
        self.library = Library(engine)
        self.runs = Runs(engine)
        self.history = History(engine)
        self.catalogue = Catalogue(engine)
        self.recent = Recent(engine, self._choices)
        self.library_panel = LibraryPanel(self.library, self.recent)
        self.history_panel = HistoryPanel(self.history)
        self.documents = DocumentPane(engine)
        self.opening = Opening(engine, self.library, self.documents)
        self.open_paths = self.opening.open
        self.run_pane = RunPane(engine, lambda: self.replay.place)
        self.tree = self.run_pane.tree
        self.ask = AskPanel(self.catalogue)
        self.findings = Findings(engine, self.library, self.documents, self._choices)
        self.answer, self.details = self.findings.answer, self.findings.details
        self.banner = Banner()
        self.complaints = Complaints(engine, self.banner)
        self.replay = Replay(engine)
        self.replay_bar = ReplayBar(self.replay)
        self.timeline = run_timeline(engine, self.runs, self.replay, self.run_pane)
        self.status = StatusLine(self.replay_bar)
        self.spending = Spending(engine, self.runs, self.status)
        self.models = ModelsMenu(
            engine,
            self.catalogue,
            self._choices,
            self.ask.picker,
            self.status,
            window=self,
            online=settings.online,
        )
        self._ready = False
        self.care = Care(self, engine, self._choices, self.models.network, self.ask, home=settings.home)
        self.consent = Consent(self)
        self.asking = Asking(
            engine, self.ask, self.runs, self.consent, self._choices, open_paths=self.open_paths
        )
        self.findings.limits = self.ask.limits.limits
        self.setWindowTitle("RLM Desktop")
        self.setCentralWidget(stacked(self.banner, self.documents))
        self.setStatusBar(self.status)
        self.docks = Docks(
            self,
            {
                "library": self.library_panel,
                "sessions": self.history_panel,
                "run": self.run_pane,
                "timeline": self.timeline,
                "ask": self.ask,
                "answer": self.answer,
                "details": self.details,
            },
        )
        self._state = WindowState(settings.home / "window.ini")
        self.report = SaveReport(engine, self._state, self)
        self._state.restore(self, self.docks)
        self.life = LifeCycle(
            self,
            engine,
            library=self.library,
            documents=self.documents,
            recent=self.recent,
            runs=self.runs,
            queue=self.asking.queue,
            choices=self._choices,
            preferences=self.care.preferences,
            session=lambda: self.ask.follow_up.run is not None,
            save=lambda: self._state.save(self, self.docks),
        )
        by_name = self.actions_by_name = build_actions(self, self._handlers())
        self.documents.welcome.offer(by_name["open_file"], by_name["open_folder"], by_name["sample"])
        self.findings.offer(by_name)
        self.docks.offer(by_name)
        self.library_panel.offer(by_name)
        self.life.offer(by_name, self.library_panel)
        self.replay_bar.offer(by_name)
        self.run_pane.offer(by_name)
        self.timeline.offer(by_name)
        self.history_panel.offer(actions_of("history", by_name))
        self.models.offer(by_name)
        self.care.offer(by_name)
        self.asking.offer(by_name)
        self._connect()
        self.replay.follow(None, None)
        self._busy(False)
        self._allow_adding()
        self._refresh_colours()
        self._ready = True
        self.life.begin()

    # -- composition -------------------------------------------------------------------------------------

    def _handlers(self) -> Handlers:
        """What each action does: those of a panel are its own business, those between panels are the window's."""
        return {
            "open_file": lambda: choose_files(self, self.open_paths),
            "open_folder": lambda: choose_folder(self, self.open_paths),
            "add_files": lambda: choose_files(self, self.add_paths, later("Add files to the session")),
            "add_folder": lambda: choose_folder(self, self.add_paths, later("Add a folder to the session")),
            "quit": self._quit,
            "go_to_line": self.documents.ask_for_line,
            "ask_box": self._type,
            "next_pane": self._next_pane,
            "ask": self.ask.ask,
            "new_question": self.ask.start_afresh,
            "stop": self._stop,
            "export": self._export,
            "sample": self._show_sample,
            **self.findings.handlers,
            **self.library_panel.handlers,
            **self.history_panel.handlers,
            **self.docks.handlers,
            **self.replay_bar.handlers,
            **self.run_pane.handlers,
            **self.timeline.handlers,
            **self.models.handlers,
            **self.care.handlers,
            **self.asking.handlers,
        }

    def _connect(self) -> None:
        speakers = (self.library, self.history, self.runs, self.run_pane, self.replay, self.report)
        more = (self.models, self.care, self.findings, self.life.drops)
        link_complaints(self.complaints, tuple(one.refused for one in (*speakers, *more)))
        link_run(self.run_pane, self.details, self.docks, self.asking)
        link_report(self.report, self.status)
        self.engine.greeted.connect(self._greeted)
        self.opening.told.connect(self.status.tell)
        self.library.opened.connect(lambda _: self.ask.box.setFocus())
        self.library.opened.connect(self.complaints.settle)
        self.library.opening.connect(self.ask.wait)
        self.library.ground_changed.connect(self.ask.set_ground)
        self.library_panel.chosen.connect(self.documents.show_document)
        self.library_panel.reopened.connect(self.open_paths)
        self.history_panel.chosen.connect(self.runs.show)
        self.history.deleted.connect(lambda summary: self.runs.forget(summary.run))
        self.history.restored.connect(self._restored)
        self.runs.learned.connect(self.history.update)
        self.runs.shown.connect(self.replay.follow)
        self.runs.shown.connect(self._mark)
        self.runs.shown.connect(self.complaints.settle)
        self.runs.shown.connect(self.answer.check_sources)
        self.runs.updated.connect(self.answer.check_sources)
        self.runs.updated.connect(self.replay.update)
        self.replay.shown.connect(self._on_show)
        self.replay.updated.connect(self._updated)
        self.replay.moved.connect(self._replayed)
        self.replay.started.connect(self.tree.follow)
        self.runs.busy_changed.connect(self._busy)
        self.catalogue.activity.connect(self.status.show_model)
        self.catalogue.activity.connect(self.answer.show_activity)
        self.ask.follow_up.add.clicked.connect(self.actions_by_name["add_files"].trigger)
        self.ask.follow_up.changed.connect(self._allow_adding)
        self.models.network.changed.connect(self.consent.learn)
        self.consent.given.connect(lambda question: self.models.remember(question.model))
        self.runs.shown.connect(self.ask.show_run)
        self.runs.updated.connect(self.ask.show_run)
        self.care.told.connect(self.status.tell)
        self.care.commands.know_recent(lambda: self.recent.entries)
        self.care.commands.opening.connect(self.open_paths)
        self.care.commands.showing.connect(self.runs.show)
        self.answer.session.chosen.connect(self.runs.show)
        self.ask.stopped.connect(self._stop)
        self.findings.wanted.connect(self.asking.put)
        self.findings.wanted.connect(self._type)
        self.life.reopening.expected.connect(self._expect)
        self.life.presence.leaving.connect(self._stop)
        self.life.drops.added.connect(self.add_paths)
        self.life.drops.opened.connect(self.open_paths)
        self.life.drops.model.connect(self.models.view.offer_file)

    # -- opening -----------------------------------------------------------------------------------------

    def take(self, launch: Launch) -> None:
        """Another launch has left its errand here: come forward, and open what it named."""
        self.life.presence.come_forward(launch.token)
        if launch.paths:
            self.open_paths(launch.paths)

    def add_paths(self, paths: Sequence[str]) -> None:
        """Open files or folders together with what the session on show is about."""
        session = self.ask.follow_up.offered
        if session is not None:
            self.library.open([*self.ask.paths_of(session), *paths])

    def _allow_adding(self) -> None:
        for name in ("add_files", "add_folder"):
            self.actions_by_name[name].setEnabled(self.ask.follow_up.offered is not None)

    # -- the run -----------------------------------------------------------------------------------------

    def _on_show(self, summary: Summary | None, tree: RunTreeModel | None) -> None:
        self.findings.follow(summary, tree)
        self.run_pane.show_tree(tree)
        self.docks.show_run(tree is not None)
        self.spending.follow(tree)

    def _expect(self, run: bool) -> None:
        """Keep room for the run that was on show, or for the documents if there is none."""
        if run:
            self.answer.wait()
            self.timeline.wait()
            self.docks.show_run(True)
        else:
            self._on_show(None, None)

    def _mark(self, summary: Summary | None) -> None:
        self.history_panel.select(summary.run if summary is not None and summary.run != SAMPLE else "")

    def _restored(self, run: str) -> None:
        self.history_panel.select(run)
        if self.runs.on_show is None:
            self.runs.show(run)

    def _updated(self, summary: Summary) -> None:
        self.answer.update_summary(summary)
        self.spending.tell()

    def _replayed(self) -> None:
        self.actions_by_name["export"].setEnabled(bool(self.replay.run))
        if self.replay.replaying:
            self.tree.show_newest()

    def _show_sample(self) -> None:
        self.replay.watch(SAMPLE)
        self.runs.show(SAMPLE)

    def _export(self) -> None:
        if self.runs.on_show is not None:
            self.report.ask(self.runs.on_show)

    def _busy(self, busy: bool) -> None:
        self.ask.set_busy(busy, self.runs.stopping)
        self.actions_by_name["stop"].setEnabled(busy)

    def _stop(self) -> None:
        self.asking.stop()
        self.ask.set_busy(self.runs.busy, self.runs.stopping)

    # -- the engine --------------------------------------------------------------------------------------

    def _greeted(self, hello: Hello) -> None:
        self.engine.request("status", EngineStatus, self._status)
        self.catalogue.refresh()
        self.history.refresh()
        self.runs.refresh()

    def _status(self, status: EngineStatus) -> None:
        self.models.network.greet(status)
        self.ask.picker.prefer(status.default_model)

    # -- the window itself -------------------------------------------------------------------------------

    def _next_pane(self) -> None:
        panes: tuple[QWidget, ...] = (
            self.library_panel.view,
            self.history_panel.view,
            self.documents.current or self.documents.welcome.open,
            self.tree,
            self.timeline,
            self.ask.box,
            self.answer.text_view,
            self.details.tabs.tabBar(),
            self.replay_bar.scrubber,
        )
        go_to_next(panes)

    def _type(self) -> None:
        self.docks.bring(self.ask)
        self.ask.box.setFocus()

    def createPopupMenu(self) -> QMenu:
        menu = QMenu(self)
        menu.addActions([action for name, action in self.actions_by_name.items() if name.startswith("pane_")])
        return menu

    def _quit(self) -> None:
        self.close()

    def save(self) -> None:
        """Write down what must be found again."""
        self.life.save()
        self.asking.save_draft()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.save()
        event.setAccepted(self.life.presence.may_go())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._ready:
            QTimer.singleShot(0, self, self._refresh_colours)  # the panels have their new palette by then
        elif event.type() is QEvent.Type.ActivationChange and self.isActiveWindow() and self.engine.alive:
            self.history.refresh()  # another window or the command line may have asked meanwhile

    def _refresh_colours(self) -> None:
        self.ask.refresh_colours()
        self.findings.refresh_colours()
        self.status.refresh_colours()
        self.replay_bar.refresh_colours()
