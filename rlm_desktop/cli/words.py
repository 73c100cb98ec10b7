"""How rows and numbers are put into words on a terminal."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from rlm_desktop.events import Row

SYMBOLS = {"running": "●", "done": "✓", "warning": "⚠", "failed": "✕", "cancelled": "◼"}
STYLES = {"running": "cyan", "done": "green", "warning": "yellow", "failed": "red", "cancelled": "dim"}


def row_line(row: Row, depth: int) -> Text:
    """One row of the tree on one line."""
    line = Text("  " * depth, no_wrap=True, overflow="ellipsis")
    line.append(SYMBOLS[row.status], STYLES[row.status])
    line.append(f" {row.label}" if row.kind != "cell" else f" » {row.label}")
    spent = row.total
    facts = [row.detail] if row.kind == "call" and row.detail else []
    if spent.prompt_tokens or spent.completion_tokens:
        facts.append(f"{number(spent.prompt_tokens)}→{number(spent.completion_tokens)} tok")
    if spent.reused_tokens:
        facts.append(f"{number(spent.reused_tokens)} reused")
    if row.finished:
        facts.append(seconds((row.finished - row.started) / 1e6))
    if spent.cost_usd:
        facts.append(f"${spent.cost_usd:.4f}")
    if facts:
        line.append("  " + " · ".join(facts), "dim")
    if row.error:
        line.append(f"  {row.error}", "red")
    elif row.status == "running" and row.live:
        line.append("  " + " ".join(row.live[-60:].split()), "dim italic")
    return line


def number(value: int) -> str:
    """``950``, ``1.2k``, ``3.4M``."""
    if value < 1000:
        return str(value)
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if value >= size:
            short = value / size
            return f"{short:.1f}{unit}" if short < 100 else f"{short:.0f}{unit}"
    return str(value)


def seconds(value: float) -> str:
    """``0.3 s``, ``18 s``, ``2 min 5 s``."""
    if value < 10:
        return f"{value:.1f} s"
    if value < 100:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def size(value: float) -> str:
    """Bytes as ``93 MB`` or ``1.1 GB``."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= step:
            return f"{value / step:.1f} {unit}" if value < 10 * step else f"{value / step:.0f} {unit}"
    return f"{value:.0f} B"


def local_time(iso: str) -> str:
    """An ISO 8601 time in the person's own time zone, to the minute."""
    return datetime.fromisoformat(iso).astimezone().strftime("%Y-%m-%d %H:%M")
