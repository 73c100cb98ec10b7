"""Collect the words of the window for translators, and compile what they wrote: ``make translations [LANGUAGE=de]``.

``resources/translations/window.ts`` holds every text; a language has a file of its own beside it, ``window_de.ts``,
to be edited with Qt Linguist (``pyside6-linguist``). The program loads the compiled ``window_de.qm``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rlm_desktop.gui.actions import ACTIONS
from rlm_desktop.gui.asking.templates import shipped

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "resources" / "translations"
TEMPLATE = "window.ts"


def sources() -> list[Path]:
    """The files whose texts are shown."""
    return sorted((ROOT / "rlm_desktop" / "gui").rglob("*.py"))


def collect(files: Sequence[Path]) -> None:
    """Bring translation files up to date; what was translated stays.

    Args:
        files: Made where there are none.

    Raises:
        subprocess.CalledProcessError: Qt's tool failed.
    """
    names = [str(source.relative_to(ROOT)) for source in sources()]
    options = ("-tr-function-alias", "tr+=later", "-locations", "none", "-no-obsolete", "-silent")
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "tables.py")
        table.write_text(
            "".join(f"tr({json.dumps(text, ensure_ascii=False)})\n" for text in of_tables()), "utf-8"
        )
        for file in files:
            file.parent.mkdir(exist_ok=True, parents=True)
            _run("lupdate", *options, *names, str(table), "-ts", str(file))


def of_tables() -> list[str]:
    """What the tables of actions and of templates say, which Qt's tool does not find there."""
    said = [text for spec in ACTIONS for text in (spec.text, spec.tip, *spec.menu.split("/"))]
    said += [text for one in shipped() for text in (one.title, one.text, one.note) if text]
    return list(dict.fromkeys(said))


def compile_file(file: Path) -> Path:
    """Make what the program loads of a translator's file.

    Returns:
        The compiled file, beside it.

    Raises:
        subprocess.CalledProcessError: Qt's tool failed.
    """
    _run("lrelease", "-silent", str(file))
    return file.with_suffix(".qm")


def _run(tool: str, *arguments: str) -> None:
    program = Path(sys.executable).with_name(f"pyside6-{tool}")
    subprocess.run([str(program), *arguments], check=True, cwd=ROOT)


def main(languages: Sequence[str]) -> None:
    """Update the template, every language there is, and these."""
    new = [FOLDER / f"window_{language}.ts" for language in languages if language]
    files = sorted({FOLDER / TEMPLATE, *FOLDER.glob("window_*.ts"), *new})
    collect(files)
    for file in files:
        if file.name != TEMPLATE:
            compile_file(file)
    print(f"{len(files)} files in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
