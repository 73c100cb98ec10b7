"""What the tree on standard error says of a model's worker."""

from pathlib import Path

import pytest

from rlm_desktop.cli import main
from rlm_desktop.cli.tree import TreeView
from rlm_desktop.models.notices import ModelNotice
from tests.engine.conftest import cell

WAIT = ModelNotice("m", "waiting", "Waiting for process 7 (rlm-desktop ask).", pid=7)


def test_programs_that_take_turns_say_once_for_whom_they_wait(capfd: pytest.CaptureFixture[str]) -> None:
    view = TreeView()
    for _ in range(3):
        view.on_notice(WAIT)
        view.on_notice(ModelNotice("m", "ready"))
    assert capfd.readouterr().err == "  · Waiting for process 7 (rlm-desktop ask).\n"


def test_on_a_terminal_a_wait_is_shown_until_it_is_over(capfd: pytest.CaptureFixture[str]) -> None:
    view = TreeView()

    def shown() -> str:
        with view._console.capture() as capture:
            view._console.print(view)
        return capture.get()

    view.on_notice(WAIT)
    assert "Waiting for process 7" in shown()
    view.on_notice(ModelNotice("m", "unloaded"))
    assert "Waiting" not in shown()


def test_a_run_whose_worker_dies_twice_fails_and_prints_what_was_found(
    document: Path, model, capfd: pytest.CaptureFixture[str]
) -> None:
    draft = cell("print(context[:9])\nanswer['content'] = 'A fox, it seems.'")
    script = model(draft, {"crash": True}, {"crash": True})
    assert main(["ask", str(document), "-q", "Who?", "--model", script, "--strategy", "rlm"]) == 1
    output, errors = capfd.readouterr()
    assert output.startswith("(partial: what was found before the run failed)\nA fox, it seems.\n")
    assert "it was started again and the call repeated." in errors
    assert (
        "rlm-desktop: The model's worker died twice in this run (the script says so). Choose another script."
        in errors
    )
