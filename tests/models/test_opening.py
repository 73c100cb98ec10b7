from pathlib import Path

import pytest

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.base import Message, Request
from rlm_desktop.models.llama.client import LlamaModel, LlamaWorker
from rlm_desktop.models.opening import open_model
from rlm_desktop.models.registry import resolve
from rlm_desktop.models.scripted import ScriptedModel

from .conftest import gguf_bytes

QUESTION = Request(messages=(Message("user", "hello"),), role="root")


async def test_each_opening_of_a_script_starts_at_its_beginning(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text('{"root": ["one", "two"]}')
    worker = LlamaWorker(lambda _notice: None)
    for _ in range(2):
        model = await open_model(f"script:{path}", settings, worker)
        assert isinstance(model, ScriptedModel)
        assert (await model.complete(QUESTION)).text == "one"
    assert worker.pid == 0


async def test_a_gguf_is_opened_in_the_worker_with_its_profile(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(gguf_bytes({"general.architecture": "llama", "llama.context_length": 2048}))
    resolved = resolve(str(path), settings)
    model = await open_model(resolved, settings, LlamaWorker(lambda _notice: None))
    assert isinstance(model, LlamaModel)
    assert (model.name, model.sha256, model.context_window) == (str(path), resolved.sha256, 2048)


async def test_an_unknown_model_is_not_opened(settings: Settings) -> None:
    with pytest.raises(UserError, match="no model called"):
        await open_model("nonsense", settings, LlamaWorker(lambda _notice: None))
