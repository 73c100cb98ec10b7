"""Write the texts of ``rlm-desktop bench inference`` anew: ``python packaging/record_bench.py``. It runs no model.

The results, ``resources/bench/reading.json`` and ``trace.json``, are kept as they are, so that figures of different
days and versions can be compared; new ones begin a new series of figures. The passages are pieces of the standard
library of the Python that runs this (PSF licence), cut by the vocabulary of the default model. The trace is a run as
the default model's strategy ``rlm`` would have it: the prompts are the program's own, the replies are written here.
"""

from __future__ import annotations

import platform
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from string import Template

import llama_cpp
import msgspec

from rlm_desktop.bench.inference.workload import Passage, Reading, Trace, Turn
from rlm_desktop.config import Settings, default_home, shared_file
from rlm_desktop.engine.dialects import DIALECTS, Scene
from rlm_desktop.models.registry import default_model, resolve

PASSAGE_TOKENS, LONG_TOKENS = 350, 1000
PASSAGES, LONG_PASSAGES, BATCHES, BATCH = 64, 12, 4, 8
LISTING_TOKENS = 407
TEMPLATE_TOKENS = 10
"""Tokens of the chat template around a reply and the next prompt."""
TURN_TOKENS = (900, 1900, 2800, 3500, 3850, 4000)
"""Tokens of the root's prompt at each turn: at the last one 96 % were there before."""
SYSTEM = (
    "You read one passage of a longer document and say what it tells about a question. You use the passage alone and "
    "never what you know from elsewhere. The passage comes first, then the question, then what to do. Name the "
    "function, the class or the value that the answer is about. Do not repeat the question, do not say how you found "
    "the answer, and write no code. Keep to the words of the passage wherever you can, and keep the answer as short as the passage allows."
)
LAYOUT = (
    "Passage ($where):\n$passage\n\nQuestion: $question\n\nAnswer the question from the passage in one short "
    "sentence, in the passage's own words. If the passage does not say, reply NONE."
)
QUESTIONS = (
    "What does this code do when it is given something it cannot handle?",
    "Which function or class does this code define first, and what does it take?",
)
ASKED = "Which parts of the library wait for something with a limit of time, and what do they raise when it is over?"
TRACE_QUESTIONS = (
    "Does this code wait for something, and can the waiting be limited?",
    "Which exception is raised when a limit of time is over?",
    "What is the default of the timeout, and in which unit is it given?",
    "Does this code try again after a timeout, and how often?",
)
REPLIES = (
    'I will look for the places that speak of a timeout first.\n```repl\nhits = find("timeout wait limit raises", '
    'k=8)\nnames = sorted({hit.name for hit in hits})\nprint(len(hits), "passages in", names)\nfor hit in hits[:3]:\n'
    "    print(hit.name, hit.start_line)\n    print(hit.text)\n```",
    "Several modules wait. I will read eight passages and ask whether the waiting can be limited.\n```repl\nreadings = "
    'read("Does this code wait for something, and can the waiting be limited?", hits)\nfor reading in readings:\n'
    '    print(reading.found, reading.answer)\nmore = grep(r"TimeoutError|Timeout\\b", k=20)\nprint(more)\n```',
    "Now I need the exception that each of them raises.\n```repl\nfound = [r.passage for r in readings if r.found] + "
    'more\nreadings = read("Which exception is raised when a limit of time is over?", found[:8])\nfor reading in '
    'readings:\n    print(reading.passage.name, "->", reading.answer or "nothing")\n```',
    "The exceptions are known. The default of each timeout is still missing, so I read the passages once more.\n"
    '```repl\nreadings = read("What is the default of the timeout, and in which unit is it given?", found[:8])\n'
    "table = [(r.passage.name, r.answer) for r in readings]\nfor row in table:\n    print(row)\n```",
    'One thing is left: whether any of them tries again.\n```repl\nreadings = read("Does this code try again after a '
    'timeout, and how often?", found[:8])\nagain = [(r.passage.name, r.answer) for r in readings if r.found]\n'
    'print(len(again), "of them try again:", again)\nprint(table[:2])\n```',
    'All of it is known now.\n```repl\nanswer["content"] = "Locks, queues, sockets and subprocesses wait with a '
    'limit of time. " + "; ".join(f"{name}: {what}" for name, what in table)\nanswer["ready"] = True\n```',
)


class Cutter:
    """Cuts texts by the default model's vocabulary."""

    def __init__(self, path: Path) -> None:
        self._model = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)

    def tokens(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._model.tokenize(text.encode(), add_bos=False))

    def head(self, lines: list[str], tokens: int) -> str:
        """The first lines that have at most so many tokens together."""
        text = ""
        for line in lines:
            if self.tokens(text + line) > tokens:
                break
            text += line
        return text.rstrip()


