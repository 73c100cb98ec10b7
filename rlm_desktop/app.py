"""The program with its window: puts the parts together and runs them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient, engine_command
from rlm_desktop.gui.icons import application_icon
from rlm_desktop.gui.main_window import MainWindow

_SIGNAL_POLL_MS = 200


def main(paths: Sequence[str], settings: Settings) -> int:
    """Show the window until it is closed.

    Args:
        paths: Files and folders to open at once, together.
        settings: Where the data folder is and what is allowed.

    Returns:
        The exit code.

    Raises:
        UserError: The data folder cannot be used.
    """
    settings.prepare()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("RLM Desktop")
    app.setDesktopFileName("rlm-desktop")
    app.setWindowIcon(application_icon())
    engine = EngineClient(engine_command(settings))
    window = MainWindow(engine, settings)
    if paths:
        window.open_paths(paths)
    engine.start()
    window.show()
    return _run(app, window)


def _run(app: QApplication, window: MainWindow) -> int:
    """Run Qt's loop; Ctrl-C in the terminal closes the window as its close button does."""
    former = signal.signal(signal.SIGINT, lambda *_: window.close())
    awake = QTimer()  # Python looks at signals only when it runs, and Qt's loop alone does not run it
    awake.timeout.connect(lambda: None)
    awake.start(_SIGNAL_POLL_MS)
    try:
        return app.exec()
    finally:
        signal.signal(signal.SIGINT, former)
