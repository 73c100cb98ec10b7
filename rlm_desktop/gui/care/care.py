"""What is about the program rather than about documents: settings, palette, help, looks, diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMainWindow

from rlm_desktop.gui.asking.defaults import AskDefaults
from rlm_desktop.gui.asking.panel import AskPanel
from rlm_desktop.gui.care.about_dialog import AboutDialog
from rlm_desktop.gui.care.appearance import Appearance
from rlm_desktop.gui.care.commands import Commands
from rlm_desktop.gui.care.manual import help_text, shortcuts_html
from rlm_desktop.gui.care.reading_dialog import HelpPage, ReadingDialog, ShortcutsPage
from rlm_desktop.gui.care.settings_dialog import SettingsDialog
from rlm_desktop.gui.care.settings_rows import open_folder
from rlm_desktop.gui.care.upkeep import Upkeep
from rlm_desktop.gui.care.versions import versions
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.kept.preferences import ONLINE, Elsewhere, Preferences
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models.network import Network
from rlm_desktop.gui.models.remote import provider
from rlm_desktop.gui.wire import EngineStatus
from rlm_desktop.gui.wire.care import Checks


class Care(QObject):
    """Makes the dialogs when they are first wanted, and keeps them in step with the window.

    Args:
        window: They stand beside it.
        engine: Knows of disk, keys and this computer.
        choices: Where settings are kept.
        network: The switch that is also a setting.
        ask: Where questions are asked with what is set.
        home: The data folder.

    Signals:
        told: News for the line at the foot.
        refused: The engine could not examine this computer (`EngineError`).
    """

    told = Signal(str)
    refused = Signal(object)

    def __init__(
        self,
        window: QMainWindow,
        engine: EngineClient,
        choices: Choices,
        network: Network,
        ask: AskPanel,
        *,
        home: Path,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._home = str(home)
        self._choices = choices
        self._network = network
        self._status = EngineStatus()
        self._actions: Mapping[str, QAction] = {}
        self.preferences = Preferences(choices, self)
        self.preferences.leave_to(
            ONLINE, Elsewhere(lambda: network.online, lambda value: network.switch(bool(value)))
        )
        self.appearance = Appearance(self.preferences, window)
        AskDefaults(self.preferences, ask)
        self.upkeep = Upkeep(engine, self)
        self.commands = Commands(engine, choices, window)
        network.changed.connect(self._learn)

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What each action does."""
        return {
            "settings": partial(self._start, "settings"),
            "palette": self.commands.start,
            "larger_text": self.appearance.larger,
            "smaller_text": self.appearance.smaller,
            "normal_text": self.appearance.normal,
            "help": partial(self._start, "help"),
            "shortcuts": partial(self._start, "shortcuts"),
            "data_folder": partial(open_folder, self._home),
            "diagnostics": self._examine,
            "about": partial(self._start, "about"),
        }

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take on the window's actions, which the palette and the help speak of."""
        self._actions = actions
        self.commands.offer(actions)

    @cached_property
    def settings(self) -> SettingsDialog:
        """The settings."""
        dialog = SettingsDialog(self.preferences, self.upkeep, self._window)
        dialog.know_hosts(self._hosts())
        dialog.show_engine(self._status)
        dialog.models_wanted.connect(partial(self._trigger, "models"))
        dialog.remote_wanted.connect(partial(self._trigger, "add_model"))
        self._network.refused.connect(dialog.complain)
        return dialog

    @cached_property
    def help(self) -> ReadingDialog:
        """The help."""
        page = HelpPage(lambda: help_text(self._actions), self._window)
        page.wanted.connect(self._trigger)
        return page

    @cached_property
    def shortcuts(self) -> ShortcutsPage:
        """All keys."""
        return ShortcutsPage(lambda typed: shortcuts_html(self._actions, typed), self._window)

    @cached_property
    def about(self) -> AboutDialog:
        """What this program is."""
        dialog = AboutDialog(self._home, self._window)
        dialog.folder_wanted.connect(partial(self._trigger, "data_folder"))
        dialog.diagnostics_wanted.connect(partial(self._trigger, "diagnostics"))
        return dialog

    def _start(self, dialog: str) -> None:
        getattr(self, dialog).start()

    def _trigger(self, name: str) -> None:
        if name in self._actions:
            self._actions[name].trigger()

    def _hosts(self) -> Sequence[str]:
        return tuple(filter(None, map(provider, self._choices.remote_models)))

    def _learn(self, status: EngineStatus) -> None:
        self._status = status
        if "settings" in self.__dict__:
            self.settings.show_engine(status)
        self.preferences.changed.emit(ONLINE)

    def _examine(self) -> None:
        def done(checks: Checks) -> None:
            QGuiApplication.clipboard().setText(f"{versions()}\n{checks.text}")
            self.told.emit(tr("The diagnostics are on the clipboard."))

        self.told.emit(tr("Examining this computer…"))
        self.upkeep.examine(done, self._complain)

    def _complain(self, error: object) -> None:
        self.told.emit("")
        self.refused.emit(error)
