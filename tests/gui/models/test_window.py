"""Journeys through the window of models, by clicks and keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.look.format import THIN
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.list_model import NoteRole
from rlm_desktop.gui.models.window import ModelsWindow
from rlm_desktop.gui.wire import Notice
from tests.gui.conftest import WAIT_MS, fake_command
from tests.gui.fake_catalogue import model

LIST = [
    model("ready", "A ready model", 1_000_000_000, 1_900_000_000, "ready"),
    model("small", "A small model", 100_000_000, 600_000_000),
    model("slow", "A slow download", 2_000_000_000, 4_900_000_000),
    model("later", "A later download", 5_000_000_000, 7_800_000_000),
    model("full", "One too many", 4_700_000_000, 9_000_000_000),
    model("bad", "A rotten file", 2_000_000_000, 2_600_000_000, "ready"),
    model("half", "Half a model", 1_000_000_000, 1_900_000_000, "partial", fetched=430_000_000),
    model("heavy", "A heavy model", 1_000_000_000, 1_900_000_000, "ready"),
    model("busy", "A busy model", 1_000_000_000, 1_900_000_000, "ready"),
    model("gone", "A file that is gone", 1_000_000_000, 1_900_000_000, own=True),
    {
        "name": "openai:gpt-mini",
        "title": "GPT mini",
        "state": "ready",
        "own": True,
        "price": {"prompt": 0.25, "completion": 2.0, "reused": None},
    },
]


@pytest.fixture
def view(qtbot: QtBot, home: Path) -> Iterator[ModelsWindow]:
    (home / "models.json").write_text(json.dumps(LIST))
    engine = EngineClient(fake_command(home))
    catalogue = Catalogue(engine)
    view = ModelsWindow(engine, catalogue)
    engine.greeted.connect(lambda _: catalogue.refresh())
    engine.start()
    view.show()
    qtbot.waitUntil(lambda: view.page.name == "ready", timeout=WAIT_MS)
    yield view
    with qtbot.waitSignal(engine.ended, timeout=WAIT_MS):
        engine.close()
    qtbot.waitUntil(lambda: not view.isVisible(), timeout=WAIT_MS)
    view.deleteLater()


def mark(qtbot: QtBot, view: ModelsWindow, name: str) -> None:
    index = view.rows.index_of(name)
    view.list.scrollTo(index)
    qtbot.mouseClick(
        view.list.viewport(), Qt.MouseButton.LeftButton, pos=view.list.visualRect(index).center()
    )
    assert view.page.name == name


def click(qtbot: QtBot, view: ModelsWindow, deed: str) -> None:
    button = view.page.buttons[deed]  # type: ignore[index]
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def offered(view: ModelsWindow) -> list[str]:
    return [deed for deed, button in view.page.buttons.items() if button.isVisible()]


def plain(text: str) -> str:
    return text.replace(THIN, " ")


def state(view: ModelsWindow, name: str = "") -> str:
    """What the list says of a model; and of the one on show the page says the same."""
    note = plain(str(view.rows.index_of(name or view.page.name).data(NoteRole)))
    if not name:
        assert note.startswith(plain(view.page.state.text()))
    return note


def until(qtbot: QtBot, view: ModelsWindow, text: str, name: str = "") -> None:
    qtbot.waitUntil(lambda: state(view, name).startswith(text), timeout=WAIT_MS)


def facts(view: ModelsWindow) -> dict[str, str]:
    return {name: plain(fact) for name, fact in view.page._told}


def test_the_list_is_walked_with_the_arrows_and_the_page_follows(qtbot: QtBot, view: ModelsWindow) -> None:
    view.list.setFocus()
    assert state(view) == "Ready · 1 GB · fits"
    assert facts(view)["Memory"] == "Fits: it needs 1.9 GB of the 5.2 GB that are free."
    assert facts(view)["Where"] == "the processor, 2 threads"
    assert facts(view)["Speed"].startswith("reads about 250 tokens/s")
    assert offered(view) == ["use", "load", "check", "remove"]
    qtbot.keyClick(view.list, Qt.Key.Key_Down)
    assert (view.page.name, state(view)) == ("small", "Not downloaded · 100 MB · fits")
    assert offered(view) == ["download"]
    assert plain(view.page.buttons["download"].text()) == "Download (100 MB)"
    assert not view.page.settings.isVisible()
    qtbot.keyClick(view.list, Qt.Key.Key_Down)
    assert facts(view)["Memory"].startswith("Tight: it needs 4.9 GB of the 5.2 GB")
    mark(qtbot, view, "later")
    assert facts(view)["Memory"].startswith("Will not fit. It needs 7.8 GB of memory, and 5.2 GB are free")


def test_the_enter_key_asks_with_the_model_if_it_can_be_used(qtbot: QtBot, view: ModelsWindow) -> None:
    view.list.setFocus()
    with qtbot.waitSignal(view.chosen, timeout=WAIT_MS) as asked:
        qtbot.keyClick(view.list, Qt.Key.Key_Return)
    assert asked.args == ["ready"]
    mark(qtbot, view, "small")
    with qtbot.assertNotEmitted(view.chosen):
        qtbot.keyClick(view.list, Qt.Key.Key_Return)


def test_downloads_wait_for_each_other_and_are_paused_and_gone_on_with(
    qtbot: QtBot, view: ModelsWindow
) -> None:
    mark(qtbot, view, "slow")
    click(qtbot, view, "download")
    until(qtbot, view, "Downloading 40 %")
    assert plain(view.page.how_far.text()).startswith("800 MB of 2 GB")
    assert (view.page.progress.isVisible(), view.page.progress.value()) == (True, 400)
    mark(qtbot, view, "later")
    click(qtbot, view, "download")
    until(qtbot, view, "Waits for another download")
    assert not view.page.progress.isVisible()
    assert offered(view) == ["cancel"]
    mark(qtbot, view, "slow")
    assert offered(view) == ["pause", "cancel"]
    click(qtbot, view, "pause")
    until(qtbot, view, "Partly downloaded 40 %")
    until(qtbot, view, "Downloading 40 %", "later")
    assert plain(view.page.buttons["download"].text()) == "Resume (1.2 GB left)"
    mark(qtbot, view, "later")
    click(qtbot, view, "cancel")
    until(qtbot, view, "Partly downloaded 40 %")
    assert not view.page.trouble.isVisible()


def test_a_whole_download_makes_the_model_ready(qtbot: QtBot, view: ModelsWindow) -> None:
    mark(qtbot, view, "small")
    click(qtbot, view, "download")
    until(qtbot, view, "Ready")
    qtbot.waitUntil(view.page.settings.isVisible, timeout=WAIT_MS)
    mark(qtbot, view, "half")
    click(qtbot, view, "download")
    until(qtbot, view, "Ready")


def test_what_goes_wrong_is_said_in_its_place_with_a_way_out(qtbot: QtBot, view: ModelsWindow) -> None:
    mark(qtbot, view, "full")
    click(qtbot, view, "download")
    qtbot.waitUntil(view.page.trouble.isVisible, timeout=WAIT_MS)
    assert view.page.trouble.text.text().startswith("The disk has 0.1 GB free")
    assert offered(view) == ["download"]
    mark(qtbot, view, "ready")
    assert not view.page.trouble.isVisible()
    mark(qtbot, view, "full")
    assert view.page.trouble.isVisible()
    mark(qtbot, view, "heavy")
    click(qtbot, view, "load")
    qtbot.waitUntil(view.page.trouble.isVisible, timeout=WAIT_MS)
    assert "needs 90 GB" in view.page.trouble.text.text()
    assert state(view).startswith("Ready")


def test_the_keys_stay_with_what_can_be_done_next(qtbot: QtBot, view: ModelsWindow) -> None:
    view.activateWindow()
    mark(qtbot, view, "slow")
    view.page.buttons["download"].setFocus()
    for deed, then in (("download", "pause"), ("pause", "download"), ("download", "pause")):
        button = view.page.buttons[deed]  # type: ignore[index]
        qtbot.waitUntil(button.hasFocus, timeout=WAIT_MS)
        qtbot.keyClick(button, Qt.Key.Key_Space)
        qtbot.waitUntil(view.page.buttons[then].hasFocus, timeout=WAIT_MS)  # type: ignore[index]


def test_a_damaged_file_is_found_and_fetched_again(qtbot: QtBot, view: ModelsWindow) -> None:
    mark(qtbot, view, "ready")
    click(qtbot, view, "check")
    qtbot.waitUntil(lambda: view._catalogue.check_of("ready") is None, timeout=WAIT_MS)
    assert not view.page.trouble.isVisible()
    until(qtbot, view, "Ready, its file is sound")
    mark(qtbot, view, "bad")
    click(qtbot, view, "check")
    until(qtbot, view, "Damaged")
    assert view.page.trouble.text.text() == "The file of bad is damaged."
    assert offered(view) == ["download", "remove"]
    qtbot.mouseClick(view.page.trouble.action, Qt.MouseButton.LeftButton)
    until(qtbot, view, "Ready")
    assert not view.page.trouble.isVisible()


def test_a_file_is_deleted_after_a_second_click_and_says_what_that_freed(
    qtbot: QtBot, view: ModelsWindow
) -> None:
    mark(qtbot, view, "half")
    click(qtbot, view, "remove")
    assert plain(view.page.question.text.text()).startswith("Delete what has been downloaded (430 MB)?")
    mark(qtbot, view, "ready")
    assert not view.page.question.isVisible()
    click(qtbot, view, "remove")
    assert state(view).startswith("Ready")
    qtbot.keyClick(view.page.question.action, Qt.Key.Key_Space)
    until(qtbot, view, "Not downloaded")
    assert plain(view.news.text.text()) == "ready is removed; 1 GB are free again."
    mark(qtbot, view, "busy")
    click(qtbot, view, "remove")
    qtbot.keyClick(view.page.question.action, Qt.Key.Key_Space)
    qtbot.waitUntil(view.page.trouble.isVisible, timeout=WAIT_MS)
    assert "used by a run" in view.page.trouble.text.text()


def test_a_model_is_loaded_shows_how_quickly_it_writes_and_is_unloaded(
    qtbot: QtBot, view: ModelsWindow
) -> None:
    click(qtbot, view, "load")
    until(qtbot, view, "Loaded")
    assert facts(view)["Where"] == "Loaded on the processor, 2 threads."
    assert facts(view)["Memory"].startswith("It is in memory")
    view._catalogue._noticed(Notice("model", "ready", "generating", reading=230.0, writing=31.4))
    assert state(view).startswith("Writes 31 tokens/s")
    assert facts(view)["Speed"] == "now reads 230 tokens/s and writes 31"
    assert facts(view)["Where"] == "Loaded on the processor, 2 threads."
    view._catalogue._noticed(Notice("model", "ready", "generating", reading=231.0))
    assert state(view).startswith("Reads 230 tokens/s")
    view._catalogue._noticed(Notice("model", "ready", "ready"))
    click(qtbot, view, "unload")
    until(qtbot, view, "Ready")


def test_a_dropped_file_is_listed_and_taken_off_the_list_again(
    qtbot: QtBot, view: ModelsWindow, tmp_path: Path
) -> None:
    own, none = tmp_path / "own.gguf", tmp_path / "none.gguf"
    own.write_bytes(b"GGUF and more")
    none.write_bytes(b"PK")
    drop(view, none)
    qtbot.waitUntil(view.news.isVisible, timeout=WAIT_MS)
    assert "none.gguf is not a usable GGUF model" in plain(view.news.text.text())
    drop(view, own)
    qtbot.waitUntil(lambda: view.page.name == "own", timeout=WAIT_MS)
    assert not view.news.isVisible()
    assert facts(view)["File"] == str(own)
    assert "chat template" in view.page.note.text()
    assert view.page.buttons["remove"].text() == "Take off the list"
    click(qtbot, view, "remove")
    qtbot.waitUntil(lambda: not view.rows.index_of("own").isValid(), timeout=WAIT_MS)
    assert own.exists() and view.page.name != "own"
    view.close()
    view.offer_file(str(own))
    qtbot.waitUntil(lambda: view.isVisible() and view.page.name == "own", timeout=WAIT_MS)


def drop(view: ModelsWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    act, buttons, keys = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPoint(50, 50), act, data, buttons, keys)
    view.dragEnterEvent(enter)
    assert enter.isAccepted()
    view.dropEvent(QDropEvent(QPointF(50, 50), act, data, buttons, keys))


def test_a_file_that_is_gone_says_so_and_can_be_taken_off_the_list(qtbot: QtBot, view: ModelsWindow) -> None:
    mark(qtbot, view, "gone")
    assert state(view).startswith("Its file is gone")
    assert "gone.gguf is not there" in view.page.trouble.text.text()
    click(qtbot, view, "remove")
    qtbot.waitUntil(lambda: not view.rows.index_of("gone").isValid(), timeout=WAIT_MS)


def test_a_remote_model_needs_the_network_and_is_dropped_by_whoever_lists_it(
    qtbot: QtBot, view: ModelsWindow
) -> None:
    mark(qtbot, view, "openai:gpt-mini")
    assert state(view).startswith("The network is off · $0.25 prompt")
    assert offered(view) == ["network", "remove"]
    with qtbot.waitSignal(view.network_wanted, timeout=WAIT_MS):
        click(qtbot, view, "network")
    view.set_online(True)
    assert state(view).startswith("Ready")
    assert offered(view) == ["use", "remove"]
    with qtbot.waitSignal(view.dropped, timeout=WAIT_MS) as asked:
        click(qtbot, view, "remove")
    assert asked.args == ["openai:gpt-mini"]
    with qtbot.waitSignal(view.remote_wanted, timeout=WAIT_MS):
        qtbot.mouseClick(view.add_remote, Qt.MouseButton.LeftButton)


def test_what_is_set_is_saved_says_when_it_takes_effect_and_can_be_set_back(
    qtbot: QtBot, view: ModelsWindow
) -> None:
    form = view.page.settings
    qtbot.waitUntil(form.isVisible, timeout=WAIT_MS)
    assert not form.save.isEnabled() and not form.restore.isEnabled()
    assert not form.layers.isVisible()
    form.temperature.setFocus()
    form.temperature.selectAll()
    qtbot.keyClicks(form.temperature, "0.7")
    assert form.remark.text() == "Takes effect with the next question."
    form.threads.setFocus()
    qtbot.keyClick(form.threads, Qt.Key.Key_Up)
    assert form.remark.text() == "Takes effect when the model is loaded next."
    click_on(qtbot, form.save)
    qtbot.waitUntil(form.restore.isEnabled, timeout=WAIT_MS)
    assert (form.temperature.value(), form.threads.value()) == (0.7, 1)
    assert not form.save.isEnabled()
    mark(qtbot, view, "heavy")
    qtbot.waitUntil(lambda: form.isVisible() and form.temperature.value() == 0.0, timeout=WAIT_MS)
    mark(qtbot, view, "ready")
    qtbot.waitUntil(lambda: form.isVisible() and form.temperature.value() == 0.7, timeout=WAIT_MS)
    form.threads.setValue(4)
    click_on(qtbot, form.save)
    qtbot.waitUntil(lambda: "cannot be written" in form.remark.text(), timeout=WAIT_MS)
    click_on(qtbot, form.restore)
    qtbot.waitUntil(lambda: form.remark.text() == "This is the default.", timeout=WAIT_MS)
    assert form.temperature.value() == 0.0


def click_on(qtbot: QtBot, widget: QWidget) -> None:
    assert widget.isEnabled()
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_a_wheel_over_the_settings_scrolls_and_turns_no_number(qtbot: QtBot, view: ModelsWindow) -> None:
    form = view.page.settings
    qtbot.waitUntil(form.isVisible, timeout=WAIT_MS)
    view.list.setFocus()
    before = form.wanted()
    for field in (form.window_size, form.temperature, form.cache):
        at = QPointF(field.rect().center())
        wheel = QWheelEvent(
            at,
            field.mapToGlobal(at),
            QPoint(0, -120),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(field, wheel)
    assert form.wanted() == before


def test_the_engine_s_end_takes_what_it_was_doing_with_it(qtbot: QtBot, view: ModelsWindow) -> None:
    mark(qtbot, view, "slow")
    click(qtbot, view, "download")
    until(qtbot, view, "Downloading 40 %")
    with qtbot.waitSignal(view._engine.died, timeout=WAIT_MS):
        view._engine._process.kill()
    until(qtbot, view, "Not downloaded")
    click(qtbot, view, "download")
    qtbot.waitUntil(view.page.trouble.isVisible, timeout=WAIT_MS)
    assert "The engine is not running" in view.page.trouble.text.text()
