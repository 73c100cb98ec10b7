"""What the program is made of: versions and licences of its parts."""

from __future__ import annotations

import platform
import re
import sys
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import qVersion

from rlm_desktop import __version__
from rlm_desktop.processes import bundled

_NAME = re.compile(r"[\w.-]+")


def versions() -> str:
    """The versions that matter when something is wrong, one line."""
    return (
        f"RLM Desktop {__version__} · Qt {qVersion()} · "
        f"{platform.python_implementation()} {platform.python_version()} · {platform.platform(terse=True)}"
    )


def licences() -> str:
    """The parts of the program and their licences, one line each; in a bundle the list that came with it."""
    came_with_it = Path(sys.executable).parent / "licences" / "README.txt"
    if bundled() and came_with_it.is_file():
        return came_with_it.read_text("utf-8")
    names = (_NAME.match(part) for part in _required() if "extra ==" not in part)
    lines = [_line(name.group()) for name in names if name]
    return "\n".join(
        [f"Python {platform.python_version()}: PSF-2.0", *sorted(filter(None, lines), key=str.lower)]
    )


def _required() -> list[str]:
    try:
        return metadata.requires("rlm-desktop") or []
    except metadata.PackageNotFoundError:  # a checkout that was never installed
        return []


def _line(name: str) -> str:
    """Name, version and licence of an installed package; empty for one that this platform does not have."""
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    classifiers = found.get_all("Classifier") or []
    stated = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith("License ::")]
    fields = ("License-Expression", "License")
    licence = next((found[field] for field in fields if field in found), "") or ", ".join(stated)
    return f"{found['Name']} {found['Version']}: {licence.partition(chr(10))[0][:60]}"
