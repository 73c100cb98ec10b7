from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rlm_desktop.models.llama.client import LlamaModel, LlamaWorker
from rlm_desktop.models.llama.options import Options
from rlm_desktop.models.notices import ModelNotice


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
