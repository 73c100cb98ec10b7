"""Thinking models: what sets a thought off from the reply, and how to tell them apart as they arrive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Marks:
    """How a family of models sets its thoughts off from its replies.

    Attributes:
        opens: What a thought begins with.
        closes: What ends the thoughts; the reply follows.
        skip: A thought without content: what a prompt ends with to keep a model from thinking. Empty where
            the template has its own way.
        between: What stands at the end of a thought and is no part of it.
        ends: What ends the reply; empty where a token of its own does.
        told_by: What of a chat template tells the family; empty for either mark.
    """

    opens: str
    closes: str
    skip: str = ""
    between: str = ""
    ends: str = ""
    told_by: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """What must be readable in the output, even where special tokens spell it."""
        return tuple(filter(None, (self.opens, self.closes, self.between, self.ends)))

    def in_template(self, source: str) -> bool:
        """Whether a chat template is of this family."""
        return any(text in source for text in (self.told_by or self.opens, self.told_by or self.closes))

    def left_open(self, text: str) -> bool:
        """Whether a text ends within a thought."""
        return text.rfind(self.opens) > text.rfind(self.closes)

    def to_skip(self, prompt: str) -> str:
        """What is to be added to the end of a prompt so that no thought comes."""
        if self.closes in prompt and not self.left_open(prompt):
            return ""
        begun = (size for size in range(len(self.skip), 0, -1) if prompt.endswith(self.skip[:size]))
        if size := next(begun, 0):
            return self.skip[size:]
        return self.skip.removeprefix(self.opens) if self.left_open(prompt) else self.skip


def _tagged(name: str) -> Marks:
    return Marks(f"<{name}>", f"</{name}>", skip=f"<{name}>\n\n</{name}>\n\n")


THINK = _tagged("think")
"""What nearly all thinking models write, and most servers hand on: Qwen, QwQ, DeepSeek-R1, GLM, SmolLM3, …"""
_HARMONY = Marks(
    "<|channel|>analysis<|message|>",
    "<|channel|>final<|message|>",
    skip="<|channel|>final<|message|>",
    between="<|end|><|start|>assistant",
    ends="<|end|>",
)
_GRANITE = Marks(
    "<think>", "<response>", between="</think>", ends="</response>", told_by="<response></response>"
)
_APRIEL = Marks(
    "Here are my reasoning steps:",
    "[BEGIN FINAL RESPONSE]",
    skip="Here are my reasoning steps:\n[BEGIN FINAL RESPONSE]\n",
    ends="[END FINAL RESPONSE]",
    told_by="[BEGIN FINAL RESPONSE]",
)
_SOLAR = Marks(
    "<|think|>",
    "<|begin|>assistant<|content|>",
    skip="<|think|><|end|><|begin|>assistant<|content|>",
    between="<|end|>",
    told_by="<|begin|>assistant<|think|>",
)
FAMILIES = (
    _HARMONY,  # gpt-oss
    _GRANITE,  # Granite 3.2 and 3.3
    _APRIEL,
    _SOLAR,
    Marks("<|channel>thought", "<channel|>", skip="<|channel>thought\n<channel|>"),  # Gemma 4
    Marks("[THINK]", "[/THINK]", skip="[THINK][/THINK]"),  # Magistral, Ministral
    Marks(
        "<|START_THINKING|>", "<|END_THINKING|>", skip="<|START_THINKING|><|END_THINKING|>"
    ),  # Command A, R7B
    Marks("<|inner_prefix|>", "<|inner_suffix|>"),  # Apertus
    _tagged("seed:think"),  # Seed-OSS
    _tagged("mm:think"),  # MiniMax-M3
    THINK,
)
"""The families that are known. The templates are those of llama.cpp's ``models/templates``."""

ALLOWED = {"enable_thinking": True, "thinking": True, "reasoning": True, "thinking_mode": "enabled"}
FORBIDDEN = {
    "enable_thinking": False,
    "thinking": False,
    "reasoning": False,
    "thinking_mode": "disabled",
    "thinking_budget": 0,
}
"""What the templates of these families call their switch."""


def marks_of(template: str) -> Marks | None:
    """The marks a chat template tells of; ``None`` if it tells of no thinking."""
    return next((marks for marks in FAMILIES if marks.in_template(template)), None)


class Thoughts:
    """Splits the thinking off the beginning of a reply that comes in pieces.

    Args:
        marks: What sets it off.
        inside: Whether the prompt has opened a thought already.

    Attributes:
        inside: Whether what comes now belongs to a thought.
    """

    def __init__(self, marks: Marks = THINK, inside: bool = False) -> None:
        self.inside = inside
        self._marks = marks
        self._thoughts: list[str] = []
        self._held = ""
        self._marked = inside
        self._replying = False

    @property
    def text(self) -> str:
        """What was thought so far."""
        between, again = self._marks.between, self._marks.between + self._marks.opens
        return "".join(self._thoughts).replace(again, "\n\n").strip().removesuffix(between).rstrip()

    def feed(self, piece: str) -> str:
        """Take in a piece; returns what of it belongs to the reply."""
        if self._replying:
            return piece
        self._held += piece
        while self._pass_mark():
            pass
        if self.inside:
            self._think(len(self._held) - overlap(self._held, self._marks.closes))
            return ""
        begun = self._held.lstrip()
        if self._marks.opens.startswith(begun) or self._marks.closes.startswith(begun):
            return ""
        self._replying = True
        return self._rest()

    def finish(self) -> str:
        """The reply is over: what was held back of it."""
        if self.inside:
            self._think(len(self._held))
        return self._rest()

    def _pass_mark(self) -> bool:
        """Take in the mark that comes next; says whether there is one."""
        if self.inside:
            at = self._held.find(self._marks.closes)
            if at < 0:
                return False
            self._think(at)
            self._cross(self._marks.closes)
            return True
        begun = self._held.lstrip()
        for mark in (self._marks.closes, self._marks.opens):
            if begun.startswith(mark):
                self._held = begun
                self._cross(mark)
                return True
        return False

    def _cross(self, mark: str) -> None:
        self._held = self._held[len(mark) :]
        self.inside = mark == self._marks.opens
        self._marked = True
        if self.inside and self._thoughts:
            self._thoughts.append("\n\n")

    def _think(self, size: int) -> None:
        self._thoughts.append(self._held[:size])
        self._held = self._held[size:]

    def _rest(self) -> str:
        """What is held, without the space between a thought and the reply."""
        rest, self._held = self._held, ""
        return rest.lstrip() if self._marked else rest


def split(text: str, marks: Marks = THINK) -> tuple[str, str]:
    """The thought and the reply in a whole text whose opening mark may have stood in the prompt."""
    before, closed, reply = text.partition(marks.closes)
    if closed and marks.opens not in before:
        return before.strip(), reply.lstrip()
    return "", text


def overlap(text: str, mark: str) -> int:
    """Characters at the end of a text that may be the beginning of a mark."""
    for size in range(min(len(text), len(mark) - 1), 0, -1):
        if mark.startswith(text[-size:]):
            return size
    return 0
