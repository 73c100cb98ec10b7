"""What values in a log mean, where the reference leaves that open or has changed it over time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from msgspec import UnsetType

from rlm_desktop.events import MessageRef, Role, TextHash, Usage, sendable
from rlm_desktop.reports.log.format import Call, UsageSummary

LABEL = 100
"""Characters of a label."""
NAME = 200
"""Characters of the name of a model or a place."""
LAST_MOMENT = 200_000_000_000_000_000
"""Microseconds since the epoch that a calendar still has a date for, wherever it is."""
LONGEST_SECONDS = 1e9
MOST_DOLLARS = 1e6
_QUESTIONS = (
    re.compile(r"\AAnswer the following: (.+?)\n\nYour context is a ", re.DOTALL),
    re.compile(r"original (?:query|prompt): \"(.+?)\"\.?(?:\n|\Z)", re.DOTALL),
)
_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "assistant": "assistant"}


def text_of(value: Any) -> str:
    """A value as text: texts as they are, nothing as nothing, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def answer_of(value: Any) -> str:
    """A final answer, which older logs give as ``[type, value]``."""
    if isinstance(value, list) and len(value) == 2:
        value = value[1]
    return sendable(text_of(value))


def messages_of(prompt: Any, keep: Callable[[str], TextHash]) -> tuple[MessageRef, ...]:
    """A prompt, be it a text, a list of messages or something else, as messages by reference."""
    return tuple(MessageRef(role, keep(text)) for role, text in _messages(prompt))


def question_of(prompt: Any) -> str:
    """The question in the first turn's prompt; empty when the log does not show it."""
    for role, text in _messages(prompt):
        for pattern in _QUESTIONS if role == "user" else ():
            if found := pattern.search(text):
                return found[1].strip()
    return ""


def _messages(prompt: Any) -> list[tuple[Role, str]]:
    if not isinstance(prompt, list) or not all(isinstance(message, dict) for message in prompt):
        return [("user", text_of(prompt))] if prompt else []
    return [
        (_ROLES.get(str(message.get("role")), "user"), text_of(message.get("content"))) for message in prompt
    ]


def label_of(text: str) -> str:
    """The first words of a text on one line."""
    line = " ".join(text[: LABEL * 3].split())
    return line if len(line) <= LABEL else line[: LABEL - 1] + "…"


def cell_label(code: str) -> str:
    """The first line of a cell that does something."""
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    doing = (line for line in lines if not line.startswith(("#", "import ", "from ")))
    return label_of(next(doing, lines[0] if lines else "(empty cell)"))


def last_line(text: str) -> str:
    """The last line that says something: of a traceback, what went wrong."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def microseconds(timestamp: str | UnsetType) -> int:
    """A time of the log in UTC microseconds, 0 if it is none; without a zone it is this computer's."""
    if not isinstance(timestamp, str):
        return 0
    try:
        moment = round(datetime.fromisoformat(timestamp).timestamp() * 1e6)
    except (ValueError, OverflowError, OSError):
        return 0
    return moment if 0 <= moment < LAST_MOMENT else 0


def seconds_of(stated: float | None) -> float:
    """A length of time; what is none (negative, no number, decades) is 0."""
    return stated if stated and 0 < stated < LONGEST_SECONDS else 0.0


def micro(seconds: float | None) -> int:
    """The same in microseconds."""
    return round(seconds_of(seconds) * 1e6)


def name_of(text: str) -> str:
    """The name of a model or a place, on one line."""
    return " ".join(sendable(text[:NAME]).split())


def usage_of(summary: UsageSummary | UnsetType | None) -> tuple[Usage, str]:
    """What a summary adds up to, and its model if it is only one."""
    usage = Usage()
    if not isinstance(summary, UsageSummary):
        return usage, ""
    models = summary.model_usage_summaries
    for one in models.values():
        usage += Usage(
            max(0, one.total_input_tokens or 0),
            max(0, one.total_output_tokens or 0),
            calls=max(0, one.total_calls or 0),
            cost_usd=_dollars(one.total_cost),
        )
    return usage, next(iter(models)) if len(models) == 1 else ""


def _dollars(cost: float | UnsetType | None) -> float:
    """A price; what is none (negative, no number, more than a million) is 0."""
    return cost if isinstance(cost, int | float) and 0 < cost < MOST_DOLLARS else 0.0


def repeats(calls: Sequence[Call], index: int) -> bool:
    """Whether a call states just what its neighbour does.

    The reference gives each call of a batch the usage of the last one, so that such figures are no counts.
    """
    here = calls[index].usage_summary
    beside = [calls[at].usage_summary for at in (index - 1, index + 1) if 0 <= at < len(calls)]
    return here is not None and bool(here.model_usage_summaries) and here in beside
