"""One window for a data folder; second launches are processes of their own here."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QProcess
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from rlm_desktop.errors import UserError
from rlm_desktop.gui.life import single_instance
from rlm_desktop.gui.life.single_instance import LONGEST, Launch, SingleInstance, hand_over
from tests.gui.conftest import WAIT_MS

Place = Callable[[], SingleInstance]
SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from rlm_desktop.gui.life.single_instance import Launch, SingleInstance
app = QCoreApplication([])
place = SingleInstance(Path(sys.argv[1]))
first = place.claim(Launch.here(sys.argv[2:]))
print("first" if first else "second", flush=True)
if first:
    app.exec()
"""


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)


@pytest.fixture
def place(home: Path) -> Iterator[Place]:
    made: list[SingleInstance] = []

    def make() -> SingleInstance:
        made.append(SingleInstance(home))
        return made[-1]

    yield make
    for one in made:
        one.release()


def start(home: Path, *paths: str, folder: Path | None = None) -> subprocess.Popen[str]:
    command = (sys.executable, "-c", SECOND, str(home), *paths)
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder, env=environment)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_second_launch_hands_its_paths_over_and_ends(
    qtbot: QtBot, home: Path, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = place()
    assert first.claim(Launch())
    (folder := tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "a-token")
    launches = heard(first)
    second = QProcess()
    second.setWorkingDirectory(str(folder))
    with qtbot.waitSignals([first.launched, second.finished], timeout=WAIT_MS):
        environment = second.systemEnvironment()
        second.setEnvironment([*environment, f"PYTHONPATH={Path.cwd()}"])
        second.start(sys.executable, ["-c", SECOND, str(home), "book.txt", str(tmp_path)])
    assert second.exitCode() == 0
    assert second.readAllStandardOutput().data().strip() == b"second"
    assert launches == [Launch((str(folder / "book.txt"), str(tmp_path)), "a-token")]


def test_data_folders_have_windows_of_their_own(place: Place, tmp_path: Path) -> None:
    assert place().claim(Launch())
    other = SingleInstance(tmp_path / "another")
    try:
        assert other.claim(Launch())
    finally:
        other.release()


def test_only_this_user_may_enter(place: Place) -> None:
    first = place()
    assert first.claim(Launch())
    socket = Path(first.address)
    assert socket.stat().st_mode & 0o077 == 0 and socket.parent.stat().st_mode & 0o077 == 0


def test_a_socket_that_a_crash_left_behind_is_replaced(qtbot: QtBot, home: Path, place: Place) -> None:
    killed = start(home)
    assert said(killed) == "first"
    end(killed)
    first = place()
    assert Path(first.address).exists()
    assert first.claim(Launch())
    second = start(home, "book.txt")
    with qtbot.waitSignal(first.launched, timeout=WAIT_MS):
        pass
    assert said(second) == "second"
    end(second)


def test_of_many_launches_at_once_one_opens_a_window(home: Path) -> None:
    launches = [start(home, f"book{number}.txt") for number in range(4)]
    try:
        assert sorted(map(said, launches)) == ["first", "second", "second", "second"]
    finally:
        for launch in launches:
            end(launch)


def test_a_window_that_hangs_does_not_hang_the_second(
    home: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "ANSWER_MS", 300)
    hung = start(home)
    assert said(hung) == "first"
    hung.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(UserError, match="does not answer") as refused:
            place().claim(Launch())
        assert "try again" in str(refused.value)
    finally:
        end(hung)


def test_a_launch_waits_for_a_window_that_is_just_closing(qtbot: QtBot, home: Path, place: Place) -> None:
    closing = place()
    assert closing.claim(Launch())
    closing.stop_listening()
    second = start(home)
    closing.release()
    assert said(second) == "first"
    end(second)


def test_a_window_that_never_listens_is_waited_for_no_longer_than_agreed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "PATIENCE_MS", 200)
    deaf = place()
    assert deaf.claim(Launch())
    deaf.stop_listening()
    with pytest.raises(UserError, match="does not answer"):
        place().claim(Launch())


def send(qtbot: QtBot, address: str, message: bytes) -> bytes:
    """What the window answers to some bytes, until it hangs up."""
    socket = QLocalSocket()
    socket.connectToServer(address)
    assert socket.waitForConnected(WAIT_MS)
    socket.write(message)
    qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState, timeout=WAIT_MS)
    return socket.readAll().data()


def heard(first: SingleInstance) -> list[Launch]:
    launches: list[Launch] = []
    first.launched.connect(launches.append)
    return launches


@pytest.mark.parametrize(
    "message",
    [
        b"[]",
        b'{"paths": ["relative.txt"]}',
        b'{"paths": ["/a\\u0000b"]}',
        b'{"paths": [""]}',
        b'{"paths": ["/' + b"a" * 5000 + b'"]}',
        b'{"token": 7}',
        b'{"token": "a\\u0000b"}',
        b'{"paths": "' + b"x" * LONGEST,
        b"\xff\xfe",
    ],
    ids=lambda message: message[:20].decode("latin-1"),
)
def test_what_is_no_launch_is_refused(qtbot: QtBot, place: Place, message: bytes) -> None:
    first = place()
    assert first.claim(Launch())
    launches = heard(first)
    assert send(qtbot, first.address, message + b"\n") == b"refused\n"
    assert not launches


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_disturb_the_window(qtbot: QtBot, place: Place, message: bytes) -> None:
    first = SingleInstance(Path("/nowhere") / os.fsdecode(message.hex()))
    try:
        assert first.claim(Launch())
        launches = heard(first)
        assert send(qtbot, first.address, message + b"\n{}\n") in {b"refused\n", b"taken\n"}
        assert all(isinstance(launch, Launch) for launch in launches)
    finally:
        first.release()


def test_who_connects_and_says_nothing_is_hung_up_on(
    qtbot: QtBot, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "ANSWER_MS", 100)
    first = place()
    assert first.claim(Launch())
    assert send(qtbot, first.address, b'{"paths": [') == b""


def test_what_cannot_be_handed_over_is_said_in_a_sentence() -> None:
    with pytest.raises(UserError, match="not UTF-8"):
        Launch.here(["/caf\udce9"])
    with pytest.raises(UserError, match="too many"):
        hand_over("/nowhere", Launch(tuple(f"/{n:0200}" for n in range(2000))))


def test_a_launch_survives_its_journey() -> None:
    launch = Launch.here(["a", "/b/../c"])
    assert launch.paths == (str(Path.cwd() / "a"), "/c")
    assert msgspec.json.decode(msgspec.json.encode(launch), type=Launch) == launch
