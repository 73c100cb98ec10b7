"""One window for a data folder: a second launch hands what it was asked to open to the first, and ends."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

import msgspec
from filelock import FileLock, Timeout
from PySide6.QtCore import QDeadlineTimer, QIODevice, QObject, QThread, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from rlm_desktop.config import machine_locks
from rlm_desktop.errors import UserError
from rlm_desktop.gui.line_reader import LineReader, LineTooLongError

TOKEN_VARIABLE = "XDG_ACTIVATION_TOKEN"  # noqa: S105 - names the right to come to the front, no secret
LONGEST = 1 << 18
"""Bytes of the longest message; that is what 2,000 long paths take."""
ANSWER_MS = 3_000
"""How long either side waits for the other's line."""
PATIENCE_MS = 10_000
"""How long a launch waits for a window that is just opening, or just closing."""
_LONGEST_ADDRESS = 80
"""Bytes of a socket's path that leave room for its suffix, and for the folder Qt makes it in (104 on macOS)."""
_CONNECT_MS, _RETRY_MS = 500, 50
_TAKEN, _REFUSED = b"taken\n", b"refused\n"
_Path = Annotated[str, msgspec.Meta(min_length=1, max_length=4096, pattern=r"^[^\0]*\Z")]


class Launch(msgspec.Struct, frozen=True):
    """What one start of the program was asked for.

    Attributes:
        paths: Files and folders to open together, absolute.
        token: What lets a window come to the front under Wayland; empty if nothing does.
    """

    paths: Annotated[tuple[_Path, ...], msgspec.Meta(max_length=2_000)] = ()
    token: Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\0]*\Z")] = ""

    @classmethod
    def here(cls, paths: Sequence[str]) -> Self:
        """A launch of this process: its folder is what the paths are relative to.

        Raises:
            UserError: A name is not UTF-8, and so can be told to no other process.
        """
        absolute = tuple(map(os.path.abspath, paths))
        for path in absolute:
            try:
                path.encode()
            except UnicodeEncodeError as error:
                raise UserError(
                    f"The name of {path.encode(errors='replace').decode()} is not UTF-8.",
                    "Rename the file or folder, and open it again.",
                ) from error
        return cls(absolute, os.environ.get(TOKEN_VARIABLE, ""))


class SingleInstance(QObject):
    """The place by which launches on one data folder find each other: a lock, and a socket beside it.

    The system drops the lock with the process that holds it, so that whoever gets it may replace a socket that a
    crash left behind. Both are in a folder that only this user can enter; what comes in is distrusted all the same.

    Args:
        home: The data folder.

    Raises:
        UserError: There is no folder that others cannot enter.

    Signals:
        launched: Another launch has left its errand here and ended (`Launch`).
    """

    launched = Signal(object)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        place = hashlib.sha256(os.fsencode(os.path.realpath(home))).hexdigest()[:16]
        folder = machine_locks()
        self.address = _address(folder, f"window-{place}")
        self._lock = FileLock(folder / f"window-{place}.lock", timeout=0)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._receive)

    def claim(self, launch: Launch) -> bool:
        """Become the window of the data folder, or leave the errand with the one there is.

        Returns:
            Whether this process is to open a window.

        Raises:
            UserError: There is a window, and it does not answer.
        """
        patience = QDeadlineTimer(PATIENCE_MS)
        while not self._take_place():
            if hand_over(self.address, launch):
                return False
            if patience.hasExpired():
                raise _silent()
            QThread.msleep(_RETRY_MS)  # the other one is just opening its window, or just closing it
        return True

    def stop_listening(self) -> None:
        """The window is closing: a launch that comes now waits until it may open its own."""
        self._server.close()

    def release(self) -> None:
        """Give up the place."""
        self._server.close()
        self._lock.release()

    def _take_place(self) -> bool:
        try:
            self._lock.acquire()
        except Timeout:
            return False
        QLocalServer.removeServer(self.address)
        self._server.listen(self.address)
        return True

    def _receive(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            _Visit(socket, self)


class _Visit(QObject):
    """One connection: a line comes in, a word goes out."""

    def __init__(self, socket: QLocalSocket, place: SingleInstance) -> None:
        super().__init__(socket)
        self._socket = socket
        self._place = place
        self._reader = LineReader(LONGEST)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(socket.deleteLater)
        QTimer.singleShot(ANSWER_MS, self, socket.abort)
        self._read()

    def _read(self) -> None:
        try:
            lines = self._reader.feed(bytes(self._socket.readAll().data()))
            launch = msgspec.json.decode(lines[0], type=Launch) if lines else None
        except (LineTooLongError, msgspec.DecodeError, UnicodeDecodeError):
            self._answer(_REFUSED)
            return
        if launch is not None and all(map(os.path.isabs, launch.paths)):
            self._answer(_TAKEN)
            self._place.launched.emit(launch)
        elif launch is not None:
            self._answer(_REFUSED)

    def _answer(self, word: bytes) -> None:
        self._socket.readyRead.disconnect(self._read)
        self._socket.write(word)
        self._socket.flush()  # before what was asked for can end the program
        self._socket.disconnectFromServer()


def _address(folder: Path, name: str) -> str:
    """Where the socket is: in a folder only this user can enter, by a name that is not too long for the system."""
    if sys.platform == "win32":
        return f"rlm-desktop-{name}"  # a named pipe, which is in no folder
    if len(os.fsencode(folder)) + len(name) > _LONGEST_ADDRESS:
        folder = Path(tempfile.gettempdir()) / f"rlm-desktop-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if status.st_uid != os.getuid() or status.st_mode & 0o077 or not folder.is_dir():
            raise UserError(
                f"The folder {folder} is not this user's alone.", "Delete it, or set TMPDIR to another."
            )
    return str(folder / f"{name}.sock")


def hand_over(address: str, launch: Launch) -> bool:
    """Leave an errand with the window that listens at an address.

    Returns:
        Whether it was taken; not if nobody listens (any more).

    Raises:
        UserError: Somebody listens and does not answer, or does not understand.
    """
    message = msgspec.json.encode(launch) + b"\n"
    if len(message) > LONGEST:
        raise UserError("These are too many paths to open at once.", "Open the folder they are in.")
    socket = QLocalSocket()
    socket.connectToServer(address, QIODevice.OpenModeFlag.ReadWrite)
    if not socket.waitForConnected(_CONNECT_MS):
        return False
    socket.write(message)
    word = _line(socket)
    socket.abort()
    if word == _REFUSED:
        raise UserError(
            "The window that is open did not understand what to open.",
            "Close it and try again; it may be of another version.",
        )
    return word == _TAKEN


def _line(socket: QLocalSocket) -> bytes:
    """The other side's line; empty if it hung up.

    Raises:
        UserError: It keeps silent.
    """
    patience = QDeadlineTimer(ANSWER_MS)
    while not socket.canReadLine():
        if not socket.waitForReadyRead(max(1, patience.remainingTime())):
            if socket.canReadLine():
                break
            if patience.hasExpired():
                raise _silent()
            return b""
    return bytes(socket.readLine(len(_REFUSED) + 1).data())


def _silent() -> UserError:
    return UserError(
        "The window that is open on this data folder does not answer.",
        "Close it, or end it if it hangs, and try again.",
    )
