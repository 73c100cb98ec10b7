"""The cells that a scripted model runs in a bundle to prove that it works; see `check_bundle`."""

from __future__ import annotations

from collections.abc import Sequence

LOOK = """
import os
environment = sorted(os.environ)  # before readline and others add to it
lines = grep("begat")
seen = ["Enoch" in context, "Enoch" in find("Methuselah")[0], "Enoch" in lines[0], len(read("Who?", lines)) == 1]
said = llm_query_batched(["Is it so?", "Is it really?"])
print(seen, said)
"""

TRY_TO_LEAVE = """
import ctypes, errno, os, socket, ssl, subprocess

ssl.create_default_context()
attempts = {
    "/etc/passwd": lambda: open("/etc/passwd"),
    "the home": lambda: os.listdir("HOME"),
    "a file of the home": lambda: open("HOME/book.txt"),
    "writing beside the program": lambda: open(os.path.dirname(os.__file__) + "/mine", "w"),
    "the network": lambda: socket.create_connection(("127.0.0.1", 9)),
    "a program": lambda: subprocess.run(["/bin/true"]),
    "a process": os.fork,
    "its parent": lambda: os.kill(os.getppid(), 0),
    "site-packages": lambda: __import__("numpy"),
}
still_open = []
for what, attempt in attempts.items():
    try:
        attempt()
    except (PermissionError, ModuleNotFoundError, FileNotFoundError):  # namespaces have nothing that could be refused
        continue
    except Exception as error:
        if getattr(error, "errno", None) != errno.EROFS:
            still_open.append(f"{what}: {error!r}")
    else:
        still_open.append(what)
print(still_open)
"""

ANSWER = """
import json
FINAL(json.dumps({"environment": environment, "seen": seen, "said": said, "missing": missing, "open": still_open}))
"""


def import_all(modules: Sequence[str]) -> str:
    """A cell that imports these and uses a few that rest on compiled code or on data files."""
    return f"""
import importlib, warnings

missing = []
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for name in {list(modules)!r}:
        try:
            importlib.import_module(name)
        except Exception as error:
            missing.append(f"{{name}}: {{error}}")
import asyncio, concurrent.futures, csv, decimal, inspect, io, sqlite3, statistics, textwrap, unicodedata, zoneinfo
from xml.etree import ElementTree

with concurrent.futures.ThreadPoolExecutor(2) as pool:
    assert list(pool.map(len, ["a", "bb"])) == [1, 2]
assert asyncio.run(asyncio.sleep(0, 7)) == 7
assert sqlite3.connect(":memory:").execute("select sqrt(16), json('[1]')").fetchone() == (4.0, "[1]")
assert decimal.Decimal("0.1") * 3 == decimal.Decimal("0.3")
assert statistics.median([1, 2, 9]) == 2
assert list(csv.reader(io.StringIO("a,b"))) == [["a", "b"]]
assert ElementTree.fromstring("<a><b/></a>")[0].tag == "b"
assert unicodedata.name("é").startswith("LATIN")
assert "def dedent" in inspect.getsource(textwrap)
assert "é".encode("shift_jisx0213", "replace")
print(len(missing), missing[:3])
"""
