from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.errors import StoreError
from rlm_desktop.events import AnyEvent, CellOutput, Note, decode, encode, text_hash
from tests.events.strategies import EVENT_TYPES, anything, events


@pytest.mark.parametrize("kind", EVENT_TYPES)
@given(data=st.data())
def test_every_event_survives_the_round_trip(kind: type[AnyEvent], data: st.DataObject) -> None:
    event = data.draw(anything(kind))
    assert decode(encode(event)) == event


@given(events())
def test_an_event_is_one_line_of_json(event: AnyEvent) -> None:
    line = encode(event)
    assert b"\n" not in line
    assert json.loads(line)["event"] == type(event).__struct_config__.tag


def test_the_names_on_the_wire_are_those_of_the_protocol() -> None:
    assert {kind.__struct_config__.tag for kind in EVENT_TYPES} == {
        "run.started", "turn.started", "turn.finished", "cell.started", "cell.output", "cell.progress",
        "cell.finished", "call.started", "call.delta", "call.finished", "limit.reached", "note", "run.finished",
    }  # fmt: skip


def test_fields_a_newer_program_added_are_passed_over() -> None:
    note = Note(run="r", span=0, text="hello")
    assert decode(json.dumps(json.loads(encode(note)) | {"colour": "red"})) == note


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        b'{"event": "run.exploded", "run": "r", "span": 0}',
        b'{"event": "note", "run": "r", "span": "zero", "text": ""}',
        b'{"event": "note", "run": "r", "span": 0}',
        b'{"event": "cell.output", "run": "r", "span": 0, "stream": "stdin", "chunk": ""}',
    ],
)
def test_what_is_not_an_event_is_refused(bad: bytes) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        decode(bad)


@given(st.binary(max_size=200))
def test_random_bytes_never_do_worse_than_be_refused(data: bytes) -> None:
    with pytest.raises(StoreError):
        decode(data)


def test_events_cannot_be_changed() -> None:
    output = CellOutput(run="r", span=1, stream="stdout", chunk="a")
    with pytest.raises(AttributeError):
        output.chunk = "b"  # type: ignore[misc]


@given(st.text(st.characters()), st.text(st.characters()))
def test_texts_are_named_by_their_content(one: str, other: str) -> None:
    assert len(text_hash(one)) == 32
    assert (text_hash(one) == text_hash(other)) == (one == other)


def test_a_lone_surrogate_has_a_name_of_its_own() -> None:
    assert text_hash("\ud800") not in {text_hash("?"), text_hash("\ufffd"), text_hash("")}
