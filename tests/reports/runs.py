"""Runs made by hand or at random: small logs as a recorder would have written them."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from rlm_desktop.events import (
    AnyEvent,
    CallFinished,
    CallStarted,
    CellFinished,
    CellOutput,
    CellStarted,
    LimitReached,
    Limits,
    MessageRef,
    ModelRef,
    Recording,
    RunFinished,
    RunStarted,
    Source,
    TurnFinished,
    TurnStarted,
    Usage,
    sendable,
    text_hash,
)
from tests.events.strategies import USAGES

BEGAN = 1_790_000_000_000_000


class Making:
    """Writes a run event by event; each takes as many microseconds as it is told, one if it is not told."""

    def __init__(self, question: str = "Who jumps?", **start: Any) -> None:
        self.events: list[AnyEvent] = []
        self.texts: dict[str, str] = {}
        self.clock = BEGAN
        self.spans = 0
        self.began: dict[int, int] = {0: BEGAN}
        fields: dict[str, Any] = {
            "strategy": "rlm",
            "dialect": "rlm-v1",
            "prompt_version": "1a2b",
            "models": (ModelRef("root", "big", "ab" * 32), ModelRef("sub", "small", host="api.example")),
            "limits": Limits(turns=20, tokens=5000),
            "sources": (Source("docs/a.txt", 84, 1, "cd" * 32),),
            "sandbox": "partial",
            "program": "0.1.0",
            "paths": ("docs",),
        }
        self.write(RunStarted, 0, question=question, **{**fields, **start})

    def write(self, event: type[AnyEvent], span: int, after: int = 1, **fields: Any) -> None:
        self.clock += after
        fields = {
            name: sendable(value) if isinstance(value, str) else value for name, value in fields.items()
        }
        self.events.append(event(run="r1", span=span, seq=len(self.events) + 1, time=self.clock, **fields))

    def keep(self, text: str) -> str:
        self.texts[text_hash(text)] = text
        return text_hash(text)

    def keep_any(self, text: str) -> str:
        return self.keep(text) if text else ""

    def open(self, event: type[AnyEvent], parent: int, **fields: Any) -> int:
        self.spans += 1
        self.write(event, self.spans, parent=parent, **fields)
        self.began[self.spans] = self.clock
        return self.spans

    def prompt(self, *messages: tuple[str, str]) -> tuple[MessageRef, ...]:
        return tuple(MessageRef(role, self.keep(text)) for role, text in messages)  # type: ignore[arg-type]

    def seconds(self, span: int, after: int) -> float:
        return (self.clock + after - self.began[span]) / 1e6

    def turn(self, number: int, *messages: tuple[str, str], parent: int = 0, **fields: Any) -> int:
        fields = {"label": f"Turn {number}", "model": "big" if messages else "", "depth": 0, **fields}
        return self.open(TurnStarted, parent, number=number, prompt=self.prompt(*messages), **fields)

    def end_turn(self, span: int, reply: str = "", after: int = 1, **fields: Any) -> None:
        self.write(TurnFinished, span, after, reply=self.keep_any(reply), **fields)

    def cell(self, turn: int, code: str) -> int:
        return self.open(CellStarted, turn, code=self.keep(code), label=code[:40])

    def end_cell(self, span: int, output: str = "", after: int = 1, **fields: Any) -> None:
        fields = {"status": "ok", "seconds": self.seconds(span, after), **fields}
        self.write(CellFinished, span, after, output=self.keep_any(output), **fields)

    def call(self, parent: int, *messages: tuple[str, str], **fields: Any) -> int:
        fields = {
            "kind": "llm",
            "label": messages[0][1][:40] if messages else "a question",
            "model": "small",
            **fields,
        }
        return self.open(CallStarted, parent, prompt=self.prompt(*messages), **fields)

    def end_call(self, span: int, reply: str = "", after: int = 1, **fields: Any) -> None:
        fields = {"status": "ok", "seconds": self.seconds(span, after), **fields}
        self.write(CallFinished, span, after, reply=self.keep_any(reply), **fields)

    def finish(self, answer: str = "", after: int = 1, **fields: Any) -> Recording:
        fields = {"status": "answered", "seconds": self.seconds(0, after), **fields}
        self.write(RunFinished, 0, after, answer=answer, **fields)
        return self.recording()

    def recording(self) -> Recording:
        return Recording(tuple(self.events), self.texts.__getitem__)


def conversation(answer: str = "The fox.", turns: int = 3, **finish: Any) -> Recording:
    """A growing conversation: each turn is sent all that was said before."""
    making = Making()
    said = [("system", "Be brief. " * 40), ("user", "Who jumps?")]
    for number in range(1, turns + 1):
        turn = making.turn(number, *said)
        reply = f"Look number {number}.\n```repl\nprint({number})\n```"
        cell = making.cell(turn, f"print({number})")
        making.end_cell(cell, f"{number}\n")
        making.end_turn(turn, reply, usage=Usage(100 * number, 10, calls=1))
        said += [("assistant", reply), ("user", f"Output of turn {number}: {number}")]
    return making.finish(answer, **finish)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</pre></details></main>",
    "<!-- ",
    "]]>",
    "{{ 7 * 7 }}{% raw %}",
    "[x](javascript:alert(1))",
    "![x](http://tracker.example/a.png)",
    "<http://tracker.example>",
    "```\n# not a heading\n````",
    "~~~",
    "javascript:alert(1)",
    "\u202egnirts\u2066",
    "\x00\x1b[31m\x7f\x9b",
    "\ud800",
    "&lt;b&gt;&#106;",
    "| a | b |\n|---|---|\n| `c` | d |",
    "# A heading\n\n- one\n  - two\n\n> quoted",
    "line\r\nline\rline\u2028line",
)
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map("\n".join),
    st.text(max_size=40),
)


@st.composite
def recordings(draw: st.DrawFn, texts: st.SearchStrategy[str] = TEXTS) -> Recording:
    """A finished run of turns, cells, calls side by side and child RLMs, all its texts drawn."""
    making = Making(draw(texts))
    steps = st.integers(1, 5_000_000)

    def turns(parent: int, depth: int) -> None:
        for number in range(1, draw(st.integers(1 if parent else 0, 3)) + 1):
            messages = draw(
                st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), texts), max_size=2)
            )
            turn = making.turn(number, *messages, parent=parent, depth=depth)
            for _ in range(draw(st.integers(0, 2))):
                cell = making.cell(turn, draw(texts) or "pass")
                calls(cell, depth)
                if draw(st.booleans()):
                    stderr = draw(texts)
                    for chunk in (stderr[:5], stderr[5:]):
                        making.write(CellOutput, cell, stream="stderr", chunk=chunk)
                    making.end_cell(
                        cell, draw(texts) + stderr, draw(steps), error="It broke.", status="error"
                    )
                else:
                    making.end_cell(cell, draw(texts), draw(steps))
            making.end_turn(turn, draw(texts), draw(steps), usage=draw(USAGES) if messages else Usage())

    def calls(cell: int, depth: int) -> None:
        size = draw(st.integers(0, 3))
        prompts = [
            draw(st.lists(st.tuples(st.sampled_from(["system", "user"]), texts), max_size=2))
            for _ in range(size)
        ]
        batch = making.spans + 1 if size > 1 else 0
        spans = [making.call(cell, *prompt, batch=batch, batch_size=size) for prompt in prompts]
        for span in spans:
            making.end_call(span, draw(texts), draw(steps), usage=draw(USAGES), error=draw(texts))
        if depth < 2 and draw(st.integers(0, 3)) == 0:
            child = making.call(cell, kind="rlm", label=draw(texts))
            turns(child, depth + 1)
            making.end_call(child, draw(texts), draw(steps))

    turns(0, 0)
    status = draw(st.sampled_from(["answered", "not_found", "limit", "failed", "cancelled"]))
    if status == "limit":
        making.write(LimitReached, 0, which="turns", value=3.0)
    return making.finish(draw(texts), status=status, error=draw(texts), usage=Usage())
