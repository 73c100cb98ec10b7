"""A run as one HTML file that needs nothing else: no script, no font, no picture, no request."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rlm_desktop.config import shared_file
from rlm_desktop.events import MessageRef, Recording, Row, TextHash
from rlm_desktop.events.visible import one_line, visible
from rlm_desktop.reports import words
from rlm_desktop.reports.account import Account, account
from rlm_desktop.reports.code import python_html
from rlm_desktop.reports.outline import Batch, Clipped, Opened, Same, clipped, prompts, steps
from rlm_desktop.reports.prose import prose_html

ROOM = 8_000_000
"""Characters that all texts of the tree may have together: a browser opens 10 MB of HTML in about a second."""
LONGEST, SHORTEST = 12_000, 400
"""Characters of one text in the tree: in a short run, and in the longest."""
OPEN_UP_TO = 24
"""Rows of a tree whose turns are open from the start."""


@dataclass(frozen=True)
class Passage:
    """A long text of a row.

    Attributes:
        title: What it is: ``Thinking``, ``Reply``, ``Code``, ``Output``, or whose message of a prompt.
        text: The text, its middle left out if it is long.
        same: Instead of a text: messages that were shown before.
    """

    title: str
    text: Clipped = field(default_factory=lambda: Clipped(""))
    same: Same | None = None

    @property
    def is_code(self) -> bool:
        """Whether it is Python to be coloured."""
        return self.title == "Code"


class Page:
    """What the template asks for while it is rendered.

    Args:
        recording: The run.
        account: What the run came to.
    """

    def __init__(self, recording: Recording, account: Account) -> None:
        self._text = recording.text
        self._prompts = prompts(account.state)
        rows = account.state.rows.values()
        texts = sum(len(row.texts) for row in rows)
        texts += sum(isinstance(part, MessageRef) for prompt in self._prompts.values() for part in prompt)
        self.limit = max(SHORTEST, min(LONGEST, ROOM // max(1, texts)))
        self.open = len(rows) <= OPEN_UP_TO

    def prompt(self, row: Row) -> Iterator[Passage]:
        """What the prompt of a row adds to those above."""
        for part in self._prompts.get(row.span, ()):
            if isinstance(part, Same):
                yield Passage("Same", same=part)
            else:
                yield Passage(part.role.capitalize(), self._clipped(part.text))

    def passages(self, row: Row) -> Iterator[Passage]:
        """The other texts of a row, as they came about."""
        for title in ("Thinking", "Reply", "Code", "Output"):
            if text := row.texts.get(title.lower()):
                yield Passage(title, self._clipped(text))
        if row.live:
            yield Passage("So far", clipped(row.live, self.limit))

    def _clipped(self, text: TextHash) -> Clipped:
        return clipped(self._text(text), self.limit)


def html(recording: Recording) -> Iterator[str]:
    """The pieces of the file, in order.

    Raises:
        StoreError: A text of the run is missing.
    """
    run = account(recording)
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    stream = (
        _environment()
        .get_template("report.html.j2")
        .stream(
            run=run,
            page=Page(recording, run),
            steps=steps(run.state),
            style=Markup(style),  # noqa: S704 - our own file
            style_source=f"'sha256-{digest}'",
        )
    )
    stream.enable_buffering(200)
    return iter(stream)


def _style() -> str:
    return shared_file("resources", "templates", "report.css").read_text(encoding="utf-8").strip()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(shared_file("resources", "templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["words"] = words
    environment.filters.update(
        prose=prose_html, python=python_html, one_line=one_line, duration=words.duration, size=words.size
    )
    environment.tests.update(opened=_is(Opened), batch=_is(Batch))
    return environment


def _is(kind: type) -> Any:
    return lambda value: isinstance(value, kind)


def _shown(value: object) -> object:
    """Whatever text reaches the page is made visible first; what is markup already was."""
    return visible(value) if type(value) is str else value
