"""Add a model that is asked over the network."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.models.remote import PROVIDERS, is_remote, provider
from rlm_desktop.gui.widgets.quiet_label import QuietLabel

_OTHER = "Other address"


class RemoteModelDialog(QDialog):
    """Whose model, which one, and the key; stands beside the window, which goes on working.

    Signals:
        agreed: Add this model (its name, the key or nothing).
        forgotten: Take the key of this provider out of the keyring (its name).
    """

    agreed = Signal(str, str)
    forgotten = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Add a remote model"))
        self.setModal(False)
        self.provider = QComboBox()
        for name, title in PROVIDERS.items():
            self.provider.addItem(title, name)
        self.provider.addItem(_OTHER, "")
        self.address = _field(tr("Address"), "https://host/v1")
        self.model = _field(tr("Name of the model"), tr("as the provider calls it"))
        self.key = _field(tr("Key"), tr("leave empty to use the one that is kept"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.forget = QPushButton(tr("Forget the kept key"))
        self.forget.setAutoDefault(False)
        self.forget.clicked.connect(lambda: self.forgotten.emit(self._owner()))
        kept = QuietLabel(tr("The key is kept in the system's keyring and nowhere else."))
        self.hint = QuietLabel()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add = self.buttons.addButton(tr("Add"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._agree)
        self.buttons.rejected.connect(self.reject)
        self._form = QFormLayout()
        self._form.setSpacing(GRID)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.addRow(tr("&Provider"), self.provider)
        self._form.addRow(tr("&Address"), self.address)
        self._form.addRow(tr("&Model"), self.model)
        self._form.addRow(tr("&Key"), self.key)
        self._form.addRow("", kept)
        self._form.addRow("", self.forget)
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        layout.addLayout(self._form)
        layout.addWidget(self.hint)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(58 * GRID)
        self.provider.setAccessibleName(tr("Provider"))
        self.provider.currentIndexChanged.connect(self._show)
        for field in (self.address, self.model):
            field.textChanged.connect(self._show)
        self._show()

    def start(self) -> None:
        """Show it, empty; or bring it to the front as it is."""
        if self.isVisible():
            self.raise_()
        else:
            for field in (self.address, self.model, self.key):
                field.clear()
            self.show()
        self.activateWindow()
        self.model.setFocus()

    def name(self) -> str:
        """The model, as the engine calls it."""
        model = self.model.text().strip()
        owner = self.provider.currentData()
        if owner:
            return f"{owner}:{model}"
        return self.address.text().strip() + (f"#{model}" if model else "")

    def done(self, result: int) -> None:
        self.key.clear()  # a key is never shown again, nor kept here
        super().done(result)

    def _owner(self) -> str:
        return provider(self.name())

    def _agree(self) -> None:
        self.agreed.emit(self.name(), self.key.text().strip())
        self.accept()

    def _obstacle(self) -> str:
        if self.provider.currentData():
            named = self.model.text().strip()
            return (
                ("" if " " not in named else tr("A model's name has no spaces."))
                if named
                else tr("Name the model.")
            )
        url = QUrl(self.address.text().strip(), QUrl.ParsingMode.StrictMode)
        if not url.isValid() or url.scheme() not in ("http", "https") or not url.host() or " " in self.name():
            return tr("Give the address where the server's interface begins, such as https://host/v1.")
        if url.hasFragment() or url.userInfo():
            return tr("The address has no # and no password; the model and the key have fields of their own.")
        return ""

    def _warning(self) -> str:
        if is_remote(self.name()) and self.name().lower().startswith("http:"):
            return tr("⚠ Over http anyone on the way can read along; no key is sent that way.")
        return ""

    def _show(self) -> None:
        self._form.setRowVisible(self.address, not self.provider.currentData())
        obstacle = self._obstacle()
        self.hint.setText(obstacle or self._warning())
        self.add.setEnabled(not obstacle)
        self.forget.setEnabled(bool(self._owner()))
        self.adjustSize()


def _field(name: str, hint: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(hint)
    return field
