"""What the bench and the process of the reference's REPL say to each other: JSON lines on stdin and stdout."""

from __future__ import annotations

import msgspec


class _Line(msgspec.Struct, frozen=True, tag_field="kind", tag=str.lower):
    """One line in either direction; ``kind`` says which."""


class Prepare(_Line, frozen=True):
    """Import the reference."""


class Load(_Line, frozen=True):
    """Make a REPL whose context is the text of this file."""

    path: str


class Run(_Line, frozen=True):
    """Run a cell so many times."""

    code: str
    times: int


class Prepared(_Line, frozen=True):
    """It is imported."""


class Loaded(_Line, frozen=True):
    """The REPL answers: seconds since the path came, and the characters of its context as a cell counts them."""

    seconds: float
    characters: int


class Ran(_Line, frozen=True):
    """Seconds of each run."""

    seconds: tuple[float, ...]


class Failed(_Line, frozen=True):
    """The last command failed."""

    message: str


Command = Prepare | Load | Run
Reply = Prepared | Loaded | Ran | Failed

encode = msgspec.json.Encoder().encode
command_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
reply_decoder: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)
