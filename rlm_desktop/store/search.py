"""Full-text search over questions, titles, answers, code and outputs.

The words of a query may be spread over the texts of a run.
"""

from __future__ import annotations

import re

import msgspec
from sqlite_utils import Database

from rlm_desktop.store.index import Part
from rlm_desktop.store.query import terms_of
from rlm_desktop.store.runs import load_summary
from rlm_desktop.store.summary import RunSummary
from rlm_desktop.store.texts import MARKS

SNIPPET = 240
"""Most characters of a snippet: two lines of a list."""
_LEAD = 80
"""Characters before the first match when so many tokens are longer than a snippet."""


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Characters ``[start, end)`` of a snippet."""

    start: int
    end: int


class SearchHit(msgspec.Struct, frozen=True):
    """A run that was found.

    Attributes:
        run: Its summary.
        where: Which of its texts matches best.
        span: Row of the tree that has this code or output; 0 otherwise.
        snippet: What the text says there, on one line.
        marks: Where the snippet matches.
    """

    run: RunSummary
    where: Part
    span: int
    snippet: str
    marks: tuple[Mark, ...]


class SearchPage(msgspec.Struct, frozen=True):
    """Some of the runs that were found; ``total`` counts all of them."""

    hits: tuple[SearchHit, ...]
    total: int


class _Found(msgspec.Struct, frozen=True):
    """The text of a run that matches best: its row in the index, and in the tree."""

    run: str
    id: int
    where: Part
    span: int


def find_runs(db: Database, text: str, start: int, count: int) -> SearchPage:
    """A page of the runs that have every term of a text, the best first; see `Store.search`."""
    terms = terms_of(text)
    if not terms:
        return SearchPage((), 0)
    either = " OR ".join(terms)
    rows = db.execute(_RANKED, {"all": msgspec.json.encode(terms).decode(), "any": either}).fetchall()
    page = [_Found(*row) for row in rows[start : start + count]]
    snippets = _snippets(db, either, [found.id for found in page])
    hits = (SearchHit(load_summary(db, f.run), f.where, f.span, *snippets[f.id]) for f in page)
    return SearchPage(tuple(hits), len(rows))


_Snippet = tuple[str, tuple[Mark, ...]]


def _snippets(db: Database, either: str, ids: list[int]) -> dict[int, _Snippet]:
    asked = {"begin": MARKS[0], "end": MARKS[1], "any": either, "ids": msgspec.json.encode(ids).decode()}
    return {row: _unmarked(marked) for row, marked in db.execute(_MARKED, asked).fetchall()}


_RANKED = """
WITH holding AS (
    SELECT part.run
    FROM json_each(:all) AS term CROSS JOIN search JOIN search_parts AS part ON part.id = search.rowid
    WHERE search MATCH term.value
    GROUP BY part.run
    HAVING count(DISTINCT term.key) = json_array_length(:all)
),
scored AS MATERIALIZED (SELECT rowid AS id, bm25(search) AS score FROM search WHERE search MATCH :any)
SELECT part.run, part.id, part.part, part.span
FROM scored JOIN search_parts AS part ON part.id = scored.id JOIN runs ON runs.id = part.run
WHERE runs.deleted = 0 AND part.run IN holding
GROUP BY part.run
ORDER BY
    min(score * CASE part.part
        WHEN 'title' THEN 10 WHEN 'question' THEN 8 WHEN 'answer' THEN 6 WHEN 'code' THEN 2 ELSE 1 END),
    runs.started DESC, part.run DESC
"""
"""`bm25` is the lower the better, and what a person wrote says more about a run than what a cell printed."""
_MARKED = """
SELECT rowid, snippet(search, 0, :begin, :end, '…', 24) FROM search
WHERE search MATCH :any AND +rowid IN (SELECT value FROM json_each(:ids))
"""
"""The sign keeps SQLite from looking the words up again for each row, 30 ms each for one letter in 40,000 texts."""


def _unmarked(marked: str) -> _Snippet:
    """A snippet on one line, and where its marks stood."""
    text, marks = "", []
    for number, piece in enumerate(re.split(f"[{MARKS}]", " ".join(marked.split()))):
        if number % 2:
            marks.append(Mark(len(text), len(text) + len(piece)))
        text += piece
    start = max(0, marks[0].start - _LEAD) if len(text) > SNIPPET and marks else 0
    shown = [Mark(m.start - start, min(m.end - start, SNIPPET)) for m in marks if m.start - start < SNIPPET]
    return text[start : start + SNIPPET], tuple(shown)
