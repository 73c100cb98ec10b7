"""A model's Markdown as plain blocks and runs of text, to be written into a page without any HTML in between.

What a model wrote is nobody's page: tags stay text, images are named and never fetched, and only addresses of the web
become links. Stars and underscores inside of words are what they are in code and formulas: ``2*3*4``, ``__init__``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from rlm_desktop.events.visible import visible
from rlm_desktop.gui.findings.prose_pieces import Piece, pieces

Mark = Literal["strong", "em", "strike", "code"]
Kind = Literal["text", "heading", "code", "table", "rule"]
Tone = Literal["", "good", "warn", "bad", "quiet", "large"]

_DEEPEST = 19
"""Quotations and lists in each other, two levels for a list, as many as the reader goes into."""
_DUNDER = re.compile(r"__\w+__(?!\w)|_\w+_\w*_(?!\w)")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\]]+[^\s<>\"'`\].,;:!?)]")
_WEB = ("http://", "https://")
_TASK = re.compile(r"\[([ xX])\] ")


@dataclass(frozen=True)
class Run:
    """Some text of one look.

    Attributes:
        text: What it says.
        marks: How it is set.
        link: Where it leads; empty for nowhere.
        tone: The colour it has of its own, if any.
        tip: What is said of it when pointed at.
    """

    text: str
    marks: frozenset[Mark] = frozenset()
    link: str = ""
    tone: Tone = ""
    tip: str = ""


Cells = tuple[tuple[Run, ...], ...]


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading, some code, a table or a line across the page.

    Attributes:
        kind: Which of these.
        runs: Its text; of code a single run.
        level: Of a heading, from 1.
        indent: How many lists it is in.
        quote: How many quotations it is in.
        marker: What stands before it if a list item begins here: ``•``, ``2.``.
        language: Of code.
        rows: Of a table, the head first.
        columns: Of a table, where the text of each column stands: ``left``, ``center``, ``right`` or empty.
        follows: Of a table, whether its rows follow those of the table before, without a head of their own.
        cut: Of a table, whether more of its rows may follow.
        tone: Of a paragraph.
    """

    kind: Kind = "text"
    runs: tuple[Run, ...] = ()
    level: int = 0
    indent: int = 0
    quote: int = 0
    marker: str = ""
    language: str = ""
    rows: tuple[Cells, ...] = ()
    columns: tuple[str, ...] = ()
    follows: bool = False
    cut: bool = False
    tone: Tone = ""


def paragraph(text: str, tone: Tone = "") -> Block:
    """Text as it is, without any Markdown in it."""
    return Block(runs=(Run(visible(text.strip())),), tone=tone)


def read_prose(text: str) -> Iterator[Block]:
    """The blocks of a text, read piece by piece as they are asked for."""
    for piece in pieces(text):
        yield from read_piece(piece)


def read_piece(piece: Piece) -> Sequence[Block]:
    """The blocks of a piece that is short enough to be read at once."""
    blocks = list(_read(piece.head + piece.text))
    if piece.head:
        if blocks and blocks[0].kind == "table":
            blocks[0] = replace(blocks[0], rows=blocks[0].rows[1:], follows=True)
        else:  # what looked like the head of a table was none
            blocks = list(_read(piece.text))
    if piece.cut and blocks and blocks[-1].kind == "table":
        blocks[-1] = replace(blocks[-1], cut=True)
    return blocks


