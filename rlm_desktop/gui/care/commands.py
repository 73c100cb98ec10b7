"""What the command palette offers: the actions of the menus, what was opened lately, and sessions by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.actions import ACTIONS, ActionSpec
from rlm_desktop.gui.care.palette import Choice, Palette
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.wire import EngineError, SearchPage

_RECENT = "palette/recent"
_REMEMBERED = 8
"""Actions that were chosen last and come first."""
_SESSIONS = 8
"""Sessions that one search lists."""
_NOT_NOW = later("not possible now")
_NO_RUN, _NOT_MARKED = later("no run is on show"), later("no session is marked")
_WHY = {
    "add_files": later("no finished run is on show"),
    "add_folder": later("no finished run is on show"),
    "stop": later("no run is going"),
    "undo_delete": later("nothing was deleted"),
    "drop_model": later("the chosen model is not a remote one"),
    **dict.fromkeys(
        ("copy_answer", "export", "to_start", "turn_back", "play", "turn_forward", "to_end"), _NO_RUN
    ),
    **dict.fromkeys(("open_run", "rename", "pin", "delete"), _NOT_MARKED),
}
"""Why an action cannot be done, by its name, as far as there is one reason."""


def plain(text: str) -> str:
    """The text of a menu without the marks of its access keys."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def menu_of(spec: ActionSpec) -> str:
    """The menus an action stands in, as a person reads them."""
    return " › ".join(plain(tr(part)) for part in spec.menu.split("/"))


class Commands(QObject):
    """Fills the palette and does what is chosen there.

    Args:
        engine: Searches the sessions.
        choices: Remembers what was chosen last.
        window: The palette stands over it.

    Signals:
        opening: Open these paths together.
        showing: Show this run (its id).
    """

    opening = Signal(object)
    showing = Signal(str)

    def __init__(self, engine: EngineClient, choices: Choices, window: QWidget) -> None:
        super().__init__(window)
        self._engine = engine
        self._kept = choices
        self._recent: Callable[[], Sequence[Sequence[str]]] = tuple
        self._actions: Mapping[str, QAction] = {}
        self.palette = Palette(self._choices, window)
        self.palette.searched.connect(self._search)
        self.palette.chose.connect(self._remember)

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take on the actions of the menus."""
        self._actions = actions

    def know_recent(self, recent: Callable[[], Sequence[Sequence[str]]]) -> None:
        """Ask there what was opened lately, the latest first: each some paths that were opened together."""
        self._recent = recent

    def start(self) -> None:
        """Show the palette."""
        self.palette.start((self._kept.kept(_RECENT) or "").split())

    def _choices(self) -> list[Choice]:
        actions = [
            self._action(spec) for spec in ACTIONS if spec.name in self._actions and spec.name != "palette"
        ]
        return [*actions, *map(self._opening, self._recent())]

    def _action(self, spec: ActionSpec) -> Choice:
        action = self._actions[spec.name]
        title = plain(action.text())
        if action.isCheckable() and action.isChecked():
            title = tr("{action} (is on)").format(action=title)
        return Choice(
            group=menu_of(spec),
            title=title,
            do=action.trigger,
            key=action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
            obstacle="" if action.isEnabled() else tr(_WHY.get(spec.name, _NOT_NOW)),
            means=tr(spec.tip),
            name=spec.name,
        )

    def _opening(self, paths: Sequence[str]) -> Choice:
        name = Path(paths[0]).name or paths[0]
        more = tr("{name} and {count} more").format(name=name, count=len(paths) - 1)
        title = tr("Open {name}").format(name=more if len(paths) > 1 else name)
        return Choice(tr("Opened lately"), title, partial(self.opening.emit, list(paths)))

    def _search(self, typed: str) -> None:
        if not typed:
            return

        def done(page: SearchPage) -> None:
            runs = {hit.run.run: hit.run for hit in page.hits}
            found = [
                Choice(tr("Sessions"), run.name, partial(self.showing.emit, name), found=True)
                for name, run in runs.items()
            ]
            self.palette.take(typed, found)

        def failed(_: EngineError) -> None:
            """What is typed on the way to the name of an action need not be a question one can search for."""

        fields: dict[str, Any] = {"text": typed, "from": 0, "count": _SESSIONS}
        self._engine.request("search", SearchPage, done, failed, **fields)

    def _remember(self, name: str) -> None:
        former = (self._kept.kept(_RECENT) or "").split()
        recent = [name, *(other for other in former if other != name)]
        self._kept.keep(_RECENT, " ".join(recent[:_REMEMBERED]))
