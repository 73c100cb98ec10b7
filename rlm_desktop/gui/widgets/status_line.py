"""The line at the foot of the window: the replay, news, the model, what the run has spent, the sandbox, the network."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton, QWidget

from rlm_desktop.events import Usage
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.icons import icon
from rlm_desktop.gui.look.theme import GRID, colours
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.timers import once
from rlm_desktop.gui.wire import EngineStatus, Notice

_NEWS_MS = 20_000
_SPENT = "99.9k tokens · $0.0031"
_NEWS_WIDTH = 24 * GRID
_SANDBOX = {
    "full": later(
        "The model's code reaches the documents you opened and nothing else: no other file, process or network."
    ),
    "partial": later(
        "The model's code reaches no other file than the documents you opened, and no network; "
        "this computer does not offer every protection."
    ),
    "none": later(
        "Nothing confines the model's code: it can do what you can do. You are asked before each run."
    ),
}


class StatusLine(QStatusBar):
    """Facts at the right, left of them what just happened; the rest of the line is for the replay.

    Args:
        replay: The controls that take what room there is.
    """

    def __init__(self, replay: QWidget) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.addPermanentWidget(replay, 1)
        self.news = QLabel()
        self.news.setTextFormat(Qt.TextFormat.PlainText)
        self.open = QToolButton()
        self.open.setText(tr("Open"))
        self.open.setAccessibleName(tr("Open what was saved"))
        self.open.clicked.connect(self._act)
        self._open_it: Callable[[], None] | None = None
        self._old = once(self, _NEWS_MS, lambda: self.tell(""))
        self.download = QLabel()
        self.model = QLabel()
        self.spent = QLabel()
        room = self.spent.sizePolicy()
        room.setRetainSizeWhenHidden(True)  # what is dragged beside it must not move
        self.spent.setSizePolicy(room)
        self.spent.setMinimumWidth(self.fontMetrics().horizontalAdvance(_SPENT) + 2 * GRID)
        self.spent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.limits = QLabel()
        self.limits.setTextFormat(Qt.TextFormat.PlainText)
        self.sandbox = QLabel()
        self.network = QToolButton()
        self.network.setAutoRaise(True)
        self.network.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.network.hide()
        self._online = self._unconfined = False
        self.open.hide()
        for label in (self.news, self.download, self.model, self.spent, self.limits, self.sandbox):
            label.hide()
            label.setContentsMargins(GRID, 0, GRID, 0)
            self.addPermanentWidget(label)
        self.addPermanentWidget(self.network)
        self.insertPermanentWidget(2, self.open)

    def tell(self, text: str, open_it: Callable[[], None] | None = None) -> None:
        """Say what happens; or, for a while, what there is now and can be opened."""
        self._say(self.news, self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, _NEWS_WIDTH))
        self.news.setToolTip(text)
        self._open_it = open_it
        self.open.setVisible(open_it is not None)
        if open_it is not None:
            self._old.start()
        else:
            self._old.stop()

    def _act(self) -> None:
        if self._open_it is not None:
            self._open_it()

    def show_engine(self, status: EngineStatus) -> None:
        """Say how cells are confined and whether the network may be used."""
        self._say(
            self.sandbox, tr("Sandbox {sandbox}").format(sandbox=status.sandbox) if status.sandbox else ""
        )
        level = tr("Level {level}: {why}.").format(level=status.sandbox, why=status.sandbox_why)
        why = level if status.sandbox_why else ""
        meaning = "\n".join(filter(None, (tr(_SANDBOX.get(status.sandbox, "")), why, status.sandbox_fix)))
        self.sandbox.setToolTip(f"<p style='white-space: pre-wrap'>{escape(meaning)}</p>" if meaning else "")
        self.sandbox.setAccessibleDescription(meaning)
        self._unconfined = status.sandbox == "none"
        self._online = status.online
        self.network.setText(tr("Network on") if status.online else tr("Network off"))
        self.network.setToolTip(
            tr(
                "Remote models may be asked, and get what they are asked about. Click to switch the network off."
            )
            if status.online
            else tr("Nothing leaves this computer. Click to allow remote models.")
        )
        self.network.show()
        self.refresh_colours()

    def refresh_colours(self) -> None:
        """Follow another colour scheme."""
        own = colours(self.palette())
        shape, colour = ("network-on", own.warn) if self._online else ("network-off", own.quiet)
        self.network.setIcon(icon(shape, colour))
        self.sandbox.setStyleSheet(f"color: {own.warn}" if self._unconfined else "")

    def show_model(self, notice: Notice) -> None:
        """Say what the model is doing."""
        doing = _pace(notice) if notice.state == "generating" else notice.state
        parts = [numbers.model(notice.model), doing]
        if notice.state == "loading" and notice.rate:
            parts.append(numbers.percent(notice.rate))
        if notice.state == "waiting" and notice.pid:
            parts.append(tr("for process {pid}").format(pid=notice.pid))
        self._say(self.model, "" if notice.state == "unloaded" else " ".join(filter(None, parts)))
        self.model.setToolTip(notice.text)

    def show_download(self, notice: Notice) -> None:
        """Say how far the download of a model is, while it goes on."""
        if notice.kind != "download" or notice.state == "queued":
            return
        going = tr("Downloading {name}").format(name=numbers.model(notice.model))
        if notice.received and notice.total:
            going += " " + numbers.percent(min(notice.received / notice.total, 1))
        self._say(self.download, going if notice.state == "running" else "")

    def show_spent(self, usage: Usage | None, price: str = "") -> None:
        """Say what the run on show has spent, and what that costs."""
        if usage is None or not usage.calls:
            self._say(self.spent, "")
            return
        tokens = usage.prompt_tokens + usage.completion_tokens
        text = tr("{count}{thin}tokens · {paid}").format(
            count=numbers.count(tokens), thin=numbers.THIN, paid=price
        )
        self._say(self.spent, text)
        self.spent.setToolTip(
            tr("{tokens:,} tokens in {calls}").format(
                tokens=tokens, calls=numbers.plural(usage.calls, "model call")
            )
        )

    def show_limits(self, nearest: str, every: str) -> None:
        """Say how much of a limit is used, of that which will be reached first; and of every limit, for who asks."""
        self._say(self.limits, nearest)
        meaning = tr("Limits used, the nearest first:") + "\n" + every if every else ""
        self.limits.setToolTip(meaning)
        self.limits.setAccessibleDescription(meaning)

    def _say(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))


def _pace(notice: Notice) -> str:
    """How quickly a model writes; or reads, before it has written anything."""
    if speed := numbers.pace(notice.writing):
        return tr("{speed} tok/s").format(speed=speed)
    return tr("reads {speed} tok/s").format(speed=numbers.pace(notice.reading) or "…")
