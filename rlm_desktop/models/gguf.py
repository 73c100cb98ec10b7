"""Read the header of a GGUF file: what it is, and how large its parts are.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import itertools
import math
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from rlm_desktop.errors import UserError

Value = int | float | bool | str
Values = dict[str, Value]
Lists = dict[str, tuple[int, ...]]
_SCALARS = {0: "B", 1: "b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_WHOLE = set(_SCALARS) - {6, 12}
_MOST_LAYERS = 4096
_LONGEST_LIST = 4096
"""Items of an array that is kept: one for each layer, not one for each word. llama.cpp allows 512 layers."""
_LIMIT = 2**26
"""Longest string and most array items that are believed; a damaged file claims absurd ones."""


@dataclass(frozen=True)
class Tensor:
    """One tensor: its shape, innermost dimension first, and the bytes it takes in the file."""

    shape: tuple[int, ...]
    size: int


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says of itself; a number it does not state is 0.

    Attributes:
        values: Its metadata, without arrays.
        size: Bytes of the file.
        lists: Its short arrays of whole numbers, such as one for each layer.
        tensors: Its weights by name.
    """

    values: Values
    size: int
    lists: Lists = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)

    @property
    def architecture(self) -> str:
        """Such as ``qwen2``."""
        return str(self.values.get("general.architecture", ""))

    @property
    def context_length(self) -> int:
        """Tokens it was trained for."""
        return self.number("context_length")

    @property
    def layers(self) -> int:
        """Transformer blocks."""
        return self.number("block_count")

    @property
    def parameters(self) -> int:
        """How many weights it has."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors.values())

    @property
    def vocabulary(self) -> int:
        """Tokens it knows, from the shape of its embeddings; 0 without any."""
        embeddings = self.tensors.get("token_embd.weight") or self.tensors.get("output.weight")
        return embeddings.shape[-1] if embeddings and embeddings.shape else 0

    def number(self, key: str) -> int:
        """A number of its architecture, such as ``embedding_length``; the largest where each layer has its own."""
        value = self.values.get(f"{self.architecture}.{key}", 0)
        listed = self.lists.get(f"{self.architecture}.{key}")
        if listed:
            return max(listed)
        return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0

    def of_layer(self, key: str, layer: int) -> int:
        """The same for one layer, counted from 0."""
        listed = self.lists.get(f"{self.architecture}.{key}")
        return listed[layer] if listed and layer < len(listed) else self.number(key)

    def states(self, key: str) -> bool:
        """Whether it says anything of this."""
        return f"{self.architecture}.{key}" in self.values.keys() | self.lists.keys()


def read_header(path: Path) -> GgufHeader:
    """Read the header of a GGUF file.

    Raises:
        UserError: The file cannot be read, or is no GGUF, or ends too early.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _Reader(file).header(size)
    except OSError as error:
        raise UserError(f"The model file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, struct.error) as error:
        raise UserError(
            f"{path} is not a usable GGUF model: {error}.", "Download it again, or choose another file."
        ) from error


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def header(self, size: int) -> GgufHeader:
        if self._bytes(4) != b"GGUF":
            raise ValueError("it does not begin with the letters GGUF")
        version = self._scalar("<I")
        if version not in {2, 3}:
            raise ValueError(f"its format version {version} is unknown")
        tensors, pairs = int(self._scalar("<Q")), int(self._scalar("<Q"))
        values: Values = {}
        lists: Lists = {}
        for _ in range(pairs):
            key = self._string()
            value = self._value(int(self._scalar("<I")))
            if isinstance(value, tuple):
                lists[key] = value
            elif value is not None:
                values[key] = value
        described = [self._tensor() for _ in range(tensors)]
        header = GgufHeader(values, size, lists, _sized(described, size - self._data_start(values)))
        if header.layers > _MOST_LAYERS:
            raise ValueError("its header is damaged")
        return header

    def _data_start(self, values: Values) -> int:
        """Where the weights begin: after the header, at the next multiple of the alignment."""
        alignment = values.get("general.alignment", 32)
        step = int(alignment) if isinstance(alignment, int) and alignment > 0 else 32
        return -(-self._file.tell() // step) * step

    def _tensor(self) -> tuple[str, tuple[int, ...], int]:
        """One tensor's name, shape and offset from where the weights begin."""
        name = self._string()
        dimensions = int(self._scalar("<I"))
        if dimensions > 8:
            raise ValueError("its header is damaged")
        shape = tuple(int(self._scalar("<Q")) for _ in range(dimensions))
        self._bytes(4)
        return name, shape, int(self._scalar("<Q"))

    def _value(self, kind: int) -> Value | tuple[int, ...] | None:
        if kind in _SCALARS:
            return self._scalar(_SCALARS[kind])
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array()
        raise ValueError("its header is damaged")

    def _array(self) -> tuple[int, ...] | None:
        """A short array of whole numbers; any other is skipped."""
        kind, count = int(self._scalar("<I")), self._count()
        if kind in _WHOLE and count <= _LONGEST_LIST:
            return tuple(int(self._scalar(_SCALARS[kind])) for _ in range(count))
        if kind in _SCALARS:
            self._bytes(struct.calcsize(_SCALARS[kind]) * count)
            return None
        if kind != _STRING:  # llama.cpp knows no arrays of arrays either
            raise ValueError("its header is damaged")
        for _ in range(count):
            self._string()
        return None

    def _string(self) -> str:
        return self._bytes(self._count()).decode("utf-8", "replace")

    def _count(self) -> int:
        count = int(self._scalar("<Q"))
        if count > _LIMIT:
            raise ValueError("its header is damaged")
        return count

    def _scalar(self, code: str) -> int | float | bool:
        value: int | float | bool = struct.unpack(code, self._bytes(struct.calcsize(code)))[0]
        return value

    def _bytes(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) < count:
            raise ValueError("it ends in the middle of its header")
        return data


def _sized(described: list[tuple[str, tuple[int, ...], int]], data: int) -> dict[str, Tensor]:
    """The tensors with their sizes: each reaches up to where the next begins, the last to the end of the data.

    No table of quantisations is needed for that, so a new one is no obstacle.
    """
    starts = sorted({offset for *_, offset in described} | {data})
    following = dict(itertools.pairwise(starts))
    return {
        name: Tensor(shape, max(0, min(following.get(offset, offset), data) - offset))
        for name, shape, offset in described
    }
