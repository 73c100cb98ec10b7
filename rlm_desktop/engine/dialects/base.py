"""What a dialect decides: the prompts, how a reply is read, how output is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rlm_desktop.engine.prompts import prompt


@dataclass(frozen=True)
class Scene:
    """What the model is told about where it is.

    Attributes:
        question: What to answer.
        context: One line on the variable ``context``: its type and size.
        documents: What is opened: names, sizes.
        earlier: The session's earlier questions and what is left of them in the REPL.
        turns: Turns it may take.
        sub_characters: Characters a sub-call's prompt may have.
        recursion: Whether ``rlm_query`` goes deeper here.
        extra: Extra lines of the model's profile.
    """

    question: str
    context: str
    documents: str
    turns: int
    sub_characters: int
    recursion: bool
    extra: str = ""
    earlier: str = ""


@dataclass(frozen=True)
class Move:
    """What a reply amounts to.

    Attributes:
        code: The cell to run; empty when there is none.
        final: The answer given in prose, where the dialect allows that.
        nudge: What to tell the model when the reply had neither.
    """

    code: str = ""
    final: str | None = None
    nudge: str = ""


@dataclass(frozen=True)
class Dialect:
    """One way of talking to a model that works in a REPL.

    Attributes:
        name: ``rlm-v1`` or ``rlm-v0``.
        stem: Start of the names of its prompt files.
        clip: Characters of a cell's output that the model is shown.
        parse: Reads a reply.
    """

    name: str
    stem: str
    clip: int
    parse: Callable[[str], Move]

    def system(self, scene: Scene) -> str:
        """The system message."""
        recursion = (
            "- `rlm_query(prompt, context=text)`: hand a part and a sub-question to another one like you\n"
            if scene.recursion
            else ""
        )
        return prompt(
            f"{self.stem}_system",
            context=scene.context,
            sub_characters=f"{scene.sub_characters:,}",
            recursion=recursion,
            extra=scene.extra,
        )

    def first(self, scene: Scene) -> str:
        """The first user message."""
        known = f"{scene.documents}\n\n{scene.earlier}".strip()
        return prompt(f"{self.stem}_first", question=scene.question, documents=known, turns=scene.turns)

    def next(self, scene: Scene, turn: int, code: str, output: str, advice: str) -> str:
        """The user message that shows what the last cell did."""
        return prompt(
            f"{self.stem}_next",
            question=scene.question,
            turn=turn,
            turns=scene.turns,
            code=code,
            output=clip(output, self.clip) or "(no output)",
            advice=f"\n{advice}" if advice else "",
        )


def clip(text: str, limit: int) -> str:
    """Cut the middle out of a long text and say how much is gone and how to see it."""
    if len(text) <= limit:
        return text
    gone = len(text) - limit
    head, tail = text[: limit * 2 // 3], text[-(limit // 3) :]
    return f"{head}\n… {gone:,} characters left out; print a smaller part to see them …\n{tail}"


_FENCE = re.compile(r"^[ \t]*```[ \t]*\{?([\w+-]*)\}?[ \t]*\r?$")
_RUNNABLE = {"", "repl", "python", "python3", "py", "tool_code"}
_INVENTED = re.compile(
    r"^\s*(?:#\s*)?(?:REPL )?(?:output|result)s?( of your code)?:\s*$", re.IGNORECASE | re.MULTILINE
)


def first_block(reply: str) -> str:
    """The code of the first block that can be run, whatever its fence is called, even if never closed.

    Blocks of other languages are passed over. What follows a made-up ``Output:`` inside an unclosed block is
    cut off.
    """
    language: str | None = None
    lines: list[str] = []
    for line in reply.splitlines():
        fence = _FENCE.match(line)
        if language is None:
            if fence:
                language, lines = fence[1].lower(), []
        elif fence and not fence[1]:
            if language in _RUNNABLE:
                return "\n".join(lines).strip("\n")
            language = None
        else:
            lines.append(line.rstrip("\r"))
    if language is None or language not in _RUNNABLE:
        return ""
    rest = "\n".join(lines)
    invented = _INVENTED.search(rest)
    return (rest[: invented.start()] if invented else rest).strip("\n").removesuffix("```")


def without_blocks(reply: str) -> str:
    """The prose of a reply."""
    return re.sub(r"```.*?(```|\Z)", "", reply, flags=re.DOTALL)
