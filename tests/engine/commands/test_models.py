"""Commands about models, over the pipes of the engine process; what is loaded is a few hundred kB."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from rlm_desktop.models.llama import graphics
from tests.engine.test_server import Front, engine
from tests.models.llama import tiny
from tests.models.test_download import PIECES, WHOLE, wheel

SOURCE = '{ kind = "pypi", prefix = "rlm-test-piece", count = 3, version = "1.0", member = ".bin" }'


@pytest.fixture
def wheels(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue with two models in pieces, and the index that has them."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for number, piece in enumerate(PIECES, start=1):
        wheel(folder, number, piece)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    home.mkdir()
    (home / "models.toml").write_text(
        "".join(
            f'[{name}]\ntitle = "Tiny"\nlicence = "MIT"\nsize = {len(WHOLE)}\ncontext_window = 2048\n'
            f'trained_window = 2048\nmemory = 100\nsha256 = "{hashlib.sha256(WHOLE).hexdigest()}"\nsource = {SOURCE}\n'
            for name in ("one", "two")
        )
    )
    return folder


async def test_models_are_fetched_one_after_another_and_a_paused_one_goes_on(
    home: Path, wheels: Path
) -> None:
    async with engine(home) as front:
        first, second = front.send("pull", model="one"), front.send("pull", model="two")
        while not any(notice["state"] == "queued" for notice in front.notices):
            await front.line()
        assert "being downloaded already" in (await front.error("pull", model="two"))["message"]
        await front.call("pause", model="two")
        assert "ok" in await front.answer(second)
        assert "ok" in await front.answer(first)
        await front.call("pull", model="two")
        told = {name: [n["state"] for n in front.notices if n["model"] == name] for name in ("one", "two")}
        assert set(told["one"][:-1]) == {"running"} and told["one"][-1] == "done"
        assert told["two"][:2] == ["queued", "paused"] and told["two"][-1] == "done"
        states = {model["name"]: model["state"] for model in (await front.call("models"))["models"]}
        assert (states["one"], states["two"]) == ("ready", "ready")


async def test_a_model_is_checked_found_damaged_fetched_again_and_removed(home: Path, wheels: Path) -> None:
    async with engine(home) as front:
        await front.call("pull", model="one")
        sha256 = hashlib.sha256(WHOLE).hexdigest()
        assert await front.call("verify", model="one") == {"sha256": sha256}
        (home / "models" / "one.gguf").write_bytes(WHOLE[:-1])
        assert "is damaged" in (await front.error("verify", model="one"))["message"]
        listed = {model["name"]: model for model in (await front.call("models"))["models"]}
        assert listed["one"]["state"] == "damaged"
        await front.call("pull", model="one")
        assert await front.call("remove", model="one") == {"freed": len(WHOLE)}
        assert "not downloaded" in (await front.error("verify", model="one"))["message"]
        checks = [notice["state"] for notice in front.notices if notice["kind"] == "verify"]
        assert checks == ["running", "done", "running", "failed", "failed"]


async def test_an_own_file_is_added_set_and_taken_off_the_list(home: Path, tmp_path: Path) -> None:
    path = tiny.plain().write(tmp_path / "own.gguf")
    async with engine(home) as front:
        assert await front.call("add_file", path=str(path)) == {"model": "own"}
        assert "not a usable GGUF" in (await front.error("add_file", path=str(home / "store.db")))["message"]
        can = await front.call("model_settings", model="own")
        assert can["now"] == can["default"]
        assert can["layers"] == (3 if graphics.cards() else 0)
        after = await front.call("set_model", model="own", settings={"temperature": 0.5, "thinking": False})
        assert (after["now"]["temperature"], after["default"]["temperature"]) == (0.5, 0.0)
        assert (
            "at most" in (await front.error("set_model", model="own", settings={"threads": 9999}))["message"]
        )
        assert (
            "Expected" in (await front.error("set_model", model="own", settings={"threads": "x"}))["message"]
        )
        await front.call("set_model", model="own", settings={})
        assert (await front.call("model_settings", model="own"))["now"] == can["default"]
        assert await front.call("remove", model="own") == {"freed": 0}
        assert path.is_file()


async def test_a_model_that_cannot_be_loaded_says_why_and_unloading_it_does_nothing(home: Path) -> None:
    async with engine(home) as front:
        assert "not downloaded" in (await front.error("load", model="smollm2-135m"))["message"]
        assert await front.call("unload", model="smollm2-135m") == {}
        assert "no model called" in (await front.error("remove", model="nobody"))["message"]


async def test_a_model_is_loaded_unloaded_and_freed_when_it_is_removed(home: Path, tmp_path: Path) -> None:
    path = tiny.plain().write(tmp_path / "own.gguf")

    async with engine(home) as front:
        await front.call("add_file", path=str(path))
        await front.call("load", model="own")
        states = [notice["state"] for notice in front.notices if notice["kind"] == "model"]
        assert states[-1] == "ready" and set(states[:-1]) <= {"loading", "waiting"}
        assert front.notices[-1]["text"].startswith("Loaded on ")
        await front.call("unload", model="own")
        await told(front, "unloaded")
        await front.call("set_model", model="own", settings={"context_window": 1024, "threads": 1})
        front.notices.clear()
        await front.call("load", model="own")
        assert "1 thread." in (await told(front, "ready"))["text"]
        await front.call("remove", model="own")
        await told(front, "unloaded")
        assert "own" not in {model["name"] for model in (await front.call("models"))["models"]}


async def told(front: Front, state: str) -> dict[str, Any]:
    """The first notice that a model is in this state."""
    while True:
        found = [n for n in front.notices if n["kind"] == "model" and n["state"] == state]
        if found:
            return found[0]
        await front.line()
