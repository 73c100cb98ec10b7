"""The texts that are explored: generated, the same ones every time, with a foreign character on demand."""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rlm_desktop.bench.repl.plan import spelled
from rlm_desktop.errors import UserError

CURLY_QUOTE, EMOJI = "’", "🦉"
"""One makes Python keep two bytes for every character of a text, the other four."""
_BLOCK = 4_000_000
_SPARE = 200_000_000
"""Bytes of the disk that are left free."""
_WRITERS = "gateway ledger mailer planner archive courier".split()
_HAPPENINGS = (
    "accepted the order of the customer and passed it on to the warehouse",
    "waited for a reply of the bank, which came at the second attempt",
    "found nothing to do and went to sleep until the next message",
    "refused a parcel whose address could not be read, and told the sender so",
    "counted the entries of the day and compared them with those of the day before",
    "wrote to the keeper of the archive that three folders had been moved",
)


class Texts:
    """Texts of several sizes in a folder, each made when it is first wanted.

    Args:
        folder: A folder of their own.
        sizes: Bytes of each.
    """

    def __init__(self, folder: Path, sizes: tuple[int, ...]) -> None:
        self._folder = folder
        self._sizes = sizes

    def check_room(self) -> None:
        """Make sure that all of them, and a peer's copy of the largest, fit the disk.

        Raises:
            UserError: They do not.
        """
        needed = sum(set(self._sizes)) + max(self._sizes) + _SPARE
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise UserError(
                f"The texts need {spelled(needed)} in {self._folder.parent}, where {spelled(free)} are free.",
                "Name smaller ones with --sizes, or another folder with the variable TMPDIR.",
            )

    async def of(self, size: int) -> Path:
        """The text of this size: lines of a log, in ASCII.

        Raises:
            UserError: The disk refuses.
        """
        path = self._folder / f"{size}.txt"
        if path.exists():
            return path
        try:
            with path.open("wb", buffering=0) as file:
                left = size
                for block in _blocks():
                    left -= file.write(block[:left])
                    if left == 0:
                        return path
                    await asyncio.sleep(0)  # a moment to be cancelled in
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise UserError(
                    f"A text of {spelled(size)} could not be written: {error.strerror}."
                ) from error
            raise
        raise AssertionError("there is no last block")


@contextmanager
def containing(character: str, path: Path) -> Iterator[int]:
    """Have a text contain this character, in its middle, for a while; its size in bytes stays.

    Yields:
        How many characters it has.
    """
    encoded = character.encode()
    size = path.stat().st_size
    with path.open("r+b", buffering=0) as file:
        file.seek(size // 2)
        before = file.read(len(encoded))
        file.seek(size // 2)
        file.write(encoded)
        try:
            yield size - len(encoded) + len(character)
        finally:
            file.seek(size // 2)
            file.write(before)


def _blocks() -> Iterator[bytes]:
    """Blocks of lines without end. Lines are drawn from a block made once, so that a GB takes a second."""
    chance = random.Random(1)  # noqa: S311 - it is to be the same every time
    lines = []
    size = 0
    for number in itertools.count():
        day, second = divmod(number, 86_400)
        line = (
            f"2026-{day % 12 + 1:02}-{day % 28 + 1:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} "
            f"{chance.choice(_WRITERS)}[{chance.randrange(10_000)}]: request {chance.getrandbits(48):012x}: "
            f"the {chance.choice(_WRITERS)} {chance.choice(_HAPPENINGS)}.\n"
        )
        lines.append(line)
        size += len(line)
        if size > _BLOCK:
            break
    for number in itertools.count():
        start = chance.randrange(len(lines))
        yield f"# part {number}\n{''.join(lines[start:])}{''.join(lines[:start])}".encode("ascii")
