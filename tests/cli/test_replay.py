"""Replay on the terminal: the sample without a data folder, any run of the history, any event of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_desktop.cli import main
from rlm_desktop.engine.recordings import sample
from rlm_desktop.replay import Player


def test_the_sample_is_replayed_where_there_is_no_data_folder_and_no_model(tmp_path: Path) -> None:
    home = tmp_path / "none"
    arguments = ("replay", "sample", "--data-dir", str(home))
    environment = {**os.environ, "HOME": str(tmp_path), "RLM_DESKTOP_HOME": ""}
    done = subprocess.run(
        (sys.executable, "-m", "rlm_desktop", *arguments), env=environment, capture_output=True, text=True, timeout=60
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "25" in done.stdout
    assert "smtplib.py:62" in done.stdout
    assert "Read passages" in done.stderr
    assert not home.exists()


def test_the_sample_names_no_folder_of_the_computer_it_was_recorded_on() -> None:
    start = sample().events[0]
    assert start.run == "sample"
    assert all(source.path.startswith("Lib/") for source in start.sources)  # type: ignore[union-attr]


def test_a_run_stands_as_it_was_after_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    total = Player(sample()).total
    assert main(["replay", "sample", "--at", "3"]) == 0
    early = capsys.readouterr().out
    assert main(["replay", "sample", "--at", str(total)]) == 0
    late = capsys.readouterr().out
    assert f"Event 3 of {total}" in early
    assert "SMTP_PORT = 25" in late and "SMTP_PORT = 25" not in early
    assert len(early.splitlines()) < len(late.splitlines())


@pytest.mark.parametrize("at", ["0", "-1", "100000"])
def test_an_event_there_is_not_is_refused(at: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "sample", f"--at={at}"]) == 2
    assert "There is no event" in capsys.readouterr().err


def test_a_run_there_is_not_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "nonesuch", "--data-dir", str(home)]) == 1
    assert "There is no run nonesuch" in capsys.readouterr().err


def test_it_plays_where_there_is_no_standard_error(monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["replay", "sample"]) == 0
    assert "SMTP_PORT = 25" in capfd.readouterr().out
