"""The answer as a page: what was found, and the quotes it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import PurePath

from PySide6.QtGui import QPalette

from rlm_desktop.events import Citation, Row
from rlm_desktop.gui import format as numbers
from rlm_desktop.gui.remote_models import paid
from rlm_desktop.gui.theme import colours
from rlm_desktop.gui.wire import CODELESS, Summary

LINK = "cite:"
_EMPTY = {
    "cancelled": "The run was stopped. What it found so far is in the steps of the run.",
    "interrupted": "The program ended while this run was going on. Its steps up to then were kept.",
}


def answer_page(summary: Summary, palette: QPalette, notes: Sequence[str] = ()) -> str:
    """HTML of what a finished run has to say; its links are `LINK` and the number of a citation.

    Args:
        summary: The run.
        palette: Whose colours to use.
        notes: What was remarked about the run; of a partial answer, which limit made it one.
    """
    own = colours(palette)
    parts: list[str] = []
    if summary.error and summary.status in ("failed", "interrupted"):
        parts.append(_paragraph(summary.error, own.bad))
        parts.append(_paragraph(summary.hint))
    if summary.status == "limit":
        why = " ".join(notes) or "A limit was reached."
        found = "This is what was found until then:" if summary.answer else "Nothing was found until then."
        parts.append(_paragraph(f"⚠ {why} {found}", own.warn))
    else:
        parts += [_paragraph(note, own.quiet) for note in notes]
    if summary.status == "not_found":
        parts.append(_paragraph("The document does not say."))
        parts.append(_paragraph(summary.answer, own.quiet))
    elif summary.answer:
        if summary.status == "failed":
            parts.append(_paragraph("This is what was found until then:"))
        parts.append(f"<p style='font-size: large'>{_lines(summary.answer)}</p>")
        if not any(citation.verified for citation in summary.evidence):
            parts.append(_paragraph("⚠ Unsupported: no quote of the document was found for this.", own.warn))
    elif summary.status == "cancelled" or (summary.status == "interrupted" and not summary.error):
        parts.append(_paragraph(_EMPTY[summary.status], own.quiet))
    for number, citation in enumerate(summary.evidence):
        parts.append(_citation(number, citation, palette))
    return "".join(parts)


def place(citation: Citation) -> str:
    """Where a citation stands: ``kjv.txt:1412`` or ``kjv.txt:1412-1415``."""
    name = PurePath(citation.path).name
    lines = f"{citation.start_line}"
    if citation.end_line > citation.start_line:
        lines += f"-{citation.end_line}"
    return f"{name}:{lines}"


def doing(row: Row) -> str:
    """What a run does in this step, in plain words."""
    match row.kind, row.call_kind:
        case "turn", _:
            return f"{row.label}: the model decides what to do…"
        case "cell", _:
            return "Running the code of this step…"
        case _, "read":
            return f"Reading {numbers.plural(row.batch_size, 'passage')}…"
        case _, "rlm":
            return f"A child run looks into: {row.label}…"
        case _, "llm":
            return f"Asking the model {numbers.plural(row.batch_size, 'question')}…"
    return "Working…"


def facts(summary: Summary) -> str:
    """What the run took, on one line."""
    parts = [] if summary.running else [numbers.seconds(summary.seconds)]
    usage = summary.usage
    if usage is not None and usage.calls:
        total = usage.prompt_tokens + usage.completion_tokens
        parts.append(f"{numbers.count(total)}{numbers.THIN}tokens")
        parts.append(paid(summary.cost_usd, summary.model, summary.sub_model))
    if summary.sandbox == "none" and summary.strategy != CODELESS:
        parts.append("no sandbox")
    return " · ".join(parts)


def means(summary: Summary) -> str:
    """How it was answered: the way, the model, and how far the model's code was confined."""
    confined = f"sandbox {summary.sandbox}" if summary.sandbox and summary.strategy != CODELESS else ""
    return " · ".join(filter(None, (summary.strategy, summary.model, confined)))


def report(summary: Summary) -> str:
    """Everything about a failure that helps to find its cause, as plain text."""
    lines = [
        f"Run {summary.run}: {summary.status}",
        f"Question: {summary.question}",
        f"Of: {', '.join(summary.paths)}",
        f"Model: {summary.model} (sub-calls: {summary.sub_model or 'the same'}), strategy {summary.strategy}, sandbox {summary.sandbox or 'not known'}",
        f"Started {summary.started}, took {summary.seconds:.1f} s",
        f"Error: {summary.error}",
        summary.hint,
    ]
    return "\n".join(lines).strip()


def markdown(summary: Summary) -> str:
    """The answer and its quotes, to be pasted elsewhere."""
    answer = summary.answer.strip()
    if summary.status == "not_found":
        answer = f"The document does not say. {answer}".strip()
    parts = [answer]
    for citation in summary.evidence:
        quote = "\n".join(f"> {line}" for line in citation.quote.strip().splitlines())
        doubt = "" if citation.verified else " (not found word for word)"
        parts.append(f"{quote}\n>\n> `{place(citation)}`{doubt}")
    return "\n\n".join(parts) + "\n"


def _citation(number: int, citation: Citation, palette: QPalette) -> str:
    own = colours(palette)
    colour, mark = (own.good, "✓") if citation.verified else (own.warn, "⚠ not found word for word")
    link = f"<a href='{LINK}{number}' style='color: {own.busy}'>{escape(place(citation))}</a>"
    quote = f"<blockquote style='margin: 2px 8px 8px 12px'>“{_lines(citation.quote)}”</blockquote>"
    return f"<p style='margin: 4px 0 0 0'>{link} <span style='color: {colour}'>{mark}</span></p>{quote}"


def _paragraph(text: str, colour: str = "") -> str:
    style = f" style='color: {colour}'" if colour else ""
    return f"<p{style}>{_lines(text)}</p>" if text else ""


def _lines(text: str) -> str:
    return escape(text.strip()).replace("\n", "<br>")
