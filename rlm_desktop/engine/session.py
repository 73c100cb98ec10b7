"""A session: questions about the same documents, asked one after the other, in one REPL that keeps its variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rlm_desktop.documents.corpus import Corpus
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


@dataclass
class Session:
    """What the runs of a session share. One of them goes on at a time.

    Attributes:
        id: Id of its first run.
        scratch: Folder of its REPL.
        exchanges: The questions so far.
        turns: Replies and observations so far, for the REPL's ``history``.
        busy: Whether a run of it goes on.
    """

    id: str
    scratch: Path
    exchanges: list[Exchange] = field(default_factory=list)
    turns: Sequence[tuple[str, str]] = ()
    busy: bool = False
    _repl: Repl | None = None
    _corpus: Corpus | None = None

    @property
    def warm(self) -> bool:
        """Whether it keeps a REPL for the next question."""
        return self._repl is not None

    async def take(self, corpus: Corpus) -> Repl | None:
        """The REPL of the question before, if there is one and it holds the documents as they are now."""
        repl, self._repl = self._repl, None
        if repl is not None and self._corpus is not None and self._corpus.documents != corpus.documents:
            await repl.close()
            repl = None
        return repl

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
