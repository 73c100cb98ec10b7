"""How the window holds up while it is fed: ``python -m rlm_desktop.gui.live_probe HOME LONG-RUN ENGINE…``.

Prints one JSON object a measurement. The window is the real one, drawn into memory where there is no screen.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QAbstractItemModel, QEventLoop, QModelIndex, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from rlm_desktop.config import Settings
from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.main_window import MainWindow
from rlm_desktop.gui.run.runs import Question

_LONGEST = 300.0
_NOTCHES = 120
"""How far the wheel is turned while scrolling, at 60 Hz."""


class Gaps(msgspec.Struct, frozen=True):
    """Seconds between two turns of the event loop, in which nothing is painted and no key is heard."""

    p50: float
    p99: float
    longest: float


class Fed(msgspec.Struct, frozen=True, tag="fed"):
    """The window while a run streams in: what it took in, and how long it was deaf at a time."""

    events: int
    seconds: float
    gaps: Gaps


class Shown(msgspec.Struct, frozen=True, tag="shown"):
    """A long run that was opened: seconds until its tree is painted, scrolling through it, and bytes a row."""

    seconds: float
    rows: int
    scrolling: Gaps
    bytes_a_row: float


class Pulse:
    """Feels the event loop a thousand times a second; use it as a context manager."""

    def __init__(self) -> None:
        self._beats: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
        self._timer.timeout.connect(lambda: self._beats.append(time.perf_counter()))

    def __enter__(self) -> Pulse:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()

    def gaps(self) -> Gaps:
        """Between all its beats."""
        gaps = sorted(after - before for before, after in zip(self._beats, self._beats[1:], strict=False))
        return Gaps(gaps[len(gaps) // 2], gaps[len(gaps) * 99 // 100], gaps[-1])


def until(condition: Callable[[], bool]) -> None:
    """Let the window live until something is so, looked at every millisecond.

    Raises:
        TimeoutError: It never was.
    """
    loop, timer, end = QEventLoop(), QTimer(), time.monotonic() + _LONGEST
    timer.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > end else None)
    timer.start(1)
    loop.exec()
    if not condition():
        raise TimeoutError("The window did not get there.")


def feed(window: MainWindow) -> Fed:
    """Ask something, and see the answer stream in."""
    count = 0

    def hear() -> None:
        nonlocal count
        count += 1

    window.engine.happened.connect(hear)
    began = time.perf_counter()
    window.runs.ask(Question("What does each passage say?", (str(Path(__file__)),), unconfined=True))
    until(lambda: count > 0)
    with Pulse() as pulse:
        until(lambda: not window.runs.busy)
    return Fed(count, time.perf_counter() - began, pulse.gaps())


def show(window: MainWindow, run: str) -> Shown:
    """Open a long run, unfold all of it and scroll through it.

    The memory of a row is what the process grows by from before the run is opened until its tree is known and unfolded to
    the last row and its timeline is drawn; what a window takes only once for the first run it shows is counted too.
    """
    before = _memory()
    began = time.perf_counter()
    window.runs.show(run)
    until(lambda: (tree := window.tree.tree()) is not None and tree.run == run and tree.rowCount() > 0)
    window.tree.viewport().repaint()
    opened = time.perf_counter() - began
    _fetch_all(window, QModelIndex())
    _unfold_all(window, QModelIndex())
    rows = _rows(window, QModelIndex())
    until(lambda: len(window.timeline.fall.picture) > rows)
    bytes_a_row = (_memory() - before) / max(1, rows)
    with Pulse() as pulse:
        for _ in range(_NOTCHES):
            _turn_wheel(window)
            until(partial(_past, time.perf_counter() + 1 / 60))
    return Shown(opened, rows, pulse.gaps(), bytes_a_row)


def _fetch_all(window: MainWindow, parent: QModelIndex) -> None:
    """While it is folded: what is unfolded the view lays out anew with each page."""
    model = window.tree.model()
    while model.canFetchMore(parent):
        there = model.rowCount(parent)
        model.fetchMore(parent)
        until(partial(_more, model, parent, there))
    for number in range(model.rowCount(parent)):
        _fetch_all(window, model.index(number, 0, parent))


def _unfold_all(window: MainWindow, parent: QModelIndex) -> None:
    """One by one, as a person does; with `expandAll` the view remembers each row, also those with none below."""
    model = window.tree.model()
    for number in range(model.rowCount(parent)):
        index = model.index(number, 0, parent)
        if model.rowCount(index):
            window.tree.expand(index)
            _unfold_all(window, index)


def _more(model: QAbstractItemModel, parent: QModelIndex, there: int) -> bool:
    return model.rowCount(parent) > there


def _past(moment: float) -> bool:
    return time.perf_counter() >= moment


def _rows(window: MainWindow, parent: QModelIndex) -> int:
    model = window.tree.model()
    below = range(model.rowCount(parent))
    return len(below) + sum(_rows(window, model.index(number, 0, parent)) for number in below)


def _turn_wheel(window: MainWindow) -> None:
    viewport = window.tree.viewport()
    where = QPointF(viewport.rect().center())
    event = QWheelEvent(
        where, viewport.mapToGlobal(where), QPoint(), QPoint(0, -120 * 10), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def _memory() -> int:
    """Bytes of memory this process has of its own; 0 where there is no ``/proc``.

    What nothing refers to any more is not counted: garbage is collected, and the allocator of C is told to hand back the
    pages that are free, which it keeps for later (where it is glibc's; others have no such call).
    """
    gc.collect()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None:
        trim(0)
    file = Path("/proc/self/statm")
    return int(file.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") if file.exists() else 0


def _give_up(said: str) -> None:
    """The engine has ended: nothing will come any more."""
    sys.stderr.write(f"{said}\n")
    sys.stderr.flush()
    os._exit(1)


def main() -> None:
    """Measure, and say what came of it."""
    home, long_run, *engine = sys.argv[1:]
    QApplication(sys.argv[:1])
    window = MainWindow(EngineClient(engine), Settings(Path(home), online=False))
    window.engine.died.connect(_give_up)
    window.resize(1280, 800)
    window.engine.start()
    window.show()
    gc.freeze()  # as the program does
    until(lambda: bool(window.catalogue.models))
    for measured in (show(window, long_run), feed(window)):
        sys.stdout.buffer.write(msgspec.json.encode(measured) + b"\n")
        sys.stdout.buffer.flush()
    window.close()
    until(lambda: not window.engine.alive)


if __name__ == "__main__":
    main()
