"""A corpus: the documents a person opened, found and judged without reading them whole."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from rlm_desktop.documents.detect import NotTextError, encoding_of, sample
from rlm_desktop.documents.walk import Skipped, kind_of, walk
from rlm_desktop.errors import UserError

__all__ = ["Corpus", "Document", "Skipped", "scan_paths"]


class Document(msgspec.Struct, frozen=True):
    """A text file as it was when it was opened.

    Attributes:
        index: Position in its corpus, from 0.
        path: Absolute path.
        name: Short path to show, unique in its corpus.
        size: Bytes.
        mtime: Nanoseconds since the epoch.
        encoding: Python codec that reads it and drops a byte order mark.
    """

    index: int
    path: str
    name: str
    size: int
    mtime: int
    encoding: str


class Corpus(msgspec.Struct, frozen=True):
    """Everything opened together.

    Attributes:
        paths: What the person named, as absolute paths.
        kind: ``str`` when one file was named, otherwise ``list``.
        documents: In the order of the paths, below each in the order of their names.
        skipped: What was left out and why; a folder left out is one entry.
    """

    paths: tuple[str, ...]
    kind: Literal["str", "list"]
    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]


class _UnfitError(Exception):
    """A file that cannot be a document; the message is the reason."""


class _Facts(msgspec.Struct, frozen=True):
    size: int
    mtime: int
    encoding: str


def scan_paths(paths: Sequence[Path]) -> Corpus:
    """Find the documents at these paths.

    Raises:
        UserError: A path is missing, may not be read, or is an empty or binary file; or there is no
            text below any of them.
    """
    named = named_paths(paths)
    labels = _labels(named)
    documents: dict[str, Document] = {}
    skipped: list[Skipped] = []
    for path, label in zip(named, labels, strict=True):
        for file, facts in _open(path, skipped):
            relative = file.relative_to(path).as_posix()
            name = label if relative == "." else f"{label}/{relative}".lstrip("/")
            document = Document(len(documents), str(file), name, facts.size, facts.mtime, facts.encoding)
            documents.setdefault(document.path, document)
    if not documents:
        raise UserError(f"There is no text in {named[0]}: {_why(skipped)}.", "Open a folder with text files.")
    kind: Literal["str", "list"] = "str" if len(named) == 1 and str(named[0]) in documents else "list"
    return Corpus(tuple(map(str, named)), kind, tuple(documents.values()), tuple(skipped))


def named_paths(paths: Sequence[Path]) -> list[Path]:
    """What a person named, as absolute paths, each once.

    Raises:
        UserError: Nothing was named, or a name is not valid Unicode.
    """
    if not paths:
        raise UserError("No document was named.", "Name a text file or a folder.")
    for path in paths:
        shown = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if shown != str(path) or "\0" in shown:
            raise UserError(f"The name of {shown!r} is not valid Unicode.", "Rename it and open it again.")
    absolute = (os.path.abspath(os.path.expanduser(path)) for path in paths)  # noqa: PTH100, PTH111 - resolve() loses links; "~x" may be a name
    return [Path(path) for path in dict.fromkeys(absolute)]


def _labels(named: Sequence[Path]) -> list[str]:
    """What the names of each path's documents begin with, so that no two documents share a name."""
    if len(named) == 1:
        return [named[0].name if os.path.isfile(named[0]) else ""]  # noqa: PTH113 - a name too long is none
    depth, labels = 1, [path.name for path in named]
    while len(set(labels)) < len(set(named)):
        depth += 1
        labels = ["/".join(path.parts[-depth:]) for path in named]
    return labels


def _open(path: Path, skipped: list[Skipped]) -> Iterable[tuple[Path, _Facts]]:
    """The text files at one path; what is unfit inside a folder is skipped, a named file is an error."""
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
        if is_folder:
            os.scandir(path).close()
    except OSError as error:
        raise _cannot_open(path, error) from error
    if not is_folder:
        try:
            return [(path, _facts(path))]
        except _UnfitError as reason:
            raise UserError(f"{path} is {reason}.", _HINTS.get(str(reason), _HINT)) from reason
        except OSError as error:
            raise _cannot_open(path, error) from error
    found: list[tuple[Path, _Facts]] = []
    for item in walk(path):
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        try:
            found.append((item.path, _facts(item.path)))
        except _UnfitError as reason:
            skipped.append(Skipped(str(item.path), str(reason)))
        except OSError as error:
            skipped.append(Skipped(str(item.path), f"cannot be read: {(error.strerror or '').lower()}"))
    return found


def _facts(path: Path) -> _Facts:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise _UnfitError(f"not a file but {kind_of(status.st_mode)}")
    if status.st_size == 0:
        raise _UnfitError("empty")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe put there meanwhile
    try:
        status = os.fstat(descriptor)
        samples = sample(descriptor, status.st_size)
        encoding = encoding_of(samples)
        if not samples.head.decode(encoding, "replace"):  # nothing but a byte order mark
            raise _UnfitError("empty")
    except NotTextError as reason:
        raise _UnfitError(f"binary ({reason})") from reason
    finally:
        os.close(descriptor)
    return _Facts(status.st_size, status.st_mtime_ns, encoding)


def _cannot_open(path: Path, error: OSError) -> UserError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return UserError(f"There is no file or folder {path}.", "Check the spelling of the path.")
    if isinstance(error, PermissionError):
        return UserError(f"{path} may not be read by you.", "Ask its owner for permission to read it.")
    return UserError(f"{path} cannot be opened: {error.strerror}.", "Check the disk it is on.")


def _why(skipped: Sequence[Skipped]) -> str:
    """What was left out, the commonest reasons first."""
    counts = Counter(item.reason for item in skipped)
    parts = [f"{count} {reason}" for reason, count in counts.most_common(3)]
    return "left out " + ", ".join(parts) if parts else "it is empty"


_HINT = "Open a text file, or convert this one to text first."
_HINTS = {"empty": "Open a file that has text in it."}
