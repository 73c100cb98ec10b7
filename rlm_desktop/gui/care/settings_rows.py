"""Rows of the settings that are about more than one value: the sandbox, keys, what is kept on disk."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from rlm_desktop.gui.care.setting_row import Row
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.models.remote import PROVIDERS
from rlm_desktop.gui.wire import EngineStatus
from rlm_desktop.gui.wire.care import Kept, KeptKey, Storage

_PARTS = {
    "history": (
        later("History"),
        later("Every run with all its steps. Runs are deleted in the list of sessions."),
    ),
    "models": (
        later("Models"),
        later("The files of local models. They are removed where models are chosen."),
    ),
    "passages": (
        later("Passages that were read"),
        later("What local models computed of them; without it, reading them again takes longer."),
    ),
    "trash": (
        later("Trash"),
        later("Deleted runs, which can be brought back for a week. Their room is used for the runs to come."),
    ),
    "leftovers": (
        later("Leftovers"),
        later("Pieces of documents that programs left behind which were ended by force."),
    ),
}
_CLEANED = {"passages": later("Forget"), "trash": later("Empty"), "leftovers": later("Delete")}
_LEVELS = {
    "full": later("full"),
    "partial": later("partial"),
    "none": later("none"),
}
_PLACES = {
    "environment": later("It is in the environment of this program, which comes before the keyring."),
    "keyring": later("It is in the system's keyring."),
    "unusable": later("What is kept cannot be a key. Set another."),
    "": later("There is none."),
}


class SandboxRow(Row):
    """How far the model's code is confined, what that rests on, and what to do for more. It is not for choosing."""

    def __init__(self) -> None:
        self._level = QLabel()
        super().__init__(tr("Sandbox of the model's code"), "", self._level)

    def show_engine(self, status: EngineStatus) -> None:
        """Say what this computer offers."""
        self._level.setText(tr(_LEVELS.get(status.sandbox, status.sandbox)))
        consent = (
            tr("Each run asks whether code may run all the same; that cannot be allowed for good.")
            if status.sandbox == "none"
            else ""
        )
        why = status.sandbox_why[:1].upper() + status.sandbox_why[1:]
        said = (f"{why}." if why else "", status.sandbox_fix, consent)
        self.explain(" ".join(filter(None, said)))


class KeyRow(Row):
    """The key of one provider: where it is, another one, none any more.

    Signals:
        kept: Put this key into the keyring (name of the provider, key; empty to forget it).
    """

    kept = Signal(str, str)

    def __init__(self, name: str) -> None:
        self.name = name
        self.field = QLineEdit()
        self.keep = QPushButton(tr("Keep"))
        self.forget = QPushButton(tr("Forget"))
        whose = PROVIDERS.get(name, name)
        title = tr("Key of {provider}").format(provider=whose)
        super().__init__(title, "", self.field, self.keep, self.forget, below=True)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText(tr("another key"))
        self.field.setAccessibleName(self.title)
        self.keep.setAccessibleName(tr("Keep the key of {provider}").format(provider=whose))
        self.forget.setAccessibleName(tr("Forget the key of {provider}").format(provider=whose))
        for button in (self.keep, self.forget):
            button.setAutoDefault(False)
        self.keep.setEnabled(False)
        self.field.textChanged.connect(lambda text: self.keep.setEnabled(bool(text.strip())))
        self.field.returnPressed.connect(self._keep)
        self.keep.clicked.connect(self._keep)
        self.forget.clicked.connect(lambda: self.kept.emit(self.name, ""))

    def show_key(self, key: KeptKey, keyring: str) -> None:
        """Say where it is; where there is no keyring, it can only be in the environment."""
        said = tr(_PLACES[key.place])
        if not keyring:
            said += " " + tr("This computer has no keyring that could keep one.")
        self.explain(said)
        self.field.setEnabled(bool(keyring))
        self.forget.setEnabled(key.place == "keyring")

    def clear(self) -> None:
        """Keep nothing of what was typed."""
        self.field.clear()

    def _keep(self) -> None:
        if key := self.field.text().strip():
            self.field.clear()  # a key is never shown again, nor kept here
            self.kept.emit(self.name, key)


class FolderRow(Row):
    """Where everything is kept, and how much room is left there."""

    def __init__(self) -> None:
        self.open = QPushButton(tr("Open the folder"))
        self.open.setAutoDefault(False)
        super().__init__(tr("Data folder"), "", self.open, below=True)
        self.tip.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._home = ""
        self.open.clicked.connect(lambda: open_folder(self._home))

    def show_storage(self, storage: Storage) -> None:
        """Say where it is."""
        self._home = storage.home
        free = tr("{size} are free there.").format(size=numbers.size(storage.free))
        self.explain(f"{storage.home}\n{free}")


class PartRow(Row):
    """One part of what is kept: how much it is, and a button if it can go.

    Signals:
        cleaned: Throw it away (its name).
    """

    cleaned = Signal(str)

    def __init__(self, part: str) -> None:
        self.part = part
        title, tip = (tr(text) for text in _PARTS[part])
        self.amount = QLabel()
        self.clean = QPushButton(tr(_CLEANED[part]) if part in _CLEANED else "")
        self.clean.setAutoDefault(False)
        controls = (self.amount, self.clean) if part in _CLEANED else (self.amount,)
        super().__init__(title, tip, *controls)
        self.clean.setAccessibleName(f"{self.clean.text()}: {title}")
        self.clean.setEnabled(False)
        self.clean.clicked.connect(lambda: self.cleaned.emit(self.part))

    def show_part(self, kept: Kept) -> None:
        """Say how much it is."""
        counted = {
            "history": numbers.plural(kept.count, "run"),
            "trash": numbers.plural(kept.count, "run"),
            "leftovers": numbers.plural(kept.count, "folder"),
        }.get(kept.name, numbers.plural(kept.count, "file"))
        self.amount.setText(counted if kept.name == "trash" else f"{counted}, {numbers.size(kept.size)}")
        self.clean.setEnabled(bool(kept.count))


def open_folder(path: str) -> None:
    """Show a folder in the system's file manager."""
    if path:
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))


PARTS = tuple(_PARTS)
"""The parts of what is kept, in the order in which they are listed."""
