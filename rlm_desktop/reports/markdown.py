"""A run as Markdown for pasting into a note, an issue or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rlm_desktop.events import Citation, Recording, Row
from rlm_desktop.events.visible import one_line, visible
from rlm_desktop.reports import words
from rlm_desktop.reports.account import Account, account
from rlm_desktop.reports.outline import Batch, Closed, Opened, steps

MOST_STEPS = 200
"""Lines the list of steps may have; what is pasted should stay readable."""
DEEPEST = 8
"""Levels of the list."""
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~$&@:!])")
_OPENING = re.compile(r"(?<!\\)((?:\\\\)*)([\[<])")
"""What a link, a picture or a tag begins with, unless it is escaped already."""
_OPENS = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_CLOSES = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*$")
"""Fences; those that begin inside a list or another quote are not counted, since they also end with it."""


def markdown(recording: Recording) -> Iterator[str]:
    """The pieces of the document, in order.

    Raises:
        StoreError: The events are not those of one run.
    """
    run = account(recording)
    yield f"# {escaped(run.start.question)}\n\n"
    yield f"**{run.look.shape} {run.look.word}**{_reason(run)}\n\n"
    if run.finish.answer:
        if run.finish.error:
            yield "This is what was found until then:\n\n"
        yield f"{quoted(run.finish.answer)}\n\n"
    yield from _quotes(run)
    yield from _facts(run)
    yield "## Steps\n\n"
    yield from _steps(run)


def _reason(run: Account) -> str:
    parts = []
    if limit := run.state.limit:
        parts.append(
            f"The limit of {words.amount(limit.value)} {words.LIMITS[limit.which].lower()} was reached."
        )
    if run.finish.error:
        parts.append(escaped(f"{run.finish.error} {run.finish.hint}"))
    return f" – {' '.join(parts)}" if parts else ""


def _quotes(run: Account) -> Iterator[str]:
    if not run.finish.evidence and not run.unsupported:
        return
    yield "## Quotes\n\n"
    if run.unsupported:
        yield "No quote from the documents supports this answer.\n\n"
    for citation in run.finish.evidence:
        yield f"{_where(citation)}\n\n{fenced(citation.quote)}\n\n"


def _where(citation: Citation) -> str:
    if not citation.verified:
        return "✕ Not in the documents word for word:"
    lines = f"{citation.start_line}"
    if citation.end_line > citation.start_line:
        lines += f"-{citation.end_line}"
    return f"✓ {code(f'{citation.path}:{lines}')}"


def _facts(run: Account) -> Iterator[str]:
    yield "## Facts\n\n"
    for part in run.models:
        host = f", at {code(part.host)}" if part.host else ", on this computer"
        digest = f", SHA-256 {code(part.sha256)}" if part.sha256 else ""
        yield f"- {part.role}: {code(part.name)}{host}{digest}\n"
    usage = run.total
    calls = words.count(usage.calls, "call")
    spent = " · ".join(words.spent(usage)) or "no tokens"
    yield f"- Spent: {spent} · {calls} · {words.duration(run.seconds)}\n"
    set_limits = [
        f"{words.LIMITS[one.which].lower()} {words.amount(one.used)} of {words.amount(one.limit)}"
        for one in run.allowances
        if one.limit is not None
    ]
    if set_limits:
        yield f"- Limits: {', '.join(set_limits)}\n"
    sources = run.start.sources
    if sources:
        total = words.size(sum(source.size for source in sources))
        yield f"- Documents: {words.count(len(sources), 'file')}, {total}\n"
    if seen := run.state.account:
        yield f"- {escaped(seen)}\n"
    yield f"- Sandbox: {run.sandbox}\n"
    yield f"- Run {code(run.start.run)}, {words.moment(run.start.time)}, strategy {escaped(run.start.strategy)}, "
    yield f"RLM Desktop {escaped(run.start.program)}\n\n"


def _steps(run: Account) -> Iterator[str]:
    depth = lines = 0
    silent: set[int] = set()
    for step in steps(run.state):
        if isinstance(step, Closed):
            depth -= 1
            silent.discard(depth)
            continue
        if not silent:
            lines += 1
            if lines <= MOST_STEPS and depth < DEEPEST:
                yield f"{'  ' * depth}- {_line(step)}\n"
        if isinstance(step, Batch) and not any(row.children for row in step.rows):
            silent.add(depth)  # one line stands for calls with nothing below them
        depth += 1
    if lines > MOST_STEPS:
        yield f"\n{words.count(lines - MOST_STEPS, 'more step')} left out here.\n"
    elif not lines:
        yield "Nothing had been done yet.\n"


def _line(step: Opened | Batch) -> str:
    if isinstance(step, Batch):
        ended = ", ".join(f"{times} × {escaped(verdict)}" for verdict, times in step.verdicts)
        return f"{words.count(len(step.rows), 'call')} at once: {ended}"
    row = step.row
    facts = [*([escaped(row.detail)] if row.kind == "call" and row.detail else []), *words.spent(row.total)]
    if row.finished:
        facts.append(words.duration(words.elapsed(row)))
    error = f" – {escaped(row.error)}" if row.error else ""
    return f"{words.row_look(row).shape} {_label(row)} · {' · '.join(facts) or 'running'}{error}"


def _label(row: Row) -> str:
    return (
        f"**{escaped(row.label)}**"
        if row.kind == "turn" and row.label.strip()
        else code(row.label or row.kind)
    )


def escaped(text: str) -> str:
    """Text on one line in which no sign means anything."""
    return _SIGNS.sub(r"\\\1", one_line(text))


def code(text: str) -> str:
    """Text on one line as code, whatever backticks it holds."""
    line = one_line(text) or " "
    ticks = "`" * (_longest("`", line) + 1)
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{room}{line}{room}{ticks}"


def fenced(text: str) -> str:
    """Text in a fence that nothing in it can close."""
    shown = visible(text)
    fence = "`" * max(3, _longest("`", shown) + 1)
    return f"{fence}text\n{shown}\n{fence}"


def quoted(answer: str) -> str:
    """Markdown of a model as a block quote, which ends whatever it left open; links and tags in it are text."""
    fence = ""
    lines = []
    for line in visible(answer).split("\n"):
        if fence:
            shown = line
            closing = _CLOSES.match(line)
            fence = "" if closing and closing[1].startswith(fence) else fence
        elif opening := _OPENS.match(line):
            shown, fence = line, opening[1] or opening[2]
        else:
            shown = _OPENING.sub(r"\1\\\2", line)
        lines.append(f"> {shown}".rstrip())
    return "\n".join(lines)


def _longest(sign: str, text: str) -> int:
    return max((len(found) for found in re.findall(f"{sign}+", text)), default=0)
