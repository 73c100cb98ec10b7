"""Read the header of a GGUF file: what it is and how large it becomes in memory.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rlm_desktop.errors import UserError

Value = int | float | bool | str
_SCALARS = {0: "B", 1: "b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_LIMIT = 2**26
"""Longest string and most array items that are believed; a damaged file claims absurd ones."""


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says of itself; a number it does not state is 0.

    Attributes:
        values: Its metadata, without arrays.
        parameters: How many weights it has.
        size: Bytes of the file.
    """

    values: dict[str, Value]
    parameters: int
    size: int

    @property
    def architecture(self) -> str:
        """Such as ``qwen2``."""
        return str(self.values.get("general.architecture", ""))

    @property
    def context_length(self) -> int:
        """Tokens it was trained for."""
        return self._number("context_length")

    @property
    def layers(self) -> int:
        """Transformer blocks."""
        return self._number("block_count")

    def kv_bytes(self, tokens: int) -> int:
        """Bytes the KV cache takes for so many tokens, at 16 bits a value."""
        heads = self._number("attention.head_count")
        kv_heads = self._number("attention.head_count_kv") or heads
        head = self._number("embedding_length") // heads if heads else 0
        key = self._number("attention.key_length") or head
        value = self._number("attention.value_length") or head
        return tokens * self.layers * kv_heads * (key + value) * 2

    def _number(self, key: str) -> int:
        value = self.values.get(f"{self.architecture}.{key}", 0)
        return int(value) if isinstance(value, int | float) else 0


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
        values: dict[str, Value] = {}
        for _ in range(pairs):
            key = self._string()
            value = self._value(int(self._scalar("<I")))
            if value is not None:
                values[key] = value
        return GgufHeader(values, sum(self._tensor() for _ in range(tensors)), size)

    def _tensor(self) -> int:
        """Skip one tensor's description and return its number of weights."""
        self._string()
        dimensions = int(self._scalar("<I"))
        if dimensions > 8:
            raise ValueError("its header is damaged")
        weights = math.prod(int(self._scalar("<Q")) for _ in range(dimensions))
        self._bytes(4 + 8)
        return weights

    def _value(self, kind: int) -> Value | None:
        if kind in _SCALARS:
            return self._scalar(_SCALARS[kind])
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            self._skip_array()
            return None
        raise ValueError("its header is damaged")

    def _skip_array(self) -> None:
        kind, count = int(self._scalar("<I")), self._count()
        if kind in _SCALARS:
            self._bytes(struct.calcsize(_SCALARS[kind]) * count)
            return
        skip: dict[int, Callable[[], object]] = {_STRING: self._string, _ARRAY: self._skip_array}
        if kind not in skip:
            raise ValueError("its header is damaged")
        for _ in range(count):
            skip[kind]()

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
