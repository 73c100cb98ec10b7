"""Make the bundle: ``dist/rlm-desktop``, a folder that runs without Python, and prove that it does (``bundle.py [MODEL.gguf]``).

PyInstaller follows the imports (``rlm-desktop.spec``); this adds the standard library's files for the REPL and what a
desktop wants to know, and then runs `check_bundle`.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import bundle_licences
import check_bundle
import desktop_entry
from bundle_contents import LIBRARY, ROOT, sources, standard_library

BUNDLE = ROOT / "dist" / "rlm-desktop"
WORK = ROOT / "build"
LOG = WORK / "pyinstaller.log"


def main(arguments: Sequence[str]) -> int:
    """Build, and check with the models whose files are named; returns the exit code."""
    begun = time.monotonic()
    say(f"Packing the program and its libraries (about a minute; details in {LOG.relative_to(ROOT)}) ...")
    if not pack():
        print(*LOG.read_text("utf-8").splitlines()[-20:], sep="\n", file=sys.stderr)
        print(f"The bundle was not made: PyInstaller failed; {LOG} says why.", file=sys.stderr)
        return 1
    say("Adding the standard library, which cells may import ...")
    add_standard_library(BUNDLE / "_internal" / LIBRARY)
    drop_debug_information(BUNDLE / "_internal")
    say("Adding the icon and the menu entry ...")
    desktop_entry.write(BUNDLE)
    say("Adding the licences of what is in it ...")
    for part in bundle_licences.write(BUNDLE / "licences", sources()):
        print(f"  No licence text was found here for {part}; add it before you pass the bundle on.")
    say("Checking it: another folder, no Python, an empty home ...")
    if not check_bundle.main([str(BUNDLE), *arguments]):
        print("The bundle was made, but does not pass its checks.", file=sys.stderr)
        return 1
    size = sum(path.lstat().st_size for path in BUNDLE.rglob("*"))
    say(f"Done in {time.monotonic() - begun:.0f} s: {BUNDLE} ({size / 1e6:.0f} MB).")
    say(f"Run {BUNDLE / 'rlm-desktop'}, or {BUNDLE / 'install.sh'} to have it in the menu and on the path.")
    return 0


def say(line: str) -> None:
    """Tell what is being done."""
    print(line, flush=True)


def pack() -> bool:
    """Have PyInstaller make the folder; whether it did."""
    WORK.mkdir(exist_ok=True)
    recipe = str(ROOT / "packaging" / "rlm-desktop.spec")
    places = ("--distpath", str(BUNDLE.parent), "--workpath", str(WORK))
    command = (sys.executable, "-m", "PyInstaller", "--noconfirm", *places, recipe)
    with LOG.open("wb") as log:
        return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log) == 0


def add_standard_library(folder: Path) -> None:
    """Copy it with its sources, so that tracebacks show them, and compiled, so that nothing has to be at run time."""
    for source, place in standard_library():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    compileall.compile_dir(
        folder,
        quiet=2,
        workers=os.cpu_count() or 1,
        stripdir=str(folder),
        prependdir=folder.name,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,  # the folder may be copied in any way
    )


def drop_debug_information(folder: Path) -> None:
    """Of the interpreter's library, where it was built with some (two thirds of 23 MB) and there is a ``strip``."""
    if strip := shutil.which("strip"):
        for library in folder.glob("libpython*.so*"):
            subprocess.run([strip, "--strip-debug", library], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
