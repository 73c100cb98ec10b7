"""The history on the command line: searched, named, pinned, thrown away and brought back."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.cli import main
from rlm_desktop.config import Settings
from rlm_desktop.store import Store
from tests.store.conftest import put, put_whole, started


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    settings = Settings(home).prepare()
    with Store(settings.store, settings.locks) as opened:
        put_whole(opened, "r1", "Who begat Methuselah?", "find('begat')", "127: Jared lived", "Enoch", time=1)
        put_whole(opened, "r2", "How many whales?", answer="Seven whales", time=2)
        yield opened


@pytest.fixture
def tell(store: Store, capfd: pytest.CaptureFixture[str]):
    """Runs a command that must succeed; gives what it printed."""

    def run(*arguments: str) -> str:
        assert main(list(arguments)) == 0
        output, errors = capfd.readouterr()
        assert errors == ""
        return output

    return run


def listed(tell, *arguments: str) -> list[dict[str, Any]]:
    return json.loads(tell("runs", "--json", *arguments))["runs"]


def refusal(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 1
    output, errors = capfd.readouterr()
    assert output == ""
    assert len(errors.splitlines()) == 1
    return errors


def test_a_search_says_where_and_what(tell) -> None:
    found = tell("runs", "--search", "jared").splitlines()
    assert found[0].startswith("✓ r1")
    assert found[1].strip() == "output: 127: Jared lived"
    (run,) = listed(tell, "--search", "methuselah")
    assert run["match"] == {"where": "question", "snippet": "Who begat Methuselah?"}
    assert (run["title"], run["pinned"], run["run"]) == ("", False, "r1")


def test_a_search_that_finds_nothing_says_so(tell) -> None:
    assert "No run has all of this: noah's ark" in tell("runs", "--search", "noah's ark")
    assert listed(tell, "--search", "noah") == []
    for text in ('"', "OR", "-x*"):
        tell("runs", f"--search={text}")


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_search_for_nothing_is_a_usage_error(text: str, capfd) -> None:
    assert main(["runs", f"--search={text}"]) == 2
    assert "The search is empty. Name words to look for." in capfd.readouterr().err


def test_the_list_says_how_many_more_there_are(tell) -> None:
    assert tell("runs", "--count", "1").splitlines()[1:] == ["… and 1 more; --count 2 lists them all"]
    assert "more" not in tell("runs", "--count", "2")
    document = json.loads(tell("runs", "--count", "1", "--json"))
    assert (len(document["runs"]), document["total"]) == (1, 2)
    tell("rm", "r1")
    tell("rm", "r2")
    assert len(tell("runs", "--trash", "--count", "1").splitlines()) == 2


@pytest.mark.parametrize("count", ["0", "-1", "x", "9" * 5000])
def test_a_list_of_less_than_one_run_is_a_usage_error(count: str, capfd) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["runs", f"--count={count}"])
    assert ending.value.code == 2
    assert "argument --count: " in capfd.readouterr().err


def test_a_search_says_how_many_more_there_are(tell, store: Store) -> None:
    for number in range(3):
        put_whole(store, f"n{number}", "a ship?")
    output = tell("runs", "--search", "ship", "--count", "2")
    assert "… and 1 more; --count 3 lists them all" in output
    assert json.loads(tell("runs", "--search", "ship", "--count", "2", "--json"))["total"] == 3


def test_the_words_are_bold_on_a_terminal(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    controller, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert main(["runs", "--search", "jared"]) == 0
        shown = ""
        while shown.count("\n") < 2:  # a terminal hands over what it is written in pieces of its own
            shown += os.read(controller, 4000).decode()
        monkeypatch.undo()
    os.close(controller)
    assert "\x1b[1mJared\x1b[0m" in shown


def test_a_name_and_a_pin_are_shown(tell) -> None:
    assert tell("rename", "r1", "The genealogy") == "r1 is called: The genealogy\n"
    assert tell("pin", "r1") == "r1 stays at the top of the list.\n"
    first, second = tell("runs").splitlines()
    assert first.endswith("★ The genealogy · Who begat Methuselah?")
    assert second.startswith("✓ r2")
    assert [(run["run"], run["title"], run["pinned"]) for run in listed(tell)] == [
        ("r1", "The genealogy", True),
        ("r2", "", False),
    ]
    tell("unpin", "r1")
    tell("rename", "r1", "")
    assert tell("runs").splitlines()[1].endswith(" s  Who begat Methuselah?")


def test_what_is_removed_is_brought_back(tell, capfd) -> None:
    assert "rlm-desktop undo" in tell("rm", "last")
    assert [run["run"] for run in listed(tell)] == ["r1"]
    assert [run["run"] for run in listed(tell, "--trash")] == ["r2"]
    assert "How many whales?" in tell("runs", "--trash")
    assert "How many whales?" in tell("undo")
    assert [run["run"] for run in listed(tell)] == ["r2", "r1"]
    assert "nothing to undo" in refusal(capfd, "undo")
    assert tell("runs", "--trash") == "The trash is empty.\n"


@pytest.mark.parametrize("discarded", [False, True])
def test_what_is_removed_for_good_is_gone(tell, capfd, discarded: bool) -> None:
    if discarded:
        tell("rm", "r2")
        assert "no run r" in refusal(capfd, "rm", "--for-good", "r9")
    assert tell("rm", "r2", "--for-good") == "Deleted r2 for good.\n"
    assert listed(tell, "--trash") == []
    assert "nothing to undo" in refusal(capfd, "undo")
    assert "no run r2" in refusal(capfd, "rm", "r2")


def test_the_beginning_of_a_discarded_run_deletes_nothing_for_good(tell, capfd) -> None:
    tell("rm", "r2")
    assert tell("rm", "r", "--for-good") == "Deleted r1 for good.\n"
    assert "no run r" in refusal(capfd, "rm", "r", "--for-good")
    assert [run["run"] for run in listed(tell, "--trash")] == ["r2"]


def test_a_run_that_is_going_is_not_removed(store: Store, capfd) -> None:
    put(store, "r3")
    for more in ([], ["--for-good"]):
        assert "Another window or command works on run r3. Stop it there" in refusal(capfd, "rm", "r3", *more)


def test_a_search_and_the_trash_are_two_things(capfd) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["runs", "--search", "x", "--trash"])
    assert ending.value.code == 2
    assert "not allowed with" in capfd.readouterr().err


def test_show_lists_the_other_questions_of_a_session(tell, store: Store) -> None:
    store.append(started("r3", "And his son?", session="r1", parent_run="r1", time=3))
    shown = tell("show", "r1")
    assert "And his son?" in shown[shown.index("The other questions of its session:") :]
    document = json.loads(tell("show", "r1", "--json"))
    assert [(one["run"], one["question"]) for one in document["session"]] == [
        ("r1", "Who begat Methuselah?"),
        ("r3", "And his son?"),
    ]
    assert "other questions" not in tell("show", "r2")
