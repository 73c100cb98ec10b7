"""Record the sample session anew: ``python packaging/record_sample.py``. It runs the default model for some seconds.

The result, ``resources/samples/session.jsonl``, is what the welcome page replays. It is a run like any other, except
that its id is ``sample`` and that the folder of the standard library, which is different everywhere, is ``Lib``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import msgspec

from rlm_desktop.config import default_home, shared_file
from rlm_desktop.engine.recordings import SAMPLE
from rlm_desktop.events import AnyEvent, Recording, decode, encode, write_recording
from rlm_desktop.store import Store

QUESTION = "What is the default port of an SMTP connection?"


def main() -> int:
    """Ask, and write down how it went; the exit status of asking."""
    library = sysconfig.get_path("stdlib")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "data"
        home.mkdir()
        (home / "models").symlink_to(default_home() / "models")
        ask = (
            sys.executable,
            "-m",
            "rlm_desktop",
            "ask",
            library,
            "-q",
            QUESTION,
            "--data-dir",
            home,
            "--json",
        )
        asked = subprocess.run(ask, stdout=subprocess.PIPE, check=False)
        if asked.returncode:
            return asked.returncode
        run = json.loads(asked.stdout)["run"]
        with Store(home / "store.db", home / "locks") as store:
            events = tuple(anywhere(event, library) for event in store.events(run))
            path = shared_file("resources", "samples", "session.jsonl")
            path.parent.mkdir(exist_ok=True)
            write_recording(Recording(events, store.text), path)
    if library in path.read_text("utf-8"):
        raise SystemExit(f"{path} names a folder of this computer.")
    print(f"{path}: {len(events)} events, {path.stat().st_size / 1000:.0f} kB")
    return 0


def anywhere(event: AnyEvent, library: str) -> AnyEvent:
    """The event as it would be on a computer whose standard library is in the folder ``Lib``."""
    moved = encode(event).replace(msgspec.json.encode(library)[1:-1], b"Lib")
    return msgspec.structs.replace(decode(moved), run=SAMPLE, **_session(event))


def _session(event: AnyEvent) -> dict[str, str]:
    return {"session": SAMPLE} if hasattr(event, "session") else {}


if __name__ == "__main__":
    sys.exit(main())
