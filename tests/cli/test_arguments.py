"""Where an option may stand, what it accepts, and what is neither a command nor a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rlm_desktop.cli import main
from rlm_desktop.cli.options import Options
from rlm_desktop.cli.parser import parse


def parsed(*arguments: str) -> Options:
    options = Options()
    parse(arguments, options)
    return options


def refusal(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2
    return capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data-dir", "X", "runs"],
        ["--data-dir=X", "runs"],
        ["--offline", "--data-dir", "X", "runs"],
        ["runs", "--data-dir", "X"],
        ["--data-dir", "Y", "runs", "--data-dir", "X"],
        ["--data-dir", "X", "models", "list"],
        ["models", "--data-dir", "X", "list"],
        ["models", "list", "--data-dir", "X"],
        ["models", "--data-dir", "Y", "rm", "--data-dir", "X", "M"],
    ],
)
def test_a_common_option_holds_wherever_it_stands(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = parsed(*arguments)
    assert options.data_dir == tmp_path / "X"
    assert not hasattr(options, "paths"), "a command and not the window"


@pytest.mark.parametrize("arguments", [["--online", "models", "list"], ["models", "--online", "list"]])
def test_a_switch_holds_wherever_it_stands(arguments: list[str]) -> None:
    assert parsed(*arguments).settings.online is True
    assert parsed("models", "list").settings.online is None
    assert parsed("models", "list", "--offline").settings.online is False


def test_online_and_offline_contradict_each_other_wherever_they_stand(capfd) -> None:
    assert "not allowed with" in refusal(["--online", "models", "list", "--offline"], capfd)


@pytest.mark.parametrize("arguments", [["--json"], ["--json", "list"], ["list", "--json"]])
def test_models_print_json_wherever_it_is_asked_for(arguments: list[str]) -> None:
    assert parsed("models", *arguments).json
    assert not parsed("models", "list").json


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ([], []),
        (["--data-dir", "runs"], []),
        (["book.txt", "runs"], ["book.txt", "runs"]),
        (["--", "runs"], ["runs"]),
        (["--online", "./a", "b"], ["a", "b"]),
    ],
)
def test_anything_else_is_for_the_window(arguments: list[str], paths: list[str]) -> None:
    assert list(map(str, parsed(*arguments).paths)) == paths


def test_a_question_may_look_like_an_option_with_a_value() -> None:
    options = parsed("ask", "doc", "-q", "--data-dir or not?")
    assert options.questions == ["--data-dir or not?"]


@pytest.mark.parametrize("arguments", [["--data-dir", "", "runs"], ["runs", "--data-dir", ""]])
def test_an_empty_data_folder_is_refused(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert "argument --data-dir: a folder must be named" in refusal(arguments, capfd)


def test_the_home_of_nobody_is_refused(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "~nobody-of-this-name" in refusal(["runs", "--data-dir", "~nobody-of-this-name"], capfd)
    monkeypatch.setenv("RLM_DESKTOP_HOME", "~nobody-of-this-name")
    assert main(["runs"]) == 1
    assert "RLM_DESKTOP_HOME" in capfd.readouterr().err


def test_a_percent_sign_in_the_data_folder_is_no_format(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RLM_DESKTOP_HOME", "/data/100%(x)s")
    with pytest.raises(SystemExit):
        main(["runs", "--help"])
    assert "100%(x)s" in capfd.readouterr().out.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("option", ["--max-seconds", "--max-cost"])
@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "-1", "much"])
def test_a_limit_is_an_amount(option: str, value: str, capfd: pytest.CaptureFixture[str]) -> None:
    said = refusal(["ask", "doc", "-q", "Q", option, value], capfd)
    assert f"argument {option}: {value!r} is no amount; give a number, 0 or more" in said


@pytest.mark.parametrize("option", ["--max-depth", "--max-turns", "--max-subcalls", "--max-tokens"])
def test_a_limit_of_things_is_a_whole_number(option: str, capfd: pytest.CaptureFixture[str]) -> None:
    said = refusal(["ask", "doc", "-q", "Q", option, "2.5"], capfd)
    assert f"argument {option}: '2.5' is no whole number" in said


@pytest.mark.parametrize(
    "arguments", [["ask", "", "-q", "Q"], ["ask", "doc", "", "-q", "Q"], ["corpus", ""], ["import", ""], [""]]
)
def test_an_empty_path_is_not_the_current_folder(arguments: list[str], capfd) -> None:
    assert "a file or folder must be named" in refusal(arguments, capfd)


def test_help_before_a_command_and_after_an_option_is_the_whole_help(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for arguments in (["-h"], ["--online", "-h"], ["book.txt", "--help"]):
        with pytest.raises(SystemExit) as ending:
            main(arguments)
        assert ending.value.code == 0
        assert "Exit codes" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("word", "hint"), [("rusn", "Did you mean `runs`?"), ("gone.txt", "`rlm-desktop --help` lists")]
)
def test_a_word_that_is_no_command_and_no_file_opens_no_window(
    word: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([word, "last"]) == 2
    assert capfd.readouterr().err.startswith(f"rlm-desktop: There is no command or file {word}. {hint}")


def test_without_a_display_the_window_says_what_works(home: Path, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "rlm_desktop", str(tmp_path)],
        env={"RLM_DESKTOP_HOME": str(home), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("rlm-desktop: There is no display to open a window on.")
    assert "rlm-desktop ask" in ended.stderr
    assert not home.exists()
