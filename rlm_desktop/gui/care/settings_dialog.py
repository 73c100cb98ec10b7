"""The settings: pages of rows, a search across all of them, and nothing to confirm."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from rlm_desktop.gui.care.setting_row import Row, SettingRow
from rlm_desktop.gui.care.settings_rows import PARTS, FolderRow, KeyRow, PartRow, SandboxRow
from rlm_desktop.gui.care.upkeep import Upkeep
from rlm_desktop.gui.kept.preferences import SETTINGS, Preferences
from rlm_desktop.gui.look.theme import GRID
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.widgets.banner import Banner
from rlm_desktop.gui.widgets.quiet_label import QuietLabel
from rlm_desktop.gui.widgets.row_delegate import RowDelegate
from rlm_desktop.gui.widgets.search_box import SearchBox
from rlm_desktop.gui.wire import EngineError, EngineStatus
from rlm_desktop.gui.wire.care import Keys, Storage

PAGES = {
    "general": later("General"),
    "look": later("Look"),
    "running": later("Running"),
    "network": later("Network"),
    "storage": later("Storage"),
    "models": later("Models"),
}
_LETTERS = 120
_LINES = 32
"""Size of the dialog at first, in characters and lines of the person's font."""


class Page(QWidget):
    """A heading and its rows."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.rows: list[Row] = []
        heading = QLabel(title)
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, GRID)
        self._column.setSpacing(0)
        self._column.addWidget(heading)

    def add(self, row: Row) -> None:
        """Add a row at the foot."""
        self.rows.append(row)
        self._column.addWidget(row)

    def search(self, typed: str) -> bool:
        """Show the rows that speak of it; whether there is one."""
        found = [row.search(typed, self.title) for row in self.rows]
        for row, shown in zip(self.rows, found, strict=True):
            row.setVisible(shown)
        return any(found)


class SettingsDialog(QDialog):
    """Stands beside the window, which goes on working; every change applies at once.

    Args:
        preferences: What is set.
        upkeep: What the engine knows of disk and keys.

    Signals:
        models_wanted: The person wants to see the models.
        remote_wanted: The person wants to add a remote model.
    """

    models_wanted = Signal()
    remote_wanted = Signal()

    def __init__(self, preferences: Preferences, upkeep: Upkeep, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setModal(False)
        self._preferences = preferences
        self._upkeep = upkeep
        self._hosts: Sequence[str] = ()
        self.search = SearchBox(tr("Search the settings"))
        self.banner = Banner()
        self.list = QListWidget()
        self.list.setItemDelegate(RowDelegate(self.list))
        self.list.setAccessibleName(tr("Pages of the settings"))
        self._nothing = QuietLabel()
        self.pages = {name: Page(tr(title)) for name, title in PAGES.items()}
        self.sandbox, self.folder = SandboxRow(), FolderRow()
        self.parts = {part: PartRow(part) for part in PARTS}
        self.keys: dict[str, KeyRow] = {}
        self._fill()
        self._lay_out()
        self._connect()
        self.list.setCurrentRow(0)

    @property
    def rows(self) -> list[Row]:
        """Every row of every page."""
        return [row for page in self.pages.values() for row in page.rows]

    def show_page(self, name: str) -> None:
        """Show it on one of its pages."""
        self.search.clear()
        self.list.setCurrentRow(list(self.pages).index(name))
        self.start()

    def start(self) -> None:
        """Show it, or bring it to the front."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()  # what was searched for last time makes way for the first letter

    def show_engine(self, status: EngineStatus) -> None:
        """The engine has told how it is."""
        self.sandbox.show_engine(status)

    def know_hosts(self, hosts: Sequence[str]) -> None:
        """Servers of models that were added, which may have keys of their own."""
        self._hosts = hosts

    def complain(self, error: EngineError) -> None:
        """Say here what went wrong of what was done here."""
        if self.isVisible():
            self.banner.say(str(error))

    # -- composition -------------------------------------------------------------------------------------

    def _fill(self) -> None:
        for setting in SETTINGS:
            self.pages[setting.page].add(SettingRow(setting, self._preferences))
        self.pages["running"].add(self.sandbox)
        self.pages["network"].add(
            self._button_row(
                tr("Remote models"),
                tr("Models of OpenAI, Anthropic or any server with the same interface."),
                tr("Add a model…"),
                self.remote_wanted,
            )
        )
        self.pages["storage"].add(self.folder)
        for part in self.parts.values():
            self.pages["storage"].add(part)
            part.cleaned.connect(self._upkeep.clean)
        self.pages["models"].add(
            self._button_row(
                tr("Models on this computer"),
                tr("Download, check and remove them, and see which of them fit."),
                tr("Show the models"),
                self.models_wanted,
            )
        )

    @staticmethod
    def _button_row(title: str, tip: str, text: str, pressed: SignalInstance) -> Row:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return Row(title, tip, button)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(2 * GRID, 0, 2 * GRID, GRID)
        for page in self.pages.values():
            self.list.addItem(page.title)
            column.addWidget(page)
        column.addWidget(self._nothing)
        column.addStretch()
        area = QScrollArea()
        area.setAccessibleName(tr("Settings of the page"))
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        self.area = area
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        middle = QHBoxLayout()
        middle.setSpacing(GRID)
        middle.addWidget(self.list)
        middle.addWidget(area, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        layout.addWidget(self.banner)
        layout.addWidget(self.search)
        layout.addLayout(middle, 1)
        layout.addWidget(close)
        self._fit()

    def _fit(self) -> None:
        """As large as the person's font wants it, and the screen allows."""
        letters = self.list.fontMetrics()
        widest = max(letters.horizontalAdvance(page.title) for page in self.pages.values())
        self.list.setFixedWidth(widest + 4 * GRID)
        wanted = QSize(letters.averageCharWidth() * _LETTERS, letters.lineSpacing() * _LINES)
        self.resize(wanted.boundedTo(self.screen().availableSize() * 0.9))

    def _connect(self) -> None:
        self.search.textChanged.connect(self._search)
        self.search.left.connect(self._enter)
        self.list.currentRowChanged.connect(lambda _: self._turn())
        self.list.itemClicked.connect(lambda _: self._turn())  # it may be the page before the search
        self._upkeep.measured.connect(self._measured)
        self._upkeep.counted.connect(self._counted)
        self._upkeep.refused.connect(self.complain)

    # -- what is on show ---------------------------------------------------------------------------------

    def _turn(self) -> None:
        """Show another page, and no longer what was searched for."""
        if self.search.text():
            self.search.clear()
        else:
            self._search("")

    def _search(self, typed: str) -> None:
        here = list(self.pages)[self.list.currentRow()]
        self.list.currentItem().setSelected(not typed.strip())
        found = {name: page.search(typed) for name, page in self.pages.items()}
        for name, page in self.pages.items():
            page.setVisible(found[name] if typed.strip() else name == here)
        self._nothing.setText(tr("No setting speaks of “{words}”.").format(words=typed.strip()))
        self._nothing.setVisible(not any(found.values()))
        self.area.verticalScrollBar().setValue(0)

    def _enter(self) -> None:
        """From the search field to the first control that was found."""
        controls = (row.editor.widget for row in self.rows if isinstance(row, SettingRow) and row.isVisible())
        if (first := next(controls, None)) is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _measured(self, storage: Storage) -> None:
        self.folder.show_storage(storage)
        for part in storage.parts:
            if part.name in self.parts:
                self.parts[part.name].show_part(part)

    def _counted(self, keys: Keys) -> None:
        for key in keys.keys:
            if key.name not in self.keys:
                row = self.keys[key.name] = KeyRow(key.name)
                row.kept.connect(self._upkeep.keep_key)
                self.pages["network"].add(row)
            self.keys[key.name].show_key(key, keys.keyring)
        self._search(self.search.text())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.banner.hide()
        self._upkeep.refresh(self._hosts)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._fit)  # what it contains has the new font by then

    def done(self, result: int) -> None:
        for row in self.keys.values():
            row.clear()
        super().done(result)
