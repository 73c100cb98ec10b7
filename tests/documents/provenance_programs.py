"""Forty programs as models write them for a REPL, each of which says itself what of the documents it printed or sent.

A program gets a `Desk`. `desk.take(start, end)` is the text of a document, and remembers that it was taken, so a program
takes what it is about to show and nothing else. Everything else is as in a cell: `print`, slices, `re`, joins, f-strings.
"""

from __future__ import annotations

import inspect
import json
import random
import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rlm_desktop.repl.display import show

Span = tuple[int, int]


@dataclass
class Desk:
    """What a program works with, and what it leaves.

    Attributes:
        texts: The documents.
        names: Their names.
        prompts: What was sent to sub-calls.
        printed: What was printed.
        taken: Document, first and last character of all that was shown.
    """

    texts: list[str]
    names: list[str]
    prompts: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    taken: list[tuple[int, int, int]] = field(default_factory=list)

    def of(self, name: str) -> tuple[int, str]:
        index = self.names.index(name)
        return index, self.texts[index]

    def take(self, document: int, start: int, end: int) -> str:
        self.taken.append((document, start, end))
        return self.texts[document][start:end]

    def match(self, document: int, match: re.Match[str], group: int | str = 0) -> str:
        return self.take(document, *match.span(group))

    def print(self, *parts: object, sep: str = " ", end: str = "\n") -> None:
        self.printed.append(sep.join(map(str, parts)) + end)

    def value(self, value: object) -> None:
        """The last expression of the cell."""
        self.printed.append(show(value) + "\n")

    def llm_query(self, prompt: str) -> None:
        self.prompts.append(prompt)

    @property
    def outputs(self) -> list[str]:
        """Everything a model got to see, each text once."""
        return [text for text in ("".join(self.printed), *self.prompts) if text]


Program = Callable[[Desk], None]
PROGRAMS: list[Program] = []


def program(function: Program) -> Program:
    PROGRAMS.append(function)
    return function


def code_of(function: Program) -> str:
    return inspect.getsource(function)


