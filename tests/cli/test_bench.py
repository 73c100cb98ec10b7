"""``bench``: what it accepts, prints and keeps, whatever becomes of it; with fake peers."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.bench.inference import plan as planning
from rlm_desktop.bench.inference.grounds import Grounds
from rlm_desktop.bench.inference.peer import Contestant
from rlm_desktop.bench.inference.workload import Stage
from rlm_desktop.bench.repl import measure as repl_bench
from rlm_desktop.bench.section import Section
from rlm_desktop.cli import bench, main
from rlm_desktop.errors import UserError
from tests.bench.inference.fakes import Fakes
from tests.models.llama import tiny


class Peers:
    """The fakes of a test; ``failure`` is raised when our own worker serves its second stage."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.served = 0
        self.fakes = Fakes(self.seconds)

    def seconds(self, contestant: Contestant, _: Stage) -> float:
        self.served += contestant.peer == "rlm-desktop"
        if self.failure and self.served == 2:
            raise self.failure
        return 2.0

    async def grounds(self, *_: object) -> Grounds:
        return self.fakes.grounds()


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Peers:
    peers = Peers()
    monkeypatch.setattr(bench, "real_grounds", peers.grounds)
    monkeypatch.setattr(planning, "find_spec", lambda _: None)
    return peers


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(tiny.plain().write(tmp_path / "tiny.gguf"))


@pytest.fixture
def no_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repl_bench, "installed", lambda: False)


def refusal(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ending:
        main(["bench", *arguments])
    assert ending.value.code == 2
    return capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "TASK"),
        (["speed"], "invalid choice"),
        (["inference", "--rounds", "0"], "0 is too few"),
        (["inference", "--slots", "4,x"], "'x' is no whole number"),
        (["inference", "--slots", ""], "'' is no whole number"),
        (["inference", "--concurrency", "4,-1"], "-1 is too few"),
        (["inference", "--new-tokens", "1.5"], "'1.5' is no whole number"),
        (["repl", "--sizes", "1GB,5"], "'5' is no size; write it like 100kB, 1MB or 2GB"),
        (["repl", "--sizes", "0MB"], "'0MB' is no size"),
        (["repl", "--kills", "0"], "0 is too few"),
        (["repl", "--rounds", "x"], "'x' is no whole number"),
    ],
)
def test_bad_arguments(arguments: list[str], sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert sentence in refusal(arguments, capfd)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--only", "map,mapp"], "no workload called 'mapp'"),
        (["--only", ""], "no workload called ''"),
        (
            ["--peers", "ollama"],
            "no peer called 'ollama'. Choose from llama-cpp-python, xllamacpp, rlm-desktop.",
        ),
        (["--peers", "xllamacpp"], "xllamacpp is not installed"),
        (["--model", "openai:gpt-4o-mini", "--online"], "does not run here"),
    ],
)
def test_what_cannot_be_measured(
    peers: Peers, model: str, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "inference", "--model", model, *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not peers.fakes.opened


def test_a_model_that_is_not_here(peers: Peers, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "inference"]) == 1
    assert "not downloaded" in capsys.readouterr().err


def test_tables_on_standard_output(peers: Peers, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "inference", "--model", model, "--rounds", "3"]) == 0
    output = capsys.readouterr().out
    assert "xllamacpp is not installed" in output
    assert "1.00 times as quick as llama-cpp-python." in output
    assert "second, from disk" in output
    assert "There is none." in output
    assert len(peers.fakes.opened) == 3 * (3 * 2 + 1) + 4


