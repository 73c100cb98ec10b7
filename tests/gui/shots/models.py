"""The window of models, a model in each of its states."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from rlm_desktop.gui.models.window import ModelsWindow
from rlm_desktop.gui.wire import Notice
from tests.gui.fake_catalogue import CATALOGUE
from tests.gui.shots.camera import settle, wait
from tests.gui.shots.stage import Setting, Stage

SETTING = Setting(models=CATALOGUE)
DEFAULT = "qwen2.5-coder-1.5b"


def _view(stage: Stage) -> ModelsWindow:
    return stage.window.models.view


def ready(stage: Stage) -> QWidget:
    view = _view(stage)
    stage.do("models")
    view.mark(DEFAULT)
    wait(view.page.settings.isVisible)
    return view


def _marked(name: str, word: str) -> Callable[[Stage], QWidget]:
    def marked(stage: Stage) -> QWidget:
        _view(stage).mark(name)
        settle()
        return _view(stage)

    marked.__name__ = word
    return marked


def removing(stage: Stage) -> QWidget:
    view = _view(stage)
    view.mark("rlm-qwen3-8b")
    view.page.buttons["remove"].click()
    return view


def queued(stage: Stage) -> QWidget:
    catalogue = stage.window.catalogue
    for name in ("later", "slow"):
        catalogue.pull(name)
    wait(lambda: (one := catalogue.download_of("slow")) is not None and one.state == "queued")
    _view(stage).mark("slow")
    return _view(stage)


def downloading(stage: Stage) -> QWidget:
    view, catalogue = _view(stage), stage.window.catalogue
    view.mark("later")
    settle()
    later, rate = catalogue.download_of("later"), catalogue.rate_of("later")
    rate._seen.clear()
    rate._seen.extend((part * 2.0, later.received - (2 - part) * 17_000_000) for part in range(3))
    view.page.show_model(view.rows.standing("later"))
    return view


def loading(stage: Stage) -> QWidget:
    catalogue = stage.window.catalogue
    for name in ("later", "slow"):
        catalogue.cancel_pull(name)
    wait(lambda: catalogue.download_of("slow") is None)
    _view(stage).mark(DEFAULT)
    catalogue._noticed(Notice("model", DEFAULT, "loading", f"Loading {DEFAULT}: 35%.", 0.35))
    return _view(stage)


def generating(stage: Stage) -> QWidget:
    catalogue = stage.window.catalogue
    catalogue._noticed(Notice("model", DEFAULT, "ready", "Loaded on the processor, 2 threads."))
    catalogue._noticed(Notice("model", DEFAULT, "generating", reading=230.0, writing=31.4))
    return _view(stage)


def in_the_window(stage: Stage) -> QWidget:
    _view(stage).close()
    return stage.window


VIEWS = (
    ready,
    _marked("smollm2-135m", "absent"),
    _marked("later", "will_not_fit"),
    _marked("rlm-qwen3-8b", "partial"),
    _marked("bad", "damaged"),
    _marked("mine", "own"),
    _marked("openai:gpt-mini", "remote"),
    removing, queued, downloading, loading, generating, in_the_window,
)  # fmt: skip
