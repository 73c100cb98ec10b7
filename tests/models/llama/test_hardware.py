from pathlib import Path

import pytest

from rlm_desktop.models.llama import hardware
from rlm_desktop.models.llama.hardware import Fit
from tests.models.conftest import gguf_bytes


@pytest.mark.parametrize(
    ("text", "cores"), [("150000 100000", 2), ("100000 100000", 1), ("max 100000", 2**16)]
)
def test_a_container_s_quota_is_whole_cores_rounded_up(tmp_path: Path, text: str, cores: int) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert hardware.cpu_quota(tmp_path) == cores


def test_without_a_container_there_is_no_quota(tmp_path: Path) -> None:
    assert hardware.cpu_quota(tmp_path) == 2**16
    assert hardware.threads() >= 1


def test_free_memory_is_what_the_container_leaves(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000")
    (tmp_path / "memory.current").write_text("400")
    assert hardware.free_memory(tmp_path) == 600
    (tmp_path / "memory.max").write_text("max")
    assert hardware.free_memory(tmp_path) > 10**6


@pytest.mark.parametrize(("needed", "verdict"), [(80, "fits"), (95, "tight"), (101, "will not fit")])
def test_verdicts(needed: int, verdict: str) -> None:
    assert Fit(needed, 100).verdict == verdict


def test_fit_adds_weights_cache_and_buffers(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(
        gguf_bytes(
            {
                "general.architecture": "llama",
                "llama.block_count": 2,
                "llama.attention.head_count": 1,
                "llama.attention.key_length": 8,
                "llama.attention.value_length": 8,
            }
        )
    )
    assert hardware.fit(path, 100).needed == path.stat().st_size + 100 * 2 * 16 * 2 + hardware.BUFFERS


def test_llama_cpp_knows_the_processor() -> None:
    processors = [device for device in hardware.devices() if not device.gpu]
    assert processors
    assert processors[0].total > 10**8
    assert hardware.gpu_offload() in {True, False}
