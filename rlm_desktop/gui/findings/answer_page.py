"""The answer as a page: what was found, and the quotes it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from rlm_desktop.events import Citation, Row
from rlm_desktop.events.visible import visible
from rlm_desktop.gui.findings.evidence_links import LINK, EvidenceLinks
from rlm_desktop.gui.findings.prose import Block, Run, paragraph, read_prose
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import later, tr
from rlm_desktop.gui.models.remote import paid
from rlm_desktop.gui.wire import CODELESS, Summary

_SHORT = 200
"""Characters of an answer that is set larger than the text around it."""
_EMPTY = {
    "cancelled": later("The run was stopped. What it found so far is in the steps of the run."),
    "interrupted": later("The program ended while this run was going on. Its steps up to then were kept."),
}


def answer_blocks(summary: Summary, notes: Sequence[str] = ()) -> Iterator[Block]:
    """What a finished run has to say; links begin with `LINK`, and the number of a citation follows.

    Args:
        summary: The run.
        notes: What was remarked about the run; of a partial answer, which limit made it one.
    """
    yield from _circumstances(summary, notes)
    links = EvidenceLinks(summary.evidence)
    answer = summary.answer.strip()
    if summary.status == "not_found":
        yield paragraph(tr("The document does not say."), "large")
        yield from (replace(block, tone="quiet") for block in read_prose(answer))
    elif answer:
        if summary.status == "failed":
            yield paragraph(tr("This is what was found until then:"))
        short = len(answer) <= _SHORT and "\n" not in answer
        for block in map(links.put_into, read_prose(answer)):
            yield replace(block, tone="large") if short and block.kind == "text" else block
        if not any(citation.verified for citation in summary.evidence):
            yield paragraph(tr("⚠ Unsupported: no quote of the document was found for this."), "warn")
    for number, citation in enumerate(summary.evidence):
        yield from _evidence(number, citation)


def _circumstances(summary: Summary, notes: Sequence[str]) -> Iterator[Block]:
    """What is to be known before the answer is read."""
    went_wrong = bool(summary.error) and summary.status in {"failed", "interrupted"}
    if went_wrong:
        yield paragraph(summary.error, "bad")
        if summary.hint:
            yield paragraph(summary.hint)
    if summary.status == "limit":
        why = " ".join(notes) or tr("A limit was reached.")
        found = (
            tr("This is what was found until then:")
            if summary.answer
            else tr("Nothing was found until then.")
        )
        yield paragraph(f"⚠ {why} {found}", "warn")
    else:
        yield from (paragraph(note, "quiet") for note in notes)
    if not (summary.answer or went_wrong) and summary.status in _EMPTY:
        yield paragraph(tr(_EMPTY[summary.status]), "quiet")


def _evidence(number: int, citation: Citation) -> Iterator[Block]:
    """Where a quote stands, whether it was found there, and the quote."""
    mark = (
        Run(tr("✓ verified"), tone="good")
        if citation.verified
        else Run(tr("⚠ not found word for word"), tone="warn")
    )
    where = (
        (Run(place(citation), link=f"{LINK}{number}", tip=citation.path), Run(" ")) if citation.path else ()
    )
    yield Block(runs=(*where, mark))
    yield Block(runs=(Run(f"“{visible(citation.quote.strip())}”"),), quote=1)


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
            return tr("{label}: the model decides what to do…").format(label=row.label)
        case "cell", _:
            return tr("Running the code of this step…")
        case _, "read":
            return tr("Reading {passages}…").format(passages=numbers.plural(row.batch_size, "passage"))
        case _, "rlm":
            return tr("A child run looks into: {label}…").format(label=row.label)
        case _, "llm":
            return tr("Asking the model {questions}…").format(
                questions=numbers.plural(row.batch_size, "question")
            )
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
        doubt = "" if citation.verified else tr(" (not found word for word)")
        parts.append(f"{quote}\n>\n> `{place(citation)}`{doubt}")
    return "\n\n".join(parts) + "\n"