def test_one_document(peers: Peers, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "figures.json"
    asked = ["--only", "trace,map", "--new-tokens", "16", "--concurrency", "4,8", "--json", "-o", str(kept)]
    assert main(["bench", "inference", "--model", model, *asked]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads(kept.read_text())
    assert (document["bench"], document["complete"], document["error"]) == ("inference", True, None)
    assert document["model"]["name"] == "tiny.gguf"
    assert document["plan"]["parts"] == ["map", "trace"]
    assert document["versions"]["llama-cpp-python"]
    assert [section["kind"] for section in document["sections"]] == [
        "note",
        "comparison",
        "comparison",
        "peaks",
        "roofline",
    ]
    assert str(tmp_path) not in kept.read_text()


def test_a_file_that_exists_is_replaced_only_with_force(
    peers: Peers, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "figures.json"
    kept.write_text("mine")
    asked = ["bench", "inference", "--model", model, "--only", "gpu", "-o", str(kept)]
    assert main(asked) == 1
    assert "exists already" in capsys.readouterr().err
    assert kept.read_text() == "mine"
    assert main([*asked, "--force"]) == 0
    assert json.loads(kept.read_text())["complete"]


@pytest.mark.parametrize(
    ("failure", "code"), [(KeyboardInterrupt(), 130), (UserError("It fell over.", "Get up."), 1)]
)
def test_what_was_measured_before_the_end_is_kept(
    peers: Peers,
    model: str,
    failure: BaseException,
    code: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    peers.failure = failure
    kept = tmp_path / "figures.json"
    asked = ["--only", "map,again", "--new-tokens", "16", "--json", "-o", str(kept)]
    assert main(["bench", "inference", "--model", model, *asked]) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert document == json.loads(kept.read_text())
    assert not document["complete"]
    assert [section["kind"] for section in document["sections"]] == ["note", "comparison"]
    expected = {"message": "It fell over.", "hint": "Get up."} if code == 1 else None
    assert document["error"] == expected


def test_a_peer_that_fails_is_a_failure_of_the_command(
    peers: Peers, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    peers.served, peers.failure = 1, UserError("It fell over.")
    assert main(["bench", "inference", "--model", model, "--only", "map", "--new-tokens", "16"]) == 1
    captured = capsys.readouterr()
    assert "It fell over." in captured.out
    assert "llama-cpp-python" in captured.out


def test_a_disk_that_is_full_for_a_while_costs_nothing(
    peers: Peers,
    model: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    saved: list[int] = []

    def save(*arguments: Any, **options: Any) -> None:
        saved.append(1)
        if len(saved) == 2:
            raise UserError("The disk is full.")

    monkeypatch.setattr(bench, "save", save)
    asked = ["--only", "map", "--new-tokens", "16", "-o", str(tmp_path / "f.json")]
    assert main(["bench", "inference", "--model", model, *asked]) == 0
    assert len(saved) == 4
    assert "The disk is full." in capsys.readouterr().err
    assert peers.fakes.opened == [Contestant("llama-cpp-python"), Contestant("rlm-desktop", 16)]


@pytest.mark.usefixtures("no_reference")
def test_the_repl_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "figures.json"
    asked = [
        "--only",
        "kills,context",
        "--sizes",
        "1MB,100 kB",
        "--rounds",
        "1",
        "--kills",
        "5",
        "-o",
        str(kept),
    ]
    assert main(["bench", "repl", *asked]) == 0
    output = capsys.readouterr().out
    assert "rlms is not installed" in output
    assert output.index("context, 1 MB") < output.index("context, 100 kB") < output.index("5 cells killed")
    assert "0 variables lost" in output
    document = json.loads(kept.read_text())
    assert (document["bench"], document["complete"], document["error"]) == ("repl", True, None)
    assert document["plan"]["sizes"] == [10**6, 10**5]
    assert document["sandbox"]["level"] in {"full", "partial", "none"}
    assert [section["kind"] for section in document["sections"]] == ["note", "ready", "ready", "kills"]
    assert str(tmp_path) not in kept.read_text()


@pytest.mark.usefixtures("no_reference")
def test_what_was_measured_of_the_repl_before_the_end_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def interrupted(*_: object) -> AsyncGenerator[Section]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(repl_bench, "measure_kills", interrupted)
    asked = ["--only", "context,kills", "--sizes", "1kB", "--rounds", "1", "--json"]
    assert main(["bench", "repl", *asked]) == 130
    document = json.loads(capsys.readouterr().out)
    assert not document["complete"]
    assert [section["kind"] for section in document["sections"]] == ["note", "ready"]


def test_an_unknown_part_of_the_repl(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "repl", "--only", "cells"]) == 2
    assert "no part called 'cells'. Choose from context, cell, child, kills" in capsys.readouterr().err
