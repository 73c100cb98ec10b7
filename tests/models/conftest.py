"""What the tests of models share: a data folder, a catalogue, tiny GGUF files, and one real model."""

import os
import struct
from pathlib import Path

import platformdirs
import pytest

from rlm_desktop.config import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "home").prepare()


@pytest.fixture(scope="session")
def gguf_135m() -> Path:
    """SmolLM2-135M, which `make setup` fetches."""
    chosen = os.environ.get("RLM_TEST_MODEL")
    kept = Path(platformdirs.user_cache_dir("rlm-desktop", appauthor=False)) / "models" / "smollm2-135m.gguf"
    path = Path(chosen) if chosen else kept
    if not path.is_file():
        pytest.fail(
            f"The test model is not at {path}. Fetch it with `rlm-desktop --data-dir {kept.parent.parent} models pull "
            "smollm2-135m`, or set RLM_TEST_MODEL to a copy.",
            pytrace=False,
        )
    return path


def gguf_bytes(values: dict[str, int | str | list[int]], tensors: tuple[tuple[int, ...], ...] = ()) -> bytes:
    """A GGUF header with these values and tensors of these shapes, and no weights."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values))
    for key, value in values.items():
        data += text(key)
        if isinstance(value, str):
            data += struct.pack("<I", 8) + text(value)
        elif isinstance(value, int):
            data += struct.pack("<IQ", 10, value)
        else:
            data += struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)
    for number, shape in enumerate(tensors):
        data += text(f"tensor{number}") + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        data += struct.pack("<IQ", 0, 0)
    return data
