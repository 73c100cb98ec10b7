"""A run as it was recorded: its events and the texts they name, in the store or in a file of its own.

The file is JSON lines: a header, then every event in order, each preceded by the texts it is the first to name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rlm_desktop.errors import StoreError, UserError
from rlm_desktop.events.codec import decode, encode, sendable
from rlm_desktop.events.fold import fold
from rlm_desktop.events.types import AnyEvent, MessageRef, TextHash

FORMAT = 1
_NAMING = ("code", "output", "calls", "thinking", "reply")
"""Fields of events that hold the hash of a text; prompts hold several."""


@dataclass(frozen=True)
class Recording:
    """One run to be shown again.

    Attributes:
        events: In order, from the first.
        text: Gives the text with a hash; raises `StoreError` when there is none.
    """

    events: Sequence[AnyEvent]
    text: Callable[[TextHash], str]


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    recording: int = 0
    hash: TextHash = ""
    text: str = ""
    event: msgspec.Raw = msgspec.Raw()


def named_texts(event: AnyEvent) -> Iterator[TextHash]:
    """Hashes of the texts an event names."""
    for name in _NAMING:
        if found := getattr(event, name, ""):
            yield found
    prompt: tuple[MessageRef, ...] = getattr(event, "prompt", ())
    yield from (message.text for message in prompt)


def write_recording(recording: Recording, path: Path) -> None:
    """Write a recording to a file.

    Raises:
        OSError: The file cannot be written.
        StoreError: A text is missing.
    """
    known: set[TextHash] = set()
    with path.open("wb") as file:
        file.write(msgspec.json.encode(_Line(recording=FORMAT)) + b"\n")
        for event in recording.events:
            for name in named_texts(event):
                if name not in known:
                    known.add(name)
                    file.write(
                        msgspec.json.encode(_Line(hash=name, text=sendable(recording.text(name)))) + b"\n"
                    )
            file.write(msgspec.json.encode(_Line(event=msgspec.Raw(encode(event)))) + b"\n")


def read_recording(path: Path) -> Recording:
    """Read what `write_recording` wrote; the whole is checked to be a run.

    Raises:
        UserError: The file cannot be read or is not a recording; names it and the line.
    """
    texts: dict[TextHash, str] = {}
    events: list[AnyEvent] = []
    number = 0
    try:
        with path.open("rb") as file:
            for number, data in enumerate(file, 1):
                line = msgspec.json.decode(data, type=_Line)
                if number == 1 and line.recording != FORMAT:
                    raise UserError(f"{path} is not a recording that this version can read.")
                if line.hash:
                    texts[line.hash] = line.text
                elif line.event:
                    events.append(decode(bytes(line.event)))
        fold(events)
    except OSError as error:
        raise UserError(f"The recording {path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, StoreError, KeyError) as error:
        raise UserError(f"The recording {path} is damaged at line {number}: {error}.") from error
    if not events:
        raise UserError(f"The recording {path} is empty.")

    def text(name: TextHash) -> str:
        if name not in texts:
            raise StoreError(f"The text {name} is not in the recording {path}.")
        return texts[name]

    return Recording(tuple(events), text)
