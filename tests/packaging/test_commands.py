from __future__ import annotations

import sys
from pathlib import Path

import pytest

import commands
from commands import CommandError, SetupError, duration, run, silent


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_command_is_logged_whole_and_shown_in_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    run(
        python("print('one'); print(); print('two')"),
        log=log,
        report=lambda line, elapsed: f"seen {line}" if line == "two" else "",
    )
    assert log.read_text().splitlines()[1:] == ["one", "two"]
    assert capsys.readouterr().out == "seen two\n"


def test_a_failing_command_carries_what_it_printed(tmp_path: Path) -> None:
    code = "import sys; print('working'); print('broken', file=sys.stderr); sys.exit(3)"
    with pytest.raises(CommandError) as failure:
        run(python(code), log=tmp_path / "log")
    assert failure.value.status == 3
    assert sorted(failure.value.lines) == ["broken", "working"]


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no-such-program cannot be started"):
        run(["no-such-program"], log=tmp_path / "log")


def test_output_that_is_not_text_does_no_harm(tmp_path: Path) -> None:
    run(python(r"import sys; sys.stdout.buffer.write(b'\xff\n')"), log=tmp_path / "log")
    assert "\ufffd" in (tmp_path / "log").read_text()


def test_the_environment_is_extended_not_replaced(tmp_path: Path) -> None:
    code = "import os; print(os.environ['EXTRA'], 'PATH' in os.environ)"
    run(python(code), log=tmp_path / "log", env={"EXTRA": "more"})
    assert "more True" in (tmp_path / "log").read_text()


def test_a_quiet_command_is_reported_as_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "QUIET_SECONDS", 0.05)
    release = tmp_path / "release"

    def report(line: str, elapsed: float) -> str:
        if not line:
            release.touch()
        return silent(line, elapsed)

    code = f"import pathlib\nwhile not pathlib.Path({str(release)!r}).exists(): pass"
    run(python(code), log=tmp_path / "log", report=report)
    assert "still busy after" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s")]
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
