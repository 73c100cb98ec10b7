"""The program as a process: started, started again, told to end, killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from rlm_desktop import app
from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.gui.engine_client import EngineClient, engine_command
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.library.recent import read_paths
from rlm_desktop.gui.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")
WAIT_MS = 30_000
Start = Callable[..., subprocess.Popen[str]]
ASK = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from rlm_desktop import app
from rlm_desktop.config import Settings
from rlm_desktop.gui.main_window import MainWindow

home, book, script = sys.argv[1:]
qt = QApplication([])

def ask():
    for window in QApplication.topLevelWidgets():
        if isinstance(window, MainWindow) and window.library.ground is not None:
            timer.stop()
            window.ask.picker.choose(f"script:{script}")
            window.ask.strategy.setCurrentIndex(window.ask.strategy.findData("rlm"))
            window.ask.box.setPlainText("Who was it?")
            window.ask.ask()

timer = QTimer()
timer.timeout.connect(ask)
timer.start(20)
sys.exit(app.main([book], Settings(Path(home))))
"""
"""The program, in which a person asks something as soon as a document is open."""
ORDER = """
import sys
from pathlib import Path
from rlm_desktop import app
from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient

home, book = sys.argv[1:]
start = EngineClient.start

def started(engine):
    first, last = ("engine", "window") if "rlm_desktop.gui.main_window" not in sys.modules else ("window", "engine")
    start(engine)
    Path(home, "order").write_text(f"{first}, then {last}", "utf-8")

EngineClient.start = started
sys.exit(app.main([book], Settings(Path(home))))
"""
"""The program, which writes down what of it began first."""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    book = tmp_path / "book.txt"
    book.write_text("In the beginning\n", "utf-8")
    return book


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """The program on the test's data folder, with these arguments."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, folder: Path | None = None, script: str = "") -> subprocess.Popen[str]:
        program = ("-c", script, str(home)) if script else ("-m", "rlm_desktop", "--data-dir", str(home))
        command = (sys.executable, *program, *arguments)
        environment = os.environ | {"PYTHONPATH": str(Path(app.__file__).parents[1])}
        process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        for one in (*children, process):
            one.kill()
        process.communicate()


def open_sources(home: Path) -> tuple[tuple[str, ...], ...]:
    """What is written down as open."""
    return read_paths(Choices(home / "window.ini").kept("open/sources"))


def has_open(qtbot: QtBot, home: Path, *sources: Path) -> None:
    wanted = tuple((str(source),) for source in sources)
    qtbot.waitUntil(lambda: open_sources(home) == wanted, timeout=WAIT_MS)


def test_the_program_opens_its_paths_and_ends_when_its_window_is_closed(
    qapp: QApplication, tmp_path: Path, book: Path
) -> None:
    opened: list[str] = []

    def look() -> None:
        for window in QApplication.topLevelWidgets():
            if isinstance(window, MainWindow) and window.documents.current and not opened:
                opened.append(window.documents.current.source.document.name)
                assert not window.windowIcon().isNull()
                window.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(20)
    assert app.main([str(book)], Settings(tmp_path / "data")) == 0
    timer.stop()
    assert opened == ["book.txt"]
    assert (tmp_path / "data" / "window.ini").exists()


def test_the_engine_starts_before_the_modules_of_the_window_are_imported(
    qtbot: QtBot, home: Path, start: Start, book: Path
) -> None:
    start(str(book), script=ORDER)
    qtbot.waitUntil((home / "order").exists, timeout=WAIT_MS)
    assert (home / "order").read_text("utf-8") == "engine, then window"


def test_a_second_start_hands_its_paths_to_the_first(
    qtbot: QtBot, home: Path, start: Start, book: Path, tmp_path: Path
) -> None:
    first = start(str(book))
    has_open(qtbot, home, book)
    (folder := tmp_path / "elsewhere").mkdir()
    (other := folder / "other.txt").write_text("And the earth was without form\n")
    second = start("--offline", "other.txt", folder=folder)
    assert second.wait(WAIT_MS / 1000) == 0
    assert second.stderr is not None
    assert "The window that is open keeps its own network switch." in second.stderr.read()
    has_open(qtbot, home, book, other)
    assert first.poll() is None


def test_a_start_beside_a_window_that_hangs_says_so(
    qtbot: QtBot, home: Path, start: Start, book: Path
) -> None:
    first = start(str(book))
    has_open(qtbot, home, book)
    first.send_signal(signal.SIGSTOP)
    second = start(str(book))
    assert second.wait(WAIT_MS / 1000) == 1
    assert second.stderr is not None
    assert "rlm-desktop: The window that is open on this data folder does not answer." in second.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_the_program_ends_cleanly_when_it_is_told_to(
    qtbot: QtBot, home: Path, start: Start, book: Path, number: signal.Signals
) -> None:
    program = start(str(book))
    has_open(qtbot, home, book)
    engine = psutil.Process(program.pid).children()
    program.send_signal(number)
    assert program.wait(WAIT_MS / 1000) == 0
    assert not psutil.wait_procs(engine, WAIT_MS / 1000)[1]
    assert open_sources(home) == ((str(book),),)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_in_the_middle_is_kept_and_shown_at_the_next_start(
    qtbot: QtBot, home: Path, start: Start, book: Path, number: signal.Signals
) -> None:
    replies = book.with_name("replies.json")
    replies.write_text(json.dumps({"root": ["```repl\nprint('going on')\nwhile True: pass\n```"]}))
    program = start(str(book), str(replies), script=ASK)
    qtbot.waitUntil(lambda: bool(Choices(home / "window.ini").kept("open/run")), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "geometry" in (home / "window.ini").read_text("utf-8"), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(Choices(home / "window.ini").kept("open/tabs")), timeout=WAIT_MS)
    children = psutil.Process(program.pid).children(recursive=True)
    program.send_signal(number)
    program.wait(WAIT_MS / 1000)
    assert not psutil.wait_procs(children, WAIT_MS / 1000)[1]
    window = MainWindow(EngineClient(engine_command(Settings(home))), Settings(home))
    window.engine.start()
    window.show()
    try:
        qtbot.waitUntil(lambda: window.runs.on_show is not None, timeout=WAIT_MS)
        assert window.runs.on_show is not None
        assert (window.runs.on_show.question, window.runs.on_show.status) == ("Who was it?", "cancelled")
        qtbot.waitUntil(lambda: window.library.ground is not None, timeout=WAIT_MS)
        assert [view.source.document.path for view in window.documents.views()] == [str(book)]
    finally:
        with qtbot.waitSignal(window.life.presence.gone, timeout=WAIT_MS):
            window.life.presence.leave()
        window.deleteLater()


@pytest.mark.parametrize(
    ("platform", "terminal", "told"), [("xcb", False, 1), ("xcb", True, 0), ("offscreen", False, 0)]
)
def test_who_has_no_terminal_is_told_in_a_dialog_why_no_window_comes(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    qapp: QApplication,
    platform: str,
    terminal: bool,
    told: int,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QMessageBox, "critical", lambda _parent, _title, text: said.append(text))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monkeypatch.setattr(qapp, "platformName", lambda: platform)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UserError) as error:
        app.main([], Settings(file / "home"))
    assert said == [str(error.value)] * told
