"""Pictures of asking: templates, what it will take, limits, questions that wait."""

from __future__ import annotations

from pathlib import Path

from rlm_desktop.gui.asking.templates import shipped
from rlm_desktop.gui.main_window import MainWindow
from tests.gui.shots import settle, shoot, wait

LONG = "And what is said of Enoch, of his sons and of their sons, and where does each of them stand? " * 3


def shoot_asking(window: MainWindow, book: Path) -> None:
    """Fill in a template, choose means, and let questions wait, from an open document on."""
    panel = window.ask
    window.open_paths([str(book)])
    wait(lambda: bool(window.documents.views()))
    wait(lambda: "free" in panel._hint.text())
    panel.use(next(one for one in shipped() if one.note))
    shoot(window, "template")
    panel.fold.setChecked(True)
    panel.picker.choose("openai:gpt-mini")
    panel.limits.turns.setValue(5)
    shoot(window, "means")
    panel.fold.setChecked(False)
    shoot(window, "means-folded")
    panel.picker.choose("tiny")
    panel.box.setPlainText("Who was the father of Methuselah? (hold)")
    panel.ask()
    wait(lambda: window.runs.on_show is not None)
    for question in ("How old did he become, and where does it say so?", "please refuse", "Who else?"):
        panel.box.setPlainText(question)
        panel.ask()
    panel.box.setPlainText(LONG)
    shoot(window, "queue")
    window.actions_by_name["stop"].trigger()
    wait(lambda: not window.runs.busy)
    settle()
    shoot(window, "queue-held")
    window.actions_by_name["queue_start"].trigger()
    wait(lambda: not window.runs.busy and panel.queue.view.count() == 1)
    settle()
    shoot(window, "queue-refused")
    window.actions_by_name["queue_remove"].trigger()
    panel.box.setPlainText("")
