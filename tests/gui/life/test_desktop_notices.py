"""Notifications on a bus of their own, with a stand-in for the desktop's server."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.life.desktop_notices import DesktopNotices
from tests.gui.conftest import WAIT_MS

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("dbus-daemon"), reason="needs dbus-daemon, of Linux desktops"
)


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A message bus of the test's own."""
    config = tmp_path / "bus.conf"
    config.write_text(
        '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "">'
        "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context='default'>"
        "<allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/></policy></busconfig>"
    )
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.stdout.readline().strip())
    yield
    daemon.kill()
    daemon.communicate()


class Server:
    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.process = QProcess()
        self.process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self.process.start(sys.executable, ["-m", "tests.gui.notice_server"])

    def heard(self) -> list[Any]:
        self._qtbot.waitUntil(self.process.canReadLine, timeout=WAIT_MS)
        return list(json.loads(self.process.readLine().data()))

    def say(self, *signal: object) -> None:
        self.process.write(json.dumps(signal).encode() + b"\n")

    def end(self) -> None:
        self.process.closeWriteChannel()
        self.process.waitForFinished(WAIT_MS)


@pytest.fixture
def server(qtbot: QtBot, bus: None) -> Iterator[Server]:
    server = Server(qtbot)
    assert server.heard() == ["ready"]
    yield server
    server.end()


@pytest.fixture
def notices(qtbot: QtBot) -> Iterator[DesktopNotices]:
    notices = DesktopNotices()
    yield notices
    notices.close()


def test_a_click_brings_its_token_along(qtbot: QtBot, server: Server, notices: DesktopNotices) -> None:
    assert notices.show("Who was it?", "Answered after 18 s", "Show", "run1")
    called, signature, *fields = server.heard()
    assert (called, signature) == ("Notify", "susssasa{sv}i")
    assert fields[:6] == [
        "RLM Desktop",
        0,
        "rlm-desktop",
        "Who was it?",
        "Answered after 18 s",
        ["default", "Show"],
    ]
    with qtbot.waitSignal(notices.clicked, timeout=WAIT_MS) as clicked:
        server.say("ActionInvoked", 99, "default")  # somebody else's
        server.say("ActivationToken", 1, "a-token")
        server.say("ActionInvoked", 1, "default")
    assert clicked.args == ["a-token", "run1"]
    with qtbot.waitSignal(notices.gone, timeout=WAIT_MS):
        server.say("NotificationClosed", 1, 2)


def test_they_are_gone_when_the_last_is(qtbot: QtBot, server: Server, notices: DesktopNotices) -> None:
    for number in range(2):
        assert notices.show(str(number), "", "Show", f"run{number}")
        server.heard()
    with qtbot.assertNotEmitted(notices.gone):
        for number in (0, 1):
            with qtbot.waitSignal(notices.clicked, timeout=WAIT_MS) as clicked:
                server.say("ActionInvoked", number + 1, "default")
            assert clicked.args == ["", f"run{number}"]
        server.say("NotificationClosed", 1, 1)
        with qtbot.waitSignal(notices.clicked, timeout=WAIT_MS):
            server.say("ActionInvoked", 2, "default")
    with qtbot.waitSignal(notices.gone, timeout=WAIT_MS):
        server.say("NotificationClosed", 2, 1)


def test_they_are_taken_back(qtbot: QtBot, server: Server, notices: DesktopNotices) -> None:
    assert notices.show("Who was it?", "", "Show")
    server.heard()
    with qtbot.waitSignal(notices.clicked, timeout=WAIT_MS):
        server.say("ActionInvoked", 1, "default")
    notices.withdraw()
    assert server.heard() == ["CloseNotification", "u", 1]


def test_they_go_with_their_server(qtbot: QtBot, server: Server, notices: DesktopNotices) -> None:
    assert notices.show("Who was it?", "", "Show")
    server.heard()
    with qtbot.waitSignal(notices.clicked, timeout=WAIT_MS):
        server.say("ActionInvoked", 1, "default")
    with qtbot.waitSignal(notices.gone, timeout=WAIT_MS):
        server.end()


@pytest.mark.usefixtures("bus")
def test_a_bus_without_a_server_shows_none(qtbot: QtBot, notices: DesktopNotices) -> None:
    with qtbot.waitSignal(notices.gone, timeout=WAIT_MS):
        assert notices.show("Who was it?", "", "Show")


@pytest.mark.parametrize(
    "address", [None, "", "unix:path=/nowhere/bus", "tcp:host=localhost,port=1", "nonsense"]
)
def test_without_a_bus_there_are_none(
    notices: DesktopNotices, monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    if address is not None:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert not notices.show("Who was it?", "", "Show")
    notices.withdraw()
