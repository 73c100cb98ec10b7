"""A session: questions about the same documents, asked one after the other, in one REPL that keeps its variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rlm_desktop.documents.corpus import Corpus, Document
from rlm_desktop.engine.past import Past
from rlm_desktop.events import RunStarted, SandboxLevel
from rlm_desktop.repl.host import Repl

RECALLED = 4
"""Earlier questions a model is reminded of; all of them stay in the tree of their own runs."""
RECALLED_CHARACTERS = 600
"""Characters of each earlier answer it is reminded of, unless less is enough."""


@dataclass(frozen=True)
class Exchange:
    """A question of the session and what came of it."""

    question: str
    answer: str


@dataclass(frozen=True)
class Kept:
    """What a session kept for the next question.

    Attributes:
        repl: Its REPL.
        new: Documents of the next question that the REPL lacks; they come after those it has.
    """

    repl: Repl
    new: tuple[Document, ...]


@dataclass
class Session:
    """What the runs of a session share. One of them goes on at a time.

    Attributes:
        id: Id of its first run.
        scratch: Folder of its REPL.
        exchanges: The questions so far.
        turns: Replies and observations so far, for the REPL's ``history``.
        busy: Whether a run of it goes on.
        past: Looks up what a run takes to have the variables again when its REPL is gone; in a thread.
    """

    id: str
    scratch: Path
    exchanges: list[Exchange] = field(default_factory=list)
    turns: Sequence[tuple[str, str]] = ()
    busy: bool = False
    past: Callable[[RunStarted, Sequence[Document]], Past] | None = None
    _repl: Repl | None = None
    _corpus: Corpus | None = None

    @property
    def warm(self) -> bool:
        """Whether it keeps a REPL for the next question."""
        return self._repl is not None

    @property
    def level(self) -> SandboxLevel | None:
        """How far the code in the REPL it keeps is confined."""
        return self._repl.level if self._repl is not None else None

    async def take(self, corpus: Corpus) -> Kept | None:
        """The REPL of the question before, if there is one and the documents it holds are as they were."""
        repl, self._repl = self._repl, None
        if repl is None or self._corpus is None:
            return None
        held = self._corpus.documents
        if list(map(_text_of, held)) == list(map(_text_of, corpus.documents[: len(held)])):
            return Kept(repl, corpus.documents[len(held) :])
        await repl.close()
        return None

    def keep(self, repl: Repl, corpus: Corpus, turns: Sequence[tuple[str, str]]) -> None:
        """Keep a REPL for the next question."""
        self._repl, self._corpus, self.turns = repl, corpus, turns

    def recall(self, characters: int = RECALLED_CHARACTERS) -> str:
        """The latest questions and answers, for a prompt; empty at the first question.

        Args:
            characters: How much of each answer.
        """
        return "\n\n".join(
            f"Question: {past.question}\nAnswer: {past.answer[:characters]}"
            for past in self.exchanges[-RECALLED:]
        )

    async def close(self) -> None:
        """End the REPL."""
        repl, self._repl = self._repl, None
        if repl is not None:
            await repl.close()


def _text_of(document: Document) -> tuple[str, int, int, str]:
    """What tells whether a document is the one it was; its name may be longer for the company of others."""
    return document.path, document.size, document.mtime, document.encoding
