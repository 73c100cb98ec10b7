"""The control a setting is edited with, which follows from what it can be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Signal, SignalInstance
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QComboBox, QFontComboBox, QSpinBox, QWidget

from rlm_desktop.gui.kept.preferences import Setting, Value
from rlm_desktop.gui.look.theme import code_font
from rlm_desktop.gui.look.words import tr

_LETTERS = 24
"""Characters a list shows at least."""


class Editor(QObject):
    """Shows a value and lets another be chosen.

    Args:
        widget: The control.
        moved: Its signal of another value.
        put: Shows a value in it.
        value: What it shows.

    Signals:
        chosen: The person chose this value.
    """

    chosen = Signal(object)

    def __init__(
        self,
        widget: QWidget,
        moved: SignalInstance,
        put: Callable[[Value], None],
        value: Callable[[], Value],
    ) -> None:
        super().__init__(widget)
        self.widget = widget
        self._put = put
        self._value = value
        self._showing = False
        widget.installEventFilter(self)
        moved.connect(self._moved)

    def show(self, value: Value) -> None:
        """Show a value, which chooses nothing."""
        self._showing = True
        self._put(value)
        self._showing = False

    def _moved(self) -> None:
        if not self._showing:
            self.chosen.emit(self._value())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel that scrolls the page must not change what happens to be under the pointer."""
        if event.type() is QEvent.Type.Wheel and not self.widget.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def editor_for(setting: Setting) -> Editor:
    """The control for a setting."""
    if setting.choices:
        return _choice(setting)
    if isinstance(setting.default, bool):
        return _switch()
    if isinstance(setting.default, int):
        return _number(setting)
    return _font()


def _switch() -> Editor:
    box = QCheckBox(tr("On"))
    return Editor(box, box.toggled, lambda value: box.setChecked(bool(value)), box.isChecked)


def _number(setting: Setting) -> Editor:
    field = QSpinBox()
    field.setRange(setting.least, setting.most)
    field.setSingleStep(setting.step)
    field.setSuffix(setting.unit)
    field.setSpecialValueText(tr(setting.lowest) if setting.lowest else "")
    field.setGroupSeparatorShown(True)
    field.setKeyboardTracking(False)  # 1 on the way to 120 is no size of text
    return Editor(field, field.valueChanged, lambda value: field.setValue(int(value)), field.value)


def _choice(setting: Setting) -> Editor:
    box = _narrow(QComboBox())
    for value, title in setting.choices:
        box.addItem(tr(title), value)
    return Editor(
        box,
        box.currentIndexChanged,
        lambda value: box.setCurrentIndex(box.findData(value)),
        lambda: str(box.currentData()),
    )


def _font() -> Editor:
    box = QFontComboBox()
    box.setFontFilters(QFontComboBox.FontFilter.MonospacedFonts)
    box.setEditable(False)
    return Editor(
        _narrow(box),
        box.currentFontChanged,
        lambda value: box.setCurrentFont(QFont([str(value)]) if value else code_font()),
        lambda: box.currentFont().family(),
    )


def _narrow(box: QComboBox) -> QComboBox:
    """As wide as a few words; what is longer is seen in the list."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(_LETTERS)
    return box
