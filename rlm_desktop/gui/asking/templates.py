"""Questions to begin with: those that come with the program, and the person's own."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from pathlib import PurePath
from typing import Literal

import msgspec

from rlm_desktop.config import shared_file
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import tr
from rlm_desktop.gui.wire.documents import Opened

Kind = Literal["code", "prose", "logs", "tables"]
_SUFFIXES: dict[Kind, str] = {
    "code": "py pyi c h cc cpp hpp cs java kt go rs rb php pl js jsx ts tsx vue swift scala lua r jl sh bash sql "
    "toml yaml yml cmake css scss xml ipynb",
    "logs": "log out err jsonl ndjson trace",
    "tables": "csv tsv psv tab",
}
_KIND_OF: dict[str, Kind] = {
    f".{suffix}": kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()
}
SHARE = 0.2
"""Part of all bytes that a kind must have to be worth a template."""
_OWN = "ask/templates"
_NAMED = 48
"""Characters of a template of one's own that the menu shows."""


class Template(msgspec.Struct, frozen=True):
    """A question to begin with.

    Attributes:
        title: How the menu calls it.
        text: The question, with blanks (`gui.blanks`).
        kinds: What it suits; nothing is everything.
        note: What to know before it is asked.
    """

    title: str
    text: str
    kinds: tuple[Kind, ...] = msgspec.field(name="for", default=())
    note: str = ""


class _File(msgspec.Struct, frozen=True):
    template: tuple[Template, ...]


def shipped() -> tuple[Template, ...]:
    """The templates that come with the program, in the person's language."""
    return tuple(
        msgspec.structs.replace(one, title=tr(one.title), text=tr(one.text), note=one.note and tr(one.note))
        for one in _in_english()
    )


@cache
def _in_english() -> tuple[Template, ...]:
    text = shared_file("resources", "templates", "questions.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _File).template


def kinds_of(ground: Opened | None) -> frozenset[Kind]:
    """What most of the opened documents are, judged by their names; nothing if nothing is open."""
    if ground is None:
        return frozenset()
    sizes: Counter[Kind] = Counter()
    for document in ground.documents:
        sizes[_kind(document.name)] += document.size + 1
    whole = sum(sizes.values())
    return frozenset(kind for kind, size in sizes.items() if size >= SHARE * whole)


def _kind(name: str) -> Kind:
    """A rotated log is a log: ``app.log.1``."""
    known = (_KIND_OF.get(suffix.lower()) for suffix in reversed(PurePath(name).suffixes[-2:]))
    return next((kind for kind in known if kind), "prose")


def suits(template: Template, kinds: frozenset[Kind]) -> bool:
    """Whether a template is for what is open."""
    return not template.kinds or not kinds or bool(kinds & set(template.kinds))


class OwnTemplates:
    """Questions a person keeps as templates, the newest last; written at once."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices

    @property
    def all(self) -> tuple[Template, ...]:
        """The templates."""
        return tuple(Template(numbers.beginning(text, _NAMED), text) for text in self._texts())

    def add(self, text: str) -> None:
        """Keep a question as a template."""
        texts = self._texts()
        if text.strip() and text not in texts:
            self._keep([*texts, text])

    def remove(self, text: str) -> None:
        """Keep it no longer."""
        self._keep([kept for kept in self._texts() if kept != text])

    def _texts(self) -> list[str]:
        try:
            return msgspec.json.decode(self._choices.kept(_OWN) or "[]", type=list[str])
        except msgspec.DecodeError:  # somebody edited the file by hand
            return []

    def _keep(self, texts: list[str]) -> None:
        self._choices.keep(_OWN, msgspec.json.encode(texts).decode() if texts else None)
