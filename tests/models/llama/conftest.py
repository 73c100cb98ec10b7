from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from rlm_desktop.models.llama import log
from rlm_desktop.models.llama.client import LlamaModel, LlamaWorker
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.notices import ModelNotice
from tests.models.llama import tiny
from tests.models.llama.alone import Alone


@pytest.fixture
def notices() -> list[ModelNotice]:
    return []


@pytest.fixture
async def worker(notices: list[ModelNotice]) -> AsyncIterator[LlamaWorker]:
    worker = LlamaWorker(notices.append)
    yield worker
    await worker.close()


@pytest.fixture
async def model(worker: LlamaWorker, gguf_135m: Path) -> LlamaModel:
    return await worker.open(gguf_135m, name="tiny", options=Options(context_window=2048, concurrency=4))


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One file for each kind of model, by the name of the function in `tiny` that describes it."""
    log.capture()
    folder = tmp_path_factory.mktemp("tiny")
    return {name: make().write(folder / f"{name}.gguf") for name, make in tiny.ALL.items()}


@pytest.fixture(scope="session")
def alone(tiny_models: dict[str, Path]) -> Iterator[Callable[..., Alone]]:
    """What each model says alone, with a type of cache."""
    opened: dict[tuple[str, ...], Alone] = {}

    def of(kind: str, *cache_type: str) -> Alone:
        key = (kind, *cache_type)
        if key not in opened:
            opened[key] = Alone(tiny_models[kind], *cache_type)
        return opened[key]

    yield of
    for one in opened.values():
        one.model.close()
