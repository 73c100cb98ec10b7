"""The demo: ask a question of Python's own standard library and check the answer's quotes against the files.

``MODEL``, ``QUESTION`` and ``DOCS`` in the environment choose something else; `make demo` passes them on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("rlm-desktop")
MODEL = "qwen2.5-coder-1.5b"
WEAK = "smollm2-135m"
QUESTION = "What is the period of the Mersenne Twister generator in the random module?"


def main(environment: Mapping[str, str]) -> int:
    """Fetch the model, ask, print the answer, check it; the exit status of whatever failed, or 0."""
    model = environment.get("MODEL") or MODEL
    question = environment.get("QUESTION") or QUESTION
    documents = environment.get("DOCS") or sysconfig.get_path("stdlib")
    status = subprocess.call([PROGRAM, "models", "pull", model])
    if status:
        return status
    print(f"\nDocuments: {documents}{_measure(documents)}")
    print(f"Question:  {question}\nModel:     {model}\n", flush=True)
    if model == WEAK:
        print(
            "This model is for a first try: its answers are weak. The default model is far better.\n",
            flush=True,
        )
    asking = subprocess.run(
        [PROGRAM, "ask", documents, "--question", question, "--model", model, "--json"],
        stdout=subprocess.PIPE,
        check=False,
    )
    if not asking.stdout.strip():
        return asking.returncode or 1
    result = json.loads(asking.stdout)
    print(f"\nAnswer:    {result['answer'] or '(none)'}")
    wrong = report(result["citations"])
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        print("\n`make run` opens the window.")
    unsupported = result["status"] == "answered" and not any(one["verified"] for one in result["citations"])
    return 1 if wrong or (unsupported and model != WEAK) else asking.returncode


def _measure(documents: str) -> str:
    """How much there is to read, as the program itself counts it."""
    measured = subprocess.run(
        [PROGRAM, "corpus", documents, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if measured.returncode:
        return ""
    corpus = json.loads(measured.stdout)
    return f" ({corpus['files']:,} files, {corpus['lines']:,} lines, {corpus['characters'] / 1e6:.0f} million characters)"


def report(citations: list[dict[str, Any]]) -> int:
    """Print what the answer rests on; how many verified quotes do not stand where they are said to."""
    verified = [citation for citation in citations if citation["verified"]]
    for citation in verified:
        first, last = citation["start_line"], citation["end_line"]
        print(f"\n  {citation['path']}, {f'line {first}' if first == last else f'lines {first}-{last}'}")
        print(f"    {' '.join(citation['quote'].split())}")
    wrong = [citation for citation in verified if not stands(citation)]
    for citation in wrong:
        print(f"\nWrong: the quote does not stand in {citation['path']} at these lines.", file=sys.stderr)
    if not verified:
        print("\nNo quote from the documents supports this answer.")
    elif not wrong:
        print("\nChecked: what is quoted stands in the files at these lines.")
    return len(wrong)


def stands(citation: Mapping[str, Any]) -> bool:
    """Whether the quoted words are in the file at the lines named; spacing does not count."""
    lines = Path(citation["path"]).read_text(encoding="utf-8", errors="replace").split("\n")
    cited = " ".join(" ".join(lines[citation["start_line"] - 1 : citation["end_line"]]).split())
    quote = " ".join(citation["quote"].split())
    return bool(quote) and quote in cited


if __name__ == "__main__":
    try:
        sys.exit(main(os.environ))
    except KeyboardInterrupt:
        sys.exit(130)
