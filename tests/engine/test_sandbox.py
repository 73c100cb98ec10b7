"""How far a run's code is confined, what is recorded of it, and that nothing runs unconfined without a yes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.engine import engine as engine_module
from rlm_desktop.engine import sandbox
from rlm_desktop.engine.engine import Engine
from rlm_desktop.engine.request import AskRequest
from rlm_desktop.engine.sandbox import UNCONFINED, Sandbox, remedy
from rlm_desktop.errors import UserError
from rlm_desktop.events import RunStarted, SandboxLevel
from rlm_desktop.repl import host
from tests.engine.conftest import LOOK, Asked, cell, final
from tests.engine.test_sessions import KEEP, Script, asked, engine

__all__ = ["engine"]


def offer(monkeypatch: pytest.MonkeyPatch, level: SandboxLevel, why: str = "a test says so") -> None:
    monkeypatch.setattr(host, "sandbox_level", lambda: (level, why))


def recorded(run: Asked) -> str:
    start = run.events[0]
    assert isinstance(start, RunStarted)
    assert run.summary.sandbox == start.sandbox
    return start.sandbox


async def test_without_a_sandbox_nothing_is_opened_before_somebody_says_yes(
    settings: Settings, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, "none", "the kernel has no Landlock")
    monkeypatch.setattr(engine_module, "open_model", None)
    async with Engine(settings, lambda *_: None, lambda _: None) as engine:
        for strategy in ("rlm", "guided", "auto"):
            with pytest.raises(
                UserError, match=r"cannot be confined .*: the kernel has no Landlock"
            ) as refusal:
                await engine.ask(AskRequest(paths=(str(document),), question="Who?", strategy=strategy))
            assert "--allow-unconfined" in refusal.value.hint and "direct" in refusal.value.hint
        assert engine.store.count() == 0


async def test_a_yes_counts_for_one_run_and_is_remarked_on_it(
    engine: Engine, document: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, "none")
    model = script({"root": [KEEP, final("The fox.")]})
    first = await asked(engine, question="Who?", paths=(str(document),), model=model, unconfined=True)
    assert (first.summary.status, recorded(first)) == ("answered", "none")
    assert first.state.rows[0].notes == (UNCONFINED,)
    with pytest.raises(UserError, match="cannot be confined"):
        await engine.ask(AskRequest(question="And?", follows=first.summary.run, strategy="rlm"))


async def test_what_runs_no_code_needs_no_yes(
    engine: Engine, document: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, "none")
    model = script({"root": ['{"found": true, "quote": "brown fox", "answer": "The fox."}']})
    run = await asked(engine, question="Who?", paths=(str(document),), model=model, strategy="direct")
    assert run.summary.status == "answered"
    assert run.notes() == ""


async def test_the_level_recorded_is_the_one_the_repl_has(
    engine: Engine, document: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, "partial")
    model = script({"root": [KEEP, final("The fox.")]})
    first = await asked(engine, question="Who?", paths=(str(document),), model=model)
    offer(monkeypatch, "none")  # the REPL that is kept is what it was
    model = script({"root": [cell("print(kept)"), final("Bergen.")]})
    second = await asked(engine, question="Where?", follows=first.summary.run, model=model, unconfined=True)
    assert [recorded(first), recorded(second)] == ["partial", "partial"]
    document.write_text("Another text about a walrus.")
    model = script({"root": [LOOK, final("A walrus.")]})
    third = await asked(engine, question="Who?", follows=first.summary.run, model=model, unconfined=True)
    assert recorded(third) == "partial", "what was recorded is what a new REPL is asked for"


def test_what_switches_namespaces_off_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partial = Sandbox("partial", "Landlock and seccomp")
    monkeypatch.setattr(sandbox.landlock, "abi", lambda: 4)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    def told(**files: str) -> str:
        for name, text in files.items():
            path = tmp_path / "proc/sys" / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")
        return remedy(partial, system=tmp_path)

    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "install bubblewrap," in told(user__max_user_namespaces="9000")
    assert "apparmor_parser" in told(kernel__apparmor_restrict_unprivileged_userns="1")
    (tmp_path / "etc/apparmor.d").mkdir(parents=True)
    (tmp_path / "etc/apparmor.d/bwrap-userns-restrict").touch()
    assert "install bubblewrap," in told()
    assert "unprivileged_userns_clone=1" in told(kernel__unprivileged_userns_clone="0")
    assert "max_user_namespaces=15000" in told(user__max_user_namespaces="0")
    monkeypatch.setattr(os, "geteuid", lambda: 0)  # of the three, this one alone holds up root
    assert "install bubblewrap," in told(user__max_user_namespaces="9000")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert "--unshare-all" in told()
    (tmp_path / ".dockerenv").touch()
    assert "container" in told()


def test_what_to_do_without_landlock_or_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    assert remedy(Sandbox("full", "")) == ""
    monkeypatch.setattr(sandbox.landlock, "abi", lambda: 0)
    assert "Linux 5.13" in remedy(Sandbox("none", "")) and "Linux 5.13" in remedy(Sandbox("partial", ""))
    monkeypatch.setattr(sandbox.landlock, "abi", lambda: 4)
    assert remedy(Sandbox("none", "no seccomp")) == ""
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    assert remedy(Sandbox("none", "")).startswith("Only Linux has a sandbox so far")
