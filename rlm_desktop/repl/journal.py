"""What it takes to run the cells of a REPL again without asking anybody anything again.

Calls are found by what they ask and, among those that ask the same, by their order: a cell's threads may call in
another order when it is run again.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

from rlm_desktop.errors import StoreError
from rlm_desktop.events import text_hash
from rlm_desktop.repl.context import ContextFile
from rlm_desktop.repl.results import CallFailure, CellResult, Handler, RecordedCall

SEARCHES = frozenset({"find", "grep"})
"""Calls whose results are not kept, since the documents answer them again."""
MOST_NAMED = 5
"""Variables that are named when they differ."""
_SLACK, _FACTOR = 10.0, 4.0
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")


class CellRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a cell leaves besides its code and output.

    Attributes:
        seconds: Its own, without those in which its calls were answered.
        calls: What it asked and was told, in the order of asking.
        variables: A short hash of how each of the user's variables looked after it; ``None`` if nobody looked.
    """

    seconds: float = 0.0
    calls: tuple[RecordedCall, ...] = ()
    variables: dict[str, str] | None = None

    @classmethod
    def of(cls, result: CellResult) -> CellRecord:
        """The record of a cell that has ended by itself."""
        return cls(result.own_seconds, result.calls, fingerprints(result.variables))


@dataclass(frozen=True)
class PastCell:
    """A cell whose effects stayed, to be run again.

    Attributes:
        number: Counts the cells of its REPL, for tracebacks.
        code: Its source.
        history: What ``history`` held.
        status: How it ended: ``ok``, ``error`` or ``memory``.
        error: What it said then.
        record: What it asked and what it left.
    """

    number: int
    code: str
    history: tuple[object, ...]
    status: str
    error: str
    record: CellRecord

    @property
    def patience(self) -> float:
        """Seconds it may take when it is run again, as the computer may be busier than it was."""
        return _SLACK + _FACTOR * self.record.seconds

    def ended_as(self, result: CellResult) -> bool:
        """Whether it ended as before when it was run again."""
        same = _plain(self.error).startswith(
            _plain(result.error)
        )  # more may have been said of it than its own
        return result.status == self.status and same

    def changed(self, result: CellResult) -> list[str]:
        """The variables that do not look as they did after it."""
        if self.record.variables is None:
            return []
        before, now = self.record.variables, fingerprints(result.variables)
        return [name for name in {**before, **now} if before.get(name) != now.get(name)]


@dataclass(frozen=True)
class Grown:
    """Documents that were added in between."""

    files: tuple[ContextFile, ...]


Step = PastCell | Grown


class Replayed:
    """Answers the calls of a cell that is run again.

    Args:
        calls: Those it made when it first ran.
        search: Answers searches.
    """

    def __init__(self, calls: Iterable[RecordedCall], search: Handler) -> None:
        self._search = search
        self._answers: defaultdict[tuple[str, str], deque[RecordedCall]] = defaultdict(deque)
        for call in calls:
            self._answers[call.api, call.args].append(call)

    async def __call__(self, api: str, args: dict[str, Any]) -> object:
        """What the cell was told then; raises `CallFailure` if it failed then, or asks something new."""
        if api in SEARCHES:
            return await self._search(api, args)
        if answers := self._answers.get((api, digest(args))):
            call = answers.popleft()
            if call.failure is not None:
                raise CallFailure(call.failure)
            return call.value
        raise CallFailure(
            "This was not asked when the cell first ran, and is not asked when it is run again."
        )


@dataclass
class Divergence:
    """How cells that were run again came out otherwise.

    Attributes:
        cells: How many ended otherwise than they did.
        variables: Those that look otherwise after the last of them.
    """

    cells: int = 0
    variables: Sequence[str] = ()

    def take(self, past: PastCell, result: CellResult) -> None:
        """Compare the next cell."""
        self.cells += not past.ended_as(result)
        self.variables = past.changed(result)

    def __bool__(self) -> bool:
        return bool(self.cells or self.variables)

    def __str__(self) -> str:
        """One sentence, empty if there is none."""
        if self.variables:
            shown = ", ".join(self.variables[:MOST_NAMED]) + ", …" * (len(self.variables) > MOST_NAMED)
            return f"These variables came out otherwise: {shown}."
        return f"{self.cells} of them ended otherwise, so variables may differ." if self.cells else ""


def digest(args: Mapping[str, Any]) -> str:
    """Hash of the arguments of a call: as JSON, but a context of 60 MB is not copied into a string for it."""
    hashed = blake2b(digest_size=16)
    _feed(hashed, args)
    return hashed.hexdigest()


def _feed(hashed: blake2b, value: Any) -> None:
    match value:
        case str():
            data = value.encode("utf-8", "surrogatepass")
            hashed.update(b"s%d:" % len(data))
            hashed.update(data)
        case list():
            hashed.update(b"l%d:" % len(value))
            for item in value:
                _feed(hashed, item)
        case dict():
            hashed.update(b"d%d:" % len(value))
            for name in sorted(value):
                _feed(hashed, name)
                _feed(hashed, value[name])
        case _:
            hashed.update(b"%s;" % json.dumps(value).encode())


def recorded(
    api: str, args: Mapping[str, Any], value: Any = None, failure: str | None = None
) -> RecordedCall:
    """The record of a call. The text of a passage that was read is the one the cell sent, so it is left out."""
    if api == "read" and isinstance(value, list):
        sent = (passage["text"] for passage in args["passages"])
        value = [_without(text, reading) for text, reading in zip(sent, value, strict=True)]
    return RecordedCall(api, digest(args), value, failure)


def _without(text: str, reading: Any) -> Any:
    passage = reading.get("passage") if isinstance(reading, dict) else None
    if not isinstance(passage, dict) or passage.get("text") != text:
        return reading
    return {**reading, "passage": {name: value for name, value in passage.items() if name != "text"}}


def fingerprints(variables: Mapping[str, str]) -> dict[str, str]:
    """A short hash of how each variable looks, addresses in memory aside."""
    return {name: text_hash(_plain(shown))[:8] for name, shown in variables.items()}


def _plain(text: str) -> str:
    return _ADDRESS.sub("0x", text)


def encode(record: CellRecord) -> str:
    """The record as one text; lone surrogates stay what they are."""
    return json.dumps(msgspec.to_builtins(record), ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> CellRecord:
    """The record that `encode` wrote.

    Raises:
        StoreError: The text is none.
    """
    try:
        return msgspec.convert(json.loads(text), CellRecord)
    except (ValueError, RecursionError) as error:  # msgspec's own is a ValueError
        raise StoreError(f"What a cell asked cannot be read: {error}.") from error
