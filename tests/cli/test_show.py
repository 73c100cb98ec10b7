"""``show`` says what of the documents has changed since the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlm_desktop.cli import main
from tests.engine.conftest import LOOK, final


def test_changed_documents_are_named(document: Path, model, capfd) -> None:
    script = model(LOOK, final('"quick brown fox jumps"'))
    assert main(["ask", str(document), "-q", "Who jumps?", "--model", script, "--strategy", "rlm"]) == 0
    assert main(["rename", "last", "The fox"]) == 0
    capfd.readouterr()

    def shown() -> tuple[str, dict]:
        assert main(["show", "last"]) == 0
        text = capfd.readouterr().out
        assert main(["show", "last", "--json"]) == 0
        return text, json.loads(capfd.readouterr().out)

    text, found = shown()
    assert "since this run" not in text
    assert found["changed"] == []
    assert "The fox" in text.splitlines()
    assert found["title"] == "The fox"

    document.write_text("Another text.\n")
    text, found = shown()
    assert "The document has changed since this run: doc.txt." in text
    assert found["changed"] == [{"path": str(document), "state": "changed"}]

    document.unlink()
    assert shown()[1]["changed"] == [{"path": str(document), "state": "missing"}]


def test_what_was_thought_is_shown(document: Path, model, capfd) -> None:
    script = model({"text": LOOK, "thinking": "Let me see."}, final("a fox"))
    assert main(["ask", str(document), "-q", "Who jumps?", "--model", script, "--strategy", "rlm"]) == 0
    capfd.readouterr()
    assert main(["show", "last"]) == 0
    assert "3 thinking" in capfd.readouterr().out
    assert main(["show", "last", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["usage"]["reasoning_tokens"] == 3
    assert found["tree"]["children"][0]["texts"]["thinking"] == "Let me see."


def test_the_sample_is_shown_like_any_other_run(
    tmp_path: Path, capfd, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "none"
    monkeypatch.chdir(tmp_path)
    assert main(["show", "sample", "--data-dir", str(home)]) == 0
    shown = capfd.readouterr().out
    assert "smtplib.py:62" in shown
    assert "since this run" not in shown, "its documents are nowhere here"
    assert main(["show", "sample", "--json", "--data-dir", str(home)]) == 0
    document = json.loads(capfd.readouterr().out)
    assert (document["run"], document["status"], document["changed"]) == ("sample", "answered", [])
    assert document["tree"]["children"][0]["children"][0]["texts"]
    assert not home.exists()


def test_what_models_have_seen_is_told(document: Path, model, capfd) -> None:
    script = model(LOOK, final("a fox"))
    assert main(["ask", str(document), "-q", "Who jumps?", "--model", script, "--strategy", "rlm"]) == 0
    capfd.readouterr()
    assert main(["show", "last"]) == 0
    shown = " ".join(capfd.readouterr().out.split())
    assert "Shown to the model 39 characters: doc.txt 1–39." in shown
    assert "Models have seen 39 characters of 1 of 1 document, about 46 % of their text." in shown
    assert main(["show", "last", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    place = {"document": 0, "start": 0, "end": 39}
    assert found["seen"] == [place]
    cell = found["tree"]["children"][0]["children"][0]
    assert cell["printed"] == cell["ranges"] == [place]
    assert cell["searched"] == cell["sent"] == []
