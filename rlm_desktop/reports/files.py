"""Write a file whole or not at all, and never over another one unasked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from rlm_desktop.errors import UserError


def save(pieces: Iterable[str], path: Path, *, overwrite: bool) -> Path:
    """Write the pieces, as UTF-8, to a new file beside ``path`` that then takes its place.

    A symbolic link stays, and what it points to is replaced.

    Returns:
        The absolute path of the file.

    Raises:
        UserError: The file exists and may not be replaced, or cannot be written.
    """
    try:
        path = path.resolve()
        _check(path, overwrite)
        part = path.with_name(f".{secrets.token_hex(6)}.part")
        try:
            with part.open("x", encoding="utf-8", errors="replace", newline="\n") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            _check(path, overwrite)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error
    except (RuntimeError, ValueError) as error:  # a loop of symbolic links; a NUL in the name
        raise UserError(f"{path} cannot be written: {error}.", "Choose another place.") from error
    return path


def _check(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise UserError(f"{path} is a folder.", "Name a file in it.")
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not a file.", "Name one, or write to standard output with -o -.")
    if path.exists() and not overwrite:
        raise UserError(f"{path} exists already.", "Choose another name, or replace it with --force.")
