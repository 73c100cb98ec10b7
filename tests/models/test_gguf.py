from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rlm_desktop.errors import UserError
from rlm_desktop.models.gguf import read_header

from .conftest import gguf_bytes

LLAMA: dict[str, int | str | list[int]] = {
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


def test_a_number_may_be_one_for_each_layer(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(
        gguf_bytes(LLAMA | {"llama.attention.head_count_kv": [2, 0], "other": list(range(5000))})
    )
    header = read_header(path)
    assert [header.of_layer("attention.head_count_kv", layer) for layer in range(3)] == [2, 0, 2]
    assert (header.number("attention.head_count_kv"), header.of_layer("attention.head_count", 1)) == (2, 4)
    assert header.states("attention.head_count_kv")
    assert not header.states("attention.key_length")
    assert "other" not in header.lists


def test_sizes_of_tensors_reach_to_the_next_and_the_last_to_the_end(tmp_path: Path) -> None:
    shapes = {"token_embd.weight": (32, 40), "blk.0.ffn_up.weight": (32, 16), "output_norm.weight": (32,)}
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "llama")
    for name, shape in shapes.items():
        writer.add_tensor(name, np.zeros(shape[::-1], np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_header(tmp_path / "m.gguf")
    assert {name: tensor.shape for name, tensor in header.tensors.items()} == shapes
    assert [tensor.size for tensor in header.tensors.values()] == [2 * 32 * 40, 2 * 32 * 16, 2 * 32]
    assert (header.vocabulary, header.parameters) == (40, 32 * 40 + 32 * 16 + 32)


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
        read_header(path)
    except UserError as error:
        assert str(path) in error.message


def test_more_layers_than_a_model_can_have_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf_bytes(LLAMA | {"llama.block_count": 10**12}))
    with pytest.raises(UserError, match="its header is damaged"):
        read_header(path)
