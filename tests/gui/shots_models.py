"""Pictures of the window of models in every state: ``python -m tests.gui.shots_models``."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from rlm_desktop.gui.engine_client import EngineClient
from rlm_desktop.gui.models.catalogue import Catalogue
from rlm_desktop.gui.models.window import ModelsWindow
from rlm_desktop.gui.wire import Notice
from tests.gui.conftest import fake_command
from tests.gui.shots import FOLDER, palette, settle, wait

FREE = {"free": 5_200_000_000, "total": 8_000_000_000}
SPEED = "reads about 250 tokens/s, writes 29/s, 100/s in 16 replies together"


def model(
    name: str, title: str, size: int, needed: int, state: str = "absent", **more: object
) -> dict[str, object]:
    verdict = "fits" if needed < 4.7e9 else "tight" if needed < 5.2e9 else "will not fit"
    here = {"place": "the processor, 2 threads", "speed": SPEED} if state == "ready" else {}
    return {
        "name": name, "title": title, "size": size, "licence": "Apache-2.0", "context_window": 16_384,
        "memory": needed, "state": state, "note": "A good allrounder for 16 GB of memory.",
        "path": f"/home/somebody/.local/share/rlm-desktop/models/{name}.gguf",
        "outlook": {"verdict": verdict, "needed": needed, **FREE, **here}, **more,
    }  # fmt: skip


LIST = [
    model("qwen2.5-coder-1.5b", "Qwen2.5 Coder 1.5B Instruct (Q4_K_M)", 1_117_320_768, 1_900_000_000, "ready",
          default=True, note="The default: small enough for any computer, and reads well."),
    model("smollm2-135m", "SmolLM2 135M Instruct (Q4_1)", 98_362_432, 600_000_000),
    model("slow", "Qwen3 4B Instruct 2507 (Q4_K_M)", 2_497_280_736, 4_900_000_000),
    model("later", "Qwen3 8B (Q4_K_M), without thinking", 5_027_783_488, 7_800_000_000),
    model("rlm-qwen3-8b", "RLM-Qwen3-8B v0.1 (Q4_K_M), fine-tuned as an RLM", 5_030_000_000, 9_800_000_000, "partial",
          fetched=2_200_000_000),
    model("bad", "Mistral Small 3.2 (Q4_K_M)", 2_000_000_000, 2_600_000_000, "damaged"),
    model("mine", "My own model, fine-tuned on letters", 700_000_000, 1_000_000_000, own=True,
          path="/home/somebody/models/letters/mine-q8_0.gguf"),
    {"name": "openai:gpt-mini", "title": "GPT mini of OpenAI", "state": "ready", "own": True, "context_window": 400_000,
     "note": "Its answers are good.", "price": {"prompt": 0.25, "completion": 2.0, "reused": None}},
]  # fmt: skip


def grab(view: ModelsWindow, name: str) -> None:
    for dark in (False, True):
        QApplication.setPalette(palette(dark))
        settle()
        view.grab().save(str(FOLDER / f"models-{name}-{'dark' if dark else 'light'}.png"))


def states(view: ModelsWindow, catalogue: Catalogue, scale: str) -> None:
    grab(view, f"ready{scale}")
    for name in ("smollm2-135m", "later", "rlm-qwen3-8b", "bad", "mine", "openai:gpt-mini"):
        view.mark(name)
        settle()
        grab(view, f"{name.replace(':', '-')}{scale}")
    view.mark("rlm-qwen3-8b")
    view.page.buttons["remove"].click()
    grab(view, f"question{scale}")
    catalogue.pull("later")
    catalogue.pull("slow")
    wait(
        lambda: catalogue.download_of("slow") is not None and catalogue.download_of("slow").state == "queued"
    )
    view.mark("slow")
    grab(view, f"queued{scale}")
    view.mark("later")
    settle()
    later = catalogue.download_of("later")
    rate = catalogue.rate_of("later")
    rate._seen.clear()
    rate._seen.extend((part * 2.0, later.received - (2 - part) * 17_000_000) for part in range(3))
    view.page.show_model(view.rows.standing("later"))
    grab(view, f"downloading{scale}")
    catalogue.cancel_pull("later")
    catalogue.cancel_pull("slow")
    wait(lambda: catalogue.download_of("slow") is None)
    view.mark("qwen2.5-coder-1.5b")
    catalogue._noticed(
        Notice("model", "qwen2.5-coder-1.5b", "loading", "Loading qwen2.5-coder-1.5b: 35%.", 0.35)
    )
    grab(view, f"loading{scale}")
    catalogue._noticed(Notice("model", "qwen2.5-coder-1.5b", "ready", "Loaded on the processor, 2 threads."))
    catalogue._noticed(Notice("model", "qwen2.5-coder-1.5b", "generating", reading=230.0, writing=31.4))
    grab(view, f"generating{scale}")


def main() -> None:
    app = QApplication(sys.argv[:1])
    FOLDER.mkdir(exist_ok=True)
    plain = app.font().pointSizeF()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "models.json").write_text(json.dumps(LIST))
        for scale in (1, 2):
            font = app.font()
            font.setPointSizeF(plain * scale)
            app.setFont(font)
            engine = EngineClient(fake_command(Path(folder)))
            catalogue = Catalogue(engine)
            view = ModelsWindow(engine, catalogue)
            engine.greeted.connect(lambda _, catalogue=catalogue: catalogue.refresh())
            engine.start()
            wait(lambda catalogue=catalogue: bool(catalogue.models))
            view.start()
            wait(view.page.settings.isVisible)
            if scale == 2:
                view.resize(1280, 800)
            states(view, catalogue, f"-{scale}00")
            engine.close()
            wait(lambda engine=engine: not engine.alive)
            view.deleteLater()
            app.processEvents()


if __name__ == "__main__":
    main()
