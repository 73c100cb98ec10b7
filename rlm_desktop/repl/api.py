"""What the model sees in the REPL besides Python itself; standard library only.

Everything that needs a model, an index or a library outside the sandbox is a call answered by the host.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from rlm_desktop.repl import display
from rlm_desktop.repl.progress import Bar, Progress, Say
from rlm_desktop.repl.records import (
    CallFailed,
    Document,
    Listed,
    Listing,
    Passage,
    Reading,
    as_passages,
)

CHUNK = 4_000
"""Characters of a chunk unless a cell says otherwise: about 1,000 tokens of English."""

Call = Callable[[str, dict[str, Any]], Any]
"""Puts a call (name, arguments) to the host and waits for its result; raises `CallError`."""
Context = str | list[str] | None


class CallError(Exception):
    """The host could not do what was asked; the text says why."""


class Api:
    """The names the model may use, bound to one context.

    Args:
        context: The document, or a list of them.
        documents: One record for each document.
        call: Asks the host.
        say: Tells the host how far a cell has come.
    """

    def __init__(self, context: str | list[str], documents: list[Document], call: Call, say: Say) -> None:
        self.context = context
        self.documents = documents
        self.answer: dict[str, Any] = {"content": "", "ready": False}
        self.history: list[Any] = []
        self._call = call
        self._say = say
        self._bar = Bar(say)
        self._namespace: dict[str, Any] = {}

    def install(self, namespace: dict[str, Any]) -> None:
        """Bind every name, also those a cell has bound to something else."""
        self._namespace = namespace
        namespace.update(
            context=self.context,
            documents=self.documents,
            answer=self.answer,
            history=self.history,
            **{name: getattr(self, name) for name in FUNCTIONS},
        )
        namespace.setdefault("progress", self.progress)  # a cell may well have a variable of this name
        self._bar = Bar(self._say)

    def add(self, texts: list[str], documents: list[Document]) -> None:
        """Append documents; ``context`` is a list from now on."""
        held = [self.context] if isinstance(self.context, str) else self.context
        first = len(held)
        self.context = [*held, *texts]
        self.documents += [replace(document, index=first + document.index) for document in documents]

    def size(self) -> int:
        """Bytes of memory that ``context`` takes."""
        return sum(map(sys.getsizeof, [self.context] if isinstance(self.context, str) else self.context))

    def take_answer(self) -> None:
        """Accept what a cell has put in place of the ``answer`` dict as its content."""
        given = self._namespace.get("answer")
        if given is self.answer or given is None:
            return
        if isinstance(given, dict):
            self.answer.update({key: given[key] for key in ("content", "ready") if key in given})
        else:
            self.answer["content"] = given

    def llm_query(self, prompt: str, model: str | None = None) -> str:
        """Ask the sub-model one question; it sees nothing but the prompt."""
        if not isinstance(prompt, str):
            raise TypeError("llm_query takes one prompt, a str; use llm_query_batched for a list of prompts")
        return self._texts("llm_query", [prompt], model, batched=False)[0]

    def llm_query_batched(self, prompts: Iterable[str], model: str | None = None) -> list[str]:
        """Ask many questions at once; the replies come in the order of the prompts."""
        return self._texts("llm_query", _prompts(prompts), model, batched=True)

    def rlm_query(self, prompt: str, context: Context = None, model: str | None = None) -> str:
        """Give a task to a child RLM with a REPL of its own; without ``context`` the prompt is its context."""
        if not isinstance(prompt, str):
            raise TypeError("rlm_query takes one prompt, a str; use rlm_query_batched for a list of prompts")
        return self._texts("rlm_query", [prompt], model, batched=False, contexts=[_context(context)])[0]

    def rlm_query_batched(
        self, prompts: Iterable[str], contexts: Sequence[Context] | None = None, model: str | None = None
    ) -> list[str]:
        """Give a task to each of several child RLMs, with one context for each or none at all."""
        asked = _prompts(prompts)
        given = [_context(context) for context in contexts] if contexts is not None else [None] * len(asked)
        if len(given) != len(asked):
            raise ValueError(
                f"{len(asked)} prompts and {len(given)} contexts: give one context for each prompt"
            )
        return self._texts("rlm_query", asked, model, batched=True, contexts=given)

    def find(self, query: str, k: int = 8) -> list[Passage]:
        """The k passages of the documents that fit the words of the query best."""
        found = self._call("find", {"query": str(query), "k": int(k)})
        return Listed(Passage.from_wire(passage) for passage in found)

    def grep(self, pattern: str, k: int = 20) -> list[Passage]:
        """The first k places that match a regular expression, with the lines around them."""
        found = self._call("grep", {"pattern": str(pattern), "k": int(k)})
        return Listed(Passage.from_wire(passage) for passage in found)

    def read(self, question: str, passages: str | Iterable[str]) -> list[Reading]:
        """Let the sub-model read each passage for an answer to the question."""
        given = as_passages(passages)
        if not given:
            return Listed()
        args = {"question": str(question), "passages": [passage.to_wire() for passage in given]}
        try:
            readings = self._call("read", args)
        except CallError as refused:
            return Listed(Reading(False, "", "", passage, str(refused)) for passage in given)
        return Listed(
            Reading.from_wire(fields, passage) for fields, passage in zip(readings, given, strict=True)
        )

    def chunks(
        self, text: str | Sequence[str] | int | None = None, size: int = CHUNK, overlap: int = 0
    ) -> list[Passage]:
        """Cut a text (the documents by default) into pieces of at most ``size`` characters, at line ends if it can."""
        if isinstance(text, int):  # chunks(size, overlap)
            size, overlap, text = text, size if size != CHUNK else overlap, None
        if not 0 <= overlap < size:
            raise ValueError(f"chunks needs 0 <= overlap < size, not size={size} and overlap={overlap}")
        if text is None or text is self.context:
            texts = [self.context] if isinstance(self.context, str) else self.context
            return [
                piece
                for record, whole in zip(self.documents, texts, strict=True)
                for piece in _cut(whole, size, overlap, record)
            ]
        whole_texts = [text] if isinstance(text, str) else text
        return [piece for whole in whole_texts for piece in _cut(str(whole), size, overlap, None)]

    def progress(self, items: Any, total: int | None = None, label: str = "") -> Progress:
        """The items, for a loop whose progress is shown while it runs."""
        return Progress(lambda: self._bar, items, total, label)

    def SHOW_VARS(self) -> str:  # noqa: N802 - a name of the reference implementation, as those below
        """The variables now in the REPL."""
        listed = display.variables(self._namespace, RESERVED)
        return Listing("\n".join(f"{name}: {what}" for name, what in listed.items()) or "no variables yet")

    def FINAL(self, content: object) -> None:  # noqa: N802
        """End the run with this answer."""
        self.take_answer()
        self.answer.update(content=content, ready=True)
        self._namespace["answer"] = self.answer

    def FINAL_VAR(self, name: object) -> None:  # noqa: N802
        """End the run with the value of the variable of this name."""
        if isinstance(name, str) and name.strip("\"' ") in self._namespace:
            self.FINAL(self._namespace[name.strip("\"' ")])
        elif isinstance(name, str) and name.isidentifier():
            raise NameError(f"there is no variable {name!r}; SHOW_VARS() lists those there are")
        else:
            self.FINAL(name)

    def SUBMIT(self, content: object) -> None:  # noqa: N802
        """End the run with this answer."""
        self.FINAL(content)

    def _texts(
        self, api: str, prompts: list[str], model: str | None, *, batched: bool, **more: Any
    ) -> list[str]:
        if not prompts:
            return []
        try:
            results = self._call(api, {"prompts": prompts, "model": model, "batched": batched, **more})
        except CallError as refused:
            return [CallFailed(str(refused)) for _ in prompts]
        return [result["text"] if "text" in result else CallFailed(result["error"]) for result in results]


FUNCTIONS = (
    "llm_query", "llm_query_batched", "rlm_query", "rlm_query_batched", "find", "grep", "read", "chunks",
    "SHOW_VARS", "FINAL", "FINAL_VAR", "SUBMIT",
)  # fmt: skip
RESERVED = frozenset({"context", "documents", "answer", "history", "progress", *FUNCTIONS})
"""Names that are bound before each cell."""


def _prompts(prompts: Iterable[str]) -> list[str]:
    if isinstance(prompts, str):
        raise TypeError("a list of prompts is needed here, not one str")
    return [str(prompt) for prompt in prompts]


def _context(context: Context) -> Context:
    if context is None or isinstance(context, str):
        return context
    return [str(text) for text in context]


def _cut(whole: str, size: int, overlap: int, record: Document | None) -> Iterable[Passage]:
    """Pieces of one text. A line end in the last fifth of a piece is preferred to the last character."""
    start, line = 0, 1
    while start < len(whole):
        end = min(start + size, len(whole))
        if end < len(whole):
            newline = whole.rfind("\n", max(end - size // 5, start + overlap), end)
            end = newline + 1 if newline >= 0 else end
        text = whole[start:end]
        last = line + text.count("\n") - text.endswith("\n")
        index, name = (record.index, record.name) if record else (None, "text")
        yield Passage(
            text, document=index, name=name, start=start, end=end, start_line=line, end_line=max(last, line)
        )
        if end == len(whole):
            return
        step = end - overlap
        line += whole.count("\n", start, step)
        start = step
