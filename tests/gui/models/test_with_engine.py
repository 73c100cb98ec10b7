"""Models in the window on the real engine: a download over two lives of it, a check, a file of one's own in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient, engine_command
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.list_model import NoteRole
from rlm_desktop.gui.models.window import ModelsWindow
from tests.models.llama import tiny
from tests.models.test_download import BIG, BLOCK, Hub, catalogue

WAIT_MS = 30_000
MakeView = Callable[[], ModelsWindow]


@pytest.fixture
def hub(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    server = Hub()
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    catalogue(Settings(home), BIG, '{ kind = "hub", repo = "a/b", file = "*q4_k_m.gguf" }')
    yield server
    server.go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def make_view(qtbot: QtBot, home: Path) -> Iterator[MakeView]:
    views: list[ModelsWindow] = []

    def make() -> ModelsWindow:
        engine = EngineClient(engine_command(Settings(home)))
        known = Catalogue(engine)
        view = ModelsWindow(engine, known)
        views.append(view)
        engine.greeted.connect(lambda _: known.refresh())
        engine.start()
        view.show()
        qtbot.waitUntil(lambda: view.rows.rowCount() > 0, timeout=WAIT_MS)
        return view

    yield make
    for view in views:
        leave(qtbot, view)
        view.deleteLater()


def leave(qtbot: QtBot, view: ModelsWindow) -> None:
    if view._engine.alive:
        with qtbot.waitSignal(view._engine.ended, timeout=WAIT_MS):
            view._engine.close()


def click(qtbot: QtBot, view: ModelsWindow, deed: str) -> None:
    button = view.page.buttons[deed]  # type: ignore[index]
    qtbot.waitUntil(button.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def until(qtbot: QtBot, view: ModelsWindow, text: str) -> None:
    def reached() -> bool:
        return str(view.rows.index_of(view.page.name).data(NoteRole)).startswith(text)

    qtbot.waitUntil(reached, timeout=WAIT_MS)


def test_a_paused_download_goes_on_after_a_restart_and_is_checked_and_removed(
    qtbot: QtBot, make_view: MakeView, hub: Hub, home: Path
) -> None:
    hub.pause_at = 2 * BLOCK
    first = make_view()
    first.mark("tiny")
    click(qtbot, first, "download")
    qtbot.waitUntil(
        lambda: (now := first._catalogue.download_of("tiny")) is not None and now.received >= BLOCK,
        timeout=WAIT_MS,
    )
    click(qtbot, first, "pause")
    until(qtbot, first, "Partly downloaded")
    leave(qtbot, first)

    hub.pause_at = 0
    second = make_view()
    second.mark("tiny")
    until(qtbot, second, "Partly downloaded")
    click(qtbot, second, "download")
    until(qtbot, second, "Ready")
    assert hub.ranges[1].startswith("bytes=")
    assert (home / "models" / "tiny.gguf").read_bytes() == BIG
    (home / "models" / "tiny.gguf").write_bytes(BIG[:-1] + b"!")
    click(qtbot, second, "check")
    until(qtbot, second, "Damaged")
    click(qtbot, second, "remove")
    qtbot.mouseClick(second.page.question.action, Qt.MouseButton.LeftButton)
    until(qtbot, second, "Not downloaded")
    assert not (home / "models" / "tiny.gguf").exists()


def test_without_a_network_a_download_says_so_and_can_be_tried_again(
    qtbot: QtBot, make_view: MakeView, hub: Hub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue(Settings(home), BIG, '{ kind = "hub", repo = "a/b", file = "c.gguf" }')
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    view = make_view()
    view.mark("tiny")
    click(qtbot, view, "download")
    qtbot.waitUntil(view.page.trouble.isVisible, timeout=WAIT_MS)
    said = view.page.trouble.text.text()
    assert "could not be downloaded" in said and "Check the network connection" in said
    assert view.page.buttons["download"].isVisible()


def test_a_file_of_one_s_own_is_set_loaded_and_unloaded(
    qtbot: QtBot, make_view: MakeView, tmp_path: Path, home: Path
) -> None:
    path = tiny.plain().write(tmp_path / "own.gguf")
    view = make_view()
    view.offer_file(str(path))
    qtbot.waitUntil(lambda: view.page.name == "own", timeout=WAIT_MS)
    form = view.page.settings
    qtbot.waitUntil(form.isVisible, timeout=WAIT_MS)
    form.window_size.setFocus()
    form.window_size.selectAll()
    qtbot.keyClicks(form.window_size, "1024")
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.restore.isEnabled, timeout=WAIT_MS)
    assert "[own.settings]\ncontext_window = 1024\n" in (home / "models.toml").read_text()
    click(qtbot, view, "load")
    until(qtbot, view, "Loaded")
    click(qtbot, view, "unload")
    until(qtbot, view, "Ready")
    view.offer_file(str(home / "store.db"))
    qtbot.waitUntil(view.news.isVisible, timeout=WAIT_MS)
    assert "store.db is not a usable GGUF model" in view.news.text.text()
