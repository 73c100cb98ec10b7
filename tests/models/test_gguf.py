from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rlm_desktop.errors import UserError
from rlm_desktop.models.gguf import read_header

from .conftest import gguf_bytes

LLAMA: dict[str, int | str] = {
    "general.architecture": "llama",
    "llama.block_count": 2,
    "llama.context_length": 512,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
}


def test_reads_what_a_model_says_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf_bytes(LLAMA, ((3, 4), (5,))))
    header = read_header(path)
    assert (header.architecture, header.layers, header.context_length, header.parameters) == (
        "llama",
        2,
        512,
        17,
    )
    # 10 tokens × 2 layers × 2 KV heads × (16 + 16) × 2 bytes
    assert header.kv_bytes(10) == 2560


@pytest.mark.parametrize("data", [b"", b"GGU", b"PK\x03\x04 a zip file", b"GGUF\x63\x00\x00\x00" + bytes(16)])
def test_what_is_no_gguf_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(data)
    with pytest.raises(UserError, match="is not a usable GGUF model") as caught:
        read_header(path)
    assert str(path) in caught.value.message


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_damage_is_a_sentence_and_never_a_crash(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(gguf_bytes(LLAMA, ((3, 4),)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "m.gguf"
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    try:
        read_header(path).kv_bytes(1)
    except UserError as error:
        assert str(path) in error.message
