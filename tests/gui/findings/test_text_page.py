from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.findings import text_page
from rlm_desktop.gui.findings.text_page import TextPages
from rlm_desktop.gui.wire import RunId
from tests.gui.conftest import WAIT_MS


def ask(qtbot: QtBot, engine: EngineClient, book: Path) -> str:
    """Run something; its output is a text of 40 lines, whose hash is returned."""
    hashes: list[str] = []

    def look(event: object, rows: object) -> None:
        output = getattr(event, "output", "")
        hashes.extend([output] if output else [])

    engine.happened.connect(look)
    engine.request("ask", RunId, lambda _: None, paths=[str(book)], question="Who?", model="tiny")
    qtbot.waitUntil(lambda: bool(hashes), timeout=WAIT_MS)
    return hashes[0]


def test_a_long_text_comes_page_by_page(
    qtbot: QtBot, engine: EngineClient, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = ask(qtbot, engine, book)
    pages = TextPages(engine, "Output")
    qtbot.addWidget(pages)
    pages.show()
    monkeypatch.setattr(text_page, "PAGE", 1000)
    pages.show_texts([("First", output), ("Second", output)])
    qtbot.waitUntil(pages._more.isVisible, timeout=WAIT_MS)
    assert pages._note.text() == "1k of 1.5k characters"
    assert pages.view.toPlainText().startswith("── First ──\nAnd Enoch")
    pages._more.click()
    qtbot.waitUntil(lambda: "── Second ──" in pages.view.toPlainText(), timeout=WAIT_MS)
    qtbot.waitUntil(pages._more.isVisible, timeout=WAIT_MS)
    pages._more.click()
    qtbot.waitUntil(lambda: not pages._footer.isVisible(), timeout=WAIT_MS)
    assert pages.view.toPlainText().count("And Enoch") == 80


def test_a_growing_text_is_appended_and_then_replaced_by_the_stored_one(
    qtbot: QtBot, engine: EngineClient, book: Path
) -> None:
    output = ask(qtbot, engine, book)
    pages = TextPages(engine, "Output")
    qtbot.addWidget(pages)
    for text in ("one", "one two", "wo three"):
        pages.show_live(text)
        assert pages.view.toPlainText() == text
    pages.show_texts([("", output)])
    qtbot.waitUntil(lambda: pages.view.toPlainText().startswith("And Enoch"), timeout=WAIT_MS)


def test_an_answer_that_comes_too_late_is_dropped(qtbot: QtBot, engine: EngineClient, book: Path) -> None:
    output = ask(qtbot, engine, book)
    pages = TextPages(engine, "Output")
    qtbot.addWidget(pages)
    pages.show_texts([("", output)])
    pages.show_live("something else")
    done: list[object] = []
    engine.request("text", text_page.TextPage, done.append, hash=output, **{"from": 0, "count": 9})
    qtbot.waitUntil(lambda: bool(done), timeout=WAIT_MS)
    assert pages.view.toPlainText() == "something else"
