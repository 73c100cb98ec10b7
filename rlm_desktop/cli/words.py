"""How rows and numbers are put into words on a terminal."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from rlm_desktop.events import Row

SYMBOLS = {"running": "●", "done": "✓", "warning": "⚠", "failed": "✕", "cancelled": "◼"}
LIMITS = {"subcalls": "sub-calls"}
"""Names of limits that are not what they are called."""
BAR = 10
"""Characters of a bar that fills."""
STYLES = {"running": "cyan", "done": "green", "warning": "yellow", "failed": "red", "cancelled": "dim"}


_CONTROLS = {
    code: "�"
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\n\t"
}


def printable(text: str) -> str:
    """The text with a sign for each control character but newline and tab, and for each that reorders others.

    An answer, a quote or a file's name may hold the escape sequences that command a terminal.
    """
    return text.replace("\r\n", "\n").translate(_CONTROLS)


def one_line(text: str) -> str:
    """The printable text with a space for each line break."""
    return printable(text).replace("\n", " ")


def row_line(row: Row, depth: int) -> Text:
    """One row of the tree on one line."""
    line = Text("  " * depth, no_wrap=True, overflow="ellipsis")
    line.append(SYMBOLS[row.status], STYLES[row.status])
    line.append(f" {one_line(row.label)}" if row.kind != "cell" else f" » {one_line(row.label)}")
    spent = row.total
    facts = [one_line(row.detail)] if row.kind == "call" and row.detail else []
    if row.progress:
        facts.append(one_line(f"{bar(row.progress.share)}{row.progress}"))
    if spent.prompt_tokens or spent.completion_tokens:
        facts.append(f"{number(spent.prompt_tokens)}→{number(spent.completion_tokens)} tok")
    if spent.reused_tokens:
        facts.append(f"{number(spent.reused_tokens)} reused")
    if spent.reasoning_tokens:
        facts.append(f"{number(spent.reasoning_tokens)} thinking")
    if row.finished:
        facts.append(seconds((row.finished - row.started) / 1e6))
    if spent.cost_usd:
        facts.append(f"${spent.cost_usd:.4f}")
    if facts:
        line.append("  " + " · ".join(facts), "dim")
    if row.error:
        line.append(f"  {one_line(row.error)}", "red")
    elif row.status == "running" and row.live:
        line.append("  " + " ".join(printable(row.live[-60:]).split()), "dim italic")
    return line


def bar(share: float | None) -> str:
    """``━━━╌╌╌╌╌╌╌ `` for three tenths; nothing for what nobody knows."""
    if share is None:
        return ""
    full = int(share * BAR)
    return "━" * full + "╌" * (BAR - full) + " "


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
