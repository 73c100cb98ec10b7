"""What a REPL is given to explore: files, or texts that exist nowhere but in memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rlm_desktop.errors import UserError


@dataclass(frozen=True)
class ContextFile:
    """A document to expose.

    Attributes:
        path: Where it is.
        name: What the model calls it.
        encoding: A name Python knows.
        size: Its bytes, and
        mtime: when it was changed (nanoseconds since the epoch), as it was when it was found. REPLs share the text
            of a document as long as these are the same.
    """

    path: str
    name: str
    encoding: str
    size: int = 0
    mtime: int = 0


@dataclass(frozen=True)
class Context:
    """The value of ``context``: a ``str`` (of one file or text) or a ``list`` of them.

    Attributes:
        kind: Which of the two.
        files: The documents, in order; or
        texts: the texts themselves (a child RLM's context).
    """

    kind: Literal["str", "list"]
    files: tuple[ContextFile, ...] = ()
    texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.files and self.texts:
            raise ValueError("a context has files or texts, not both")
        if self.kind == "str" and len(self) != 1:
            raise ValueError(f"a context of kind str has one document, not {len(self)}")

    def __len__(self) -> int:
        return len(self.files) or len(self.texts)

    @property
    def size(self) -> int:
        """Bytes of all documents."""
        return sum(file.size for file in self.files) + sum(map(len, self.texts))

    def refuse_changed(self) -> None:
        """Say which file is not what it was: a process that reads one while it is cut short is ended by the system.

        Raises:
            UserError: There is one.
        """
        for file in self.files:
            try:
                now = os.stat(file.path)  # noqa: PTH116
                same = (now.st_size, now.st_mtime_ns) == (file.size, file.mtime)
            except OSError:
                same = False
            if file.mtime and not same:
                raise UserError(
                    f"The document {file.path} changed while it was being read.", "Open it again."
                )

    def open(self) -> Iterator[tuple[dict[str, str], int]]:
        """For each document, in order, what the child has to know of it and a descriptor to read it from.

        The caller closes each descriptor.

        Raises:
            UserError: A file cannot be read any more.
        """
        for file in self.files:
            known = {"name": file.name, "path": file.path, "encoding": file.encoding, "errors": "replace"}
            yield known, _open_file(file.path)
        for index, text in enumerate(self.texts):
            known = {"name": f"text {index}", "path": "", "encoding": "utf-8", "errors": "surrogatepass"}
            yield known, _in_memory(text)


def _open_file(path: str) -> int:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise UserError(
            f"The document {path} cannot be read: {error.strerror}.", "Check the file, then ask again."
        ) from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise UserError(f"{path} is not a file.", "Open a text file or a folder.")
    return fd


def _in_memory(text: str) -> int:
    fd = os.memfd_create("context", os.MFD_CLOEXEC)
    with os.fdopen(fd, "wb", closefd=False) as file:
        file.write(text.encode("utf-8", "surrogatepass"))
    return fd
