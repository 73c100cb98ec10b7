"""Walk a folder the way a person would expect: in order, past caches, without what git ignores."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from pathspec import GitIgnoreSpec

_FOLDERS = {
    **dict.fromkeys((".git", ".hg", ".svn", ".bzr", "CVS", "_darcs", ".jj"), "version control data"),
    **dict.fromkeys(("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".cache"), "cache"),
    **dict.fromkeys((".tox", ".nox", ".eggs", ".hypothesis", ".gradle"), "cache"),
    **dict.fromkeys(("node_modules", "bower_components"), "installed packages"),
    **dict.fromkeys(("site-packages", "dist-packages"), "installed packages"),
}
_MARKERS = {"CACHEDIR.TAG": "cache", "pyvenv.cfg": "virtual environment"}


class Found(msgspec.Struct, frozen=True):
    """A regular file to look into."""

    path: Path


class Skipped(msgspec.Struct, frozen=True):
    """Something left out, a file or a whole folder, and why."""

    path: str
    reason: str


class _Ignore(msgspec.Struct, frozen=True):
    """The rules of one .gitignore file, for paths below its folder."""

    folder: str
    spec: GitIgnoreSpec

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """True: ignored; False: kept by a ``!`` rule; None: not mentioned."""
        relative = os.path.relpath(path, self.folder).replace(os.sep, "/")
        return self.spec.check_file(relative + "/" if is_folder else relative).include


class _Folder(msgspec.Struct, frozen=True):
    """A folder yet to be read, with the rules from above it, the outermost first."""

    path: str
    ignores: tuple[_Ignore, ...]


def walk(root: Path) -> Iterator[Found | Skipped]:
    """Every file below a folder in the order of their paths, and what was left out on the way.

    A folder left out is one `Skipped`. Symbolic links are not followed: what they point to is either in
    the folder anyway, or something nobody opened.
    """
    top = os.path.realpath(root)
    stack: list[_Folder | Found | Skipped] = [_Folder(str(root), _from_above(top, str(root)))]
    while stack:
        item = stack.pop()
        if isinstance(item, _Folder):
            stack.extend(reversed(_read(item, top)))
        else:
            yield item


def _read(folder: _Folder, top: str) -> list[_Folder | Found | Skipped]:
    try:
        with os.scandir(folder.path) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        return [Skipped(folder.path, f"cannot be read: {_reason(error)}")]
    ignores = folder.ignores
    own = _ignore_file(Path(folder.path) / ".gitignore", folder.path)
    if own is not None:
        ignores = (*ignores, own)
    return [_judge(entry, ignores, top) for entry in entries]


def _judge(entry: os.DirEntry[str], ignores: tuple[_Ignore, ...], top: str) -> _Folder | Found | Skipped:
    shown = entry.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if shown != entry.path:
        return Skipped(shown, "its name is not valid UTF-8")
    if entry.is_symlink():
        return Skipped(shown, _link(entry.path, top))
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError as error:
        return Skipped(shown, f"cannot be read: {_reason(error)}")
    is_folder = stat.S_ISDIR(mode)
    reason = _rule(entry) if is_folder else "" if stat.S_ISREG(mode) else f"not a file but {kind_of(mode)}"
    if not reason and _is_ignored(entry.path, ignores, is_folder=is_folder):
        reason = "ignored by .gitignore"
    if reason:
        return Skipped(shown, reason)
    return _Folder(entry.path, ignores) if is_folder else Found(Path(entry.path))


def _rule(folder: os.DirEntry[str]) -> str:
    if folder.name in _FOLDERS:
        return _FOLDERS[folder.name]
    return next((why for name, why in _MARKERS.items() if Path(folder.path, name).is_file()), "")


def _link(path: str, top: str) -> str:
    target = Path(os.path.realpath(path))
    if not target.exists():
        return "broken symbolic link"
    if target.is_relative_to(top):
        return "symbolic link to something already in the folder"
    return "symbolic link to outside the folder"


def _is_ignored(path: str, ignores: Sequence[_Ignore], *, is_folder: bool) -> bool:
    for ignore in reversed(ignores):  # the rules nearest to the file decide
        verdict = ignore.verdict(path, is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False


def _from_above(top: str, root: str) -> tuple[_Ignore, ...]:
    """Rules of the repository around the opened folder; none if they ignore that folder itself."""
    above: list[_Ignore] = []
    for folder in (Path(top), *Path(top).parents):
        if str(folder) != top:
            ignore = _ignore_file(folder / ".gitignore", str(folder))
            above += [ignore] if ignore else []
        if (folder / ".git").exists():
            ignore = _ignore_file(folder / ".git" / "info" / "exclude", str(folder))
            above += [ignore] if ignore else []
            break
    else:
        return ()
    rules = tuple(reversed(above))
    if root != top or _is_ignored(top, [rule for rule in rules if rule.folder != top], is_folder=True):
        return ()
    return rules


def _ignore_file(path: Path, folder: str) -> _Ignore | None:
    try:
        lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    except OSError:  # most folders have none, and one that cannot be read cannot be respected
        return None
    return _Ignore(folder, GitIgnoreSpec.from_lines([line for line in lines if _is_rule(line)]))


def _is_rule(line: str) -> bool:
    """Git passes over a malformed rule; pathspec raises."""
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def kind_of(mode: int) -> str:
    """What a file that is neither regular nor a folder is, in words."""
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"
