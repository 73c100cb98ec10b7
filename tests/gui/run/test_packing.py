"""Rows packed as bytes."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.events import MessageRef, Progress, Row, Usage
from rlm_desktop.gui.run.packing import RowPacker

numbers = st.integers(0, 2**53)
texts = st.text(max_size=8)
usages = st.builds(Usage, numbers, numbers, numbers, numbers, numbers, st.floats(0, 1e6), st.booleans())
rows = st.builds(
    Row,
    span=numbers,
    parent=numbers,
    index=numbers,
    kind=st.sampled_from(("run", "turn", "cell", "call", "group")),
    label=texts,
    status=st.sampled_from(("done", "warning", "failed", "cancelled")),
    detail=texts,
    model=texts,
    batch_size=numbers,
    children=numbers,
    usage=usages,
    total=usages,
    started=numbers,
    heard=numbers,
    finished=numbers,
    error=texts,
    prompt=st.lists(st.builds(MessageRef, st.sampled_from(("system", "user")), texts)).map(tuple),
    texts=st.dictionaries(texts, texts),
    notes=st.lists(texts).map(tuple),
    progress=st.none() | st.builds(Progress, numbers, st.none() | numbers),
    sent=texts,
    provenance=texts,
)


@given(rows)
def test_a_row_comes_out_as_it_went_in(row: Row) -> None:
    packer = RowPacker()
    unpacked = packer.unpack(packer.pack(row))
    assert unpacked == row
    assert type(unpacked) is Row
    assert type(unpacked.usage) is Usage


def test_half_of_the_bytes_are_left() -> None:
    usage = Usage(300, 40, 120, calls=1)
    row = Row(
        span=39, parent=3, index=36, kind="call", label="Passage 37", status="done", model="qwen2.5-coder-1.5b",
        call_kind="llm", batch=3, batch_size=64, usage=usage, total=usage, started=10**15, finished=10**15,
        prompt=(MessageRef("user", "0" * 32),), texts={"reply": "1" * 32},
    )  # fmt: skip
    assert len(RowPacker().pack(row)) < 0.6 * len(msgspec.msgpack.encode(row))
