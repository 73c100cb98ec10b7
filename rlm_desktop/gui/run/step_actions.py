"""What a person does with the chosen step of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from rlm_desktop.events import Row
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.run.runs import Question
from rlm_desktop.gui.run.tree_model import ROOT
from rlm_desktop.gui.run.tree_view import RunTreeView
from rlm_desktop.gui.wire import SAMPLE, Nothing, TextPage
from rlm_desktop.gui.wire.reading import PlacesPage
from rlm_desktop.gui.wire.steps import Asked

_PAGE = 200_000
"""Characters of a text asked for at once."""
_COPIED = {"copy_code": "code", "copy_output": "output", "copy_response": "reply"}
_OF_A_STEP = (
    *("cancel_step", "retry_step", "open_prompt", "show_in_document"),
    *("copy_step", "copy_code", "copy_output", "copy_prompt", "copy_response"),
)


class StepActions(QObject):
    """Carries out the actions of the run tree, and lets only those be chosen that can be done.

    Args:
        engine: Where the run is.
        view: In which a step is chosen.

    Signals:
        again: A question is to be asked again, as a new run (`Question`).
        tab_wanted: A kind of detail of the step is to be shown (`str`).
        read_range: Lines of a document are to be shown (path, first line, last line).
        refused: Something could not be done (`EngineError`).
    """

    again = Signal(object)
    tab_wanted = Signal(str)
    read_range = Signal(str, int, int)
    refused = Signal(object)

    def __init__(self, engine: EngineClient, view: RunTreeView) -> None:
        super().__init__(view)
        self._engine, self._view = engine, view
        self._actions: Mapping[str, QAction] = {}
        view.chosen.connect(self.allow)
        view.menu_wanted.connect(self._show_menu)

    @property
    def handlers(self) -> dict[str, Callable[[], None]]:
        """What each action does, by name."""
        return {
            "cancel_step": lambda: self._tell("cancel"),
            "retry_step": self._retry,
            "open_prompt": lambda: self.tab_wanted.emit("prompt"),
            "show_in_document": self._show_in_document,
            "copy_step": self._copy_label,
            "copy_prompt": self._copy_prompt,
            **{name: partial(self._copy_text, kind) for name, kind in _COPIED.items()},
        }

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take on the actions: their keys, and the menu of a row."""
        self._actions = {name: actions[name] for name in _OF_A_STEP}
        self._view.addActions(list(self._actions.values()))
        self.allow()

    @property
    def row(self) -> Row | None:
        """The chosen step."""
        tree = self._view.tree()
        return tree.row_at(self._view.currentIndex()) if tree is not None else None

    def allow(self) -> None:
        """Let only those actions be chosen that can be done with the chosen step as it is."""
        row = self.row
        for name, action in self._actions.items():
            action.setEnabled(row is not None and self._can(name, row))
        if retry := self._actions.get("retry_step"):
            retry.setText(tr("Ask the ques&tion again") if self._ended else tr("Re&try"))

    def _can(self, name: str, row: Row) -> bool:
        match name:
            case "cancel_step":
                return not row.finished and row.kind in ("cell", "call", "group")
            case "retry_step":
                return self._ended or (not row.finished and row.kind in ("call", "group"))
            case "open_prompt" | "copy_prompt":
                return bool(row.prompt)
            case "show_in_document":
                return bool(row.printed or row.sent or row.searched)
            case "copy_step":
                return True
        return _COPIED[name] in row.texts

    @property
    def _run(self) -> str:
        tree = self._view.tree()
        return tree.run if tree is not None else ""

    @property
    def _ended(self) -> bool:
        """Whether the run has ended, and its question can be asked again."""
        tree = self._view.tree()
        whole = tree.row(ROOT) if tree is not None else None
        return whole is not None and bool(whole.finished) and self._run != SAMPLE

    def _show_menu(self, place: QPoint) -> None:
        self.allow()
        menu = QMenu(self._view)
        menu.setToolTipsVisible(True)
        for name in _OF_A_STEP[:4]:
            menu.addAction(self._actions[name])
        menu.insertSeparator(self._actions["open_prompt"])
        menu.addSeparator()
        copies = menu.addMenu(tr("C&opy"))
        for name in _OF_A_STEP[4:]:
            copies.addAction(self._actions[name])
        menu.popup(place)
        menu.aboutToHide.connect(menu.deleteLater)

    # -- what is done ------------------------------------------------------------------------------------

    def _tell(self, command: str) -> None:
        if (row := self.row) is not None:
            self._engine.request(
                command, Nothing, lambda _: None, self.refused.emit, run=self._run, span=row.span
            )

    def _retry(self) -> None:
        if self._ended:
            self._engine.request("asked", Asked, self._ask_again, self.refused.emit, run=self._run)
        else:
            self._tell("retry")

    def _ask_again(self, asked: Asked) -> None:
        self.again.emit(
            Question(
                asked.question,
                asked.paths,
                asked.model,
                asked.strategy,
                asked.limits,
                asked.follows,
                sub_model="" if asked.sub_model == asked.model else asked.sub_model,
            )
        )

    def _show_in_document(self) -> None:
        def done(page: PlacesPage) -> None:
            place = next((place for place in page.places if place.path), None)
            if place is not None:
                self.read_range.emit(place.path, *place.lines)
            else:
                self.tab_wanted.emit("read")

        if (row := self.row) is not None:
            fields = {"run": self._run, "span": row.span, "count": 1}
            self._engine.request("ranges", PlacesPage, done, self.refused.emit, **fields)

    # -- copying -----------------------------------------------------------------------------------------

    def _copy_label(self) -> None:
        if (row := self.row) is not None:
            QGuiApplication.clipboard().setText(row.label)

    def _copy_text(self, kind: str) -> None:
        if (row := self.row) is not None and kind in row.texts:
            self._fetch([row.texts[kind]], [], lambda texts: QGuiApplication.clipboard().setText(texts[0]))

    def _copy_prompt(self) -> None:
        if (row := self.row) is None or not row.prompt:
            return
        roles = [message.role for message in row.prompt]

        def done(texts: Sequence[str]) -> None:
            parts = [f"[{role}]\n{text}" for role, text in zip(roles, texts, strict=True)]
            QGuiApplication.clipboard().setText("\n\n".join(parts) if len(parts) > 1 else texts[0])

        self._fetch([message.text for message in row.prompt], [], done)

    def _fetch(
        self, hashes: Sequence[str], texts: list[str], done: Callable[[Sequence[str]], None], so_far: str = ""
    ) -> None:
        """Read texts one after the other, each in pages, and then go on."""
        if len(texts) == len(hashes):
            done(texts)
            return

        def took(page: TextPage) -> None:
            text = so_far + page.text
            if len(text) < page.total and page.text:
                self._fetch(hashes, texts, done, text)
            else:
                self._fetch(hashes, [*texts, text], done)

        fields = {"hash": hashes[len(texts)], "count": _PAGE, "from": len(so_far)}
        self._engine.request("text", TextPage, took, self.refused.emit, **fields)