def _read(text: str) -> Iterator[Block]:
    at = Block()
    markers: list[str] = []
    rows: list[Cells] | None = None
    columns: list[str] = []
    tokens = _READER.parse(visible(text))
    if any(token.level >= _DEEPEST for token in tokens):  # of what is deeper the reader leaves out the text
        yield Block("code", (Run(visible(text).rstrip("\n")),))
        return
    for token in tokens:
        match token.type:
            case "blockquote_open" | "blockquote_close":
                at = replace(at, quote=at.quote + token.nesting)
            case "bullet_list_open" | "ordered_list_open":
                first = token.attrGet("start")
                markers.append("•" if token.type[0] == "b" else f"{1 if first is None else first}.")
                at = replace(at, indent=at.indent + 1)
            case "bullet_list_close" | "ordered_list_close":
                markers.pop()
                at = replace(at, indent=at.indent - 1)
            case "list_item_open":
                at = replace(at, marker=markers[-1])
            case "list_item_close":
                if at.marker:  # an item without anything in it
                    yield at
                markers[-1] = _next(markers[-1])
                at = replace(at, marker="")
            case "heading_open":
                at = replace(at, kind="heading", level=int(token.tag[1:]))
            case "heading_close":
                at = replace(at, kind="text", level=0)
            case "fence" | "code_block":
                language = (token.info.split() or [""])[0].lower()
                yield replace(at, kind="code", runs=(Run(token.content.rstrip("\n")),), language=language)
                at = replace(at, marker="")
            case "hr":
                yield replace(at, kind="rule")
            case "table_open":
                rows, columns = [], []
            case "tr_open" if rows is not None:
                rows.append(())
            case "th_open":
                columns.append(str(token.attrGet("style") or "").removeprefix("text-align:"))
            case "table_close" if rows is not None:
                yield replace(at, kind="table", rows=tuple(rows), columns=tuple(columns))
                rows = None
            case "inline" if token.children is not None:
                runs = tuple(_runs(token.children))
                if rows is not None:
                    rows[-1] += (runs,)
                else:
                    yield replace(at, runs=_task(runs) if at.marker else runs)
                    at = replace(at, marker="")


def _next(marker: str) -> str:
    return f"{int(marker[:-1]) + 1}." if marker[:-1].isdigit() else marker


def _task(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """A list item that begins with a box, shown as one."""
    if runs and (box := _TASK.match(runs[0].text)):
        sign = "☐" if box[1] == " " else "☑"
        return (replace(runs[0], text=f"{sign} {runs[0].text[box.end() :]}"), *runs[1:])
    return runs


def _runs(tokens: list[Token]) -> Iterator[Run]:
    marks: frozenset[Mark] = frozenset()
    link = ""
    for token in tokens:
        match token.type:
            case "text":
                yield from _linked(Run(token.content, marks, link, tip=link))
            case "softbreak" | "hardbreak":
                yield Run("\n", marks, link)
            case "code_inline":
                yield Run(token.content, marks | {"code"}, link, tip=link)
            case "link_open":
                link = str(token.attrGet("href") or "")
            case "link_close":
                link = ""
            case "image":
                source = str(token.attrGet("src") or "")
                yield Run(f"[Image: {token.content or source}]", marks, source, tip=source)
            case "strong_open" | "em_open" | "s_open":
                marks |= {_MARKS[token.tag]}
            case "strong_close" | "em_close" | "s_close":
                marks -= {_MARKS[token.tag]}


_MARKS: dict[str, Mark] = {"strong": "strong", "em": "em", "s": "strike"}


def _linked(run: Run) -> Iterator[Run]:
    """Addresses of the web that stand in the text as links."""
    if run.link or "://" not in run.text:
        if run.text:
            yield run
        return
    at = 0
    for found in _ADDRESS.finditer(run.text):
        if found.start() > at:
            yield replace(run, text=run.text[at : found.start()])
        yield replace(run, text=found[0], link=found[0], tip=found[0])
        at = found.end()
    if at < len(run.text):
        yield replace(run, text=run.text[at:])


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Stars and underscores that set text, as CommonMark has it, but for those that code and formulas are made of."""
    marker = state.src[state.pos]
    if silent or marker not in "_*":
        return False
    if marker == "_" and (name := _DUNDER.match(state.src, state.pos)):
        state.pending += name[0]
        state.pos = name.end()
        return True
    found = state.scanDelims(state.pos, marker == "*")
    before = state.src[state.pos - 1] if state.pos else " "
    end = state.pos + found.length
    after = state.src[end] if end < len(state.src) else " "
    opens = found.can_open and not (marker == "*" and (_is_word(before) or before in ")]"))
    closes = found.can_close and not (marker == "*" and _is_word(after))
    for _ in range(found.length):
        state.push("text", "", 0).content = marker
        token = len(state.tokens) - 1
        state.delimiters.append(Delimiter(ord(marker), found.length, token, -1, opens, closes))
    state.pos = end
    return True


def _is_word(character: str) -> bool:
    """Whether it is a letter or digit of scripts that put spaces between words; Chinese sets words without."""
    return character.isascii() and character.isalnum()


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False})
    reader.enable(["table", "strikethrough"])
    reader.disable(["reference", "lheading", "html_inline", "html_block"])
    reader.inline.ruler.at("emphasis", _emphasis)
    reader.validateLink = lambda url: url.lower().startswith(_WEB)  # type: ignore[method-assign]
    return reader


_READER = _reader()
