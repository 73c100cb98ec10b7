"""Settings through their dialog, and that each of them takes effect and is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.care.appearance import Appearance
from rlm_desktop.gui.care.setting_row import SettingRow
from rlm_desktop.gui.care.settings_dialog import PAGES, SettingsDialog
from rlm_desktop.gui.findings.code_view import CodeView
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.kept.preferences import (
    CODE_FONT,
    LIMITS,
    ONLINE,
    SCHEME,
    SETTINGS,
    STILL,
    STRATEGY,
    TEXT_SIZE,
    Preferences,
    Setting,
    Value,
)
from rlm_desktop.gui.look.scheme import use_scheme
from rlm_desktop.gui.look.theme import code_font, is_dark
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, MakeWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def _looks_of_the_system() -> object:
    """What is set for the whole application goes back when the test ends."""
    font, blink = QApplication.font(), QApplication.cursorFlashTime()
    yield None
    QApplication.setFont(font)
    QApplication.setCursorFlashTime(blink)
    use_scheme("system")


def open_settings(qtbot: QtBot, window: MainWindow) -> SettingsDialog:
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = window.care.settings
    qtbot.waitUntil(dialog.isVisible, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(dialog.keys), timeout=WAIT_MS)
    return dialog


def row_of(dialog: SettingsDialog, setting: Setting) -> SettingRow:
    dialog.list.setCurrentRow(list(PAGES).index(setting.page))
    return next(row for row in dialog.rows if isinstance(row, SettingRow) and row.setting is setting)


def shown(dialog: SettingsDialog) -> list[str]:
    return [row.title for row in dialog.rows if row.isVisible()]


def test_text_grows_and_shrinks_with_keys_and_stays_so(
    qtbot: QtBot, window: MainWindow, make_window: MakeWindow, home: Path
) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    before = window.ask.button.font().pointSizeF()
    code_view = CodeView(window)
    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_Plus, control)
    qtbot.waitUntil(lambda: window.ask.button.font().pointSizeF() > 1.25 * before, timeout=WAIT_MS)
    assert code_view.font().pointSizeF() == pytest.approx(before * 1.3)
    qtbot.keyClick(window, Qt.Key.Key_Minus, control)
    assert window.care.preferences.number(TEXT_SIZE) == 120
    QApplication.setFont(window.font().family())
    make_window()
    assert QApplication.font().pointSizeF() == pytest.approx(before * 1.2)
    qtbot.keyClick(window, Qt.Key.Key_0, control)
    assert QApplication.font().pointSizeF() == pytest.approx(before)


def test_text_stops_growing_and_shrinking(qtbot: QtBot, window: MainWindow) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    for key, size in ((Qt.Key.Key_Plus, 200), (Qt.Key.Key_Minus, 80)):
        for _ in range(15):
            qtbot.keyClick(window, key, control)
        assert window.care.preferences.number(TEXT_SIZE) == size


def test_a_page_is_chosen_and_a_setting_applies_at_once(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_settings(qtbot, window)
    assert not dialog.isModal()
    row = row_of(dialog, SCHEME)
    assert row.isVisible() and not row.back.isEnabled()
    box = row.editor.widget
    assert isinstance(box, QComboBox)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: is_dark(window.palette()) and is_dark(dialog.palette()), timeout=WAIT_MS)
    qtbot.mouseClick(row.back, LEFT)
    qtbot.waitUntil(lambda: not is_dark(window.palette()), timeout=WAIT_MS)
    assert not row.back.isEnabled()
    assert box.currentData() == "system" and box.hasFocus()


def test_a_search_filters_and_marks_rows_of_all_pages(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_settings(qtbot, window)
    qtbot.keyClicks(dialog.search, "text siz")
    assert shown(dialog) == ["Text size"]
    assert "background-color" in row_of_shown(dialog)._name.text()
    dialog.search.clear()
    qtbot.keyClicks(dialog.search, "key open")
    assert shown(dialog) == ["Key of OpenAI"]
    dialog.search.clear()
    qtbot.keyClicks(dialog.search, "xyzzy")
    assert shown(dialog) == [] and dialog._nothing.isVisible()
    qtbot.keyClick(dialog.search, Qt.Key.Key_Escape)
    assert dialog.isVisible() and shown(dialog)
    qtbot.keyClick(dialog.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=WAIT_MS)


def row_of_shown(dialog: SettingsDialog) -> SettingRow:
    return next(row for row in dialog.rows if row.isVisible() and isinstance(row, SettingRow))


def test_a_search_ends_with_a_click_on_any_page_and_a_new_one_with_the_next_letter(
    qtbot: QtBot, window: MainWindow
) -> None:
    dialog = open_settings(qtbot, window)
    qtbot.keyClicks(dialog.search, "colours")
    assert dialog.list.selectedItems() == []
    here = dialog.list.visualItemRect(dialog.list.currentItem()).center()
    qtbot.mouseClick(dialog.list.viewport(), LEFT, pos=here)
    assert dialog.search.text() == ""
    assert dialog.list.selectedItems() == [dialog.list.currentItem()]
    qtbot.keyClicks(dialog.search, "colours")
    dialog.close()
    dialog.start()
    qtbot.keyClicks(dialog.search, "font")
    assert dialog.search.text() == "font"


def test_the_network_is_switched_in_the_engine(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_settings(qtbot, window)
    box = row_of(dialog, ONLINE).editor.widget
    assert isinstance(box, QCheckBox)
    qtbot.keyClick(box, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.models.network.online, timeout=WAIT_MS)
    assert window.actions_by_name["network"].isChecked()
    window.models.network.switch(False)
    qtbot.waitUntil(lambda: not box.isChecked(), timeout=WAIT_MS)


def test_what_can_go_is_thrown_away(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_settings(qtbot, window)
    dialog.show_page("storage")
    trash, leftovers = dialog.parts["trash"], dialog.parts["leftovers"]
    assert trash.amount.text() == "2 runs" and not leftovers.clean.isEnabled()
    qtbot.mouseClick(trash.clean, LEFT)
    qtbot.waitUntil(lambda: trash.amount.text() == "0 runs", timeout=WAIT_MS)
    assert not trash.clean.isEnabled()


def test_a_key_is_kept_and_forgotten_and_shown_to_nobody(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_settings(qtbot, window)
    dialog.show_page("network")
    row = dialog.keys["openai"]
    assert not row.forget.isEnabled() and not row.keep.isEnabled()
    qtbot.keyClicks(row.field, "sk-0123456789")
    qtbot.mouseClick(row.keep, LEFT)
    assert row.field.text() == ""
    qtbot.waitUntil(row.forget.isEnabled, timeout=WAIT_MS)
    qtbot.mouseClick(row.forget, LEFT)
    qtbot.waitUntil(lambda: not row.forget.isEnabled(), timeout=WAIT_MS)
    qtbot.keyClicks(row.field, "sk-half")
    dialog.close()
    assert row.field.text() == ""


def test_what_went_wrong_here_is_said_here(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_settings(qtbot, window)
    dialog.show_page("network")
    row = dialog.keys["openai"]
    qtbot.keyClicks(row.field, "no-keyring")
    qtbot.keyClick(row.field, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.banner.isVisible, timeout=WAIT_MS)
    assert "no keyring" in dialog.banner.text.text() and dialog.isVisible()


def test_the_sandbox_is_shown_and_not_for_choosing(qtbot: QtBot, home: Path, make_window: MakeWindow) -> None:
    (home / "sandbox").write_text("none")
    dialog = open_settings(qtbot, make_window())
    dialog.show_page("running")
    assert "Use Linux 5.13" in dialog.sandbox.tip.text() and "Each run asks" in dialog.sandbox.tip.text()
    assert not dialog.sandbox.findChildren(QAbstractButton) + dialog.sandbox.findChildren(QComboBox)


OTHER: dict[str, Value] = {
    CODE_FONT.key: "Courier New",
    "general/notify": "never",
    SCHEME.key: "dark",
    STRATEGY.key: "rlm",
}


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one is not ONLINE], ids=lambda one: one.key)
def test_every_setting_is_kept_until_it_is_put_back(tmp_path: Path, setting: Setting) -> None:
    file = tmp_path / "window.ini"
    first = Preferences(Choices(file))
    assert first.get(setting) == setting.default
    value = OTHER.get(setting.key, not setting.default if isinstance(setting.default, bool) else setting.most)
    with_news: list[Setting] = []
    first.changed.connect(with_news.append)
    first.put(setting, value)
    first.put(setting, value)
    assert with_news == [setting]
    assert Preferences(Choices(file)).get(setting) == value
    first.put(setting, setting.default)
    assert not QSettings(str(file), QSettings.Format.IniFormat).contains(setting.key)


@pytest.mark.parametrize("kept", ["", "x", "-5", "99999999999999", "true", "ⅷ", "1.5"])
def test_nonsense_in_the_file_is_not_taken(tmp_path: Path, kept: str) -> None:
    choices = Choices(tmp_path / "window.ini")
    preferences = Preferences(choices)
    for setting in SETTINGS:
        choices.keep(setting.key, kept)
        value = preferences.get(setting)
        assert type(value) is type(setting.default)
        if isinstance(value, int) and not isinstance(value, bool):
            assert setting.least <= value <= setting.most
        if setting.choices:
            assert value in dict(setting.choices)


def test_settings_stand_on_pages_there_are_and_none_twice() -> None:
    assert {setting.page for setting in SETTINGS} <= PAGES.keys()
    assert (
        len({setting.key for setting in SETTINGS})
        == len({setting.title for setting in SETTINGS})
        == len(SETTINGS)
    )


def test_motion_and_the_font_of_code_follow_at_once(qtbot: QtBot, window: MainWindow, book: Path) -> None:
    preferences = window.care.preferences
    preferences.put(STILL, True)
    assert QApplication.cursorFlashTime() == 0 and not window.isAnimated()
    preferences.put(STILL, False)
    assert QApplication.cursorFlashTime() > 0 and window.isAnimated()
    window.open_paths([str(book)])
    qtbot.waitUntil(lambda: window.documents.current is not None, timeout=WAIT_MS)
    view = window.documents.current
    former = code_font().families()
    preferences.put(CODE_FONT, "Some Mono")
    assert view is not None and view.font().families() == ["Some Mono"] == code_font().families()
    preferences.put(CODE_FONT, "")
    assert view.font().families() == former == code_font().families()


def test_numbers_are_typed_and_limits_understood(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_settings(qtbot, window)
    row = row_of(dialog, LIMITS[0])
    field = row.editor.widget
    assert isinstance(field, QSpinBox)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "7")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.care.preferences.limits().turns == 7
    field.setValue(0)
    assert window.care.preferences.limits().turns is None


def test_a_new_question_is_asked_with_what_is_set(qtbot: QtBot, make_window: MakeWindow, home: Path) -> None:
    choices = Choices(home / "window.ini")
    choices.keep(STRATEGY.key, "guided")
    choices.keep(LIMITS[0].key, "9")
    window = make_window()
    assert window.ask.strategy.currentData() == "guided" and window.ask.limits.limits().turns == 9
    window.care.preferences.put(LIMITS[0], 0)
    window.care.preferences.put(STRATEGY, "direct")
    assert window.ask.strategy.currentData() == "direct" and window.ask.limits.limits().turns is None


def test_a_look_is_taken_on_at_the_start(qtbot: QtBot, tmp_path: Path) -> None:
    from PySide6.QtWidgets import QMainWindow

    choices = Choices(tmp_path / "window.ini")
    choices.keep(SCHEME.key, "dark")
    window = QMainWindow()
    qtbot.addWidget(window)
    Appearance(Preferences(choices), window)
    assert is_dark(QApplication.palette())