def main() -> None:
    """Write both files."""
    model = resolve(default_model(Settings(default_home())), Settings(default_home()))
    cutter = Cutter(model.path)
    source = (
        f"Passages: the standard library of Python {platform.python_version()}, Copyright © 2001 Python Software "
        "Foundation, under the PSF licence (https://docs.python.org/3/license.html). All else is this program's own."
    )
    pieces = passages(cutter)
    reading = Reading(
        source=source,
        system=SYSTEM,
        layout=LAYOUT,
        questions=QUESTIONS,
        passages=tuple(next(pieces) for _ in range(PASSAGES)),
        long_passages=tuple(long_passages(cutter)),
    )
    recorded = trace(cutter, pieces, source)
    folder = shared_file("resources", "bench")
    for name, document in (("reading", reading), ("trace", recorded)):
        text = msgspec.json.format(msgspec.json.encode(document), indent=1)
        (folder / f"{name}.json").write_bytes(text + b"\n")


def modules(smallest: int) -> list[Path]:
    """The library's modules of at least so many bytes."""
    library = Path(sysconfig.get_path("stdlib"))
    files = [*library.glob("*.py"), *library.glob("asyncio/*.py"), *library.glob("email/*.py")]
    return sorted(file for file in files if file.stat().st_size > smallest and not file.name.startswith("_"))


def passages(cutter: Cutter) -> Iterator[Passage]:
    """Pieces from different places of different modules."""
    for share in (0.25, 0.6):
        for file in modules(20_000):
            yield passage(cutter, file, share, PASSAGE_TOKENS)


def long_passages(cutter: Cutter) -> Iterator[Passage]:
    """Long pieces, one of each of the first modules that are large."""
    for file in modules(40_000)[:LONG_PASSAGES]:
        yield passage(cutter, file, 0.4, LONG_TOKENS)


def passage(cutter: Cutter, file: Path, share: float, tokens: int) -> Passage:
    """A piece that begins with the first definition after a share of the module."""
    lines = file.read_text("utf-8").splitlines(keepends=True)
    first = int(len(lines) * share)
    begins = (
        number for number in range(first, len(lines)) if lines[number].lstrip().startswith(("def ", "class "))
    )
    first = next(begins, first)
    where = f"{file.relative_to(sysconfig.get_path('stdlib'))}, line {first + 1}"
    return Passage(where, cutter.head(lines[first:], tokens))


def trace(cutter: Cutter, pieces: Iterator[Passage], source: str) -> Trace:
    """The run: six turns whose prompts grow as planned, and a batch of sub-calls after the second to fifth."""
    dialect = DIALECTS["rlm-v1"]
    scene = Scene(
        question=ASKED,
        context="a list of 212 texts with 6,182,337 characters in all (`list[str]`); `documents[i].path` names "
        "`context[i]`",
        documents="Documents:\n" + cutter.head(listing(), LISTING_TOKENS),
        turns=10,
        sub_characters=24_000,
        recursion=True,
    )
    system, prompt = dialect.system(scene), dialect.first(scene)
    total = cutter.tokens(system + prompt)
    turns = []
    for number, reply in enumerate(REPLIES):
        asked = TRACE_QUESTIONS[number - 1] if 1 <= number <= BATCHES else ""
        sub_calls = tuple(sub_call(next(pieces), asked) for _ in range(BATCH * bool(asked)))
        turns.append(Turn(prompt, reply, sub_calls))
        if reply != REPLIES[-1]:
            bare = cutter.tokens(reply + dialect.next(scene, number + 2, "", "-", "")) + TEMPLATE_TOKENS
            output = cutter.head(printed(pieces), TURN_TOKENS[number + 1] - total - bare)
            prompt = dialect.next(scene, number + 2, "", output, "")
            total += cutter.tokens(reply + prompt) + TEMPLATE_TOKENS
    return Trace(source=source, system=system, sub_system=SYSTEM, turns=tuple(turns))


def listing() -> list[str]:
    """The documents of the run, a line each."""
    return [f"- {file.name} ({file.stat().st_size:,} bytes)\n" for file in modules(20_000)]


def printed(pieces: Iterator[Passage]) -> list[str]:
    """What a cell may have printed: passages, where they stand first."""
    shown = [next(pieces) for _ in range(3)]
    return "\n".join(f"{piece.where}\n{piece.text}\n" for piece in shown).splitlines(keepends=True)


def sub_call(piece: Passage, question: str) -> str:
    """What a sub-call is asked."""
    return Template(LAYOUT).substitute(where=piece.where, passage=piece.text, question=question)


if __name__ == "__main__":
    main()
