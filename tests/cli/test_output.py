"""What reaches a terminal, a pipe that closes, and a disk that is full."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from rlm_desktop.cli import main
from rlm_desktop.cli.output import aside, say, say_json
from rlm_desktop.cli.words import one_line, printable
from rlm_desktop.store import Store
from tests.engine.conftest import LOOK, final

ATTACK = "\x1b]0;owned\x07 fox \x9b31m"
PROGRAM = (sys.executable, "-m", "rlm_desktop")


def controls(text: str) -> set[str]:
    return {letter for letter in text if (letter < " " or "\x7f" <= letter < "\xa0") and letter not in "\n\t"}


@given(st.text())
def test_printable_text_has_no_control_characters_and_keeps_the_rest(text: str) -> None:
    shown = printable(text)
    assert not controls(shown)
    assert "\n" not in one_line(text)
    if not controls(text):
        assert shown == text


def test_a_line_break_of_windows_is_a_line_break() -> None:
    assert printable("a\r\nb\rc\td") == "a\nb�c\td"


def test_everything_printed_is_printable(capfd: pytest.CaptureFixture[str]) -> None:
    say(ATTACK)
    say(Text(ATTACK))
    aside(ATTACK)
    say_json({"answer": ATTACK})
    output, errors = capfd.readouterr()
    assert not controls(output + errors)
    assert json.loads(output[output.index("{") :]) == {"answer": ATTACK}


def test_a_document_cannot_command_the_terminal(tmp_path: Path, model, capfd) -> None:
    document = tmp_path / "evil\x1b[2J.txt"
    document.write_text("A line.\n" * 100 + f"The {ATTACK} jumps.\n")
    question = f"Who\x1b[31m\njumps? {ATTACK}"
    script = model(LOOK, final(f'{ATTACK} "The {ATTACK} jumps"'))
    assert main(["ask", str(document), "-q", question, "--model", script, "--strategy", "rlm"]) == 0
    assert main(["runs"]) == 0
    assert main(["show", "last"]) == 0
    (tmp_path / "bad\x1b[2J\n.bin").write_bytes(bytes(range(256)) * 20)
    assert main(["corpus", str(tmp_path)]) == 0
    assert main(["corpus", str(tmp_path / "gone\x1b[2J")]) == 1
    output, errors = capfd.readouterr()
    assert not controls(output + errors)
    assert "�]0;owned� fox �31m" in output


def test_a_terminal_gets_no_control_characters_of_a_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    controller, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        say(Text(ATTACK))
        shown = os.read(controller, 1000).decode()
        monkeypatch.undo()
    os.close(controller)
    assert shown == "�]0;owned fox �31m\r\n"  # rich leaves the bell out by itself


def test_a_pipe_gets_one_whole_line_for_each_run_and_row(document: Path, model, capfd) -> None:
    question = "Who jumps over " + "the very lazy and " * 20 + "dog?"
    code = "print(context[:40])  # " + "x" * 150
    script = model(f"Look.\n```repl\n{code}\n```", final("a fox"))
    assert main(["ask", str(document), "-q", question, "--model", script, "--strategy", "rlm"]) == 0
    assert question in capfd.readouterr().err
    assert main(["runs"]) == 0
    (line,) = capfd.readouterr().out.splitlines()
    assert line.endswith(question)
    assert main(["show", "last"]) == 0
    rows = capfd.readouterr().out.splitlines()
    assert sum("x" * 40 in row for row in rows) == 1
    assert not any(row.endswith("…") and str(document) in row for row in rows)


def test_a_terminal_gets_one_line_cut_to_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    controller, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        say(Text("word " * 20, no_wrap=True, overflow="ellipsis"))
        shown = os.read(controller, 1000).decode()
        monkeypatch.undo()
    os.close(controller)
    assert shown == "word word word word…\r\n"


def start(*arguments: str, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*PROGRAM, *arguments], stdout=stdout, stderr=stderr)


def unread_pipe() -> int:
    """The writing end of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.fixture
def asking(document: Path, model) -> list[str]:
    script = model(LOOK, final('"quick brown fox jumps"'))
    return ["ask", str(document), "-q", "Who jumps?", "--strategy", "rlm", "--model", script]


def recorded(home: Path) -> str:
    with Store(home / "store.db", home / "locks") as store:
        (run,) = store.runs()
        return run.status


def test_a_run_goes_on_when_nobody_reads_it(asking: list[str], home: Path) -> None:
    unread = unread_pipe()
    with start(*asking, stdout=unread, stderr=unread) as process:
        os.close(unread)
        assert process.wait(timeout=60) == 0
    assert recorded(home) == "answered"


def test_the_answer_is_printed_when_nobody_reads_the_tree(asking: list[str], home: Path) -> None:
    unread = unread_pipe()
    with start(*asking, stdout=subprocess.PIPE, stderr=unread) as process:
        os.close(unread)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.decode().startswith('"quick brown fox jumps"')
    assert recorded(home) == "answered"


def test_a_terminal_that_goes_away_does_not_end_the_run(asking: list[str], home: Path) -> None:
    controller, terminal = pty.openpty()
    with start(*asking, stdout=subprocess.PIPE, stderr=terminal) as process:
        os.close(terminal)
        os.read(controller, 1)
        os.close(controller)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.decode().startswith('"quick brown fox jumps"')
    assert recorded(home) == "answered"


@pytest.mark.parametrize("arguments", [["models", "--json"], ["--help"], ["models"]])
def test_a_reader_who_has_seen_enough_is_no_failure(arguments: list[str]) -> None:
    unread = unread_pipe()
    with start(*arguments, stdout=unread, stderr=subprocess.PIPE) as process:
        os.close(unread)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.parametrize("arguments", [["models", "--json"], ["--help"], ["models"]])
def test_a_full_disk_is_one_sentence(arguments: list[str]) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        start(*arguments, stdout=full.fileno(), stderr=subprocess.PIPE) as process,
    ):
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = errors.decode().splitlines()
    assert line.startswith("rlm-desktop: Standard output cannot be written: No space left on device.")


def test_a_run_that_is_told_to_ignore_a_lost_terminal_goes_on(asking: list[str]) -> None:
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *PROGRAM, *asking], stdout=-1, stderr=-1, text=True
    )
    with process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(1)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert output.startswith('"quick brown fox jumps"')
