"""Takes all pictures, or those of some subjects."""

from __future__ import annotations

import importlib
import sys
import time
import traceback

from tests.gui.shots.camera import FOLDER, SIZES, shoot  # first: it chooses the platform

from PySide6.QtWidgets import QApplication  # isort: skip

from tests.gui.shots.stage import Setting, staged

SUBJECTS = (
    "welcome", "starting", "library", "running", "ended", "answer", "details", "timeline", "replaying", "history", "asking",
    "sandbox", "remote", "models", "care", "docks", "large",
)  # fmt: skip


def take(subject: str) -> int:
    """All views of a subject, on a window of their own.

    Returns:
        How many there are.
    """
    module = importlib.import_module(f"tests.gui.shots.{subject}")
    with staged(getattr(module, "SETTING", Setting())) as stage:
        for view in module.VIEWS:
            while popup := QApplication.activePopupWidget():
                popup.close()
            stage.window.resize(*SIZES[0])
            shoot(view(stage), f"{subject}-{view.__name__.replace('_', '-')}")
    return len(module.VIEWS)


def main(subjects: list[str]) -> int:
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    FOLDER.mkdir(exist_ok=True)
    failed = 0
    for subject in subjects or SUBJECTS:
        begun = time.monotonic()
        try:
            count = take(subject)
        except Exception:  # the pictures of the others are worth having
            traceback.print_exc()
            failed += 1
        else:
            print(f"{subject}: {count} views in {time.monotonic() - begun:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
