"""``export`` and ``import`` as a person or a script uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlm_desktop.cli import main
from rlm_desktop.store import Store, history
from tests.engine.conftest import LOOK, cell, final
from tests.reports.log.test_read import REFERENCE

SUB = cell("print(llm_query_batched(['a ' + context, 'b ' + context]))")


@pytest.fixture
def asked(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd) -> str:
    """Id of a run in the history; the current folder is an empty one."""
    script = tmp_path / "script.json"
    script.write_text(
        json.dumps({"root": [LOOK, SUB, final('"quick brown fox jumps"')], "sub": ["fox", "dog"]})
    )
    model = f"script:{script}"
    assert (
        main(["ask", str(document), "-q", "Who jumps?", "--model", model, "--strategy", "rlm", "--json"]) == 0
    )
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return str(json.loads(capfd.readouterr().out)["run"])


def said(capfd) -> str:
    output, errors = capfd.readouterr()
    assert not output
    assert "Traceback" not in errors
    (line,) = errors.splitlines()
    assert line.startswith("rlm-desktop: ")
    return line


def test_without_a_name_it_writes_a_page_here_and_says_where(asked: str, capfd) -> None:
    assert main(["export", asked[:15]]) == 0
    path = Path.cwd() / f"rlm-{asked}.html"
    assert capfd.readouterr().out == f"{path}\n"
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert "doc.txt:2" in page
    assert [one.name for one in Path.cwd().iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("arguments", "name", "begins"),
    [
        (["-o", "run.md"], "run.md", "# Who jumps?"),
        (["-o", "run.HTM"], "run.HTM", "<!DOCTYPE"),
        (["-o", "run.jsonl"], "run.jsonl", '{"type": "metadata"'),
        (["-o", "run.txt", "--format", "md"], "run.txt", "# Who"),
        (["--format", "jsonl"], "rlm-{run}.jsonl", '{"type"'),
        (["-o", ".", "--format", "md"], "rlm-{run}.md", "# Who"),
    ],
)
def test_the_format_is_what_is_asked_for_or_what_the_name_says(asked, capfd, arguments, name, begins) -> None:
    assert main(["export", "last", *arguments]) == 0
    path = Path(capfd.readouterr().out.strip())
    assert path == Path.cwd() / name.format(run=asked)
    assert path.read_text(encoding="utf-8").startswith(begins)


def test_a_name_that_says_nothing_is_a_usage_error(asked: str, capfd) -> None:
    assert main(["export", asked, "-o", "run.docx"]) == 2
    assert "run.docx says nothing about the format. Add --format" in said(capfd)


def test_a_name_too_long_is_refused_in_a_sentence(asked: str, capfd) -> None:
    for name in ("a" * 300 + ".md", "a" * 300):
        assert main(["export", asked, "-o", name, "--format", "md"]) == 1
        assert "cannot be written: File name too long. Choose another place." in said(capfd)


def test_nothing_is_overwritten_unasked(asked: str, capfd) -> None:
    Path("run.md").write_text("mine")
    assert main(["export", asked, "-o", "run.md"]) == 1
    assert "run.md exists already. Choose another name, or replace it with --force." in said(capfd)
    assert Path("run.md").read_text() == "mine"
    assert main(["export", asked, "-o", "run.md", "--force"]) == 0
    assert Path("run.md").read_text().startswith("# Who")


@pytest.mark.parametrize("kind", ["html", "md", "jsonl"])
def test_a_dash_is_standard_output(asked: str, capfd, kind: str) -> None:
    assert main(["export", asked, "--format", kind, "-o", "file." + kind]) == 0
    capfd.readouterr()
    assert main(["export", asked, "--format", kind, "-o", "-"]) == 0
    assert capfd.readouterr().out == Path("file." + kind).read_text(encoding="utf-8")


def test_a_run_that_is_not_there_is_named(asked: str, capfd) -> None:
    assert main(["export", "999"]) == 1
    assert "There is no run 999" in said(capfd)
    assert list(Path.cwd().iterdir()) == []


def test_what_is_exported_can_be_imported(asked: str, capfd) -> None:
    assert main(["export", asked, "-o", "run.jsonl"]) == 0
    capfd.readouterr()
    assert main(["import", "run.jsonl"]) == 0
    imported = capfd.readouterr().out.removeprefix("Imported ").partition(": ")[0]
    assert imported != asked
    documents = []
    for run in (asked, imported):
        assert main(["show", run, "--json"]) == 0
        documents.append(json.loads(capfd.readouterr().out))
    for name in ("question", "status", "answer", "citations", "started", "seconds", "paths", "turns"):
        assert documents[0][name] == documents[1][name]
    assert main(["export", imported, "-o", "again.jsonl"]) == 0
    assert Path("again.jsonl").read_bytes() == Path("run.jsonl").read_bytes()


def test_the_reference_s_sessions_enter_the_history(home: Path, capfd) -> None:
    assert main(["import", str(REFERENCE / "session.jsonl")]) == 0
    assert capfd.readouterr().out.count("Imported ") == 2
    with Store(home / "store.db", home / "locks") as store:
        assert {(run.question, run.status) for run in store.runs()} == {
            ("First?", "answered"),
            ("Second?", "answered"),
        }


def test_a_log_cut_short_is_taken_up_to_there_and_said(home: Path, tmp_path: Path, capfd) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_text((REFERENCE / "plain.jsonl").read_text()[:-200])
    assert main(["import", str(path)]) == 0
    output, errors = capfd.readouterr()
    assert "How many lines?" in output
    assert "The last line of cut.jsonl is cut short" in errors
    with Store(home / "store.db", home / "locks") as store:
        (run,) = store.runs()
        assert (run.status, run.turns) == ("interrupted", 2)


def test_a_file_that_is_no_log_leaves_the_history_as_it_was(home: Path, document: Path, capfd) -> None:
    assert main(["import", str(document)]) == 1
    assert f"{document} is not a log of the reference implementation" in said(capfd)
    assert not (home / "store.db").exists()


def test_what_cannot_be_stored_whole_is_not_kept_at_all(home: Path, capfd, monkeypatch) -> None:
    count = [0]

    def stops_late(*arguments: object) -> None:
        count[0] += 1
        if count[0] > 20:
            raise KeyboardInterrupt
        insert_texts(*arguments)

    insert_texts = history.insert_texts
    monkeypatch.setattr(history, "insert_texts", stops_late)
    assert main(["import", str(REFERENCE / "session.jsonl")]) == 130
    monkeypatch.undo()
    with Store(home / "store.db", home / "locks") as store:
        assert store.runs() == []
        assert store.trash() == []
