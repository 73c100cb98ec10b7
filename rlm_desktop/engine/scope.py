"""Where one RLM stands in a run: its question, its documents, its depth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rlm_desktop.documents.corpus import Corpus, Document
from rlm_desktop.documents.figures import Figures, measure
from rlm_desktop.engine.context_file import context_file
from rlm_desktop.engine.prompts import prompt
from rlm_desktop.engine.run import Role
from rlm_desktop.engine.session import Session
from rlm_desktop.errors import UserError
from rlm_desktop.repl.host import Context, Repl


@dataclass(frozen=True)
class Scope:
    """One RLM of a run.

    Attributes:
        question: What it is to answer.
        corpus: What it explores.
        figures: How much that is.
        depth: 0 for the root, one more for each child.
        parent: Row its turns hang on.
        role: The model that leads it.
        scratch: Folder for its REPL and for the contexts of its children.
        session: The session whose REPL the root works in; a child has a REPL of its own.
        beside: The REPL whose cell asked for this RLM, in whose process tree its own is a fork.
    """

    question: str
    corpus: Corpus
    figures: Figures
    depth: int
    parent: int
    role: Role
    scratch: Path
    session: Session | None = None
    beside: Repl | None = None

    @property
    def earlier(self) -> str:
        """The session's earlier questions and answers, for a prompt; empty without any."""
        recalled = self.session.recall() if self.session else ""
        return prompt("earlier", exchanges=recalled) if recalled else ""

    @property
    def asks_as(self) -> str:
        """Whose turns these are, as a model is told: the root's or a child's."""
        return "child" if self.depth else "root"

    @property
    def context(self) -> Context:
        """The documents as the REPL's ``context``."""
        files = tuple(map(context_file, self.corpus.documents))
        return Context(kind=self.corpus.kind, files=files)

    def describe_context(self) -> str:
        """One line on the type and size of ``context``."""
        characters = self.figures.characters
        if self.corpus.kind == "str":
            return f"one text of {characters:,} characters (`str`)"
        return (
            f"a list of {len(self.corpus.documents):,} texts with {characters:,} characters in all "
            "(`list[str]`); `documents[i].path` names `context[i]`"
        )

    def describe_documents(self) -> str:
        """A few lines that name what is opened."""
        documents = self.corpus.documents
        lines = [f"- {document.name} ({document.size:,} bytes)" for document in documents[:8]]
        if len(documents) > len(lines):
            lines.append(f"- … and {len(documents) - len(lines):,} more")
        return "Documents:\n" + "\n".join(lines)


def spool(context: str | list[str], folder: Path) -> tuple[Corpus, Figures]:
    """Write the context of a child RLM to files, so that it is explored like any document.

    The corpus is made as it is, every text a document in its place, be it empty or of odd characters.

    Args:
        context: A text, or several.
        folder: A new folder for them.

    Raises:
        UserError: The disk refuses.
    """
    texts = [context] if isinstance(context, str) else context
    documents = []
    try:
        folder.mkdir(parents=True)
        for index, text in enumerate(texts):
            path = folder / f"{index}.txt"
            path.write_text(text, "utf-8", errors="replace", newline="")
            name = f"context[{index}]" if isinstance(context, list) else "context"
            status = path.stat()
            documents.append(Document(index, str(path), name, status.st_size, status.st_mtime_ns, "utf-8"))
    except OSError as error:
        raise UserError(f"The context of a child could not be written: {error.strerror}.") from error
    kind: Literal["str", "list"] = "str" if isinstance(context, str) else "list"
    corpus = Corpus((str(folder),), kind, tuple(documents), ())
    return corpus, measure(corpus)