def lines(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Where each line is, without its line break."""
    end = len(text) if end is None else end
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield start, stop
        start = stop + 1


@program
def the_beginning(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    desk.print(len(text))
    desk.print(desk.take(d, 0, 3000))


@program
def a_slice_in_the_middle(desk: Desk) -> None:
    d, _ = desk.of("novel.txt")
    desk.print(desk.take(d, 100_000, 104_500))


@program
def the_two_ends(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    desk.print("HEAD:", desk.take(d, 0, 800))
    desk.print("...")
    desk.print("TAIL:", desk.take(d, len(text) - 800, len(text)))


@program
def the_value_of_a_slice(desk: Desk) -> None:
    d, _ = desk.of("novel.txt")
    desk.value(desk.take(d, 50_000, 53_000))


@program
def head_of_every_document(desk: Desk) -> None:
    for d, name in enumerate(desk.names):
        desk.print(f"--- {name} ({len(desk.texts[d]):,} characters) ---")
        desk.print(desk.take(d, 0, min(300, len(desk.texts[d]))))


@program
def around_each_match(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    for match in list(re.finditer(r"said Greta", text))[:12]:
        start, end = max(0, match.start() - 200), match.end() + 200
        desk.print(f"[{match.start()}]", desk.take(d, start, end).replace("\n", " "))


@program
def windows_around_a_word(desk: Desk) -> None:
    d, text = desk.of("letters.txt")
    at = text.find("sincerely")
    while at >= 0 and len(desk.printed) < 20:
        desk.print(f"...{desk.take(d, max(0, at - 150), at + 60)}...")
        at = text.find("sincerely", at + 5000)


@program
def lines_with_a_word(desk: Desk) -> None:
    d, text = desk.of("server.log")
    found = [(s, e) for s, e in lines(text) if "ERROR" in text[s:e]]
    for s, e in found[:80]:
        desk.print(desk.take(d, s, e))


@program
def numbered_lines(desk: Desk) -> None:
    d, text = desk.of("lib/argparse.py")
    for number, (s, e) in enumerate(lines(text), 1):
        if "def " in text[s:e] and number < 900:
            desk.print(f"{number:5}: {desk.take(d, s, e)}")


@program
def every_tenth_line(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    for s, e in list(lines(text))[:2000:10]:
        if e > s:
            desk.print(desk.take(d, s, e))


@program
def stripped_lines(desk: Desk) -> None:
    d, text = desk.of("lib/socket.py")
    for s, e in lines(text):
        line = text[s:e]
        if "raise " in line:
            desk.print("-", desk.take(d, s + len(line) - len(line.lstrip()), s + len(line.rstrip())))


@program
def list_of_lines(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    desk.value([desk.take(d, s, e) for s, e in list(lines(text))[300:340]])


@program
def lines_with_their_ends(desk: Desk) -> None:
    d, text = desk.of("letters.txt")
    for s, e in list(lines(text))[100:160]:
        desk.print(desk.take(d, s, e + 1), end="")


@program
def joined_matches(desk: Desk) -> None:
    d, text = desk.of("records.csv")
    mails = [desk.match(d, m) for m in list(re.finditer(r"[\w.]+@example\.org", text))[:120]]
    desk.print("; ".join(mails))


@program
def groups_of_a_record(desk: Desk) -> None:
    d, text = desk.of("records.csv")
    row = re.compile(r"(\d{5}),(\d{4}-\d\d-\d\d),([^,]+),([^,]+),([\d.]+),overdue,(.+)")
    for m in list(row.finditer(text))[:60]:
        desk.print(f"{desk.match(d, m, 4)} owes since {desk.match(d, m, 2)} ({desk.match(d, m, 6)})")


@program
def tuples_of_findall(desk: Desk) -> None:
    d, text = desk.of("letters.txt")
    found = list(re.finditer(r"From: (.+)\nTo: .+\nDate: .+\nSubject: (.+)", text))[:40]
    desk.value([(desk.match(d, m, 1), desk.match(d, m, 2)) for m in found])


@program
def headings(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    for m in re.finditer(r"^CHAPTER \d+\. .+$", text, re.MULTILINE):
        desk.print(m.start(), desk.match(d, m))


@program
def dictionary_of_sections(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    marks = [m.start() for m in re.finditer(r"^CHAPTER", text, re.MULTILINE)]
    desk.value({number: desk.take(d, start, start + 200) for number, start in enumerate(marks[:20])})


@program
def sentences_about(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    for m in list(re.finditer(r"[^.?!]*\bKeiko\b[^.?!]*[.?!]", text))[:25]:
        s, e = m.span()
        s += len(m.group()) - len(m.group().lstrip())
        desk.print("*", desk.take(d, s, e))


@program
def json_of_passages(desk: Desk) -> None:
    d, text = desk.of("letters.txt")
    starts = [m.start() for m in re.finditer("=== LETTER", text)][:10]
    desk.print(json.dumps([{"at": s, "text": desk.take(d, s, s + 350)} for s in starts], indent=1))


@program
def joined_paragraphs(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    spans = [m.span() for m in re.finditer(r"(?:.+\n)+", text)]
    chosen = random.Random(3).sample(spans, 12)
    desk.print("\n\n---\n\n".join(desk.take(d, s, e) for s, e in chosen))


@program
def wrapped_again(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    m = list(re.finditer(r"(?:.+\n)+", text))[77]
    desk.print(textwrap.fill(desk.match(d, m).rstrip(), 100))


@program
def one_line_per_paragraph(desk: Desk) -> None:
    d, text = desk.of("letters.txt")
    for m in list(re.finditer(r"(?:.+\n)+", text))[40:60]:
        desk.print(" ".join(desk.take(d, m.start(), m.end() - 1).split()))


@program
def functions_of_a_module(desk: Desk) -> None:
    d, text = desk.of("lib/textwrap.py")
    for m in re.finditer(r"^(?:    )?def (\w+)\(.*\n(?:.*\n){12}", text, re.MULTILINE):
        desk.print(f"## {m.start()}")
        desk.print(desk.match(d, m))


@program
def docstrings(desk: Desk) -> None:
    for name in ("lib/random.py", "lib/statistics.py", "lib/calendar.py"):
        d, text = desk.of(name)
        for m in list(re.finditer(r'"""(.+?)"""', text, re.DOTALL))[:12]:
            desk.print(name, repr(desk.match(d, m, 1)))


@program
def a_helper_with_context(desk: Desk) -> None:
    def peek(name: str, word: str, width: int = 120) -> None:
        d, text = desk.of(name)
        for m in list(re.finditer(word, text))[:8]:
            start = max(0, m.start() - width)
            desk.print(f">>> {name}:{text.count(chr(10), 0, m.start()) + 1}")
            desk.print(desk.take(d, start, m.end() + width))

    peek("lib/zipfile.py", "compress_type")
    peek("lib/smtplib.py", "EHLO")


@program
def a_table_of_records(desk: Desk) -> None:
    d, text = desk.of("records.csv")
    for s, e in list(lines(text))[1:80]:
        edges = [s - 1, *(m.start() for m in re.finditer(",", text[s:e])), e - s]
        cells = [(s + a + 1, s + b) for a, b in zip([-1, *edges[1:-1]], edges[1:], strict=True)]
        date, customer, mail = cells[1], cells[2], cells[3]
        desk.print(f"{desk.take(d, *customer):25} {desk.take(d, *date)} {desk.take(d, *mail)}")


@program
def biggest_orders(desk: Desk) -> None:
    d, text = desk.of("records.csv")
    rows = [(s, e) for s, e in list(lines(text))[1:]]
    rows.sort(key=lambda row: -float(text[row[0] : row[1]].split(",")[4]))
    for rank, (s, e) in enumerate(rows[:25], 1):
        desk.print(f"{rank}. {desk.take(d, s, e)}")


@program
def grouped_by_customer(desk: Desk) -> None:
    d, text = desk.of("records.csv")
    grouped: dict[str, list[str]] = defaultdict(list)
    for s, e in list(lines(text))[1:400]:
        row = text[s:e].split(",")
        if row[5] == "cancelled":
            at = text.index(row[3], s)
            grouped[row[2]].append(desk.take(d, at, at + len(row[3])))
    for number, mails in enumerate(grouped.values()):
        desk.print(f"Customer no. {number}:", ", ".join(mails))


@program
def counts_and_examples(desk: Desk) -> None:
    d, text = desk.of("server.log")
    kinds = Counter(text[s:e].split()[2] for s, e in lines(text))
    desk.print(dict(kinds))
    for kind in kinds:
        examples = [(s, e) for s, e in lines(text) if f" {kind} " in text[s:e]][5:15]
        desk.print(f"\n{len(kind)} letters:", *(desk.take(d, *span) for span in examples), sep="\n  ")


@program
def one_prompt(desk: Desk) -> None:
    d, _ = desk.of("novel.txt")
    chunk = desk.take(d, 200_000, 212_000)
    desk.llm_query(f"Here is a part of a novel:\n\n{chunk}\n\nWho speaks in it? Answer with names only.")


@program
def a_batch_over_everything(desk: Desk) -> None:
    d, text = desk.of("letters.txt")
    size = 8000
    for start in range(0, len(text), size):
        chunk = desk.take(d, start, min(len(text), start + size))
        desk.llm_query(
            f"Does anybody in these letters speak of money? Say yes or no, and who.\n\nLETTERS:\n{chunk}"
        )


@program
def a_batch_with_overlap(desk: Desk) -> None:
    d, _ = desk.of("lib/datetime.py")
    for start in range(0, 40_000, 3500):
        chunk = desk.take(d, start, start + 4000)
        desk.llm_query("Summarise what this part of a Python module does.\n```python\n" + chunk + "\n```")


@program
def a_batch_of_records(desk: Desk) -> None:
    d, text = desk.of("records.csv")
    rows = list(lines(text))[1:]
    for start in range(0, 400, 40):
        some = [desk.take(d, *span) for span in rows[start : start + 40]]
        desk.llm_query("Classify each line as business or private, one word a line:\n" + "\n".join(some))


@program
def prompts_of_sentences(desk: Desk) -> None:
    d, text = desk.of("novel.txt")
    found = list(re.finditer(r"“[^”]+” said \w+", text))[:60]
    for m in found:
        desk.llm_query(f"Is this friendly? {desk.match(d, m)!r} Answer yes or no.")


@program
def several_documents_in_a_prompt(desk: Desk) -> None:
    parts = []
    for name in ("lib/json/decoder.py", "lib/csv.py", "lib/string.py"):
        d, text = desk.of(name)
        parts.append(f"=== {name} ===\n{desk.take(d, 0, min(len(text), 9000))}")
    desk.llm_query("Which of these modules parses text?\n\n" + "\n\n".join(parts))


@program
def lines_for_each_question(desk: Desk) -> None:
    d, text = desk.of("server.log")
    for worker in range(8):
        found = [(s, e) for s, e in lines(text) if f"worker {worker}:" in text[s:e]][:30]
        block = "\n".join(desk.take(d, *span) for span in found)
        desk.llm_query(f"What went wrong with it most often?\n{block}")


@program
def evidence_collected(desk: Desk) -> None:
    d, text = desk.of("letters.txt")
    found = list(re.finditer(r"Subject: (.+)\n\n((?:.+\n)+)", text))[:15]
    desk.value(
        [
            {
                "subject": desk.match(d, m, 1),
                "body": desk.take(d, m.start(2), min(m.end(2), m.start(2) + 240)),
            }
            for m in found
        ]
    )


@program
def keyword_in_context(desk: Desk) -> None:
    for name in ("lib/logging/__init__.py", "lib/http/client.py"):
        d, text = desk.of(name)
        for m in list(re.finditer(r"\bbuffer\w*", text))[:10]:
            line_start = text.rfind("\n", 0, m.start()) + 1
            line_end = text.find("\n", m.end())
            desk.print(f"{name}: {desk.take(d, line_start, line_end)}")


@program
def characters_of_a_table_of_contents(desk: Desk) -> None:
    d, text = desk.of("lib/pathlib.py")
    for m in re.finditer(r"^class \w+.*:|^    def (?!_)\w+\(.*\):", text, re.MULTILINE):
        desk.print(desk.match(d, m))
