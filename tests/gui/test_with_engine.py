"""The window on the real engine process, with a scripted model."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient, engine_command
from rlm_desktop.gui.history.model import HitRole, RunRole
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.conftest import WAIT_MS, close

QUOTE = "And Enoch lived sixty and five years, and begat Methuselah"
LOOK = (
    "```repl\nhits = find('begat Methuselah', 3)\nprint(hits)\nllm_query_batched(['who?', 'who else?'])\n```"
)
ANSWER = f"```repl\nanswer['content'] = 'Enoch: \"{QUOTE}\"'\nanswer['ready'] = True\n```"
AGAIN = "```repl\nanswer['content'] = f'Places: {len(hits)}'\nanswer['ready'] = True\n```"
GROWN = (
    "```repl\nprint(context[1][:9])\n"
    "answer['content'] = f'{len(context)} texts, {context[1][:9]}, {len(hits)} place'\nanswer['ready'] = True\n```"
)
ENDLESS = "```repl\nprint('going on')\nwhile True: pass\n```"


@pytest.fixture
def real(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    settings = Settings(tmp_path / "data").prepare()
    window = MainWindow(EngineClient(engine_command(settings)), settings)
    window.engine.start()
    window.show()
    qtbot.waitUntil(lambda: bool(window.catalogue.models), timeout=WAIT_MS)
    yield window
    close(qtbot, window)
    window.deleteLater()


@pytest.fixture
def second(qtbot: QtBot, real: MainWindow, tmp_path: Path) -> Iterator[MainWindow]:
    """Another window on the same data folder."""
    settings = Settings(tmp_path / "data")
    window = MainWindow(EngineClient(engine_command(settings)), settings)
    window.engine.start()
    window.show()
    qtbot.waitUntil(lambda: bool(window.catalogue.models), timeout=WAIT_MS)
    yield window
    close(qtbot, window)
    window.deleteLater()


@pytest.fixture
def bible(tmp_path: Path) -> Path:
    lines = [f"{number} Nothing happened in the land of Nod." for number in range(1, 2001)]
    lines[1411] = f"{QUOTE}:"
    file = tmp_path / "bible.txt"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def ask(qtbot: QtBot, window: MainWindow, bible: Path, replies: list[str]) -> None:
    script = bible.with_name("replies.json")
    script.write_text(json.dumps({"root": replies, "sub": ["Enoch"]}))
    window.open_paths([str(bible)])
    qtbot.waitUntil(lambda: window.documents.current is not None, timeout=WAIT_MS)
    window.ask.picker.choose(f"script:{script}")
    window.ask.strategy.setCurrentIndex(window.ask.strategy.findData("rlm"))
    window.ask.box.setPlainText("Who was the father of Methuselah?")
    window.ask.ask()


def test_ask_watch_and_read_on(qtbot: QtBot, real: MainWindow, bible: Path) -> None:
    ask(qtbot, real, bible, [LOOK, ANSWER])
    qtbot.waitUntil(lambda: real.answer.status.text() == "Answered", timeout=WAIT_MS)
    tree = real.tree.tree()
    assert tree is not None
    qtbot.waitUntil(lambda: tree.rowCount() >= 2, timeout=WAIT_MS)
    cell = tree.index(0, 0, tree.index(0, 0))
    qtbot.waitUntil(lambda: tree.rowCount(cell) == 2, timeout=WAIT_MS)
    real.tree.setCurrentIndex(cell)
    qtbot.waitUntil(lambda: "find('begat" in real.details.code.view.toPlainText(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: QUOTE in real.details.output.view.toPlainText(), timeout=WAIT_MS)
    assert "bible.txt:1412" in real.answer.page.toPlainText()
    real.answer.page.anchorClicked.emit(QUrl("cite:0"))
    assert real.documents.current.cited == range(1411, 1412)  # type: ignore[union-attr]


def test_stop_ends_a_cell_that_never_would(qtbot: QtBot, real: MainWindow, bible: Path) -> None:
    ask(qtbot, real, bible, [ENDLESS])
    qtbot.waitUntil(lambda: real.answer.status.text() == "Running", timeout=WAIT_MS)
    tree = real.tree.tree()
    assert tree is not None
    qtbot.waitUntil(lambda: (row := tree.row(2)) is not None and "going on" in row.live, timeout=WAIT_MS)
    real.actions_by_name["stop"].trigger()
    qtbot.waitUntil(lambda: real.answer.status.text() == "Stopped", timeout=WAIT_MS)
    assert tree.row(2).status == "cancelled"  # type: ignore[union-attr]
    assert real.history_panel.view.model().rowCount() == 1


def test_replay_and_export(qtbot: QtBot, real: MainWindow, bible: Path) -> None:
    ask(qtbot, real, bible, [LOOK, ANSWER])
    qtbot.waitUntil(lambda: real.answer.status.text() == "Answered", timeout=WAIT_MS)
    replay = real.replay
    qtbot.waitUntil(lambda: replay.total > 0, timeout=WAIT_MS)
    live = real.tree.tree()
    assert live is not None and not replay.replaying
    qtbot.waitUntil(lambda: live.rowCount() == 2, timeout=WAIT_MS)
    replay.turn_back()  # the end of the second turn
    replay.turn_back()
    qtbot.waitUntil(lambda: 1 < replay.at == replay.target < replay.total, timeout=WAIT_MS)
    past = real.tree.tree()
    assert past is not None and past.rowCount() == 1
    assert past.row(1).finished == live.row(1).finished  # type: ignore[union-attr]
    assert past.row(0).status == "running"  # type: ignore[union-attr]
    assert real.answer.status.text() == "Running"
    real.tree.setCurrentIndex(past.index(0, 0, past.index(0, 0)))
    qtbot.waitUntil(lambda: "find('begat" in real.details.code.view.toPlainText(), timeout=WAIT_MS)
    replay.speed = 16.0
    replay.play_or_pause()
    qtbot.waitUntil(lambda: replay.at == replay.total and not replay.playing, timeout=WAIT_MS)
    assert "bible.txt:1412" in real.answer.page.toPlainText()
    assert real.tree.tree() is past and past.rowCount() == 2
    report = bible.with_name("report.html")
    real.report._save(replay.run, str(report), "")
    qtbot.waitUntil(real.status.open.isVisible, timeout=WAIT_MS)
    assert QUOTE in report.read_text("utf-8")


def test_the_sample_plays_without_a_model(qtbot: QtBot, real: MainWindow, tmp_path: Path) -> None:
    real.replay.speed = 16.0
    real.documents.welcome.sample.click()
    replay = real.replay
    qtbot.waitUntil(lambda: replay.playing and replay.total > 0, timeout=WAIT_MS)
    assert replay.run == "sample" and real.answer.status.text() == "Running"
    replay.to_end()
    qtbot.waitUntil(lambda: replay.at == replay.total, timeout=WAIT_MS)
    assert real.answer.status.text() == "Answered"
    report = tmp_path / "sample.md"
    real.report._save("sample", str(report), "")
    qtbot.waitUntil(real.status.open.isVisible, timeout=WAIT_MS)
    assert real.runs.on_show is not None and real.runs.on_show.answer in report.read_text("utf-8")
    real.answer.page.anchorClicked.emit(QUrl("cite:0"))
    qtbot.waitUntil(real.banner.isVisible, timeout=WAIT_MS)
    assert real.banner.text.text().startswith("The documents of the sample do not come with the program.")
    assert real.history_panel.view.model().rowCount() == 0


def test_a_session_of_questions(qtbot: QtBot, real: MainWindow, bible: Path) -> None:
    """Ask, follow up with the variables kept, find, name, pin, delete, bring back; the document changes."""
    ask(qtbot, real, bible, [LOOK, ANSWER])
    qtbot.waitUntil(lambda: real.answer.status.text() == "Answered", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: real.ask.follow_up.isVisible() and not real.runs.busy, timeout=WAIT_MS)
    assert real.ask.follow_up.box.isChecked() and real.ask.box.toPlainText() == ""

    script = bible.with_name("replies.json")
    script.write_text(json.dumps({"root": [AGAIN]}))
    real.ask.box.setPlainText("How many places were there?")
    real.ask.ask()
    qtbot.waitUntil(lambda: "Places: " in real.answer.page.toPlainText(), timeout=WAIT_MS)
    session = real.answer.session
    qtbot.waitUntil(lambda: session.model().rowCount() == 2, timeout=WAIT_MS)
    at = "↳ How many places were there?"
    qtbot.waitUntil(lambda: session.currentIndex().data() == at, timeout=WAIT_MS)

    panel = real.history_panel
    panel.search.setText("begat methuselah")
    qtbot.waitUntil(lambda: panel.current is panel.results, timeout=WAIT_MS)
    hits = [panel.results.model().index(row, 0).data(HitRole) for row in range(2)]
    assert {hit.run.question for hit in hits if hit} == {"Who was the father of Methuselah?"}
    start, end = hits[0].marks[0]
    assert hits[0].snippet[start:end].casefold() in ("begat", "methuselah")
    panel.search.clear()

    first = real.runs.on_show.parent_run  # type: ignore[union-attr]
    real.history.rename(first, "Enoch")
    real.history.pin(first, True)
    names = partial(_names, panel.view)
    qtbot.waitUntil(lambda: names() == ["Enoch", "↳ How many places were there?"], timeout=WAIT_MS)
    panel.view.setCurrentIndex(panel.view.model().index(1, 0))
    panel.delete()
    qtbot.waitUntil(lambda: names() == ["Enoch"], timeout=WAIT_MS)
    panel.undo()
    qtbot.waitUntil(lambda: names() == ["Enoch", "↳ How many places were there?"], timeout=WAIT_MS)

    bible.write_text("Something else altogether.\n", "utf-8")
    real.runs.show(first)
    qtbot.waitUntil(real.answer.sources.isVisible, timeout=WAIT_MS)
    assert "bible.txt" in real.answer.sources.toolTip()


def test_the_network_is_switched_and_a_remote_model_is_refused_without_it(
    qtbot: QtBot, real: MainWindow
) -> None:
    qtbot.waitUntil(lambda: real.status.network.text() == "Network off", timeout=WAIT_MS)
    real.ask.picker.choose("openai:gpt-x")
    assert real.ask.picker.switch_on.isVisible()
    real.ask.picker.switch_on.click()
    qtbot.waitUntil(lambda: real.status.network.text() == "Network on", timeout=WAIT_MS)
    assert not real.ask.picker.switch_on.isVisible()


def _names(view: QListView) -> list[str]:
    model = view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_a_run_of_another_window_is_followed_to_its_end(
    qtbot: QtBot, real: MainWindow, second: MainWindow, bible: Path
) -> None:
    ask(qtbot, real, bible, [ENDLESS])
    qtbot.waitUntil(lambda: (tree := real.tree.tree()) is not None and tree.newest == 2, timeout=WAIT_MS)
    assert second.history.all.rowCount() == 0
    second.activateWindow()
    real.activateWindow()
    second.activateWindow()
    qtbot.waitUntil(lambda: second.history.all.rowCount() == 1, timeout=WAIT_MS)
    run = second.history.all.index(0).data(RunRole)
    second.runs.show(run)
    qtbot.waitUntil(lambda: second.answer.status.text() == "Running", timeout=WAIT_MS)
    assert not second.runs.busy
    real.runs.stop()
    qtbot.waitUntil(lambda: second.answer.status.text() == "Stopped", timeout=WAIT_MS)
    tree = second.tree.tree()
    assert tree is not None
    qtbot.waitUntil(lambda: (row := tree.row(2)) is not None and row.status == "cancelled", timeout=WAIT_MS)
    qtbot.waitUntil(second.replay_bar.isVisible, timeout=WAIT_MS)


def test_documents_come_to_a_session_and_its_variables_stay(
    qtbot: QtBot, real: MainWindow, bible: Path
) -> None:
    ask(qtbot, real, bible, [LOOK, ANSWER])
    qtbot.waitUntil(lambda: real.ask.follow_up.isVisible() and not real.runs.busy, timeout=WAIT_MS)
    other = bible.with_name("exodus.txt")
    other.write_text("Now these are the names of the children of Israel.\n", "utf-8")
    real.add_paths([str(other)])
    qtbot.waitUntil(lambda: "bible.txt and 1 more" in real.ask._about.text(), timeout=WAIT_MS)
    assert real.ask.follow_up.box.isChecked()
    bible.with_name("replies.json").write_text(json.dumps({"root": [GROWN]}))
    real.ask.box.setPlainText("And of what are there two now?")
    real.ask.ask()
    qtbot.waitUntil(lambda: (run := real.runs.on_show) is not None and len(run.paths) == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: real.answer.status.text() == "Answered", timeout=WAIT_MS)
    assert "2 texts, Now these, 1 place" in real.answer.page.toPlainText()
    assert real.runs.on_show.sandbox in {"full", "partial"}  # type: ignore[union-attr]
