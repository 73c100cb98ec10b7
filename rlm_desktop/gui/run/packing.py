"""Rows as bytes, half as many as their MessagePack has: without the names of fields, which all rows have alike."""

from __future__ import annotations

import msgspec

from rlm_desktop.events import MessageRef, Row, Usage


class _Usage(Usage, frozen=True, array_like=True, gc=False):
    pass


class _MessageRef(MessageRef, frozen=True, array_like=True, gc=False):
    pass


class _Row(Row, kw_only=True, array_like=True, gc=False):
    """A row by position. What nests in it only now and then keeps its names."""

    usage: _Usage
    total: _Usage
    prompt: tuple[_MessageRef, ...]


class RowPacker:
    """Packs rows and unpacks them."""

    def __init__(self) -> None:
        self._encoder, self._buffer = msgspec.msgpack.Encoder(), bytearray()
        self._decoder = msgspec.msgpack.Decoder(_Row)

    def pack(self, row: Row) -> bytes:
        """A row as bytes, which only a packer of this process understands."""
        self._encoder.encode_into(msgspec.convert(row, _Row, from_attributes=True), self._buffer)
        return bytes(self._buffer)  # what `encode` gives keeps the room it wrote in

    def unpack(self, packed: bytes) -> Row:
        """The row as it was."""
        return msgspec.convert(self._decoder.decode(packed), Row, from_attributes=True)
