"""What the cells of the provenance tests read: prose, records, a log, and Python's own standard library."""

from __future__ import annotations

import random
import sysconfig
from pathlib import Path

MODULES = (
    "argparse",
    "ast",
    "calendar",
    "csv",
    "datetime",
    "difflib",
    "email/message",
    "http/client",
    "json/decoder",
)
MODULES += (
    "logging/__init__",
    "pathlib",
    "random",
    "smtplib",
    "socket",
    "statistics",
    "string",
    "textwrap",
    "zipfile",
)
FIRST = (
    "Ada Bram Chloé Dmitri Elif Farouk Greta Håkon Ines Jürgen Keiko Leila Mateus Nadia Oisín Priya".split()
)
LAST = "Aberg Bonaventura Castellano Dvořák Eriksen Fitzgerald Grünwald Hashimoto Iwanowa Jankowski".split()


def files(seed: int = 7) -> dict[str, str]:
    """Names and texts, about 2.5 MB."""
    rng = random.Random(seed)
    words = _vocabulary(rng)
    library = Path(sysconfig.get_path("stdlib"))
    sources = {f"lib/{name}.py": (library / f"{name}.py").read_text("utf-8") for name in MODULES}
    return {
        "novel.txt": _novel(rng, words),
        "records.csv": _records(rng),
        "server.log": _log(rng),
        "letters.txt": _letters(rng, words),
        **sources,
    }


def _vocabulary(rng: random.Random) -> list[str]:
    syllables = [
        c + v for c in "b d f g h k l m n p r s t v w st tr ch".split() for v in "a e i o u ai ea ou".split()
    ]
    made = ["".join(rng.choices(syllables, k=rng.choice((1, 2, 2, 3)))) for _ in range(6000)]
    return ["the", "of", "and", "to", "a", "in", "that", "was", "he", "it"] * 120 + made


def _sentence(rng: random.Random, words: list[str]) -> str:
    chosen = rng.choices(words, k=rng.randrange(5, 24))
    if rng.random() < 0.3:
        chosen[rng.randrange(len(chosen))] += ","
    text = " ".join(chosen)
    if rng.random() < 0.1:
        text = f"“{text},” said {rng.choice(FIRST)}"
    return text[:1].upper() + text[1:] + rng.choice(".....?!")


def _paragraph(rng: random.Random, words: list[str]) -> str:
    """Wrapped at 72 columns, as plain-text books are."""
    lines, line = [], ""
    for word in " ".join(_sentence(rng, words) for _ in range(rng.randrange(2, 9))).split(" "):
        if len(line) + len(word) > 71:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".lstrip()
    return "\n".join([*lines, line])


def _novel(rng: random.Random, words: list[str]) -> str:
    parts = []
    for number in range(1, 61):
        title = " ".join(rng.choices(words[1200:], k=3)).title()
        parts.append(f"CHAPTER {number}. {title}\n")
        parts += [_paragraph(rng, words) + "\n" for _ in range(24)]
    return "\n".join(parts)


def _records(rng: random.Random) -> str:
    rows = ["id,date,customer,email,amount,status,remark"]
    for number in range(6000):
        first, last = rng.choice(FIRST), rng.choice(LAST)
        day = f"20{rng.randrange(10, 25)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        mail = f"{first.lower()}.{last.lower()}{rng.randrange(10_000)}@example.{rng.choice(('org', 'com', 'net'))}"
        amount = f"{rng.randrange(10, 90_000) / 100:.2f}"
        status = rng.choice(("paid", "open", "overdue", "cancelled"))
        remark = f"order {rng.randrange(10**6, 10**7)} via {rng.choice(('web', 'phone', 'agent'))}"
        rows.append(f"{number + 1:05},{day},{first} {last},{mail},{amount},{status},{remark}")
    return "\n".join(rows) + "\n"


def _log(rng: random.Random) -> str:
    lines, clock = [], 0
    for _ in range(6000):
        clock += rng.randrange(1, 30)
        stamp = (
            f"2024-05-{1 + clock // 86400:02} {clock // 3600 % 24:02}:{clock // 60 % 60:02}:{clock % 60:02}"
        )
        text = rng.choice(
            (
                "INFO heartbeat ok",
                f"INFO connection accepted from 10.0.{rng.randrange(4)}.{rng.randrange(256)}",
                f"WARNING disk usage at {rng.randrange(70, 99)}%",
                f"ERROR worker {rng.randrange(16)}: timeout after {rng.randrange(10**5)} ms",
            )
        )
        lines.append(f"{stamp} {text}")
    return "\n".join(lines) + "\n"


def _letters(rng: random.Random, words: list[str]) -> str:
    parts = []
    for number in range(150):
        sender, receiver = (f"{rng.choice(FIRST)} {rng.choice(LAST)}" for _ in range(2))
        body = "\n\n".join(_paragraph(rng, words) for _ in range(rng.randrange(2, 6)))
        parts.append(
            f"=== LETTER {number} ===\nFrom: {sender}\nTo: {receiver}\nDate: {rng.randrange(1, 29)} May 18{number % 90 + 10}\n"
            f"Subject: {' '.join(rng.choices(words[1200:], k=4))}\n\n{body}\n\nYours sincerely,\n{sender}\n\n"
        )
    return "".join(parts)
