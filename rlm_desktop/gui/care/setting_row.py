"""One row of the settings: what it is called, what it does, the control, and the way back."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rlm_desktop.gui.care import matching
from rlm_desktop.gui.care.setting_editor import editor_for
from rlm_desktop.gui.kept.preferences import Preferences, Setting
from rlm_desktop.gui.look.theme import GRID, colours
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.widgets.icon_button import IconButton
from rlm_desktop.gui.widgets.quiet_label import QuietLabel


class Row(QWidget):
    """A title over a tip, and controls at their right.

    Args:
        title: What it is about, in the person's language.
        tip: What there is to know.
        controls: What can be done.
        below: Whether the controls stand below the words, as those do that need more room.
    """

    def __init__(self, title: str, tip: str, *controls: QWidget, below: bool = False) -> None:
        super().__init__()
        self.title = title
        self._typed = ""
        self._name = QLabel(title)
        self._name.setTextFormat(Qt.TextFormat.RichText)
        self._name.setWordWrap(True)
        self.tip = QuietLabel()
        self.tip.setTextFormat(Qt.TextFormat.PlainText)
        words = QVBoxLayout()
        words.setSpacing(GRID // 4)
        words.addWidget(self._name)
        words.addWidget(self.tip)
        side = QHBoxLayout()
        side.setSpacing(GRID)
        for control in controls:
            side.addWidget(control)
        if controls:
            self._name.setBuddy(controls[0])
        layout = QGridLayout(self)
        layout.setContentsMargins(0, GRID, 0, GRID)
        layout.setHorizontalSpacing(2 * GRID)
        layout.addLayout(words, 0, 0)
        if below:
            side.addStretch()
            words.addLayout(side)
        else:
            layout.addLayout(side, 0, 1, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        layout.setColumnStretch(0, 1)
        self.explain(tip)
        self._paint()

    def explain(self, tip: str) -> None:
        """Say something else about it."""
        self.tip.setText(tip)
        self.tip.setVisible(bool(tip))

    @property
    def text(self) -> str:
        """Everything a search looks at."""
        return f"{self.title} {self.tip.text()}"

    def search(self, typed: str, page: str) -> bool:
        """Mark what was typed where the row says it; whether all of it is said here or in the name of the page."""
        self._typed = typed
        self._paint()
        said = f"{self.text} {page}".casefold()
        return all(word in said for word in matching.words(typed))

    def _paint(self) -> None:
        ground = colours(self.palette()).mark
        pieces, last = [], 0
        for start, end in matching.marks(self._typed, self.title):
            pieces.append(html.escape(self.title[last:start]))
            marked = html.escape(self.title[start:end])
            pieces.append(f'<b style="background-color: {ground}">{marked}</b>')
            last = end
        self._name.setText("".join(pieces) + html.escape(self.title[last:]))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._paint()


class SettingRow(Row):
    """A setting. What is set applies at once.

    Signals:
        reset: It was put back to its default.
    """

    reset = Signal()

    def __init__(self, setting: Setting, preferences: Preferences) -> None:
        self.setting = setting
        self._preferences = preferences
        self.editor = editor_for(setting)
        self.back = IconButton("undo", tr("Back to default"))
        wide = isinstance(setting.default, str)  # lists would leave no room for the words beside them
        super().__init__(tr(setting.title), tr(setting.tip), self.editor.widget, self.back, below=wide)
        self._offer_way_back()
        self.editor.widget.setAccessibleName(self.title)
        self.editor.widget.setAccessibleDescription(tr(setting.tip))
        self.editor.chosen.connect(lambda value: preferences.put(setting, value))
        preferences.changed.connect(self._changed)
        self.refresh()

    @property
    def text(self) -> str:
        choices = " ".join(tr(title) for _, title in self.setting.choices)
        return f"{super().text} {choices}"

    def refresh(self) -> None:
        """Show what is set."""
        value = self._preferences.get(self.setting)
        self.editor.show(value)
        self.back.setEnabled(value != self.setting.default)

    def _offer_way_back(self) -> None:
        self.back.setAccessibleName(tr("Back to default: {setting}").format(setting=self.title))
        self.back.clicked.connect(self._go_back)

    def _go_back(self) -> None:
        self.editor.widget.setFocus(Qt.FocusReason.OtherFocusReason)  # the button is disabled in a moment
        self._preferences.put(self.setting, self.setting.default)
        self.reset.emit()

    def _changed(self, setting: Setting) -> None:
        if setting is self.setting:
            self.refresh()
