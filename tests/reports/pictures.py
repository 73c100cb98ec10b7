"""Pictures of the report in headless Chromium without a network: ``python -m tests.reports.pictures FOLDER [HTML…]``.

Not run by the suite: it needs ``chromium`` (and ``unshare`` for a network that is really gone).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rlm_desktop.events import Citation, LimitReached, Usage
from rlm_desktop.reports import export
from tests.reports.runs import Making

SIZES = {"1280x800": (1280, 800), "1920x1080": (1920, 1080), "phone": (412, 900), "zoom200": (640, 400)}
SCHEMES = {"light": 1, "dark": 0}


def main(folder: Path, pages: Sequence[Path]) -> None:
    """Write each page at each size, light and dark, closed and opened."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for page in pages or [_example(Path(scratch))]:
            opened = Path(scratch) / f"{page.stem}-opened.html"
            opened.write_text(
                page.read_text(encoding="utf-8").replace("<details ", "<details open "), encoding="utf-8"
            )
            for scheme, number in SCHEMES.items():
                for name, (width, height) in SIZES.items():
                    _shoot(page, folder / f"{page.stem}-{name}-{scheme}.png", width, height, number, scratch)
                _shoot(opened, folder / f"{page.stem}-opened-{scheme}.png", 1280, 3000, number, scratch)


def _shoot(page: Path, picture: Path, width: int, height: int, scheme: int, scratch: str) -> None:
    isolated = ["unshare", "-n"] if shutil.which("unshare") else []
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={scratch}/profile",
        f"--blink-settings=preferredColorScheme={scheme}",
        f"--window-size={width},{height}",
        f"--screenshot={picture}",
        page.resolve().as_uri(),
    ]
    subprocess.run([*isolated, *command], check=True, capture_output=True, timeout=120)
    print(picture)


def _example(folder: Path) -> Path:
    """A partial answer with everything a report can show, some of it hostile."""
    making = Making("Which keeper of the lamp recorded the great storm, and in what year?")
    said = [("system", "You answer a question about documents. " * 30), ("user", making.events[0].question)]
    for number in range(1, 4):
        turn = making.turn(number, *said)
        code = f"passages = find('keeper storm', k={6 * number})\nnotes = read('Who?', passages)  # round {number}\n[n for n in notes if n.found]"
        cell = making.cell(turn, code)
        batch = making.spans + 1
        for name in ("log-1871.txt:12-40", "log-1872.txt:1-33", "letters/<b>.txt:7"):
            call = making.call(
                cell,
                ("system", "Read the passage."),
                ("user", name),
                kind="read",
                label=f"Read {name}",
                batch=batch,
            )
            making.end_call(
                call,
                "NONE",
                after=900_000,
                usage=Usage(812, 4, 640, calls=1),
                verdict="no" if number < 3 else "yes",
            )
        if number == 2:
            making.end_cell(
                cell,
                "Traceback (most recent call last):\n  …\nKeyError: 'found'\n",
                status="error",
                error="KeyError: 'found'",
            )
        else:
            making.end_cell(cell, "[]\n" * 3 + "invoice\u202efdp.exe \x1b[31m\n", after=400_000)
        reply = f"I look at the logs once more.\n```repl\n{code}\n```"
        making.end_turn(
            turn,
            reply,
            after=2_000_000,
            usage=Usage(1400 * number, 96, 900 * number, calls=1, cost_usd=0.0021),
        )
        said += [("assistant", reply), ("user", f"Output: [] (turn {number} of 3)")]
    making.write(LimitReached, 0, which="turns", value=3)
    answer = (
        "**Ann Weir** recorded it in *1871*.\n\n| keeper | year | storm |\n|---|--:|---|\n| Ann Weir | 1871 | `great` |\n"
        "| Tom Roe | 1874 | small |\n\n```python\nyears = [1871, 1874]  # both logs\n```\n\nSee [the log](javascript:alert(1))."
    )
    evidence = (
        Citation(
            "archive/lighthouse/log-1871.txt",
            127,
            128,
            "The great storm broke the lamp room at four;\n  I kept the light by hand. A. Weir",
            True,
        ),
        Citation("", 0, 0, "She was praised for it by the board.", False),
    )
    return export(making.finish(answer, status="limit", evidence=evidence), "html", folder / "report.html")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
