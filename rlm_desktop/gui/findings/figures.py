"""What a step took, as names and values: tokens, money, time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rlm_desktop.events import Row, Usage
from rlm_desktop.gui.look import format as numbers
from rlm_desktop.gui.look.words import tr


@dataclass(frozen=True)
class Figure:
    """A name, a value as people read it, and the same exactly."""

    name: str
    value: str
    exact: str = ""


def figures(row: Row, now: float) -> Iterator[Figure]:
    """What is known of a step.

    Args:
        row: The step.
        now: Seconds since the epoch; a step that still runs has taken until then.
    """
    if row.started:
        began = datetime.fromtimestamp(row.started / 1e6).astimezone()
        yield Figure(tr("Started"), f"{began:%H:%M:%S}", began.isoformat(sep=" ", timespec="milliseconds"))
        end = row.finished / 1e6 or now
        took = max(0.0, end - row.started / 1e6)
        yield Figure(tr("Took") if row.finished else tr("Running for"), *_seconds(took))
        if row.heard:
            waited = (row.heard - row.started) / 1e6
            name = tr("Before its first output") if row.kind == "cell" else tr("Waited for the first word")
            yield Figure(name, *_seconds(waited))
            yield Figure(tr("From then on"), *_seconds(max(0.0, took - waited)))
    yield from _spent(row, row.usage)
    if row.total.calls > row.usage.calls:
        yield Figure(tr("With all steps below: calls"), f"{row.total.calls:,}")
        tokens = row.total.prompt_tokens + row.total.completion_tokens
        yield Figure(tr("With all steps below: tokens"), *_count(tokens))
        if row.total.cost_usd:
            yield Figure(
                tr("With all steps below: cost"),
                numbers.cost(row.total.cost_usd),
                f"${row.total.cost_usd:.6f}",
            )
    if row.model:
        yield Figure(tr("Model"), numbers.model(row.model), row.model)


def _spent(row: Row, usage: Usage) -> Iterator[Figure]:
    if not usage.calls:
        return
    about = tr("about ") if usage.estimated else ""
    value, exact = _count(usage.prompt_tokens)
    yield Figure(tr("Tokens in"), about + value, exact)
    if usage.reused_tokens:
        share = numbers.percent(usage.reused_tokens / max(1, usage.prompt_tokens))
        value, exact = _count(usage.reused_tokens)
        yield Figure(tr("↺ of these reused"), f"{value} ({share})", exact)
    value, exact = _count(usage.completion_tokens)
    yield Figure(tr("Tokens out"), about + value, exact)
    if usage.reasoning_tokens:
        yield Figure(tr("of these thinking"), *_count(usage.reasoning_tokens))
    writing = (row.finished - (row.heard or row.started)) / 1e6
    if row.finished and writing > 0 and usage.completion_tokens > 1 and row.kind != "group":
        rate = usage.completion_tokens / writing
        yield Figure(
            tr("Speed"),
            tr("{:.3g} tokens/s").format(rate),
            tr("Tokens out for the time since the first word"),
        )
    if usage.calls > 1:
        yield Figure(tr("Calls"), f"{usage.calls:,}")
    yield Figure(
        tr("Cost"), numbers.price(usage.cost_usd), f"${usage.cost_usd:.6f}" if usage.cost_usd else ""
    )


def _seconds(value: float) -> tuple[str, str]:
    return numbers.seconds(value), f"{value:.3f}{numbers.THIN}s"


def _count(value: int) -> tuple[str, str]:
    return numbers.count(value), f"{value:,}"
