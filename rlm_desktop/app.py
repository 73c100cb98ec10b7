"""The program with its window: puts the parts together and runs them."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication, QMessageBox

from rlm_desktop.cli.output import aside
from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.gui.engine_client import EngineClient, engine_command
from rlm_desktop.gui.life.single_instance import Launch, SingleInstance
from rlm_desktop.gui.look.icons import application_icon
from rlm_desktop.gui.look.translation import load_translation

if TYPE_CHECKING:
    from rlm_desktop.gui.main_window import MainWindow

_NO_SCREEN = ("offscreen", "minimal")
"""Qt's platforms that nobody looks at."""
_SIGNALS = 4096
"""Signals that are taken in at once, a byte each."""


def main(paths: Sequence[str], settings: Settings) -> int:
    """Show the window until it is closed, or have the one that is open show the paths.

    Args:
        paths: Files and folders to open at once, together.
        settings: Where the data folder is and what is allowed.

    Returns:
        The exit code.

    Raises:
        UserError: The data folder cannot be used, or the window that is open does not answer.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    try:
        return _open(app, Launch.here(paths), settings.prepare())
    except UserError as error:
        _tell(error, app.platformName())
        raise


def _tell(error: UserError, platform: str) -> None:
    """Who started the program from a menu reads no terminal: a dialog says why no window comes."""
    if platform not in _NO_SCREEN and not (sys.stderr and sys.stderr.isatty()):
        QMessageBox.critical(None, "RLM Desktop", str(error))


def _open(app: QApplication, launch: Launch, settings: Settings) -> int:
    place = SingleInstance(settings.home)
    if not place.claim(launch):
        if settings.online is not None:
            aside("rlm-desktop: The window that is open keeps its own network switch.")
        return 0
    try:
        return _show(app, place, launch, settings)
    finally:
        place.release()


def _show(app: QApplication, place: SingleInstance, launch: Launch, settings: Settings) -> int:
    app.setApplicationName("RLM Desktop")
    app.setDesktopFileName("rlm-desktop")
    app.setWindowIcon(application_icon())
    load_translation(app)
    app.setQuitOnLastWindowClosed(False)  # the last one may only be hidden
    engine = EngineClient(engine_command(settings))
    engine.start()
    with _staying():
        window = _window(engine, settings)
    place.launched.connect(window.take)
    window.life.presence.leaving.connect(place.stop_listening)
    window.life.presence.gone.connect(app.quit)
    app.commitDataRequest.connect(window.save)  # the session ends; a signal to end may follow, or none
    if launch.paths:
        window.life.begin_afresh()
        window.open_paths(launch.paths)
    window.show()
    with _signals(window):
        return app.exec()


def _window(engine: EngineClient, settings: Settings) -> MainWindow:
    """Its modules take as long as the engine does to start, so the two go side by side."""
    from rlm_desktop.gui.main_window import MainWindow

    return MainWindow(engine, settings)


@contextmanager
def _staying() -> Iterator[None]:
    """What comes to be in here stays as long as the program does, and is not looked through for garbage.

    Meanwhile that would take a tenth of a second, and later stop the window for 30 ms.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _signals(window: MainWindow) -> Iterator[None]:
    """Ctrl-C in the terminal closes the window as its close button does; to be told to end ends it without a question.

    A hang-up that was to be ignored, as under nohup, is.
    """

    def close(_: int, __: FrameType | None) -> None:
        window.close() if window.isVisible() else window.life.presence.leave()

    def leave(_: int, __: FrameType | None) -> None:
        window.life.presence.leave()

    handlers = {signal.SIGINT: close, signal.SIGTERM: leave}
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        handlers[signal.SIGHUP] = leave
    former = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        with _awake():
            yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _awake() -> Iterator[None]:
    """Have Python run when a signal comes: it looks at signals only then, and Qt's loop alone does not run it."""
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        there.setblocking(False)
        notifier = QSocketNotifier(here.fileno(), QSocketNotifier.Type.Read)
        notifier.activated.connect(lambda: here.recv(_SIGNALS))
        former = signal.set_wakeup_fd(there.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(former)
            notifier.setEnabled(False)
