"""Write into the person's own ``models.toml`` and leave everything else in it as it stands, comments too."""

from __future__ import annotations

import itertools
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

from rlm_desktop.config import Settings
from rlm_desktop.errors import UserError
from rlm_desktop.models.catalogue_file import own_file

Keys = tuple[str, ...]
Value = str | bool | int | float | Sequence["Value"] | Mapping[str, "Value"]
Table = Mapping[str, Value]
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_PREFACE = "# Your own models, and what you set of others; every field is explained in the file that comes with the program.\n"


def put_table(settings: Settings, keys: Keys, table: Table) -> None:
    """Put a table where one of that name stands, or at the end.

    Args:
        settings: Whose catalogue.
        keys: The parts of its name.
        table: What it says.

    Raises:
        UserError: The file cannot be read or written, or is written in a way that cannot be changed safely.
    """
    lines = [
        f"[{'.'.join(map(_key, keys))}]",
        *(f"{_key(name)} = {_toml(value)}" for name, value in table.items()),
    ]
    _change(settings, keys, "\n".join(lines) + "\n", {name: _plain(value) for name, value in table.items()})


def drop_table(settings: Settings, keys: Keys) -> None:
    """Take a table out, with those inside it; nothing if there is none.

    Raises:
        UserError: As `put_table`.
    """
    if own_file(settings).exists():
        _change(settings, keys, "", None)


def _change(settings: Settings, keys: Keys, text: str, meaning: dict[str, Any] | None) -> None:
    file = own_file(settings)
    try:
        with FileLock(settings.models / ".models.toml.lock"):
            before = file.read_text("utf-8") if file.exists() else _PREFACE
            after = _without(before, keys)
            if text:
                after = f"{after.rstrip()}\n\n{text}"
            if tomllib.loads(after) != _meant(tomllib.loads(before), keys, meaning):
                raise ValueError("a part of it would be lost")
            _write(file, after)
    except OSError as error:
        raise UserError(
            f"Your model catalogue {file} cannot be written: {error.strerror or error}."
        ) from error
    except ValueError as error:  # also tomllib's
        raise UserError(
            f"Your model catalogue {file} cannot be changed by the program: {error}.",
            "Edit it with a text editor.",
        ) from error


def _write(file: Path, text: str) -> None:
    """All of it or nothing, through a link if it is one."""
    target = file.resolve()
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _meant(tables: dict[str, Any], keys: Keys, meaning: dict[str, Any] | None) -> dict[str, Any]:
    """What the file should say afterwards; a table that has become empty is as good as none."""
    *above, last = keys
    inner = tables
    for key in above:
        inner = inner.setdefault(key, {})
    if meaning is None:
        inner.pop(last, None)
    else:
        inner[last] = meaning
    return (
        tables if not above or tables[above[0]] else {key: tables[key] for key in tables if key != above[0]}
    )


def _without(text: str, keys: Keys) -> str:
    """The text without a table, those inside it, and their lines; comments before the next table stay."""
    lines = _LINE.findall(text)
    headers = [*_headers(lines), (len(lines), ())]
    kept = lines[: headers[0][0]]
    for (start, name), (end, _) in itertools.pairwise(headers):
        gone = name[: len(keys)] == keys
        kept += lines[_last(lines, start, end) : end] if gone else lines[start:end]
    return "".join(kept)


def _last(lines: Sequence[str], start: int, end: int) -> int:
    """Where the comments and empty lines at the end of a table begin."""
    while end > start + 1 and lines[end - 1].strip()[:1] in {"", "#"}:
        end -= 1
    return end


def _headers(lines: Sequence[str]) -> Iterator[tuple[int, Keys]]:
    """The lines that begin a table, and its name. What only looks like one stands within a text of several lines."""
    for number, line in enumerate(lines):
        if (
            line.lstrip()[:1] == "["
            and (name := _parsed(line, _name))
            and _parsed("".join(lines[:number]), bool) is not None
        ):
            yield number, name


def _parsed(text: str, meaning: Callable[[dict[str, Any]], Any]) -> Any:
    try:
        return meaning(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return None


def _name(tables: dict[str, Any]) -> Keys:
    """The name of the only table, or of a list of tables, that a line begins."""
    keys: list[str] = []
    inner: Any = tables
    while inner:
        key, inner = next(iter(inner.items())) if isinstance(inner, dict) else ("", inner[0])
        keys += [key] if key else []
    return tuple(keys)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _toml(name)


def _toml(value: Value) -> str:
    if isinstance(value, str):  # JSON escapes all that TOML wants escaped, but for one character
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_toml(each)}" for name, each in value.items()) + " }"
    return "[" + ", ".join(map(_toml, value)) + "]"


def _plain(value: Value) -> Any:
    """A value as it is read back."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return value if isinstance(value, str | bool | int | float) else list(map(_plain, value))
