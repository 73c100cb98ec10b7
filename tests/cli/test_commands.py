"""The command line as a person or a script uses it: output, exit codes, one sentence for each mistake."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_desktop.cli import main
from rlm_desktop.cli.parser import COMMANDS
from rlm_desktop.events import RunStarted
from rlm_desktop.repl import host
from rlm_desktop.store import Store
from tests.engine.conftest import LOOK, cell, final


def ask(document: Path, model: str, *more: str) -> int:
    return main(["ask", str(document), "-q", "Who jumps?", "--model", model, "--strategy", "rlm", *more])


def test_ask_json_has_the_shape_of_the_contract(document: Path, model, capfd) -> None:
    assert ask(document, model(LOOK, final('"quick brown fox jumps"')), "--json") == 0
    output, errors = capfd.readouterr()
    answer = json.loads(output)
    assert set(answer) >= {
        "run", "status", "answer", "citations", "usage", "turns", "strategy", "model", "sub_model", "error",
    }  # fmt: skip
    assert set(answer["usage"]) >= {
        "prompt_tokens", "completion_tokens", "reused_tokens", "calls", "cost_usd", "seconds",
    }  # fmt: skip
    (citation,) = answer["citations"]
    assert citation == {
        "path": str(document), "start_line": 2, "end_line": 2, "quote": "quick brown fox jumps", "verified": True,
    }  # fmt: skip
    assert answer["status"] == "answered"
    assert answer["error"] is None
    assert "Turn 1" in errors


def test_the_answer_goes_to_standard_output_and_the_tree_to_standard_error(document, model, capfd) -> None:
    assert ask(document, model(LOOK, final('"quick brown fox jumps"'))) == 0
    output, errors = capfd.readouterr()
    assert output.startswith('"quick brown fox jumps"')
    assert f"{document}:2" in output
    assert "print(context[:40])" in errors
    assert "print(context[:40])" not in output


def test_an_unsupported_answer_is_shown_as_such(document, model, capfd) -> None:
    assert ask(document, model(LOOK, final("a bear, surely"))) == 0
    assert "No quote from the documents supports this answer." in capfd.readouterr().out


@pytest.mark.parametrize(
    ("replies", "more", "code", "status"),
    [
        ([LOOK, final("NOT FOUND")], [], 0, "not_found"),
        ([LOOK, cell("1"), "Perhaps."], ["--max-turns", "1"], 3, "limit"),
        ([{"error": "no"}], [], 1, "failed"),
    ],
)
def test_exit_codes(document, model, capfd, replies, more, code, status) -> None:
    assert ask(document, model(*replies), "--json", *more) == code
    assert json.loads(capfd.readouterr().out)["status"] == status


def sentences(capfd) -> str:
    output, errors = capfd.readouterr()
    assert not output
    assert "Traceback" not in errors
    lines = [line for line in errors.splitlines() if line.startswith("rlm-desktop:")]
    assert len(lines) == 1
    return lines[0]


def test_bad_documents_are_named(tmp_path: Path, model, capfd) -> None:
    script = model(LOOK, final("x"))
    empty, binary, folder = tmp_path / "empty.txt", tmp_path / "x.bin", tmp_path / "folder"
    empty.touch()
    binary.write_bytes(bytes(range(256)) * 20)
    folder.mkdir()
    for path, reason in (
        (tmp_path / "gone.txt", "no file"),
        (empty, "empty"),
        (binary, "binary"),
        (folder, "no text"),
    ):
        assert ask(path, script) == 1
        said = sentences(capfd)
        assert str(path) in said
        assert reason in said


def test_bad_models_are_named(tmp_path: Path, document: Path, capfd) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)
    assert ask(document, str(broken)) == 1
    assert str(broken) in sentences(capfd)
    assert ask(document, "smollm2-135") == 1
    assert "smollm2-135m" in sentences(capfd)
    assert ask(document, "smollm2-135m") == 1
    assert "rlm-desktop models pull smollm2-135m" in sentences(capfd)
    assert ask(document, f"script:{tmp_path / 'no.json'}") == 1
    assert "no.json" in sentences(capfd)


def test_an_empty_question_is_a_usage_error(document: Path, model, capfd) -> None:
    assert main(["ask", str(document), "-q", "  ", "--model", model(LOOK)]) == 2
    assert "question is empty" in sentences(capfd)


@pytest.mark.parametrize(
    "arguments", [["ask"], ["ask", "x", "-q", "q", "--max-turns", "many"], ["show"], ["--no-such-option"]]
)
def test_usage_mistakes_exit_with_2(arguments, capfd) -> None:
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2
    assert "usage:" in capfd.readouterr().err


def test_a_limit_that_leaves_nothing_is_a_usage_error(document: Path, model, capfd) -> None:
    assert ask(document, model(LOOK), "--max-turns", "0") == 2
    assert "0 turns" in sentences(capfd)


def test_history_lists_shows_and_deletes(document: Path, model, home: Path, capfd) -> None:
    assert ask(document, model(LOOK, final("a fox"))) == 0
    capfd.readouterr()
    assert main(["runs", "--json"]) == 0
    (run,) = json.loads(capfd.readouterr().out)["runs"]
    assert run["question"] == "Who jumps?"
    assert run["paths"] == [str(document)]
    assert main(["show", "last", "--json"]) == 0
    shown = json.loads(capfd.readouterr().out)
    turn = shown["tree"]["children"][0]
    assert turn["children"][0]["texts"]["code"] == "print(context[:40])"
    assert turn["prompt"][0]["role"] == "system"
    assert main(["show", run["run"][:13]]) == 0
    assert "a fox" in capfd.readouterr().out
    assert main(["rm", run["run"]]) == 0
    capfd.readouterr()
    assert main(["show", run["run"]]) == 1
    assert "no run" in sentences(capfd)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_limit_before_any_answer_says_that_there_is_none(document: Path, model, capfd) -> None:
    asked = ["ask", str(document), "-q", "Who jumps?", "--model", model("x"), "--strategy", "rlm"]
    assert main([*asked, "--max-tokens", "10"]) == 3
    output, errors = capfd.readouterr()
    assert output == "(no answer: the limit on tokens was reached)\n"
    assert "  · The limit of 10 tokens was reached." in errors.splitlines()
    assert main(["show", "last"]) == 0
    shown = capfd.readouterr().out.splitlines()
    assert shown[3] == "  · The limit of 10 tokens was reached."
    assert shown[-1] == output.strip()
    assert main(["export", "last", "--format", "md", "-o", "-"]) == 0
    assert "supports this answer" not in capfd.readouterr().out


def test_corpus_says_what_would_be_read(tmp_path: Path, capfd) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    (tmp_path / "b.bin").write_bytes(b"\0\1\2" * 100)
    assert main(["corpus", str(tmp_path), "--json"]) == 0
    corpus = json.loads(capfd.readouterr().out)
    assert (corpus["files"], corpus["characters"], corpus["lines"]) == (1, 8, 2)
    (skipped,) = corpus["skipped"]
    assert skipped["path"].endswith("b.bin")
    assert "binary" in skipped["reason"]


def test_models_lists_the_catalogue(capfd) -> None:
    assert main(["models", "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)["models"]
    assert [model["name"] for model in listed if model["default"]] == ["qwen2.5-coder-1.5b"]
    assert {model["state"] for model in listed} == {"absent"}
    assert main(["models", "info", "smollm2-135m"]) == 0
    assert "Apache-2.0" in capfd.readouterr().out
    assert main(["models", "verify", "smollm2-135m"]) == 1
    assert "not downloaded (98 MB). Run `rlm-desktop models pull" in sentences(capfd)


def test_help_lists_only_what_works(capfd) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["--help"])
    assert ending.value.code == 0
    text = capfd.readouterr().out
    for command in COMMANDS:
        assert f"  {command} " in text
    for later in ("fork", "diff"):
        assert later not in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_stops_the_run_and_keeps_it(document: Path, model, home: Path, number: int) -> None:
    command = [sys.executable, "-m", "rlm_desktop", "ask", str(document), "-q", "Q", "--strategy", "rlm"]
    script = model(LOOK, cell("print('going', flush=True)\nwhile True: pass"))
    process = subprocess.Popen([*command, "--model", script, "--json"], stdout=-1, stderr=-1, text=True)
    with process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Turn 2" in line:
                break
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert json.loads(output)["status"] == "cancelled"
    assert "Traceback" not in errors
    with Store(home / "store.db", home / "locks") as store:
        (run,) = store.runs()
        assert run.status == "cancelled"
        assert isinstance(next(store.events(run.run)), RunStarted)


def test_a_second_question_follows_the_first_in_the_same_repl(
    document: Path, model, home: Path, capsys
) -> None:
    script = model(
        cell("print(context[:9])\nkept = 'the fox'"),
        final("First."),
        cell("print(context[:2], kept)"),
        cell("answer['content'] = kept\nanswer['ready'] = True"),
    )
    ask = ["ask", str(document), "-q", "Who?", "-q", "Who again?", "--model", script, "--strategy", "rlm"]
    assert main([*ask, "--json"]) == 0
    asked = json.loads(capsys.readouterr().out)
    first = asked["earlier"][0]
    assert (first["answer"], first["session"]) == ("First.", first["run"])
    assert asked["session"] == first["run"]
    assert asked["status"] == "answered"


def test_a_past_run_is_followed_without_naming_its_documents(
    document: Path, model, home: Path, capsys
) -> None:
    script = model(LOOK, final("The fox."))
    assert main(["ask", str(document), "-q", "Who?", "--model", script, "--strategy", "rlm"]) == 0
    assert main(["ask", "--follow", "last", "-q", "And then?", "--strategy", "rlm"]) == 0
    capsys.readouterr()
    assert main(["runs", "--json"]) == 0
    second, first = json.loads(capsys.readouterr().out)["runs"]
    assert second["paths"] == first["paths"] == [str(document)]
    with Store(home / "store.db", home / "locks") as store:
        assert store.summary(second["run"]).parent_run == first["run"]


def test_a_question_about_nothing_is_refused(home: Path, capsys) -> None:
    assert main(["ask", "-q", "Who?"]) == 2
    assert "No document was named" in capsys.readouterr().err


def test_documents_come_to_a_past_run_that_is_followed(
    document: Path, model, tmp_path: Path, capsys, monkeypatch
) -> None:
    script = model(LOOK, final("The fox."))
    assert main(["ask", str(document), "-q", "Who?", "--model", script, "--strategy", "rlm"]) == 0
    other = tmp_path / "other.txt"
    other.write_text("A walrus.\n")
    monkeypatch.chdir(tmp_path)
    assert main(["ask", "other.txt", "--follow", "last", "-q", "And?", "--strategy", "rlm"]) == 0
    capsys.readouterr()
    assert main(["runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["paths"] == [str(document), str(other)]


def test_without_a_sandbox_code_runs_only_after_a_yes(document: Path, model, capfd, monkeypatch) -> None:
    monkeypatch.setattr(host, "sandbox_level", lambda: ("none", "the kernel has no Landlock"))
    script = model(LOOK, final('"quick brown fox jumps"'))
    assert ask(document, script) == 1
    assert sentences(capfd) == (
        "rlm-desktop: The model's code cannot be confined on this computer: the kernel has no Landlock. Allow it for "
        "this run with --allow-unconfined, or choose the strategy direct, which runs no code."
    )
    assert ask(document, script, "--allow-unconfined") == 0
    capfd.readouterr()
    assert main(["show", "last"]) == 0
    shown = capfd.readouterr().out
    assert " · sandbox none\n" in shown and "without a sandbox in this run, as was allowed" in shown
    assert main(["runs", "--json"]) == 0
    assert [run["sandbox"] for run in json.loads(capfd.readouterr().out)["runs"]] == ["none"]
    assert main(["export", "last", "--format", "md", "-o", "-"]) == 0
    assert "- Sandbox: none: cells ran without a sandbox\n" in capfd.readouterr().out
