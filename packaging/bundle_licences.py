"""The licence texts of everything in the bundle, collected from where each part was installed from."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

FOLDER = Path(__file__).parent / "licences"
NOT_IN_WHEEL = {
    "PySide6_Essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "llama_cpp_python": ("llama.cpp.txt",),
}
"""Texts in `FOLDER` of what lies in a wheel without one. llama.cpp's are those of the locked source package."""
DOCUMENTS = Path("/usr/share/doc")
SHARED = Path("/usr/share/common-licenses")
"""Where Debian and Ubuntu keep the notices of their packages, and the long texts that those name."""
PREFACE = """\
RLM Desktop is under the MIT licence (../LICENSE). What it is bundled with is under these; the folders hold their
texts and notices.

Qt and PySide6 are used under the GNU Lesser General Public License, version 3. Their libraries are the files in
_internal/PySide6 and _internal/shiboken6: you may replace them by others of your own making, and take them apart to
find out how. Their source is at https://download.qt.io/official_releases/QtForPython/. The source of the system
libraries is with the system that is named; that of everything else is on the Python package index.

"""
_TEXT = re.compile(r"(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|AUTHORS|THIRD.?PARTY)(?!.*\.py)", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """Something the bundle holds.

    Attributes:
        name: What it is called, with its version.
        licence: What it says of itself in short.
        texts: Its licence files by the place they get.
    """

    name: str
    licence: str
    texts: Mapping[str, Path]


def write(folder: Path, sources: Iterable[Path]) -> list[str]:
    """Write the texts and a list of them into a folder.

    Args:
        folder: The folder, which is made.
        sources: The files that went into the bundle, where they were installed.

    Returns:
        The parts for which no text was found.
    """
    installed, rest = of_distributions(sources)
    parts = [*installed, python(), *of_system(rest)]
    lines = []
    for part in parts:
        for place, text in part.texts.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(text, target)
        lines.append(f"{part.name}: {part.licence}" if part.licence else part.name)
    (folder / "README.txt").write_text(PREFACE + "\n".join(lines) + "\n", encoding="utf-8")
    return [part.name for part in parts if not part.texts]


def of_distributions(sources: Iterable[Path]) -> tuple[list[Part], list[Path]]:
    """The Python packages these files belong to, and the files that belong to none."""
    owners = {
        Path(str(found.locate_file(file))): found for found in distributions() for file in found.files or ()
    }
    named: dict[str, Distribution] = {}
    rest = []
    for source in sources:
        if owner := owners.get(source):
            named[owner.name] = owner
        else:
            rest.append(source)
    return [_distribution(named[name]) for name in sorted(named, key=str.lower)], rest


def _distribution(found: Distribution) -> Part:
    name = f"{found.name}-{found.version}"
    texts = {
        f"{name}/{_short(file.parts)}": Path(str(found.locate_file(file)))
        for file in found.files or ()
        if _TEXT.match(file.name)
    }
    texts |= {f"{name}/{text}": FOLDER / text for text in NOT_IN_WHEEL.get(found.name, ())}
    return Part(f"{found.name} {found.version}", _stated(found), texts)


def _stated(found: Distribution) -> str:
    """The licence's name: an expression, or what older packages have, or their classifiers."""
    classifiers = found.metadata.get_all("Classifier") or []
    names = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith("License ::")]
    fields = ("License-Expression", "License")  # newer importlib.metadata raises for a missing one
    stated = next((found.metadata[field] for field in fields if field in found.metadata), "") or ", ".join(
        names
    )
    return stated.partition("\n")[0]


def _short(parts: tuple[str, ...]) -> str:
    """Where a text lies below its package's own folder."""
    kept = parts[1:] if parts[0].endswith(".dist-info") else parts
    return "/".join(kept[1:] if kept[0] == "licenses" else kept)


def python() -> Part:
    """The interpreter and its standard library."""
    version = sys.version.split()[0]
    text = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    debian = f"python{sys.version_info.major}.{sys.version_info.minor}"
    texts = {f"Python-{version}/LICENSE.txt": text} if text.is_file() else _notices(debian)
    return Part(f"Python {version}", "PSF-2.0", texts)


def of_system(files: Iterable[Path]) -> list[Part]:
    """The packages of Debian or Ubuntu these libraries belong to; elsewhere the libraries themselves, without a text."""
    libraries = [
        file for file in files if ".so" in file.name and file.is_relative_to("/") and not _ours(file)
    ]
    packages: dict[str, str] = {}
    unknown = []
    for library in libraries:
        if owner := _package(library):
            packages[owner[0]] = owner[1]
        else:
            unknown.append(library.name)
    parts = [Part(f"{name} {version}", "", _notices(name)) for name, version in sorted(packages.items())]
    return [*parts, *(Part(name, "", {}) for name in sorted(set(unknown)))]


def _ours(file: Path) -> bool:
    """Whether it is of the interpreter: its modules, its library."""
    return file.is_relative_to(Path(sys.base_prefix) / "lib") and (
        "lib-dynload" in file.parts or file.name.startswith("libpython")
    )


def _package(library: Path) -> tuple[str, str] | None:
    """The Debian package that brought a library, and its version."""
    if not shutil.which("dpkg-query"):
        return None
    places = {library, library.resolve()}
    places |= {Path("/", place.relative_to("/usr")) for place in places if place.is_relative_to("/usr")}
    name = _ask("dpkg-query", "--search", *map(str, places)).partition(":")[0]
    version = _ask("dpkg-query", "--show", "--showformat=${source:Version}\n", name).partition("\n")[0]
    return (name, version) if name else None


def _ask(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _notices(package: str) -> dict[str, Path]:
    """Its copyright file, and the long texts that this names."""
    notice = DOCUMENTS / package / "copyright"
    if not notice.is_file():
        return {}
    named = re.findall(rf"{re.escape(str(SHARED))}/([\w.-]*\w)", notice.read_text("utf-8", "replace"))
    texts = {f"system/licences/{name}": SHARED / name for name in named if (SHARED / name).is_file()}
    return {f"system/{package}.txt": notice, **texts}
