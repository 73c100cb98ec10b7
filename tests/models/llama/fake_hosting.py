"""The real worker over models that compute nothing, to be run as a process.

A model file says how it behaves: ``endless`` is loaded until it is told to stop, ``large`` does not fit beside another.
A prompt is the number of steps its reply takes, or ``long`` for one step that lasts until it is interrupted.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import rlm_desktop.models.llama.waiting as waiting_module
import rlm_desktop.models.llama.worker as worker_module
from rlm_desktop.errors import UserError
from rlm_desktop.models.base import Request
from rlm_desktop.models.llama.memory import Fit
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.llama.wire import Delta, Done, Reply
from rlm_desktop.models.notices import Speed


class FakeModel:
    placement = "Loaded nowhere."
    window = 64

    def __init__(
        self, path: Path, options: Options, on_progress: Callable[[float], bool], on_measuring: object
    ) -> None:
        rate = 0.0
        while on_progress(rate) and rate < 1:
            time.sleep(0.005)
            rate = 0.5 if path.read_text() == "endless" else 1.0
        if rate < 1:
            raise UserError("The loading was cut off.")

    def tokenize(self, text: str) -> list[int]:
        return list(text.encode())

    def close(self) -> None:
        pass


class FakeScheduler:
    def __init__(self, model: FakeModel, emit: Callable[[Reply], None], states: object) -> None:
        self._emit = emit
        self._left: dict[int, int] = {}
        self._long: set[int] = set()
        self._interrupted = threading.Event()

    @property
    def busy(self) -> bool:
        return bool(self._left)

    @property
    def speed(self) -> Speed:
        return Speed(100.0, 12.5)

    def submit(self, call: int, request: Request) -> None:
        text = request.messages[-1].content
        if text == "long":
            self._long.add(call)
        self._left[call] = 1 if text == "long" else int(text)

    def interrupt(self, call: int) -> None:
        if call in self._long:
            self._interrupted.set()

    def cancel(self, call: int) -> None:
        self._left.pop(call, None)
        self._long.discard(call)

    def step(self) -> None:
        if self._long:
            for call in self._long:
                self._emit(Delta(call, "."))
            self._interrupted.wait(60)
            self._interrupted.clear()
            return
        time.sleep(0.005)
        for call in list(self._left):
            self._emit(Delta(call, "."))
            self._left[call] -= 1
            if not self._left[call]:
                del self._left[call]
                self._emit(Done(call, "done", "stop", 1, 1, 0, {}, Speed()))

    def close(self) -> None:
        pass


def fake_fit(path: Path, options: Options) -> Fit:
    return Fit(2 if path.read_text() == "large" else 0, 1, 1)


worker_module.GgufModel = FakeModel  # type: ignore[assignment,misc]
worker_module.Scheduler = FakeScheduler  # type: ignore[assignment,misc]
worker_module.fit = fake_fit
worker_module.hardware.gpu_offload = lambda: False
worker_module.BEAT = 0.1
waiting_module.LONG = 1.0
worker_module.main()
