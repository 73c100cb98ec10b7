import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from rlm_desktop.config import Settings
from rlm_desktop.gui import engine_client
from rlm_desktop.gui.engine_client import EngineClient, engine_command
from rlm_desktop.gui.wire import EngineError, EngineStatus
from rlm_desktop.gui.wire.documents import Opened
from tests.gui.conftest import WAIT_MS


def test_a_command_is_answered(qtbot: QtBot, engine: EngineClient) -> None:
    answers: list[EngineStatus] = []
    engine.request("status", EngineStatus, answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=WAIT_MS)
    assert answers[0].default_model == "tiny"


def test_a_refusal_reaches_the_one_who_asked(qtbot: QtBot, engine: EngineClient) -> None:
    errors: list[EngineError] = []
    engine.request("open", Opened, lambda _: None, errors.append, paths=["/nowhere"])
    qtbot.waitUntil(lambda: bool(errors), timeout=WAIT_MS)
    assert str(errors[0]) == "/nowhere does not exist. Check the path."
    with qtbot.waitSignal(engine.refused, timeout=WAIT_MS):
        engine.request("open", Opened, lambda _: None, paths=["/nowhere"])


def test_commands_to_a_dead_engine_fail_at_once(home: Path) -> None:
    errors: list[EngineError] = []
    EngineClient(("unused",)).request("status", EngineStatus, lambda _: None, errors.append)
    assert errors[0].message == "The engine is not running."


def test_a_death_fails_what_was_asked_and_a_restart_works(qtbot: QtBot, engine: EngineClient) -> None:
    errors: list[EngineError] = []
    with qtbot.waitSignal(engine.died, timeout=WAIT_MS) as death:
        engine.request("status", EngineStatus, lambda _: engine._process.kill(), errors.append)
        engine.request("no such command", EngineStatus, lambda _: None, errors.append)
    assert death.args == ["The engine stopped unexpectedly."]
    assert len(errors) == 1
    with qtbot.waitSignal(engine.greeted, timeout=WAIT_MS):
        engine.start()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"hello": {"protocol": 2}}\n', "speaks protocol 2 and this window protocol 1"),
        ("gibberish\n", "does not understand"),
        ('{"event": {"event": "unheard.of"}}\n', "does not understand"),
        ("x" * (1 << 20) + "xx", "a line of"),
    ],
)
def test_another_language_is_named(qtbot: QtBot, text: str, complaint: str) -> None:
    program = "import sys; sys.stdout.write(eval(sys.argv[1])); sys.stdout.flush(); sys.stdin.read()"
    short = repr(text) if len(text) < 1000 else f"'x' * {len(text)}"
    client = EngineClient((sys.executable, "-c", program, short))
    with qtbot.waitSignal(client.died, timeout=WAIT_MS) as death:
        client.start()
    assert complaint in death.args[0]
    assert not client.alive


def test_a_program_that_does_not_exist_is_named(qtbot: QtBot) -> None:
    client = EngineClient(("/no/such/program",))
    with qtbot.waitSignal(client.died, timeout=WAIT_MS) as death:
        client.start()
    assert death.args[0].startswith("The engine could not be started")


def test_an_engine_that_does_not_end_is_ended(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_desktop.gui.engine_client._CLOSING_MS", 100)
    program = 'import time; print("""{"hello": {"protocol": 1}}""", flush=True); time.sleep(600)'
    client = EngineClient((sys.executable, "-c", program))
    with qtbot.waitSignal(client.greeted, timeout=WAIT_MS):
        client.start()
    with qtbot.waitSignal(client.ended, timeout=WAIT_MS):
        client.close()


def test_the_engine_is_this_program(tmp_path: Path) -> None:
    plain = engine_command(Settings(tmp_path))
    assert plain == (sys.executable, "-P", "-m", "rlm_desktop", "engine", "--data-dir", str(tmp_path))
    assert engine_command(Settings(tmp_path, online=True))[len(plain) :] == ("--online",)
    assert engine_command(Settings(tmp_path, online=False))[len(plain) :] == ("--offline",)


def test_a_flood_of_lines_leaves_time_for_the_person_and_comes_in_order(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_client, "_SLICE", 0.0005)
    lines = (
        '\'\\n\'.join(\'{"notice": {"kind": "model", "received": %d}}\' % n for n in range(20_000)) + \'\\n\''
    )
    program = f"import sys; sys.stdout.write({lines})"
    client = EngineClient((sys.executable, "-c", program))
    heard: list[int] = []
    client.noticed.connect(lambda notice: heard.append(notice.received))
    looked: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: looked.append(len(heard)))
    timer.start(0)
    with qtbot.waitSignal(client.died, timeout=WAIT_MS):
        client.start()
    timer.stop()
    assert heard == list(range(20_000))
    assert len({count for count in looked if 0 < count < 20_000}) > 5


def test_a_handler_that_fails_leaves_the_window_hearing(qtbot: QtBot, engine: EngineClient) -> None:
    answers: list[EngineStatus] = []

    def fail(_: EngineStatus) -> None:
        raise ValueError("a bug of ours")

    with qtbot.captureExceptions() as failures:
        engine.request("status", EngineStatus, fail)
        for _ in range(3):
            engine.request("status", EngineStatus, answers.append)
        qtbot.waitUntil(lambda: len(answers) == 3, timeout=WAIT_MS)
        engine.request("status", EngineStatus, answers.append)
        qtbot.waitUntil(lambda: len(answers) == 4, timeout=WAIT_MS)
    assert [str(error) for _, error, _ in failures] == ["a bug of ours"]
