"""The columns of the run tree: what each says of a row, in short and in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPalette

from rlm_desktop.events import Progress, Row, is_single
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.status import row_look
from rlm_desktop.gui.look.words import later, tr

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_REASON = 80
"""Characters of a reason beside the status; the tooltip has it whole."""
_MOSTLY = 0.5
"""Part of a prompt from which on it counts as reused: the instructions that most prompts share are less."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: Its heading, in English.
        text: What it shows of a row at a moment (seconds since the epoch).
        exact: The same without rounding, for the tooltip and for screen readers.
        widest: The widest text it has room for; a wider one is cut. Empty: the column takes what room is left.
        spare: When it goes where there is little room: 1 is the first; 0 stays.
    """

    title: str
    text: Callable[[Row, float], str]
    exact: Callable[[Row, float], str]
    widest: str
    alignment: Qt.AlignmentFlag = _LEFT
    icon: Callable[[Row, QPalette], QIcon] | None = None
    spare: int = 0


def elapsed(row: Row, now: float) -> float:
    """Seconds from the row's start to its end, or to now while it runs."""
    if not row.started:
        return 0.0
    return max(0.0, (row.finished / 1e6 if row.finished else now) - row.started / 1e6)


def _time(row: Row, now: float) -> str:
    return numbers.seconds(elapsed(row, now)) if row.finished else numbers.ticking(elapsed(row, now))


def _exact_time(row: Row, now: float) -> str:
    return f"{elapsed(row, now):.3f} s" if row.finished else _time(row, now)


def _tokens(row: Row, _now: float) -> str:
    usage = row.total
    if not usage.calls:
        return ""
    inward, outward = numbers.count(usage.prompt_tokens), numbers.count(usage.completion_tokens)
    return f"{inward} / {outward} / {numbers.count(usage.reused_tokens)}"


def _exact_tokens(row: Row, _now: float) -> str:
    usage = row.total
    text = tr(
        "{prompt_tokens:,} tokens in, {completion_tokens:,} out, {reused_tokens:,} of those in reused"
    ).format(
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        reused_tokens=usage.reused_tokens,
    )
    if usage.reasoning_tokens:
        text += tr(", {:,} of those out spent thinking").format(usage.reasoning_tokens)
    return text + (tr(" (estimated)") if usage.estimated else "")


def _what(row: Row, _now: float) -> str:
    if row.batch_size > 1 and row.span == row.batch and is_single(row.parent):
        return tr("{label}  ({count} together)").format(label=row.label, count=row.batch_size)
    return row.label


def _exact_what(row: Row, now: float) -> str:
    return f"{_what(row, now)}\n{row.model}" if row.model else _what(row, now)


def _status(row: Row, _now: float) -> str:
    """How far it has come or how it ended, why if it failed, and what failed below it."""
    failed = max(0, row.failures - (row.status == "failed" and row.kind != "group"))
    count = tr("{count} failed").format(count=numbers.count(failed)) if failed else ""
    if row.progress is not None and not row.finished:
        return _joined(_so_far(row.progress), count)
    word = row_look(row).word
    if row.kind == "group" and failed:
        total = numbers.count(row.batch_size if row.batch_size > 1 else row.children)
        return tr("{count} of {total} failed").format(count=numbers.count(failed), total=total)
    if row.error and row.status in ("failed", "warning"):
        return f"{word}: {numbers.beginning(row.error, _REASON)}"
    return _joined(word, count, tr("note") if row.notes and row.status == "done" else "", _reused(row))


def _reused(row: Row) -> str:
    """How much of its prompt a model had in memory, if that was most of it: ``↺ 86 %``."""
    share = _reused_share(row)
    return f"↺ {numbers.percent(share)}" if row.status == "done" and share >= _MOSTLY else ""


def _reused_share(row: Row) -> float:
    """What part of the prompts of a step, or of the steps a group stands for, was not computed again, 0 to 1."""
    usage = row.total if row.kind == "group" else row.usage
    return usage.reused_tokens / usage.prompt_tokens if usage.prompt_tokens else 0.0


def _so_far(progress: Progress) -> str:
    done = numbers.count(progress.done)
    if progress.total is None:
        return done
    return tr("{done} of {total}").format(done=done, total=numbers.count(progress.total))


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _exact_status(row: Row, _now: float) -> str:
    words = row_look(row).word
    if row.progress:
        words = tr("{status} at {progress}").format(status=words, progress=row.progress)
    if row.failures:
        words += tr(", {:,} failed").format(row.failures)
    if _reused(row):
        words += tr(", {share} of the prompt reused from memory").format(
            share=numbers.percent(_reused_share(row))
        )
    return "\n".join((f"{words}: {row.error}" if row.error else words, *row.notes))


def ink(row: Row, column: int, palette: QPalette) -> QColor | None:
    """The colour of a row's text, if it is not that of all rows: what failed is red, and says so in words too."""
    if row.status == "failed" and COLUMNS[column].text in (_what, _status):
        return QColor(row_look(row).colour(palette))
    return None


def share_done(row: Row, column: int) -> float | None:
    """What part of a running step is done, 0 to 1, in the column that shows it as a bar."""
    return (
        row.progress.share if row.progress and not row.finished and COLUMNS[column].text is _status else None
    )


COLUMNS = (
    Column(later("What"), _what, _exact_what, "", icon=lambda row, palette: row_look(row).icon(palette)),
    Column(later("Status"), _status, _exact_status, "64 of 64 · 2 failed", spare=4),
    Column(
        later("Model"),
        lambda row, _: numbers.model(row.model),
        lambda row, _: row.model,
        "smollm2-135m",
        spare=1,
    ),
    Column(later("In / out / reused"), _tokens, _exact_tokens, "999k / 99k / 999k", _RIGHT, spare=3),
    Column(later("Time"), _time, _exact_time, f"59{numbers.THIN}min 59{numbers.THIN}s", _RIGHT),
    Column(
        later("Cost"),
        lambda row, _: numbers.cost(row.total.cost_usd),
        lambda row, _: (
            f"${row.total.cost_usd:.6f}" if row.total.cost_usd else tr("Free: nothing was paid for")
        ),
        "<$0.0001",
        _RIGHT,
        spare=2,
    ),
)
