"""Documents as the child holds them: decoded texts and what a cell is told of each; standard library only."""

from __future__ import annotations

import codecs
import contextlib
import errno
import mmap
import os
from collections.abc import Iterator

from rlm_desktop.repl.records import Document


class Held:
    """Documents received so far."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.documents: list[Document] = []

    def take(self, described: list[dict[str, str]], fds: list[int]) -> None:
        """Decode the files behind these descriptors."""
        for known, fd in zip(described, fds, strict=True):
            text = decode(fd, known["encoding"], known["errors"])
            self.documents.append(Document(known["name"], known["path"], len(text), len(self.texts)))
            self.texts.append(text)


def decode(fd: int, encoding: str, errors: str) -> str:
    """The whole of a file as text, without a second copy of its bytes; closes the descriptor.

    Character for character what ``bytes.decode`` gives: offsets the host speaks of count these characters.
    """
    try:
        if os.fstat(fd).st_size == 0:
            return ""
        with _mapped(fd) as whole:
            skip = 0
            if encoding == "utf-8-sig":  # its decoder would copy all but the mark
                encoding = "utf-8"
                skip = len(codecs.BOM_UTF8) if bytes(whole[:3]) == codecs.BOM_UTF8 else 0
            with whole[skip:] as body:
                return str(body, encoding, errors)
    finally:
        os.close(fd)


@contextlib.contextmanager
def _mapped(fd: int) -> Iterator[memoryview]:
    """The bytes of a file, which are read where its file system maps none."""
    try:
        mapped = mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
    except OSError as error:
        if error.errno != errno.ENODEV:
            raise
        with open(fd, "rb", closefd=False) as file, memoryview(file.read()) as whole:
            yield whole
        return
    with mapped, memoryview(mapped) as whole:
        yield whole
